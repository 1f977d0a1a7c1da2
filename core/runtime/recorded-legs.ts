import { requireInstant } from '../contract/instant.ts'
import type { LegsQuery, LegsReport } from '../contract/legs.ts'
import type { Calendar } from '../domain/calendar.ts'
import type { IndexName } from '../domain/index-catalog.ts'
import type { Source } from '../domain/instrument.ts'
import { formatIst } from '../domain/ist.ts'
import type { Leg } from '../domain/leg.ts'
import { tradingDayStart } from '../engine/analytics-series.ts'
import { createLegExport } from '../files/leg-export.ts'
import type { Clock } from '../kernel/clock.ts'
import { OpError } from '../kernel/errors.ts'
import type { MonitorApi } from '../ports/monitor-api.ts'
import type { LegHistory } from '../store/day-history.ts'
import { type LegSelection, legPage } from './leg-pages.ts'

interface RecordedLegsDeps {
  readonly clock: Clock
  readonly calendar: Calendar
  readonly source: Source
  readonly history: Pick<LegHistory, 'days' | 'legsOfDay'>
}

/** `/legs/:index` from the day stores. */
export function createRecordedLegs({ clock, calendar, source, history }: RecordedLegsDeps): MonitorApi['legs'] {
  return (index, query) => {
    const selection = selectionOf(index, query, clock.now(), calendar)
    const { legs, next } = legPage(history, selection, query.cursor ?? null, query.limit)
    return {
      next,
      csv() {
        const file = createLegExport('csv')
        return Buffer.concat([file.add(legs), file.end()])
      },
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
  query: Pick<LegsQuery, 'bucket' | 'from' | 'to' | 'strike' | 'right'>,
  now: number,
  calendar: Calendar,
): LegSelection {
  // What is received in this very millisecond belongs to it.
  const to = query.to === undefined ? now + 1 : requireInstant('to', query.to)
  const from = query.from === undefined ? tradingDayStart(calendar, to - 1) : requireInstant('from', query.from)
  if (from >= to)
    throw new OpError('request_invalid', { reason: `from ${formatIst(from)} is not before to ${formatIst(to)}` })
  return { index, bucket: query.bucket ?? null, from, to, strike: query.strike ?? null, right: query.right ?? null }
}

function legReport(leg: Leg): LegsReport['legs'][number] {
  return { ...leg, ts: formatIst(leg.ts), exchange_ts: leg.exchange_ts === null ? null : formatIst(leg.exchange_ts) }
}
