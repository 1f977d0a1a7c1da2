import type { SeriesMetric } from '../../../../core/contract/series.ts'
import { formatIst, istInstant } from '../../../../core/domain/ist.ts'
import type { MonitorClient } from '../../client/monitor-client.ts'
import type { Selection } from '../../store/selection.ts'
import { type DaySeries, extendSeries, readSeries } from './day-series.ts'

export interface DayFollow {
  readonly client: Pick<MonitorClient, 'ask'>
  readonly selection: Selection
  /** An earlier day; null = today. */
  readonly date: string | null
  readonly onSeries: (series: DaySeries) => void
  /** With what is known all the same. */
  readonly onFault: (series: DaySeries | null, fault: unknown) => void
}

const METRICS: SeriesMetric[] = ['spot', 'straddle', 'pcr_oi', 'max_pain', 'atm_iv', 'skew_25d']
/** A day of six hours and a half in 1560 points. */
const STEP_MS = 15_000
const EXTEND_MS = 5_000

/**
 * Reads the series of a day: today's whole once and from then on only from their last point, every 5 s; an earlier day
 * until it is there. Returns what stops it.
 */
export function followDay(follow: DayFollow, known: DaySeries | null): () => void {
  let series = known
  let isOver = false
  const read = async () => {
    if (series !== null && follow.date !== null) return
    try {
      const next = await readDay(follow, series)
      if (isOver) return
      series = next
      follow.onSeries(next)
    } catch (fault) {
      if (!isOver) follow.onFault(series, fault)
    }
  }
  void read()
  const timer = setInterval(() => void read(), EXTEND_MS)
  return () => {
    isOver = true
    clearInterval(timer)
  }
}

async function readDay({ client, selection, date }: DayFollow, before: DaySeries | null): Promise<DaySeries> {
  const range = rangeOf(date, before)
  const report = await client.ask('series', { ...selection, metric: METRICS, step: STEP_MS, ...range })
  const read = readSeries(report)
  return before === null ? read : extendSeries(before, read)
}

/** What to ask for: a whole day, or what came after the last known point. */
function rangeOf(date: string | null, before: DaySeries | null): { readonly from?: string; readonly to?: string } {
  if (date !== null) return { from: formatIst(istInstant(date)), to: formatIst(istInstant(date, '23:59:59')) }
  const last = before?.times.at(-1)
  return last === undefined ? {} : { from: formatIst(last) }
}
