import type { ChainMetrics } from '../contract/chain-stream.ts'
import type { ChainAt, RecordedDay } from '../contract/history.ts'
import { requireInstant } from '../contract/instant.ts'
import type { CallInput } from '../contract/monitor-calls.ts'
import type { SeriesMetric } from '../contract/series.ts'
import type { Calendar } from '../domain/calendar.ts'
import type { IndexName } from '../domain/index-catalog.ts'
import { BUCKETS, type Bucket, type Source } from '../domain/instrument.ts'
import { DAY_MS, formatIst, istDate, istInstant } from '../domain/ist.ts'
import type { Leg } from '../domain/leg.ts'
import { type Gap, joinGaps, phasesIn } from '../engine/analytics-series.ts'
import { listedExpiries } from '../engine/live-view.ts'
import { createRecordedFrames, type FrameSample } from '../engine/recorded-frames.ts'
import type { Chain, IndexUniverse } from '../engine/universe.ts'
import { OpError } from '../kernel/errors.ts'
import { createKept } from '../kernel/kept.ts'
import type { CallHandlers } from '../ports/monitor-api.ts'
import { summariseChain } from '../pricing/chain-summary.ts'
import { ivStanding } from '../pricing/iv-rank.ts'
import { termStructure } from '../pricing/term-structure.ts'
import { yearsTo } from '../pricing/time.ts'
import type { LegHistory } from '../store/day-history.ts'
import type { ClosingIvs } from './closing-ivs.ts'
import { chainOf, type DayListings } from './day-listings.ts'

export interface HistoryCallsDeps {
  readonly calendar: Calendar
  readonly source: Source
  readonly rate: number
  readonly indices: readonly IndexName[]
  readonly listings: DayListings
  readonly closingIvs: ClosingIvs
  /** What is missing now, and is not written down yet. */
  readonly unwritten: () => readonly (Gap & { readonly index: IndexName | null })[]
  readonly history: Pick<
    LegHistory,
    | 'days'
    | 'open'
    | 'lastLegsInWindow'
    | 'samplesOfDay'
    | 'gapsOfDay'
    | 'previousCloseOi'
    | 'instantsAround'
    | 'changes'
    | 'recordedStretch'
  >
}

type HistoryHandlers = Pick<CallHandlers, 'recordedDays' | 'recordedDay' | 'chainAt'>

const MOST_DAYS_KEPT = 10
/** A sample so many intervals old says nothing of an open market. */
const SAMPLE_INTERVALS = 3
const LEAST_SAMPLE_MS = 15_000
const METRICS = ['pcr_oi', 'pcr_volume', 'max_pain'] as const satisfies readonly SeriesMetric[]
const FULL_METRICS = ['spot', 'future', 'vix', 'atm_iv', 'straddle', 'skew_25d', ...METRICS] as const

/** The record of a day for whoever travels through it: from its own store, and with its own list of contracts. */
export function createHistoryCalls(deps: HistoryCallsDeps): HistoryHandlers {
  const previousOi = createKept<ReadonlyMap<string, number>>(MOST_DAYS_KEPT)
  return {
    recordedDays: () => ({ source: deps.source, days: [...deps.history.days()] }),
    recordedDay: (input) => recordedDay(deps, input),
    async chainAt(input) {
      const at = requireInstant('at', input.at)
      const date = istDate(at)
      const listing = await deps.listings(input.index, date)
      await deps.history.open(date)
      const oi = previousOi.of(`${date} ${input.index}`, () => deps.history.previousCloseOi(date, input.index))
      return chainAt(deps, input, { at, date, listing, previousOi: oi })
    },
  }
}

async function recordedDay(deps: HistoryCallsDeps, input: CallInput<'recordedDay'>): Promise<RecordedDay> {
  const { calendar, source, history } = deps
  const { index, date } = input
  const day = calendar.day(date)
  await history.open(date)
  const recorded = history.recordedStretch(date, index)
  const midnight = istInstant(date)
  const gaps = gapsOf(deps, index, midnight, midnight + DAY_MS)
  const phases = day === null ? [] : phasesIn(calendar, day.preOpenFrom ?? day.opensAt, day.tradeEndsAt)
  return {
    ...{ index, date, source },
    recorded: recorded === null ? null : written(recorded),
    phases: phases.map((span) => ({ ...written(span), phase: span.phase })),
    gaps: gaps.map((gap) => ({ ...written(gap), cause: gap.cause })),
    expiries: await expiriesOn(deps, index, date),
  }
}

async function expiriesOn({ listings, calendar }: HistoryCallsDeps, index: IndexName, date: string) {
  try {
    return listedExpiries(await listings(index, date), date, calendar)
  } catch (fault) {
    if (fault instanceof OpError && fault.code === 'not_on_record') return []
    throw fault
  }
}

function written({ from, to }: { readonly from: number; readonly to: number }) {
  return { from: formatIst(from), to: formatIst(to) }
}

interface Place {
  readonly at: number
  readonly date: string
  readonly listing: IndexUniverse
  readonly previousOi: ReadonlyMap<string, number>
}

function chainAt(deps: HistoryCallsDeps, input: CallInput<'chainAt'>, place: Place): ChainAt {
  const { calendar, source, history } = deps
  const { index, frames: count, step: stepMs } = input
  const { at, date, listing, previousOi } = place
  const chain = chainOf(listing, input.bucket ?? null)
  const bucket = input.bucket ?? chain.bucket
  const gaps = gapsOf(deps, index, at, at + count * stepMs)
  const frames = createRecordedFrames({ calendar, chain, bucket, previousOi, gaps })
  const { strikes } = chain
  frames.take(history.lastLegsInWindow(date, { index, bucket: chain.bucket, strikes, at }))
  const known = frames.known(at)
  const sample = sampleAt(deps, chain, at, gaps)
  const changes =
    count === 1 ? [] : history.changes(date, { index, bucket: chain.bucket, from: at, stepMs, steps: count - 1 })
  const { before, after } = history.instantsAround(date, index, chain.bucket, at)
  return {
    ...{ index, bucket, date, source },
    before: before === null ? null : formatIst(before),
    after: after === null ? null : formatIst(after),
    summary: summaryAt(deps, chain, known, { ...place, sample, gaps }),
    frames: [[], ...changes].map((legs, k) => {
      const time = at + k * stepMs
      frames.take(legs)
      return {
        chain: frames.frame(time, k === 0 ? sample : sampleAt(deps, chain, time, gaps)),
        spots: spotsAt(deps, time),
      }
    }),
  }
}

/** Gaps of an index that touch a stretch, whole; a stop is written down with the next start, whose day may be a later one. */
function gapsOf(deps: HistoryCallsDeps, index: IndexName, from: number, to: number): readonly Gap[] {
  const date = istDate(from)
  const days = deps.history.days().filter((day) => day >= date)
  const pieces = days.slice(0, 2).flatMap((day) => deps.history.gapsOfDay(day, index, from, to))
  const now = deps.unwritten().filter((gap) => gap.index === null || gap.index === index)
  return joinGaps([...pieces, ...now], istInstant(date), istInstant(date) + DAY_MS)
}

/** The newest sample of a chain up to an instant, as long as it says something of that instant. */
function sampleAt(deps: HistoryCallsDeps, chain: Chain, at: number, gaps: readonly Gap[]): FrameSample | null {
  const full = newestSample(deps, chain.index, chain.bucket, at, FULL_METRICS, 'full')
  if (full === null || !isFresh(deps, full, at, gaps)) return null
  const window = newestSample(deps, chain.index, chain.bucket, at, METRICS, 'window')
  const { spot, future, vix, atm_iv, straddle, skew_25d } = full.values
  const metrics: ChainMetrics = {
    rate: deps.rate,
    window: scopeOf(window?.values ?? {}),
    full: scopeOf(full.values),
    atm_iv: atm_iv ?? null,
    straddle: straddle ?? null,
    expected_move: straddle ?? null,
    skew_25d: skew_25d ?? null,
  }
  return { ts: full.ts, spot: spot ?? null, future: future ?? null, vix: vix ?? null, metrics }
}

type Values = Partial<Record<SeriesMetric, number | null>>

interface NamedSample {
  readonly ts: number
  readonly everyMs: number
  readonly values: Values
}

function newestSample(
  { history }: HistoryCallsDeps,
  index: IndexName,
  bucket: Bucket,
  at: number,
  metrics: readonly SeriesMetric[],
  scope: 'window' | 'full',
): NamedSample | null {
  const date = istDate(at)
  const query = { index, bucket, metrics, scope, from: istInstant(date), to: at, lastOnly: true }
  const [sample] = history.samplesOfDay(date, query)
  if (sample === undefined) return null
  const values = Object.fromEntries(metrics.map((metric, k) => [metric, sample.values[k] ?? null]))
  return { ts: sample.ts, everyMs: sample.everyMs, values }
}

/** After the close the last sample of the day stays true; inside a gap none from before it is. */
function isFresh({ calendar }: HistoryCallsDeps, { ts, everyMs }: NamedSample, at: number, gaps: readonly Gap[]) {
  if (gaps.some(({ from, to }) => from < at && at < to && ts <= from)) return false
  return !calendar.phaseAt(at).optionsTrade || at - ts <= Math.max(SAMPLE_INTERVALS * everyMs, LEAST_SAMPLE_MS)
}

function scopeOf({ pcr_oi = null, pcr_volume = null, max_pain = null }: Values): ChainMetrics['full'] {
  return { pcr_oi, pcr_volume, max_pain }
}

function spotsAt(deps: HistoryCallsDeps, at: number): ChainAt['frames'][number]['spots'] {
  const spotOf = (index: IndexName) => {
    for (const bucket of BUCKETS) {
      const sample = newestSample(deps, index, bucket, at, ['spot'], 'full')
      if (sample === null) continue
      return isFresh(deps, sample, at, gapsOf(deps, index, at, at + 1)) ? (sample.values.spot ?? null) : null
    }
    return null
  }
  return Object.fromEntries(deps.indices.map((index) => [index, spotOf(index)]))
}

interface Moment extends Place {
  readonly sample: FrameSample | null
  readonly gaps: readonly Gap[]
}

function summaryAt(
  deps: HistoryCallsDeps,
  chain: Chain,
  legs: readonly (Leg | null)[],
  { at, date, listing, sample, gaps }: Moment,
): ChainAt['summary'] {
  const years = (expiry: string) => yearsTo(deps.calendar.settlementFixAt(expiry), at)
  const newest = legs.reduce((last, leg) => (leg !== null && (last === null || leg.ts > last.ts) ? leg : last), null)
  const { smile } = summariseChain({
    strikes: recordedStrikes(chain, legs),
    forward: newest?.forward ?? null,
    spot: newest?.spot ?? null,
    years: years(chain.expiry),
    rate: deps.rate,
    atmStrike: null,
  })
  const past = deps.closingIvs(date, chain.index, chain.bucket)
  const ivOf = (one: Chain) => sampleAt(deps, one, at, gaps)?.metrics.atm_iv ?? null
  return {
    smile,
    term_structure: termStructure(
      listing.chains.map((one) => ({ expiry: one.expiry, years: years(one.expiry), iv: ivOf(one) })),
    ),
    iv_standing: { ...ivStanding(sample?.metrics.atm_iv ?? null, past), days: past.length },
  }
}

/** A curve through the recorded strikes says nothing of those beyond. */
function recordedStrikes({ strikes }: Chain, legs: readonly (Leg | null)[]) {
  return strikes.flatMap((strike, k) => {
    const [call, put] = [legs[2 * k] ?? null, legs[2 * k + 1] ?? null]
    return call === null && put === null ? [] : [{ strike, call, put }]
  })
}
