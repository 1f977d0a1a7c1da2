import type { Exchange } from '../domain/index-catalog.ts'
import type { Instrument } from '../domain/instrument.ts'

/** Five bids, best first, then five asks, best first: the order of Kite's full packet. */
export interface Depth {
  /** Units; 0 where the level is empty. */
  readonly quantity: readonly number[]
  /** Rupees x 100; 0 where the level is empty. */
  readonly price: readonly number[]
  readonly orders: readonly number[]
}

/**
 * State of one instrument as the exchange knows it, in raw integers as on the wire: prices in rupees x 100,
 * quantities in units, times in Unix seconds. 0 = none, as Kite writes it.
 */
export interface Quote {
  readonly token: number
  readonly lastPrice: number
  readonly lastQuantity: number
  readonly averagePrice: number
  /** Units traded today; unsigned 32 bit and beyond: a busy expiry day passes 2^31. */
  readonly volume: number
  /** Total quantity of buy and sell orders in the book. */
  readonly buyQuantity: number
  readonly sellQuantity: number
  readonly open: number
  readonly high: number
  readonly low: number
  /** Previous day's close. */
  readonly close: number
  readonly lastTradeTime: number
  readonly oi: number
  readonly oiDayHigh: number
  readonly oiDayLow: number
  readonly exchangeTime: number
  /** Ten levels; null for an index. */
  readonly depth: Depth | null
  readonly lowerCircuit: number
  readonly upperCircuit: number
  /** lastPrice - close; 0 without a close. */
  readonly change: number
}

/** A row of the dump, with the exchange's own token (`token >>> 8` for what has a normal one). */
export interface Listing extends Instrument {
  readonly exchangeToken: number
}

/** Where the quotes come from, written wherever they appear. */
export type MarketLabel =
  | { readonly kind: 'simulated'; readonly seed: number }
  | { readonly kind: 'recorded'; readonly file: string }

/** The market behind the exchange server. Not safe for two callers of `advance` at once. */
export interface Market {
  readonly label: MarketLabel
  /** Market date whose dump is served now, `YYYY-MM-DD`. */
  date(): string
  /** The dump of an exchange as Kite's CSV text, header first, every line ended by a line feed. */
  instrumentsCsv(exchange: Exchange): string
  /** What is listed today; a new array when the date changes. */
  listings(exchange: Exchange): readonly Listing[]
  /** By `EXCHANGE:SYMBOL` (`NFO:NIFTY26NOV24000CE`, `NSE:NIFTY 50`). */
  byKey(key: string): Listing | null
  byToken(token: number): Listing | null
  /** A fresh object with the state at the last `advance`; null for what is not listed or was never quoted. */
  quote(token: number): Quote | null
  /**
   * Moves the market to `nowMs` (market time, never backwards) and returns the tokens whose quote changed since
   * the last call, each once. The array is reused by the next call. The first call enters the market there and
   * returns every quoted token. When the date changes the listings are renewed and tokens of the day before vanish.
   */
  advance(nowMs: number): Uint32Array | readonly number[]
  /**
   * First instant after `afterMs` at which something changes, null when there is none. A caller that must deliver
   * every recorded row advances from one such instant to the next. Absent where the market moves continuously.
   */
  nextInstant?(afterMs: number): number | null
}
