/** One way of doing the same work. A sample is one call of `run`. */
export interface Contestant {
  readonly name: string
  /** Does the work once and returns how many units (packets, legs, ticks) it did, or what was seen. */
  run(): number | Figures | Promise<number | Figures>
}

/** What was measured by other means, by name: each figure counts as a contestant of its own. */
export type Figures = Readonly<Record<string, number>>

/** A fixed figure that contestants can be held against: nanoseconds per unit, or what the figures are in. */
export interface Allowance {
  readonly name: string
  readonly figure: number
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

interface Described {
  readonly name: string
  readonly title: string
  /** What is measured, on what data; one paragraph. */
  readonly description: string
  /** A page in docs/ that shows the section too, where its markers stand. */
  readonly page?: string
  open(): Promise<Arena>
}

/** Contestants return how many units they did, and the harness takes the time. */
export interface TimedBenchmark extends Described {
  readonly unit: string
  readonly cost: Cost
  /** A contestant runs at least so long in each round. */
  readonly roundMs: number
}

/** Contestants return figures. */
export interface SeenBenchmark extends Described {
  readonly figures: 'ms' | 'MiB' | 'bytes a leg'
  /** Other than the usual number; what is measured once is not warmed up. */
  readonly rounds?: number
}

export type Benchmark = TimedBenchmark | SeenBenchmark

/** Nanoseconds per unit; a figure counts as either. */
type Sample = Readonly<Record<Cost, number>>

export interface ContestantResult {
  readonly name: string
  readonly median: number
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

export function roundsOf(benchmark: Benchmark): number {
  return 'rounds' in benchmark ? (benchmark.rounds ?? ROUNDS) : ROUNDS
}

/** Runs every contestant in each of the rounds, one behind the other, so that a busy minute meets all alike. */
export async function measure(benchmark: Benchmark): Promise<BenchmarkResult> {
  const rounds = roundsOf(benchmark)
  const { cost, roundMs }: Pick<TimedBenchmark, 'cost' | 'roundMs'> =
    'cost' in benchmark ? benchmark : { cost: 'elapsed', roundMs: 0 }
  const arena = await benchmark.open()
  try {
    const samples = new Map<string, Sample[]>()
    const keep = (name: string, sample: Sample) => samples.set(name, [...(samples.get(name) ?? []), sample])
    if (rounds > 1) for (const contestant of arena.contestants) await runOnce(contestant, roundMs / 2)
    for (let round = 0; round < rounds; round += 1) {
      for (const contestant of inTurn(arena.contestants, round)) {
        for (const [name, sample] of await runOnce(contestant, roundMs)) keep(name, sample)
      }
    }
    const contestants = [...samples].map(([name, all]) => ({ name, median: median(all.map((one) => one[cost])) }))
    for (const { name, figure } of arena.allowances ?? []) samples.set(name, Array<Sample>(rounds).fill(both(figure)))
    return {
      contestants,
      claims: arena.claims.map((claim) => weigh(claim, cost, samples)),
      remarks: arena.remarks ?? null,
    }
  } finally {
    await arena.close()
  }
}

const both = (figure: number): Sample => ({ elapsed: figure, processor: figure })

/** Each round begins with another contestant, so that none always follows the same one. */
function inTurn<T>(all: readonly T[], round: number): readonly T[] {
  const first = round % all.length
  return [...all.slice(first), ...all.slice(0, first)]
}

/** Cost per unit of running a contestant for at least `leastMs`, or the figures that it has seen, by name. */
async function runOnce(contestant: Contestant, leastMs: number): Promise<readonly (readonly [string, Sample])[]> {
  const processor = process.cpuUsage()
  const begin = performance.now()
  let units = 0
  let elapsedMs = 0
  do {
    const running = contestant.run()
    const done = running instanceof Promise ? await running : running
    if (typeof done !== 'number') return Object.entries(done).map(([name, figure]) => [name, both(figure)])
    units += done
    elapsedMs = performance.now() - begin
  } while (elapsedMs < leastMs)
  const { user, system } = process.cpuUsage(processor)
  const sample = { elapsed: (elapsedMs * 1e6) / units, processor: ((user + system) * 1e3) / units }
  return [[contestant.name, sample]]
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
