import type { Clock } from '../kernel/clock.ts'
import { type Component, type ComponentStatus, once, type Unsubscribe } from '../kernel/lifecycle.ts'
import type { Logger } from '../kernel/logger.ts'
import type { Metrics } from '../ports/metrics.ts'

/** Something that can do with less memory for a while. What it gives up may cost time or detail, and never a leg. */
export interface MemoryLever {
  /** What becomes less, as the operator reads it: `fewer log lines are kept`. */
  readonly what: string
  /** Takes effect at once; true and false come in turns, true first. */
  readonly spare: (sparing: boolean) => void
}

export interface MemoryStage {
  /** The share of the limit at which it begins. */
  readonly from: number
  /** `smaller caches` */
  readonly what: string
  readonly levers: readonly MemoryLever[]
}

export interface MemoryState {
  /** How many stages are in force, from the first on; 0 = nothing is reduced. */
  readonly stage: number
  readonly stages: number
  /** Wall time of the last change. */
  readonly since: number
  /** What is less now, in the order in which it was reduced. */
  readonly reduced: readonly string[]
  /** What to do; null while nothing is reduced. */
  readonly remedy: string | null
}

export interface MemoryGovernor extends Component {
  state(): MemoryState
  status(): ComponentStatus
}

export interface MemoryGovernorDeps {
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Pick<Metrics, 'set'>
  /** Bytes in use. */
  readonly measure: () => number
}

export interface MemoryGovernorOptions {
  /** Soft: what is recorded is never refused because of it. */
  readonly limitBytes: number
  /** In the order in which they come into force; `from` rises. */
  readonly stages: readonly MemoryStage[]
}

const SAMPLE_MS = 2_000
/** A stage ends when memory has been so far below its beginning for so long: freed memory shows only after a while. */
const MARGIN = 0.05
const CALM_MS = 30_000
const BYTES_PER_MB = 1024 * 1024

/** What the operator should do while anything is reduced. */
export const MEMORY_REMEDY =
  'Raise MAX_MEMORY_USAGE_MB where the machine has more, or record fewer indices or strikes. No leg is dropped, and everything comes back by itself.'

interface Work {
  readonly deps: MemoryGovernorDeps
  readonly options: MemoryGovernorOptions
  stage: number
  since: number
  /** Monotonic; null while memory is not low enough to give the last stage up. */
  calmSince: number | null
}

/**
 * Keeps memory below a soft limit: looks every two seconds, brings one stage more into force while memory is above its
 * share, and takes the last one back when memory has been below it for a while. One change a look, so that the order
 * can be seen in the log and each stage has time to show.
 */
export function createMemoryGovernor(deps: MemoryGovernorDeps, options: MemoryGovernorOptions): MemoryGovernor {
  const work: Work = { deps, options, stage: 0, since: deps.clock.wallNow(), calmSince: null }
  let cancel: Unsubscribe = () => {}
  return {
    name: 'memory',
    async start() {
      look(work)
      cancel = deps.clock.every(SAMPLE_MS, () => look(work))
    },
    stop: once(async () => cancel()),
    state: () => stateOf(work),
    status: () => statusOf(work),
  }
}

function look(work: Work): void {
  const { deps, options } = work
  const share = deps.measure() / options.limitBytes
  const next = options.stages[work.stage]
  const last = options.stages[work.stage - 1]
  const isCalm = last !== undefined && share < last.from - MARGIN
  const now = deps.clock.monotonicMs()
  work.calmSince = isCalm ? (work.calmSince ?? now) : null
  if (next !== undefined && share >= next.from) change(work, next, true)
  else if (last !== undefined && work.calmSince !== null && now - work.calmSince >= CALM_MS) change(work, last, false)
  deps.metrics.set('op_memory_stage', {}, work.stage)
}

function change(work: Work, stage: MemoryStage, sparing: boolean): void {
  const { clock, logger } = work.deps
  work.stage += sparing ? 1 : -1
  work.since = clock.wallNow()
  work.calmSince = null
  for (const lever of sparing ? stage.levers : stage.levers.toReversed()) pull(work, lever, sparing)
  const levers = stage.levers.map(({ what }) => what).join(', ')
  if (sparing) logger.warning(`${usage(work)}: ${stage.what} (${levers})`, { stage: work.stage })
  else logger.info(`${usage(work)}: ${stage.what} are no longer needed`, { stage: work.stage })
}

/** One that fails must not keep the others from yielding. */
function pull({ deps: { logger } }: Work, { what, spare }: MemoryLever, sparing: boolean): void {
  try {
    spare(sparing)
  } catch (fault) {
    logger.error(`memory could not be spared: ${what}`, { error: fault })
  }
}

/** `memory 1,580 of 2,048 MB` */
function usage({ deps, options: { limitBytes } }: Work): string {
  const mb = (bytes: number) => Math.round(bytes / BYTES_PER_MB).toLocaleString('en-IN')
  return `memory ${mb(deps.measure())} of ${mb(limitBytes)} MB`
}

function stateOf({ options: { stages }, stage, since }: Work): MemoryState {
  const reduced = stages.slice(0, stage).flatMap(({ levers }) => levers.map(({ what }) => what))
  return { stage, stages: stages.length, since, reduced, remedy: stage === 0 ? null : MEMORY_REMEDY }
}

/** Smaller caches are the normal course of things; only where nothing is left to give is the operator needed. */
function statusOf(work: Work): ComponentStatus {
  const { stage, since, options } = work
  if (stage === 0) return { state: 'running', since, issue: null, detail: null }
  const said = options.stages.slice(0, stage).map(({ what }) => what)
  const detail = `${usage(work)}: ${said.join(', ')}`
  if (stage < options.stages.length) return { state: 'running', since, issue: null, detail }
  return { state: 'degraded', since, issue: 'memory_high', detail }
}
