import { requireInstant } from '../contract/instant.ts'
import type { LegsQuery, LegsReport } from '../contract/legs.ts'
import type { Calendar } from '../domain/calendar.ts'
import type { IndexName } from '../domain/index-catalog.ts'
import type { Source } from '../domain/instrument.ts'
import { formatIst } from '../domain/ist.ts'
import type { Leg } from '../domain/leg.ts'
import { tradingDayStart } from '../engine/analytics-series.ts'
import { recorderCsv } from '../files/leg-export.ts'
import type { Clock } from '../kernel/clock.ts'
import { OpError } from '../kernel/errors.ts'
import type { MonitorApi } from '../ports/monitor-api.ts'
import { type LegSelection, legPage, type RecordedDays } from './leg-pages.ts'

interface RecordedLegsDeps {
  readonly clock: Clock
  readonly calendar: Calendar
  readonly source: Source
  readonly days: RecordedDays
}

/** `/legs/:index` from the day stores. */
export function createRecordedLegs({ clock, calendar, source, days }: RecordedLegsDeps): MonitorApi['legs'] {
  return async (index, query) => {
    const selection = selectionOf(index, query, clock.now(), calendar)
    const { legs, next } = await legPage(days, selection, query.cursor ?? null, query.limit)
    return {
      next,
      csv: () => recorderCsv(legs),
      report: () => ({
        index,
        source,
        from: formatIst(selection.from),
        to: formatIst(selection.to),
        legs: legs.map(legReport),
        next_cursor: next,
      }),
    }
  }
}

/** Throws `request_invalid` for instants that are none, and for a stretch that ends before it begins. */
export function selectionOf(
  index: IndexName,
  query: Pick<LegsQuery, 'bucket' | 'from' | 'to' | 'strike' | 'right'> & { readonly within?: number | undefined },
  now: number,
  calendar: Calendar,
): LegSelection {
  // What is received in this very millisecond belongs to it.
  const to = query.to === undefined ? now + 1 : requireInstant('to', query.to)
  const from = query.from === undefined ? tradingDayStart(calendar, to - 1) : requireInstant('from', query.from)
  if (from >= to)
    throw new OpError('request_invalid', { reason: `from ${formatIst(from)} is not before to ${formatIst(to)}` })
  const { bucket = null, strike = null, right = null, within = null } = query
  return { index, bucket, from, to, strike, right, within }
}

function legReport(leg: Leg): LegsReport['legs'][number] {
  return { ...leg, ts: formatIst(leg.ts), exchange_ts: leg.exchange_ts === null ? null : formatIst(leg.exchange_ts) }
}
