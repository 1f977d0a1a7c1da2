import { istInstant } from '../domain/ist.ts'
import type { Clock } from '../kernel/clock.ts'
import { toOpError } from '../kernel/errors.ts'
import { type Component, type ComponentState, type ComponentStatus, once } from '../kernel/lifecycle.ts'
import type { Logger } from '../kernel/logger.ts'
import type { Cursors } from '../ports/cursors.ts'
import { readManifest } from './archive-manifest.ts'
import type { ClockGuard } from './clock-guard.ts'
import type { DayStores } from './day-store.ts'
import { deleteOld } from './retention.ts'

export interface KeepingDeps {
  readonly clock: Clock
  readonly logger: Logger
  readonly cursors: Cursors
  readonly days: DayStores
  readonly guard: ClockGuard
  /** Market time of the newest record, null in an empty one. */
  readonly lastTs: () => number | null
  /** Whether every consumer of the journal has everything that is in it. */
  readonly caughtUp: () => boolean
  /** Removes what the journal need not keep: records up to a market time, inclusive. */
  readonly pruneJournal: (untilTs: number) => Promise<{ readonly segments: number; readonly bytes: number }>
}

export interface KeepingOptions {
  /** The folder that holds `store/`, `legs/`, `archive/` and `reference/`. */
  readonly root: string
  /** Days for which data is kept; null: for ever. */
  readonly keptDays: number | null
  /** How long the journal is kept after its day was archived. */
  readonly journalKeptMs: number
}

export interface Keeping extends Component {
  status(): ComponentStatus
}

const LOOK_MS = 10 * 60_000
/** What was taken out of the record can be put back for at least so long. */
const RUN_MS = 24 * 3_600_000
const LAST_RUN = 'retention:last-run'

/**
 * Once a day: deletes days that are older than they are kept, and journal that neither a rebuild nor a restore needs any
 * more. It does nothing while the clock is in doubt, or while a consumer has not taken all of the journal.
 */
export function createKeeping(deps: KeepingDeps, options: KeepingOptions): Keeping {
  const { clock, logger, cursors, days, guard } = deps
  let status: ComponentStatus = { state: 'idle', since: 0, issue: null, detail: null }
  let cancel: () => void = () => {}
  let working: Promise<void> | null = null
  let stopped = false

  const become = (state: ComponentState, issue: string | null, detail: string | null) => {
    if (status.state === state && status.detail === detail) return
    if (detail !== null) logger.warning(`nothing is deleted: ${detail}`)
    status = { state, since: clock.wallNow(), issue, detail }
  }
  const archivedAt = () => {
    const newest = days.archive.days().at(-1)
    return newest === undefined ? null : readManifest(options.root, newest).archived_at
  }
  const work = async () => {
    const doubt = guard.doubt({ recordTs: deps.lastTs(), archivedAt: archivedAt() })
    if (doubt !== null) {
      if (doubt.wrong) become('degraded', 'clock_wrong', doubt.reason)
      else become('running', null, doubt.reason)
      return
    }
    if (clock.wallNow() < Number(cursors.load(LAST_RUN) ?? 0) + RUN_MS || !deps.caughtUp()) return
    cursors.save(LAST_RUN, String(clock.wallNow()))
    const { keptDays, root } = options
    if (keptDays !== null) await deleteOld(deps, { root, keptDays })
    await pruneJournal(deps, options)
    become('running', null, null)
  }
  const look = () => {
    working ??= work()
      .catch((fault: unknown) => {
        if (stopped) return
        const { message, hint } = toOpError(fault)
        become('degraded', 'retention_failed', `${message}. ${hint}`)
      })
      .finally(() => {
        working = null
      })
  }
  return {
    name: 'retention',
    async start() {
      become('running', null, null)
      cancel = clock.every(LOOK_MS, look)
    },
    stop: once(async () => {
      stopped = true
      cancel()
      await working
      become('stopped', null, null)
    }),
    status: () => status,
  }
}

/** Up to the first day that is not archived, or was so only lately. */
async function pruneJournal(
  { clock, logger, days, pruneJournal }: KeepingDeps,
  options: KeepingOptions,
): Promise<void> {
  const young = days.archive
    .days()
    .find((date) => readManifest(options.root, date).archived_at + options.journalKeptMs > clock.wallNow())
  const needed = [days.kept()[0], young].filter((date) => date !== undefined).sort()[0]
  if (needed === undefined) return
  const { segments, bytes } = await pruneJournal(istInstant(needed) - 1)
  if (segments > 0) logger.info(`removed ${segments} journal segments of days that are archived or deleted`, { bytes })
}
