import { uniform } from './market-noise.ts'
import { activityLevel, firstEvent, lastEvent, SLOWEST_LEVEL, STEPS_PER_SECOND, WINDOW_STEPS } from './order-flow.ts'

/** Where a contract stands: what its activity follows from. */
export interface Standing {
  readonly key: number
  readonly base: number
  /** Distance of the strike from the forward in standard deviations. */
  readonly deviations: number
}

/** When the contracts of a day are quoted and traded. */
export interface Activity {
  /** Settles the levels for the window of a step; before anything is asked about steps of it. */
  enter(step: number): void
  /** Last step at or before `step` at which the quotes changed; -1 = none. */
  quoted(place: number, step: number): number
  /** Last step at or before `step`, in a window that was entered or the one before it, of a trade; -1 = none. */
  traded(place: number, step: number): number
  /** Step of the day's first trade; beyond every step for what does not trade that day. */
  firstTrade(place: number): number
}

const TRADE_SALT = 0x7f4a7c15
/** Trades are rarer than changes of quotes by up to this many levels. */
const TRADE_LAG_LEVELS = 3
/** From this level on the evening before, most contracts have no trade all day. */
const ASLEEP_LEVEL = 10
const ASLEEP_SHARE = 0.7
const NEVER = Number.MAX_SAFE_INTEGER

/**
 * The schedule of a day for contracts `0 … count - 1`; `standing` tells where one stands in a second (-1 = the
 * evening before) and null for what is not traded.
 */
export function createActivity(
  seed: number,
  count: number,
  standing: (place: number, second: number) => Standing | null,
): Activity {
  const keys = new Int32Array(count)
  const lags = new Uint8Array(count)
  const asleep = new Uint8Array(count)
  const windows = new Map<number, Uint8Array>()

  const levelsAt = (second: number) => {
    const levels = new Uint8Array(count)
    for (let place = 0; place < count; place++) {
      const at = standing(place, second)
      if (at !== null) levels[place] = activityLevel(seed, at.key, at.base, at.deviations)
    }
    return levels
  }
  const levelsOf = (window: number): Uint8Array => {
    const known = windows.get(window)
    if (known !== undefined) return known
    const levels = levelsAt((window * WINDOW_STEPS) / STEPS_PER_SECOND)
    windows.set(window, levels)
    return levels
  }

  levelsAt(-1).forEach((level, place) => {
    const at = standing(place, -1)
    if (at === null) return
    keys[place] = at.key | 0
    lags[place] = Math.floor(TRADE_LAG_LEVELS * uniform(seed, at.key, 78))
    asleep[place] = level >= ASLEEP_LEVEL && uniform(seed, at.key, 79) < ASLEEP_SHARE ? 1 : 0
  })

  const levelIn = (window: number, place: number, lag: number) =>
    Math.min(SLOWEST_LEVEL, (levelsOf(Math.max(0, window))[place] ?? SLOWEST_LEVEL) + lag)

  const last = (salted: number, place: number, step: number, lag: number) => {
    const window = Math.floor(step / WINDOW_STEPS)
    return lastEvent(salted, keys[place] ?? 0, step, levelIn(window, place, lag), levelIn(window - 1, place, lag))
  }

  return {
    enter: (step) => {
      if (step < 0) return
      levelsOf(Math.floor(step / WINDOW_STEPS))
    },
    quoted: (place, step) => last(seed, place, step, 0),
    traded: (place, step) => last(seed ^ TRADE_SALT, place, step, lags[place] ?? 0),
    firstTrade: (place) =>
      asleep[place] === 1
        ? NEVER
        : firstEvent(seed ^ TRADE_SALT, keys[place] ?? 0, levelIn(0, place, lags[place] ?? 0)),
  }
}
