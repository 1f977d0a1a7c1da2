import type { ExportFormat, ExportQuery } from '../contract/legs.ts'
import type { Calendar } from '../domain/calendar.ts'
import { formatIst } from '../domain/ist.ts'
import type { Leg } from '../domain/leg.ts'
import { openTimeIn } from '../engine/analytics-series.ts'
import { createLegExport } from '../files/leg-export.ts'
import { OpError } from '../kernel/errors.ts'
import { type LegSelection, legPages, type RecordedDays } from './leg-pages.ts'
import { selectionOf } from './recorded-legs.ts'

export interface ExportProgress {
  readonly legs: number
  readonly bytes: number
  /** Receipt of the newest leg, epoch milliseconds. */
  readonly until: number | null
  /** 0 to 1, by the time that options traded from the first leg on. */
  readonly share: number
}

export interface ExportDeps {
  readonly days: RecordedDays
  readonly calendar: Calendar
  readonly now: number
}

export type ExportRequest = Omit<ExportQuery, 'format'> & {
  readonly strike?: number | undefined
  readonly format: ExportFormat
}

/** How much is done in one go: in a process that does other work it must be little. */
export interface ExportPace {
  /** Legs that are read, and held in memory, at once. */
  readonly page: number
  /** Of Parquet. */
  readonly groupRows?: number
  /** Lets other work have its turn after a page that took so long. */
  readonly rest: (tookMs: number) => Promise<void>
}

/** An export that has something to write. */
export interface ExportPlan {
  readonly selection: LegSelection
  /** The file from its beginning to its end, in pieces; memory stays the same however long it gets. Once. */
  readonly bytes: AsyncGenerator<Uint8Array, void>
  progress(): ExportProgress
}

const NONE: ExportProgress = { legs: 0, bytes: 0, until: null, share: 0 }

/**
 * Finds what is to be exported, before anything is written. Throws `request_invalid`, `not_on_record` where there is
 * nothing, and what the day stores throw.
 */
export async function planExport(deps: ExportDeps, request: ExportRequest, pace: ExportPace): Promise<ExportPlan> {
  const { days, calendar, now } = deps
  const selection = selectionOf(request.index, request, now, calendar)
  const pages = legPages(days, selection, pace.page)
  const first = await pages.next()
  if (first.done === true) throw new OpError('not_on_record', { what: whatOf(request, selection) })
  let progress = NONE
  const beginsAt = first.value[0]?.ts ?? selection.from
  const totalMs = openTimeIn(calendar, beginsAt, Math.min(selection.to, now))
  const count = (legs: readonly Leg[], bytes: number) => {
    const until = legs.at(-1)?.ts ?? progress.until
    const doneMs = until === null ? 0 : openTimeIn(calendar, beginsAt, until)
    const share = totalMs === 0 ? 0 : Math.min(1, doneMs / totalMs)
    progress = { legs: progress.legs + legs.length, bytes: progress.bytes + bytes, until, share }
  }
  async function* bytes(): AsyncGenerator<Uint8Array, void> {
    const file = createLegExport(request.format, pace.groupRows)
    let beganAt = performance.now()
    for (let page: IteratorResult<readonly Leg[]> = first; page.done !== true; page = await pages.next()) {
      const part = file.add(page.value)
      count(page.value, part.length)
      const tookMs = performance.now() - beganAt
      if (part.length > 0) yield part
      await pace.rest(tookMs)
      beganAt = performance.now()
    }
    const end = file.end()
    progress = { ...progress, bytes: progress.bytes + end.length, share: 1 }
    if (end.length > 0) yield end
  }
  return { selection, bytes: bytes(), progress: () => progress }
}

/** `NIFTY this_week from … to …` */
function whatOf({ index, bucket, within }: ExportRequest, { from, to, strike, right }: LegSelection): string {
  const parts = [index, bucket, strike, right, within === undefined ? null : `within ${within} strikes of the money`]
  const what = parts.filter((part) => part !== null && part !== undefined).join(' ')
  return `${what} from ${formatIst(from)} to ${formatIst(to)}`
}
