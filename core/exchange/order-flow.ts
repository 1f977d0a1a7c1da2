import { hash, uniform } from './market-noise.ts'

/** Quotes change on a grid of market time. */
export const STEP_MS = 250
export const STEPS_PER_SECOND = 1000 / STEP_MS
/** Activity is settled anew every so many steps (about 17 minutes), by where the spot stands then. */
export const WINDOW_STEPS = 4096
/** A contract of level k changes once in every 2^k steps; at the slowest once a window. */
export const SLOWEST_LEVEL = 12

/** Step of the one event of a block of 2^level steps. */
function eventOf(seed: number, key: number, level: number, block: number): number {
  const start = block * 2 ** level
  return level === 0 ? start : start + (hash(seed, key, start, level) & (2 ** level - 1))
}

/**
 * The last step at or before `step` at which something happened to a contract, -1 when nothing has since step 0.
 * `levelNow` holds in the window of `step`, `levelBefore` in the one before it: every window holds an event, so no
 * earlier one matters and the answer does not depend on what was asked before.
 */
export function lastEvent(seed: number, key: number, step: number, levelNow: number, levelBefore: number): number {
  const windowStart = step - (step % WINDOW_STEPS)
  const block = Math.floor(step / 2 ** levelNow)
  const event = eventOf(seed, key, levelNow, block)
  if (event <= step) return event
  if ((block - 1) * 2 ** levelNow >= windowStart) return eventOf(seed, key, levelNow, block - 1)
  if (windowStart === 0) return -1
  return eventOf(seed, key, levelBefore, Math.floor((windowStart - 1) / 2 ** levelBefore))
}

/** The first step at which something happens to a contract of this level, in a session's first window. */
export function firstEvent(seed: number, key: number, level: number): number {
  return eventOf(seed, key, level, 0)
}

/** Activity falls by so many levels per standard deviation of the strike from the forward. */
const LEVELS_PER_DEVIATION = 0.65
/** How much of it is each contract's own. */
const LEVEL_SPREAD = 1.5

/** Level of a contract: `base` of its expiry, its distance from the money, and what is its own. */
export function activityLevel(seed: number, key: number, base: number, deviations: number): number {
  const level = base + LEVELS_PER_DEVIATION * Math.abs(deviations) + LEVEL_SPREAD * uniform(seed, key, 77)
  return Math.min(SLOWEST_LEVEL, Math.max(0, Math.floor(level)))
}

/** Half of the distance of bid and ask in rupees, before rounding: grows with the premium and with `illiquidity`. */
export function halfSpread(fair: number, illiquidity: number): number {
  return 0.02 + fair * (0.0005 + 0.0012 * illiquidity)
}

/** Bid and ask in ticks around a fair value in rupees; bid 0 = nobody bids. Always bid < ask. */
export function bestPrices(fair: number, illiquidity: number, tick: number): { bid: number; ask: number } {
  const half = halfSpread(fair, illiquidity)
  const bid = Math.max(0, Math.floor((fair - half) / tick + 1e-9))
  return { bid, ask: Math.max(bid + 1, Math.ceil((fair + half) / tick - 1e-9)) }
}

const LEVELS = 5

interface BookSide {
  readonly quantity: number[]
  readonly price: number[]
  readonly orders: number[]
}

/**
 * Five bids and five asks of an order book, bids first, prices in rupees x 100. `size` is the usual number of lots
 * at a level. Levels below one tick are empty: zeros, as Kite sends them.
 */
export function orderBook(
  seed: number,
  key: number,
  step: number,
  best: { readonly bid: number; readonly ask: number },
  form: { readonly tickPaise: number; readonly lotSize: number; readonly size: number },
): BookSide {
  const book: BookSide = { quantity: [], price: [], orders: [] }
  const apart = Math.max(1, Math.round((best.ask - best.bid) / 4))
  for (const [side, from, direction] of [
    [0, best.bid, -1],
    [1, best.ask, 1],
  ] as const) {
    let ticks = from
    for (let level = 0; level < LEVELS; level++) {
      const draw = hash(seed, key, step, 1 + side * LEVELS + level)
      const filled = ticks > 0
      const lots = 1 + Math.floor(form.size * (1 + 0.5 * level) * (((draw & 0xffff) / 0xffff) ** 2 + 0.1))
      book.quantity.push(filled ? lots * form.lotSize : 0)
      book.price.push(filled ? ticks * form.tickPaise : 0)
      book.orders.push(filled ? 1 + Math.min(lots - 1, Math.floor(lots ** 0.6 * ((draw >>> 16) & 3) * 0.5)) : 0)
      ticks += direction * (apart + ((draw >>> 20) % (apart + 1)))
      if (ticks < 0) ticks = 0
    }
  }
  return book
}

/** Lots of the trade at a step: mostly one or two, now and then a large one. */
export function tradeLots(seed: number, key: number, step: number): number {
  return Math.max(1, Math.floor(0.8 / Math.sqrt(uniform(seed, key, step, 91))))
}
