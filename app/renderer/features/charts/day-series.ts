import type { SeriesMetric, SeriesReport } from '../../../../core/contract/series.ts'
import { keptPlaces } from '../../lib/decimate.ts'

/** From one instant to another, epoch milliseconds. */
export interface Stretch {
  readonly from: number
  readonly to: number
}
export interface Gap extends Stretch {
  readonly cause: SeriesReport['gaps'][number]['cause']
}
export interface PhaseStretch extends Stretch {
  readonly phase: string
}

/** Series of one day as charts show them: times ascend, in epoch milliseconds; IV and skew in percent. */
export interface DaySeries {
  readonly stepMs: number
  readonly times: readonly number[]
  readonly values: Partial<Record<SeriesMetric, readonly (number | null)[]>>
  readonly gaps: readonly Gap[]
  readonly phases: readonly PhaseStretch[]
}

const stretchOf = ({ from, to }: { readonly from: string; readonly to: string }): Stretch => ({
  from: Date.parse(from),
  to: Date.parse(to),
})

export function readSeries(report: SeriesReport): DaySeries {
  return {
    stepMs: report.step_ms,
    times: report.times.map((time) => Date.parse(time)),
    values: valuesOf(report),
    gaps: report.gaps.map((gap) => ({ ...stretchOf(gap), cause: gap.cause })),
    phases: report.phases.map((phase) => ({ ...stretchOf(phase), phase: phase.phase })),
  }
}

function valuesOf({ values }: SeriesReport): DaySeries['values'] {
  const inPercent = (list: readonly (number | null)[]) => list.map((value) => (value === null ? null : 100 * value))
  const { atm_iv, skew_25d } = values
  return {
    ...values,
    ...(atm_iv === undefined ? {} : { atm_iv: inPercent(atm_iv) }),
    ...(skew_25d === undefined ? {} : { skew_25d: inPercent(skew_25d) }),
  }
}

/**
 * A series with what was asked for from its last point on: points of the same time and later ones are replaced, since
 * the last step was not over when it was read.
 */
export function extendSeries(before: DaySeries, later: DaySeries): DaySeries {
  const [first] = later.times
  const kept = first === undefined ? before.times.length : placeOf(before.times, first)
  const joined = (metric: SeriesMetric) => [
    ...(before.values[metric] ?? []).slice(0, kept),
    ...(later.values[metric] ?? later.times.map(() => null)),
  ]
  const values: DaySeries['values'] = {}
  for (const metric of metricsOf(before)) values[metric] = joined(metric)
  return {
    stepMs: before.stepMs,
    times: [...before.times.slice(0, kept), ...later.times],
    values,
    gaps: mergeStretches(before.gaps, later.gaps, (a, b) => a.cause === b.cause),
    phases: mergeStretches(before.phases, later.phases, (a, b) => a.phase === b.phase),
  }
}

/** A series as far as it was known at an instant. */
export function seriesUntil(series: DaySeries, at: number): DaySeries {
  const kept = placeOf(series.times, at + 1)
  const values: DaySeries['values'] = {}
  for (const metric of metricsOf(series)) values[metric] = series.values[metric]?.slice(0, kept) ?? []
  const cut = <One extends Stretch>(stretches: readonly One[]) =>
    stretches.filter(({ from }) => from < at).map((one) => ({ ...one, to: Math.min(one.to, at) }))
  return { ...series, times: series.times.slice(0, kept), values, gaps: cut(series.gaps), phases: cut(series.phases) }
}

function metricsOf({ values }: DaySeries): readonly SeriesMetric[] {
  return Object.keys(values).filter((key): key is SeriesMetric => key in values)
}

/** Place of the first time that is no earlier. */
function placeOf(times: readonly number[], time: number): number {
  let low = 0
  let high = times.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((times[middle] ?? time) < time) low = middle + 1
    else high = middle
  }
  return low
}

/** Stretches of both, those of one kind that touch or overlap as one. */
function mergeStretches<One extends Stretch>(
  before: readonly One[],
  later: readonly One[],
  isSame: (a: One, b: One) => boolean,
): readonly One[] {
  const merged: One[] = []
  for (const next of [...before, ...later].sort((a, b) => a.from - b.from)) {
    const place = merged.findLastIndex((one) => isSame(one, next) && next.from <= one.to)
    const one = merged[place]
    if (one === undefined) merged.push(next)
    else merged[place] = { ...one, to: Math.max(one.to, next.to) }
  }
  return merged
}

/** One point of a time chart, by the chart's own names; null breaks a line. */
export type TimeRow = { readonly time: number } & Readonly<Record<string, number | null>>

/**
 * Rows for a chart of so many points, of a stretch of the day: what falls into a gap is null, and each gap has a row
 * within, so that lines break there whatever was recorded.
 */
export function timeRows(
  series: DaySeries,
  metrics: readonly SeriesMetric[],
  { from, to }: Stretch,
  most: number,
): readonly TimeRow[] {
  const first = placeOf(series.times, from)
  const last = placeOf(series.times, to + 1)
  const times = series.times.slice(first, last)
  const columns = metrics.map((metric) => {
    const values = (series.values[metric] ?? []).slice(first, last)
    return times.map((time, place) => (gapAt(series.gaps, time) === null ? (values[place] ?? null) : null))
  })
  const rows = keptPlaces(columns, most).map((place) =>
    rowOf(times[place] ?? 0, metrics, (column) => columns[column]?.[place] ?? null),
  )
  for (const gap of series.gaps) {
    const middle = (gap.from + gap.to) / 2
    if (middle >= from && middle <= to) rows.push(rowOf(middle, metrics, () => null))
  }
  return rows.sort((a, b) => a.time - b.time)
}

/** All that is known of a day: its points, and the gaps before the first and after the last of them. */
export function spanOf({ times, gaps }: DaySeries): Stretch {
  return {
    from: Math.min(times[0] ?? Number.POSITIVE_INFINITY, ...gaps.map(({ from }) => from)),
    to: Math.max(times.at(-1) ?? Number.NEGATIVE_INFINITY, ...gaps.map(({ to }) => to)),
  }
}

/** The part of a stretch that lies within another, as a list of one or none. */
export function within<One extends Stretch>(stretch: One, { from, to }: Stretch): readonly One[] {
  const clipped = { ...stretch, from: Math.max(stretch.from, from), to: Math.min(stretch.to, to) }
  return clipped.to > clipped.from ? [clipped] : []
}

/** A day in so many points at equal distances, each the newest value at its time; null within gaps. */
export function overviewRows(series: DaySeries, metric: SeriesMetric, count: number): readonly TimeRow[] {
  const { times, gaps } = series
  const { from: first, to: last } = times.length === 0 ? { from: 0, to: 0 } : spanOf(series)
  const span = last - first
  return Array.from({ length: count }, (_, point) => {
    const time = first + Math.round((span * point) / Math.max(1, count - 1))
    const value = series.values[metric]?.[placeOf(times, time + 1) - 1] ?? null
    return rowOf(time, [metric], () => (gapAt(gaps, time) === null ? value : null))
  })
}

function rowOf(time: number, metrics: readonly SeriesMetric[], value: (column: number) => number | null): TimeRow {
  const row: Record<string, number | null> = {}
  for (const [column, metric] of metrics.entries()) row[metric] = value(column)
  return { ...row, time }
}

/** The gap that a time lies within; its ends still have values. */
export function gapAt(gaps: readonly Gap[], time: number): Gap | null {
  return gaps.find(({ from, to }) => time > from && time < to) ?? null
}
