import type { TradingDay } from '../domain/calendar.ts'
import type { IndexName } from '../domain/index-catalog.ts'
import { INDEX_NAMES } from '../domain/index-catalog.ts'
import { DAY_MS } from '../domain/ist.ts'
import { BRIDGE_STEPS, brownianBridge, gaussian, valueNoise } from './market-noise.ts'
import { FACTORS, FEAR, INDEX_MODELS, loadingsOf, type SpotLevels } from './spot-levels.ts'

/** Extremes of high, low and the rest are kept per bar of so many seconds. */
export const BAR_SECONDS = 300
/** Share of a day's variance that falls on the night before it. */
export const NIGHT_SHARE = 0.2

/** Every second of one index (or of volatility) in a session; `[second]` from the opening, the end included. */
export interface Path {
  /** Index points; for volatility the factor on its calm level. */
  readonly level: Float64Array
  /** Highest and lowest since the bar began. */
  readonly barHigh: Float64Array
  readonly barLow: Float64Array
  /** Highest and lowest since the opening. */
  readonly dayHigh: Float64Array
  readonly dayLow: Float64Array
}

/** One trading day of the underlyings. */
export interface SpotSession {
  readonly day: TradingDay
  /** Seconds from the opening to the end of trading. */
  readonly seconds: number
  /** The auction's print: from this second the index is final. */
  readonly printSecond: number
  /** Seconds in which the index is not computed. */
  readonly frozenFrom: number
  readonly frozenUntil: number
  /** What futures and options follow; the index itself is still between the two seconds above. */
  path(index: IndexName): Path
  readonly fear: Path
  /** Close of the trading day before. */
  previousClose(index: IndexName): number
  /** Factor of volatility at the previous close. */
  readonly previousFear: number
  /** Share of the session's variance that has passed, 0 to 1, by second. */
  readonly variance: Float64Array
}

/** Cumulative share of activity when it is `1 + open e^(-x/openWidth) + close e^(-(1-x)/closeWidth)` at share x of the day. */
export function cumulativeActivity(
  x: number,
  shape: { readonly open: number; readonly openWidth: number; readonly close: number; readonly closeWidth: number },
): number {
  const { open, openWidth, close, closeWidth } = shape
  const until = (y: number) =>
    y +
    open * openWidth * (1 - Math.exp(-y / openWidth)) +
    close * closeWidth * (Math.exp(-(1 - y) / closeWidth) - Math.exp(-1 / closeWidth))
  return until(Math.min(Math.max(x, 0), 1)) / until(1)
}

/** Moves are largest at the opening and pick up towards the close. */
const VARIANCE_SHAPE = { open: 3.2, openWidth: 0.05, close: 0.9, closeWidth: 0.08 }

function varianceClock(seconds: number, printSecond: number): Float64Array {
  return Float64Array.from({ length: seconds + 1 }, (_, second) =>
    cumulativeActivity(second / printSecond, VARIANCE_SHAPE),
  )
}

/** Running extremes of levels, from the opening and from each bar's beginning. */
function extremes(level: Float64Array): Path {
  const empty = () => new Float64Array(level.length)
  const path: Path = { level, barHigh: empty(), barLow: empty(), dayHigh: empty(), dayLow: empty() }
  let [barHigh, barLow, dayHigh, dayLow] = [0, 0, 0, Number.POSITIVE_INFINITY]
  level.forEach((value, second) => {
    const begins = second % BAR_SECONDS === 0
    barHigh = begins ? value : Math.max(barHigh, value)
    barLow = begins ? value : Math.min(barLow, value)
    dayHigh = Math.max(dayHigh, value)
    dayLow = Math.min(dayLow, value)
    path.barHigh[second] = barHigh
    path.barLow[second] = barLow
    path.dayHigh[second] = dayHigh
    path.dayLow[second] = dayLow
  })
  return path
}

/**
 * The seconds of a trading day: a bridge in variance time from the night's gap to the day's last level, so that
 * each day begins where the one before it ended.
 */
export function createSpotSession(
  deps: { readonly levels: SpotLevels },
  options: { readonly seed: number; readonly day: TradingDay; readonly previousDate: string },
): SpotSession {
  const { levels } = deps
  const { seed, day, previousDate } = options
  const secondOf = (instant: number | null, otherwise: number) =>
    instant === null ? otherwise : Math.round((instant - day.opensAt) / 1000)
  const seconds = secondOf(day.tradeEndsAt, 0)
  const frozenUntil = secondOf(day.frozenUntil, seconds)
  const printSecond = frozenUntil
  const variance = varianceClock(seconds, printSecond)
  const number = Date.parse(`${day.date}T00:00:00Z`) / DAY_MS
  const bridges = FACTORS.map((_, factor) => brownianBridge(seed, 3 * number, factor))
  const gaps = FACTORS.map((_, factor) => gaussian(seed, 3 * number + 1, factor))

  const pathOf = (asset: number, mean: number): Path => {
    const loadings = loadingsOf(asset)
    const deviation = levels.deviation(asset, day.date)
    const from = levels.logLevel(asset, previousDate)
    const move = levels.logLevel(asset, day.date) - from
    const blend = (values: readonly number[]) => loadings.reduce((sum, share, f) => sum + share * (values[f] ?? 0), 0)
    const gap = NIGHT_SHARE * move + deviation * Math.sqrt(NIGHT_SHARE * (1 - NIGHT_SHARE)) * blend(gaps)
    const bridge = new Float64Array(BRIDGE_STEPS + 1)
    bridges.forEach((points, factor) => {
      const share = loadings[factor] ?? 0
      if (share !== 0)
        points.forEach((point, step) => {
          bridge[step] = (bridge[step] ?? 0) + share * point
        })
    })
    const wander = deviation * Math.sqrt(1 - NIGHT_SHARE)
    const level = variance.map((share) => {
      const position = share * BRIDGE_STEPS
      const step = Math.floor(position)
      const here = bridge[step] ?? 0
      const at = here + (position - step) * ((bridge[step + 1] ?? here) - here)
      return mean * Math.exp(from + gap + (move - gap) * share + wander * at)
    })
    return extremes(level)
  }

  const paths = INDEX_NAMES.map((name, asset) => pathOf(asset, INDEX_MODELS[name].level))
  const byName = new Map(INDEX_NAMES.map((name, asset) => [name, paths[asset]]))
  return {
    day,
    seconds,
    printSecond,
    frozenFrom: secondOf(day.frozenFrom, seconds),
    frozenUntil,
    path: (index) => {
      const path = byName.get(index)
      if (path === undefined) throw new RangeError(`no path of ${index}`)
      return path
    },
    fear: pathOf(FEAR, 1),
    previousClose: (index) => closeOf(levels, index, previousDate),
    previousFear: Math.exp(levels.logLevel(FEAR, previousDate)),
    variance,
  }
}

/** Close of an index on a trading day. */
export function closeOf(levels: SpotLevels, index: IndexName, date: string): number {
  return INDEX_MODELS[index].level * Math.exp(levels.logLevel(INDEX_NAMES.indexOf(index), date))
}

/** Lowest and highest close of an index from one date to another. */
export function closeRange(levels: SpotLevels, index: IndexName, from: string, to: string) {
  const { low, high } = levels.range(INDEX_NAMES.indexOf(index), from, to)
  const { level } = INDEX_MODELS[index]
  return { low: level * Math.exp(low), high: level * Math.exp(high) }
}

/** Share of the forward by which supply and demand bend it at most, within the session and after the print. */
export const BASIS_AMPLITUDE = 6e-5
const BASIS_AFTER_PRINT = 3
const BASIS_PERIOD_S = 45

/** The bend dies down in the last seconds, so that the next day's previous close is this day's last price. */
const BASIS_SETTLES_S = 120

/** Smooth bend of a forward, as a share of it; `key` tells expiries apart. At most `basisBound`. */
export function basisNoise(seed: number, key: number, session: SpotSession, second: number): number {
  const settling = Math.min(1, (session.seconds - second) / BASIS_SETTLES_S)
  const wave = valueNoise(seed, key, session.day.opensAt / 60_000 + second / BASIS_PERIOD_S)
  return basisBound(session, second) * settling * wave
}

/** After the print the index stands still, so that futures alone carry what there is to say. */
export function basisBound(session: SpotSession, second: number): number {
  const printed = second >= session.printSecond && session.printSecond < session.seconds
  return BASIS_AMPLITUDE * (printed ? BASIS_AFTER_PRINT : 1)
}
