/** Calls and puts of one expiry by strike, as columns; only the first `count` elements count, in any order. */
export interface ParityQuotes {
  readonly count: number
  /** Rupees. */
  readonly strike: Float64Array
  /** Rupees; NaN = unusable. */
  readonly call: Float64Array
  readonly put: Float64Array
  /** Where the money is thought to be, in rupees (spot, or the last forward); NaN or left out = unknown. */
  readonly near?: number
}

export interface ParityForward {
  /** Rupees. */
  readonly value: number
  /** How many strikes it rests on. */
  readonly pairs: number
  /** Median absolute deviation of those strikes' forwards, rupees. */
  readonly residual: number
  /** Places of those strikes in the columns, nearest to the money first. */
  readonly places: readonly number[]
}

const MOST_PAIRS = 8
const FEWEST_PAIRS = 2
/** Pairs that disagree by more than this share of the forward (₹50 at 25,000) do not tell it: a future does better. */
const LARGEST_RESIDUAL = 0.002

/**
 * The forward by put-call parity, F_k = K + e^(rT) (C - P) at each strike where both prices are usable: the median
 * over the (up to) eight strikes nearest the money, so that single stale quotes do not move it. Without a hint the
 * money is where call and put differ least. Null with fewer than two pairs, and when they disagree by more than 0.2 %.
 */
export function forwardByParity(quotes: ParityQuotes, years: number, rate: number): ParityForward | null {
  const money = moneyOf(quotes)
  const growth = Math.exp(rate * Math.max(years, 0))
  if (money === null || !Number.isFinite(growth)) return null
  const places = nearestPairs(quotes, money)
  if (places.length < FEWEST_PAIRS) return null
  const forwards = places.map((at) => (quotes.strike[at] ?? 0) + growth * difference(quotes, at))
  const value = median(forwards)
  const residual = median(forwards.map((forward) => Math.abs(forward - value)))
  return value > 0 && residual <= LARGEST_RESIDUAL * value ? { value, pairs: places.length, residual, places } : null
}

/** Forward from the spot at the risk-free rate, rupees; dividends are not known here and not guessed. */
export function spotCarryForward(spot: number, years: number, rate: number): number {
  return spot * Math.exp(rate * Math.max(years, 0))
}

/** Call less put at one place of the columns; NaN when one of them is unusable. */
function difference(quotes: ParityQuotes, at: number): number {
  const call = quotes.call[at] ?? Number.NaN
  const put = quotes.put[at] ?? Number.NaN
  const strike = quotes.strike[at] ?? Number.NaN
  return call > 0 && put > 0 && strike > 0 ? call - put : Number.NaN
}

function moneyOf(quotes: ParityQuotes): number | null {
  const near = quotes.near
  if (near !== undefined && near > 0 && near < Number.POSITIVE_INFINITY) return near
  let money: number | null = null
  let least = Number.POSITIVE_INFINITY
  for (let at = 0; at < quotes.count; at++) {
    const gap = Math.abs(difference(quotes, at))
    if (gap < least) {
      least = gap
      money = quotes.strike[at] ?? null
    }
  }
  return money
}

/** Places of the usable pairs nearest the money, nearest first; kept sorted by insertion, since they are few. */
function nearestPairs(quotes: ParityQuotes, money: number): number[] {
  const nearest: number[] = []
  const distance = (at: number) => Math.abs((quotes.strike[at] ?? 0) - money)
  for (let at = 0; at < quotes.count; at++) {
    if (!Number.isFinite(difference(quotes, at))) continue
    const rank = nearest.findIndex((other) => distance(at) < distance(other))
    if (rank >= 0) nearest.splice(rank, 0, at)
    else if (nearest.length < MOST_PAIRS) nearest.push(at)
    if (nearest.length > MOST_PAIRS) nearest.pop()
  }
  return nearest
}

/** Of a list that is not empty; leaves it as it was. */
function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const half = sorted.length >> 1
  const upper = sorted[half] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : 0.5 * (upper + (sorted[half - 1] ?? Number.NaN))
}
