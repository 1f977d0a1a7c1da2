import type { Calendar } from '../domain/calendar.ts'
import { addDays, DAY_MS, istDate, istInstant } from '../domain/ist.ts'
import type { GapCause } from '../domain/journal-entry.ts'

/** As many as a chart can tell apart. */
export const MOST_POINTS = 2_000

/** Samples so many times their interval apart have something missing between them. */
const HOLE_INTERVALS = 3
const SECOND_MS = 1_000
/** Steps that are chosen by themselves; a day has 6.4 open hours, so that the last but one does for most of a year. */
const STEPS_S = [5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 86_400]
const STEPS_MS: readonly number[] = STEPS_S.map((seconds) => seconds * SECOND_MS)

/** What was known of a chain at one instant; values in the order of the metrics that were asked for. */
export interface SeriesSample {
  readonly ts: number
  /** Market milliseconds after which the next one was due. */
  readonly everyMs: number
  readonly values: readonly (number | null)[]
}

export interface SeriesPoint {
  readonly ts: number
  /** All null where the line breaks. */
  readonly values: readonly (number | null)[]
}

/** The shortest step that yields no more than `MOST_POINTS` points of samples that were due every five seconds. */
export function chooseStep(openMs: number): number {
  return STEPS_MS.find((stepMs) => openMs / stepMs < MOST_POINTS) ?? DAY_MS
}

/** How long options trade between two instants. */
export function openTimeIn(calendar: Calendar, from: number, to: number): number {
  let openMs = 0
  for (let date = istDate(from); date <= istDate(to); date = addDays(date, 1)) {
    const day = calendar.day(date)
    if (day !== null) openMs += Math.max(0, Math.min(to, day.tradeEndsAt) - Math.max(from, day.opensAt))
  }
  return openMs
}

/** Where the trading day of an instant begins; before its first phase, and without a session, that of the day before. */
export function tradingDayStart(calendar: Calendar, at: number): number {
  const startOf = (date: string) => {
    const day = calendar.day(date)
    return day === null ? Number.POSITIVE_INFINITY : (day.preOpenFrom ?? day.opensAt)
  }
  const own = startOf(istDate(at))
  return own <= at ? own : startOf(calendar.previousTradingDay(istDate(at)))
}

export interface StepRequest {
  readonly calendar: Calendar
  /** Of the whole series: steps are counted from the IST midnight before it. */
  readonly from: number
  readonly stepMs: number
}

/**
 * The last known value of each step, at the beginning of the step, and a point without values in every hole: between
 * samples that are more than three intervals and more than a step apart. In steps of a day a hole is a trading day
 * without a sample. Samples ascend; so do points.
 */
export function stepSamples(samples: Iterable<SeriesSample>, request: StepRequest): readonly SeriesPoint[] {
  const { from, stepMs } = request
  const midnight = istInstant(istDate(from))
  const points: SeriesPoint[] = []
  let before: SeriesSample | null = null
  for (const sample of samples) {
    const ts = Math.max(from, midnight + Math.floor((sample.ts - midnight) / stepMs) * stepMs)
    const last = points.at(-1)
    if (last?.ts === ts) points[points.length - 1] = { ts, values: laterValues(last, sample) }
    else {
      const hole = before === null ? null : holeBetween(before, sample, ts, request)
      if (hole !== null) points.push({ ts: hole, values: sample.values.map(() => null) })
      points.push({ ts, values: sample.values })
    }
    before = sample
  }
  return points
}

/** The later value of each metric, the one before where it is not known. */
function laterValues(before: Pick<SeriesPoint, 'values'>, { values }: Pick<SeriesPoint, 'values'>) {
  return values.map((value, k) => value ?? before.values[k] ?? null)
}

/** An instant in the hole between two samples, null when there is none; `stepTs` is the beginning of the second's step. */
function holeBetween(a: SeriesSample, b: SeriesSample, stepTs: number, { calendar, stepMs }: StepRequest) {
  if (stepMs >= DAY_MS) {
    const missing = calendar.nextTradingDay(istDate(a.ts))
    return missing < istDate(b.ts) ? istInstant(missing) : null
  }
  const everyMs = Math.max(a.everyMs, b.everyMs)
  if (b.ts - a.ts <= Math.max(HOLE_INTERVALS * everyMs, stepMs)) return null
  return Math.min(a.ts + everyMs, Math.floor((a.ts + stepTs) / 2))
}

/** Points in steps twice as long, as often as it takes; a break stays one where a step has nothing else. */
export function thin(points: readonly SeriesPoint[], stepMs: number) {
  let thinned = { points, stepMs }
  while (thinned.points.length > MOST_POINTS) thinned = halve(thinned)
  return thinned
}

function halve({ points, stepMs }: { readonly points: readonly SeriesPoint[]; readonly stepMs: number }) {
  const [first] = points
  const midnight = istInstant(istDate(first?.ts ?? 0))
  const placeOf = ({ ts }: SeriesPoint) => Math.floor((ts - midnight) / (2 * stepMs))
  const fewer: SeriesPoint[] = []
  for (const point of points) {
    const last = fewer.at(-1)
    if (last === undefined || placeOf(last) !== placeOf(point)) fewer.push(point)
    else fewer[fewer.length - 1] = { ts: last.ts, values: laterValues(last, point) }
  }
  return { points: fewer, stepMs: 2 * stepMs }
}

export interface Gap {
  readonly from: number
  readonly to: number
  readonly cause: GapCause
}

/** Pieces of one cause that touch become one; what lies outside the stretch is cut off. In order of their beginning. */
export function joinGaps(pieces: readonly Gap[], from: number, to: number): readonly Gap[] {
  const joined: Gap[] = []
  for (const piece of pieces.toSorted((a, b) => a.from - b.from || a.to - b.to)) {
    const place = joined.findLastIndex(({ cause }) => cause === piece.cause)
    const last = joined[place]
    if (last === undefined || last.to < piece.from) joined.push(piece)
    else joined[place] = { ...last, to: Math.max(last.to, piece.to) }
  }
  return joined.flatMap((gap) => {
    const cut = { ...gap, from: Math.max(gap.from, from), to: Math.min(gap.to, to) }
    return cut.to > cut.from ? [cut] : []
  })
}

/** The phases of the sessions between two instants, closed hours among them. */
export function phasesIn(calendar: Calendar, from: number, to: number) {
  const phases: { from: number; to: number; phase: string }[] = []
  for (let at = from; at < to; ) {
    const { phase, until } = calendar.phaseAt(at)
    phases.push({ from: at, to: Math.min(until, to), phase })
    at = until
  }
  return phases
}
