import type { IndexName } from '../domain/index-catalog.ts'
import { DAY_MS } from '../domain/ist.ts'
import { BAR_SECONDS, BASIS_AMPLITUDE, basisBound, basisNoise, NIGHT_SHARE, type SpotSession } from './spot-session.ts'
import { type ExpiryPricing, expiryPricing, forwardOf, varianceYears } from './surface.ts'

const YEAR_MS = 365 * DAY_MS
/** Trading days of variance that the auction's correction may still be worth after the print, until the fix. */
const AFTER_PRINT_DAYS = 5e-5

/** The dearest and the cheapest that calls and puts were in a stretch of time. */
interface PricingBounds {
  readonly dearCall: ExpiryPricing
  readonly cheapCall: ExpiryPricing
  readonly dearPut: ExpiryPricing
  readonly cheapPut: ExpiryPricing
}

/** One expiry of an index during one session. */
export interface ExpiryTrack {
  readonly index: IndexName
  /** Trading days after today, the expiry's included; 0 on the day of expiry. */
  readonly daysLeft: number
  /** With what options are priced in a second of the session. */
  at(second: number): ExpiryPricing
  /** With what they were priced at the end of the trading day before. */
  readonly atPreviousClose: ExpiryPricing
  /** Bounds of the bar of a second, from the bar's beginning to that second. */
  bounds(second: number): PricingBounds
}

interface ExpiryTrackOptions {
  readonly seed: number
  readonly index: IndexName
  /** Tells expiries apart in the noise. */
  readonly key: number
  readonly settlementAt: number
  readonly daysLeft: number
  readonly previousEndsAt: number
}

/** Follows an expiry through a session; the last second asked for is kept, as all its contracts ask together. */
export function createExpiryTrack(session: SpotSession, options: ExpiryTrackOptions): ExpiryTrack {
  const { seed, index, key, settlementAt, daysLeft, previousEndsAt } = options
  const spot = session.path(index)
  const fear = session.fear
  const { opensAt } = session.day
  const lastSecond = session.seconds
  const fixSecond = Math.min(lastSecond, Math.round((settlementAt - opensAt) / 1000))

  /** On the day of expiry nothing bends the forward: it is the index. */
  const bend = Math.min(1, daysLeft / 2)
  const calendarYears = (second: number) => Math.max(0, settlementAt - opensAt - second * 1000) / YEAR_MS
  const afterPrint = (second: number) =>
    second >= fixSecond
      ? 0
      : AFTER_PRINT_DAYS * Math.min(1, (fixSecond - second) / (fixSecond - session.printSecond || 1))
  const yearsAt = (second: number) => {
    const today = (1 - NIGHT_SHARE) * (1 - (session.variance[second] ?? 1))
    return varianceYears(daysLeft + today + (daysLeft === 0 ? afterPrint(second) : 0))
  }
  const forwardAt = (level: number, second: number, bent: number) =>
    forwardOf(level, calendarYears(second)) * (1 + bend * bent)

  const at = (second: number) =>
    expiryPricing(
      index,
      forwardAt(spot.level[second] ?? 0, second, basisNoise(seed, key, session, second)),
      fear.level[second] ?? 1,
      yearsAt(second),
      calendarYears(second),
    )

  const bounds = (second: number): PricingBounds => {
    const start = second - (second % BAR_SECONDS)
    const bent = Math.max(BASIS_AMPLITUDE, basisBound(session, second))
    const high = forwardAt(spot.barHigh[second] ?? 0, start, bent)
    const low = forwardAt(spot.barLow[second] ?? 0, second, -bent)
    const dear = (forward: number) =>
      expiryPricing(index, forward, fear.barHigh[second] ?? 1, yearsAt(start), calendarYears(second))
    const cheap = (forward: number) =>
      expiryPricing(index, forward, fear.barLow[second] ?? 1, yearsAt(second), calendarYears(start))
    return { dearCall: dear(high), cheapCall: cheap(low), dearPut: dear(low), cheapPut: cheap(high) }
  }

  const previousYears = (settlementAt - previousEndsAt) / YEAR_MS
  return {
    index,
    daysLeft,
    at: remembered(at),
    bounds: remembered(bounds),
    atPreviousClose: expiryPricing(
      index,
      forwardOf(session.previousClose(index), previousYears),
      session.previousFear,
      varianceYears(daysLeft + 1),
      previousYears,
    ),
  }
}

const REMEMBERED = 512

/** Keeps the answers of the last seconds asked for. */
function remembered<T>(compute: (second: number) => T): (second: number) => T {
  const answers = new Map<number, T>()
  return (second) => {
    const known = answers.get(second)
    if (known !== undefined) return known
    const answer = compute(second)
    if (answers.size >= REMEMBERED) answers.clear()
    answers.set(second, answer)
    return answer
  }
}
