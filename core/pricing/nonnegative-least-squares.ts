/** Sums of a least-squares problem: G = AᵀA row by row, r = Aᵀb. */
export interface NormalEquations {
  readonly size: number
  /** `size` × `size`, symmetric and positive definite. */
  readonly gram: Float64Array
  readonly right: Float64Array
}

/** A pivot below this part of its diagonal element is rounding: the unknown depends on those before it. */
const DEPENDENT = 1e-13

/**
 * The x >= 0 that minimises xᵀGx - 2 rᵀx, by the active-set method of Lawson and Hanson ("Solving Least Squares
 * Problems", 1974, chapter 23) on the normal equations. Ends after a bounded number of steps; x >= 0 holds always.
 */
export function solveNonnegative(problem: NormalEquations): Float64Array {
  const { size } = problem
  let solution: Float64Array = new Float64Array(size)
  let free: readonly number[] = []
  for (let step = 0; step < 3 * size; step += 1) {
    const next = steepest(problem, solution, free)
    if (next === null) break
    const moved = release(problem, solution, [...free, next])
    if (!moved.free.includes(next)) break
    solution = moved.solution
    free = moved.free
  }
  return solution
}

/** The unknown at 0 whose growth helps most; null at the optimum. */
function steepest({ size, gram, right }: NormalEquations, x: Float64Array, free: readonly number[]): number | null {
  let best: number | null = null
  let most = 0
  for (let i = 0; i < size; i += 1) {
    if (free.includes(i)) continue
    const diagonal = gram[i * size + i] ?? 0
    let slope = right[i] ?? 0
    for (const j of free) slope -= (gram[i * size + j] ?? 0) * (x[j] ?? 0)
    // In units of what the unknown can do: how far the error falls.
    const gain = slope / Math.sqrt(diagonal)
    if (gain > most && slope > 1e-12 * Math.abs(right[i] ?? 0)) {
      most = gain
      best = i
    }
  }
  return best
}

/** Moves to the optimum over the free unknowns; those that would turn negative on the way are held at 0 again. */
function release(problem: NormalEquations, from: Float64Array, unknowns: readonly number[]) {
  let free = unknowns
  let solution = from
  for (let round = 0; round <= unknowns.length; round += 1) {
    const target = solveFree(problem, free)
    const negative = free.filter((i) => !((target[i] ?? 0) > 0))
    if (negative.length === 0) return { solution: target, free }
    const share = negative.reduce((least, i) => Math.min(least, shareOf(solution[i] ?? 0, target[i] ?? 0)), 1)
    solution = solution.map((value, i) => Math.max(value + share * ((target[i] ?? 0) - value), 0))
    free = free.filter((i) => (target[i] ?? 0) > 0 || (solution[i] ?? 0) > 1e-15)
    for (const i of negative) if (!free.includes(i)) solution[i] = 0
  }
  return { solution, free }
}

/** How far of the way from a value to a negative target 0 lies. */
function shareOf(value: number, target: number): number {
  return value > 0 ? value / (value - target) : 0
}

/** The optimum over the free unknowns alone, whatever its signs; the others, and those that depend on others, 0. */
function solveFree({ size, gram, right }: NormalEquations, free: readonly number[]): Float64Array {
  const n = free.length
  const matrix = new Float64Array(n * n)
  for (const [a, i] of free.entries()) for (const [b, j] of free.entries()) matrix[a * n + b] = gram[i * size + j] ?? 0
  const values = Float64Array.from(free, (i) => right[i] ?? 0)
  const lower = choleskyFactor(matrix, n)
  substitute(lower, values, n)
  const solution = new Float64Array(size)
  for (const [at, i] of free.entries()) solution[i] = values[at] ?? 0
  return solution
}

/** L of A = L Lᵀ, row by row. A pivot that is only rounding becomes 0: its unknown is left out. */
function choleskyFactor(matrix: Float64Array, n: number): Float64Array {
  const lower = new Float64Array(n * n)
  for (let i = 0; i < n; i += 1) {
    for (let j = 0; j < i; j += 1) {
      const rest = (matrix[i * n + j] ?? 0) - dot(lower, i * n, j * n, j)
      lower[i * n + j] = quotient(rest, lower[j * n + j] ?? 0)
    }
    const diagonal = matrix[i * n + i] ?? 0
    const rest = diagonal - dot(lower, i * n, i * n, i)
    lower[i * n + i] = rest > DEPENDENT * diagonal ? Math.sqrt(rest) : 0
  }
  return lower
}

/** Solves L Lᵀ x = values in place: forwards, then backwards. */
function substitute(lower: Float64Array, values: Float64Array, n: number): void {
  const at = (i: number, j: number) => lower[i * n + j] ?? 0
  for (let i = 0; i < n; i += 1) {
    let rest = values[i] ?? 0
    for (let k = 0; k < i; k += 1) rest -= at(i, k) * (values[k] ?? 0)
    values[i] = quotient(rest, at(i, i))
  }
  for (let i = n - 1; i >= 0; i -= 1) {
    let rest = values[i] ?? 0
    for (let k = i + 1; k < n; k += 1) rest -= at(k, i) * (values[k] ?? 0)
    values[i] = quotient(rest, at(i, i))
  }
}

function quotient(value: number, pivot: number): number {
  return pivot > 0 ? value / pivot : 0
}

/** Product of two stretches of one array. */
function dot(values: Float64Array, a: number, b: number, count: number): number {
  let sum = 0
  for (let k = 0; k < count; k += 1) sum += (values[a + k] ?? 0) * (values[b + k] ?? 0)
  return sum
}
