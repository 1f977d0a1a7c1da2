import type { CallInput, CallResult } from '../contract/monitor-calls.ts'
import type { Calendar } from '../domain/calendar.ts'
import type { Source } from '../domain/instrument.ts'
import { formatIst } from '../domain/ist.ts'
import { latestSession } from '../engine/coverage.ts'
import type { GapLedger, Missing } from '../engine/gap-ledger.ts'
import { gapReport } from '../engine/gap-report.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Journal } from '../ports/journal.ts'
import type { DayStores } from '../store/day-store.ts'

/** A store so many batches behind is being built again: what it lacks is not read from the journal at every call. */
const MOST_BEHIND = 5_000

export interface CoverageDeps {
  readonly clock: Pick<Clock, 'now'>
  readonly calendar: Calendar
  readonly source: Source
  readonly days: Pick<DayStores, 'name' | 'days' | 'recordedFrom' | 'gapsWritten' | 'position'>
  readonly journal: Pick<Journal, 'scan'>
  readonly pending: () => Readonly<Record<string, number>>
  readonly gaps: Pick<GapLedger, 'unwritten'>
}

/** The gap ledger of a day: what is stored, what the journal has beyond that, and what is missing now. */
export function createCoverageCall(deps: CoverageDeps) {
  return async ({ index, date: asked }: CallInput<'coverage'>): Promise<CallResult<'coverage'>> => {
    const { clock, calendar, source } = deps
    const now = clock.now()
    const date = asked ?? latestSession(calendar, now)
    const day = calendar.day(date)
    const pieces = [...(await writtenPieces(deps, date)), ...deps.gaps.unwritten(now)]
    const days = deps.days.days()
    const recorded = days.includes(date)
    const begins = day !== null && days[0] === date ? beginning(deps.days.recordedFrom(date), day.opensAt) : null
    const { coverage, gaps } = gapReport({ calendar, index, date, now, recorded, begins, pieces })
    return {
      index,
      date,
      source,
      session: day === null ? null : { from: formatIst(day.opensAt), to: formatIst(day.tradeEndsAt) },
      recorded_from: begins === null ? null : formatIst(begins),
      coverage,
      gaps: gaps.map((gap) => ({
        from: formatIst(gap.from),
        to: formatIst(gap.to),
        cause: gap.cause,
        index: gap.index,
        dropped: gap.dropped,
      })),
    }
  }
}

/** The first packet of all, where it came after the opening. */
function beginning(first: number | null, opensAt: number): number | null {
  return first !== null && first > opensAt ? first : null
}

/** A stop is written down with the next start, whose day may be a later one. */
async function writtenPieces({ days, journal, pending }: CoverageDeps, date: string): Promise<readonly Missing[]> {
  // Before the store is read: what is committed meanwhile then comes twice, and not never.
  const position = days.position()
  const later = days.days().find((day) => day > date)
  const pieces: Missing[] = [date, ...(later === undefined ? [] : [later])].flatMap((day) => days.gapsWritten(day))
  if (position === null || (pending()[days.name] ?? 0) > MOST_BEHIND) return pieces
  for await (const records of journal.scan(position)) {
    for (const { entry } of records) if (entry.kind === 'gap') pieces.push(entry)
  }
  return pieces
}
