import { ALERT_METRICS, alertValue } from './alert-words.ts'
import type { PriceMetric, PriceTarget } from './alerts.ts'

type Bounds = readonly [least: number, most: number]

/** An index, and what is quoted like it. */
const LEVEL: Bounds = [1, 1_000_000]
/** From one tick of the exchange on. */
const PREMIUM: Bounds = [0.05, 1_000_000]
/** From 1 to 500 percent: whoever types a fraction for a percent, or the other way round, is outside. */
const VOLATILITY: Bounds = [0.01, 5]
const RATIO: Bounds = [0.01, 100]
const QUANTITY: Bounds = [0, 1e12]

/** What a threshold can be, in the units of rules. What lies outside never comes, or always holds. */
const BOUNDS: Readonly<Record<PriceMetric, Bounds>> = {
  spot: LEVEL,
  future: LEVEL,
  forward: LEVEL,
  max_pain: LEVEL,
  vix: [1, 500],
  atm_iv: VOLATILITY,
  iv: VOLATILITY,
  straddle: PREMIUM,
  expected_move: PREMIUM,
  ltp: PREMIUM,
  pcr_oi: RATIO,
  pcr_volume: RATIO,
  skew_25d: [-1, 1],
  delta: [-1, 1],
  gex: [-1e15, 1e15],
  oi: QUANTITY,
  volume: QUANTITY,
  oi_change: [-1e12, 1e12],
}

/** These do not come to a tenth of what they are, or to ten times of it. */
const NEAR: ReadonlySet<PriceMetric> = new Set(['spot', 'future', 'forward', 'max_pain'])
const MOST_TIMES = 10

/** One sentence that says what is expected, null when the threshold makes sense; `current` is null while not known. */
export function thresholdFault({ metric, condition }: PriceTarget, current: number | null): string | null {
  const { op, value } = condition
  const [least, most] = BOUNDS[metric]
  const name = ALERT_METRICS[metric].name.replace(/^[a-z](?=[a-z])/, (letter) => letter.toUpperCase())
  const words = (bound: number) => alertValue(metric, bound)
  if (op === 'moves') {
    return value > most - least ? `${name} moves by at most ${words(most - least)}; ${words(value)} is too much.` : null
  }
  if (value < least || value > most) {
    return `${name} lies between ${words(least)} and ${words(most)}; ${words(value)} is outside.`
  }
  if (current === null || !NEAR.has(metric)) return null
  const [low, high] = [current / MOST_TIMES, current * MOST_TIMES]
  if (value >= low && value <= high) return null
  return `${name} is ${words(current)} now: expected is a threshold from ${words(low)} to ${words(high)}.`
}
