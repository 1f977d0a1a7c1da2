import { setImmediate } from 'node:timers/promises'
import { requireInstant } from '../contract/instant.ts'
import type { CallInput } from '../contract/monitor-calls.ts'
import type { PreviousSmile, SeriesReport } from '../contract/series.ts'
import type { Calendar } from '../domain/calendar.ts'
import type { Source } from '../domain/instrument.ts'
import { addDays, DAY_MS, formatIst, istDate } from '../domain/ist.ts'
import type { Leg } from '../domain/leg.ts'
import {
  chooseStep,
  type Gap,
  joinGaps,
  openTimeIn,
  phasesIn,
  type SeriesPoint,
  type SeriesSample,
  stepSamples,
  thin,
  tradingDayStart,
} from '../engine/analytics-series.ts'
import type { LiveView } from '../engine/live-view.ts'
import type { Clock } from '../kernel/clock.ts'
import { OpError } from '../kernel/errors.ts'
import type { CallHandlers } from '../ports/monitor-api.ts'
import type { LegHistory } from '../store/day-history.ts'
import { chainOf, type DayListings } from './day-listings.ts'
import { nearestBucket } from './market-calls.ts'

const MOST_DAYS = 400
/** Points of a step that was asked for; a week of every sample. */
const MOST_ASKED = 25_000
const SAMPLE_MS = 5_000
/** A gap is written down when it ends, at most so many days later. */
const GAP_DAYS = 31
/** How far back the previous close is looked for: longer than any run of holidays. */
const CLOSE_DAYS = 15
/** A contract that was recorded no more in this end of the day had left the window: its IV is not of the close. */
const CLOSE_MS = 30 * 60_000

export interface SeriesCallsDeps {
  readonly clock: Clock
  readonly calendar: Calendar
  readonly source: Source
  readonly view: Pick<LiveView, 'expiries'>
  /** What was listed on an earlier day. */
  readonly listings: DayListings
  readonly history: Pick<LegHistory, 'days' | 'open' | 'samplesOfDay' | 'gapsOfDay' | 'lastLegsOfExpiry' | 'lastSmile'>
}

type SeriesInput = CallInput<'series'>

/** Series and closes from the day stores. A day is read at a time, and other work has its turn between two. */
export function createSeriesCalls(deps: SeriesCallsDeps): Pick<CallHandlers, 'series' | 'previousSmile'> {
  return {
    series: (input) => series(deps, input),
    previousSmile: (input) => previousSmile(deps, input),
  }
}

function refuse(reason: string): never {
  throw new OpError('request_invalid', { reason })
}

/** The stretch that is asked for, epoch milliseconds. */
function stretchOf({ clock, calendar }: SeriesCallsDeps, input: SeriesInput) {
  const to = input.to === undefined ? clock.now() : requireInstant('to', input.to)
  const from = input.from === undefined ? tradingDayStart(calendar, to) : requireInstant('from', input.from)
  if (from > to) refuse(`from (${formatIst(from)}) lies after to (${formatIst(to)})`)
  if (to - from > MOST_DAYS * DAY_MS) refuse(`from and to lie more than ${MOST_DAYS} days apart`)
  return { from, to }
}

function stepOf(calendar: Calendar, { step }: SeriesInput, from: number, to: number): number {
  const openMs = openTimeIn(calendar, from, to)
  if (step === undefined) return chooseStep(openMs)
  if (openMs / Math.max(step, SAMPLE_MS) <= MOST_ASKED) return step
  const least = Math.ceil(openMs / MOST_ASKED / SAMPLE_MS) * SAMPLE_MS
  return refuse(`step: ${step} ms makes too many points of this stretch, ${least} ms is the least`)
}

async function series(deps: SeriesCallsDeps, input: SeriesInput): Promise<SeriesReport> {
  const { calendar, source, view } = deps
  const { index, metric: metrics, scope } = input
  const { from, to } = stretchOf(deps, input)
  const asked = stepOf(calendar, input, from, to)
  const bucket = input.bucket ?? nearestBucket(view, index)
  const { samples, gaps } = await readDays(deps, { index, bucket, metrics, scope, from, to, lastOnly: asked >= DAY_MS })
  const stepped = stepSamples(samples, { calendar, from, stepMs: asked })
  const { points, stepMs } = input.step === undefined ? thin(stepped, asked) : { points: stepped, stepMs: asked }
  return {
    ...{ index, bucket, source, scope, step_ms: stepMs },
    ...written({ from, to }),
    times: points.map(({ ts }) => formatIst(ts)),
    values: valuesOf(metrics, points),
    gaps: gaps.map((gap) => ({ ...written(gap), cause: gap.cause })),
    // There is nothing to shade where a day is a point.
    phases:
      stepMs >= DAY_MS ? [] : phasesIn(calendar, from, to).map((span) => ({ ...written(span), phase: span.phase })),
  }
}

function written({ from, to }: { readonly from: number; readonly to: number }) {
  return { from: formatIst(from), to: formatIst(to) }
}

function valuesOf(metrics: SeriesInput['metric'], points: readonly SeriesPoint[]): SeriesReport['values'] {
  return Object.fromEntries(metrics.map((metric, k) => [metric, points.map(({ values }) => values[k] ?? null)]))
}

type DaysQuery = Parameters<LegHistory['samplesOfDay']>[1]

async function readDays({ history }: SeriesCallsDeps, query: DaysQuery) {
  const { index, from, to } = query
  const lastDay = istDate(to)
  const samples: SeriesSample[] = []
  const pieces: Gap[] = []
  const isWanted = (date: string) => date >= istDate(from) && date <= addDays(lastDay, GAP_DAYS)
  for (const date of history.days().filter(isWanted)) {
    // The last sample of a whole day is known without the rest of it.
    if (date === lastDay || (date < lastDay && query.lastOnly !== true)) await history.open(date)
    if (date <= lastDay) for (const sample of history.samplesOfDay(date, query)) samples.push(sample)
    pieces.push(...history.gapsOfDay(date, index, from, to))
    await setImmediate()
  }
  return { samples, gaps: joinGaps(pieces, from, to) }
}

async function previousSmile(deps: SeriesCallsDeps, input: CallInput<'previousSmile'>): Promise<PreviousSmile> {
  const { history } = deps
  const { index } = input
  const { before, bucket, expiry } = await smileAsked(deps, input)
  const earlier = history.days().filter((date) => date < before)
  for (const date of earlier.slice(-CLOSE_DAYS).reverse()) {
    const smile = history.lastSmile(date, index, expiry)
    const points =
      smile.length > 0
        ? smile.map(([strike, iv]) => ({ strike, iv }))
        : closingSmile(history.lastLegsOfExpiry(date, index, expiry))
    if (points.length > 0) return { index, bucket, expiry, date, points }
    await setImmediate()
  }
  return { index, bucket, expiry, date: null, points: [] }
}

/** The expiry as its bucket named it, on the day that is asked for or today. */
async function smileAsked({ view, listings }: SeriesCallsDeps, { index, bucket, date }: CallInput<'previousSmile'>) {
  if (date !== undefined) {
    const { expiry, bucket: own } = chainOf(await listings(index, date), bucket ?? null)
    return { before: date, bucket: bucket ?? own, expiry }
  }
  const listed = view.expiries(index)
  const name = bucket ?? nearestBucket(view, index)
  const expiry = listed.expiries.find(({ buckets }) => buckets.includes(name))?.expiry
  if (expiry === undefined) throw new OpError('bucket_not_listed', { index, bucket: name })
  return { before: listed.date, bucket: name, expiry }
}

/** IV of the out-of-the-money side by strike, ascending, as the last recorded legs of a day have it. */
function closingSmile(legs: readonly Leg[]): PreviousSmile['points'] {
  const newest = legs.reduce<Leg | null>((last, leg) => (last === null || leg.ts > last.ts ? leg : last), null)
  const forward = newest?.forward ?? newest?.spot ?? null
  if (newest === null || forward === null) return []
  return legs.flatMap(({ ts, strike, right, iv }) => {
    const isOut = right === (strike < forward ? 'PE' : 'CE')
    return isOut && iv !== null && ts >= newest.ts - CLOSE_MS ? [{ strike, iv }] : []
  })
}
