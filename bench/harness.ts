/** One way of doing the same work. A sample is one call of `run`. */
export interface Contestant {
  readonly name: string
  /** Does the work once and returns how many units (packets, legs, ticks) it did, or what was measured elsewhere. */
  run(): number | Measured | Promise<number | Measured>
}

/** What the work cost as another process saw it, nanoseconds in all; it counts as either cost. */
export interface Measured {
  readonly units: number
  readonly ns: number
}

/** A fixed cost that contestants can be held against, nanoseconds per unit. */
export interface Allowance {
  readonly name: string
  readonly nsPerUnit: number
}

/**
 * Elapsed time, or what the process used of the processors, all its threads together. What only computes is compared
 * by the latter: a busy neighbour then costs it little.
 */
export type Cost = 'elapsed' | 'processor'

/** Cost of `of` divided by that of `to`, and where it should be. PERFORMANCE: goals are ratios taken in one run. */
export interface Claim {
  readonly text: string
  /** Names of contestants; `to` may be an allowance. */
  readonly of: string
  readonly to: string
  readonly better: 'higher' | 'lower'
  /** Reached or missed is judged by `--check` on this one; null = shown only. */
  readonly pass: number | null
  readonly ambitious: number | null
  /** What is compared, where it is not the benchmark's own. */
  readonly cost?: Cost
}

/** Ready to run: data made, files open. */
export interface Arena {
  readonly contestants: readonly Contestant[]
  readonly allowances?: readonly Allowance[]
  readonly claims: readonly Claim[]
  /** What was seen besides the costs, as Markdown; null or absent = nothing. */
  readonly remarks?: string | null
  close(): Promise<void>
}

export interface Benchmark {
  readonly name: string
  readonly title: string
  /** What is measured, on what data; one paragraph. */
  readonly description: string
  readonly unit: string
  readonly cost: Cost
  /** A contestant runs at least so long in each round. */
  readonly roundMs: number
  /** A page in docs/ that shows the section too, where its markers stand. */
  readonly page?: string
  open(): Promise<Arena>
}

/** Nanoseconds per unit. */
type Sample = Readonly<Record<Cost, number>>

export interface ContestantResult {
  readonly name: string
  readonly medianNs: number
}

export interface ClaimResult {
  readonly claim: Claim
  /** Median over the rounds of the ratio within a round, and the worst of them. */
  readonly ratio: number
  readonly worst: number
}

export interface BenchmarkResult {
  readonly contestants: readonly ContestantResult[]
  readonly claims: readonly ClaimResult[]
  readonly remarks: string | null
}

export const ROUNDS = 7
/** Busy neighbours move ratios by about a fifth. */
const SLACK = 0.3

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const upper = sorted[sorted.length >> 1] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[(sorted.length >> 1) - 1] ?? Number.NaN)) / 2
}

/** Runs every contestant in each of the rounds, one behind the other, so that a busy minute meets all alike. */
export async function measure(benchmark: Benchmark): Promise<BenchmarkResult> {
  const arena = await benchmark.open()
  try {
    for (const contestant of arena.contestants) await sample(contestant, benchmark.roundMs / 2)
    const samples = new Map<string, Sample[]>(arena.contestants.map(({ name }) => [name, []]))
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const contestant of inTurn(arena.contestants, round)) {
        samples.get(contestant.name)?.push(await sample(contestant, benchmark.roundMs))
      }
    }
    for (const { name, nsPerUnit } of arena.allowances ?? []) {
      samples.set(name, Array<Sample>(ROUNDS).fill({ elapsed: nsPerUnit, processor: nsPerUnit }))
    }
    return {
      contestants: arena.contestants.map(({ name }) => ({
        name,
        medianNs: median((samples.get(name) ?? []).map((one) => one[benchmark.cost])),
      })),
      claims: arena.claims.map((claim) => weigh(claim, benchmark.cost, samples)),
      remarks: arena.remarks ?? null,
    }
  } finally {
    await arena.close()
  }
}

/** Each round begins with another contestant, so that none always follows the same one. */
function inTurn<T>(all: readonly T[], round: number): readonly T[] {
  const first = round % all.length
  return [...all.slice(first), ...all.slice(0, first)]
}

/** Cost per unit of running a contestant for at least `leastMs`. */
async function sample(contestant: Contestant, leastMs: number): Promise<Sample> {
  const processor = process.cpuUsage()
  const begin = performance.now()
  let units = 0
  let elapsedMs = 0
  let measured: Measured | null = null
  do {
    const running = contestant.run()
    const done = running instanceof Promise ? await running : running
    if (typeof done !== 'number') measured = done
    units += typeof done === 'number' ? done : done.units
    elapsedMs = performance.now() - begin
  } while (elapsedMs < leastMs && measured === null)
  if (measured !== null) return { elapsed: measured.ns / units, processor: measured.ns / units }
  const { user, system } = process.cpuUsage(processor)
  return { elapsed: (elapsedMs * 1e6) / units, processor: ((user + system) * 1e3) / units }
}

function weigh(claim: Claim, usual: Cost, samples: ReadonlyMap<string, readonly Sample[]>): ClaimResult {
  const costs = (name: string) => {
    const of = samples.get(name)
    if (of === undefined) throw new RangeError(`no contestant is called ${name}`)
    return of.map((one) => one[claim.cost ?? usual])
  }
  const to = costs(claim.to)
  const ratios = costs(claim.of).map((cost, round) => cost / (to[round] ?? Number.NaN))
  return {
    claim,
    ratio: median(ratios),
    worst: claim.better === 'higher' ? Math.min(...ratios) : Math.max(...ratios),
  }
}

/** Whether a ratio is at least (or at most) the goal. */
export function reaches({ claim, ratio }: ClaimResult, goal: number): boolean {
  return claim.better === 'higher' ? ratio >= goal : ratio <= goal
}

/** Whether `--check` fails on it: the pass goal is missed by more than a busy machine explains. */
export function isMissed(result: ClaimResult): boolean {
  const { pass, better } = result.claim
  if (pass === null) return false
  return !reaches(result, better === 'higher' ? pass * (1 - SLACK) : pass * (1 + SLACK))
}
