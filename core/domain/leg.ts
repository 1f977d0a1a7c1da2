import type { IndexName } from './index-catalog.ts'
import type { Bucket, Right, Source } from './instrument.ts'

/**
 * How a column is written: `time` and `integer` as digits, `price` with two decimals, `number` as the shortest
 * decimal that reads back the same, `text` as it is.
 */
export type ColumnKind = 'time' | 'integer' | 'price' | 'number' | 'text'

/** The leg's columns: names, order and form of CSV, JSON keys, SQLite view and bus arrays (CONTRACT.md section 6). */
export const LEG_COLUMNS = [
  { name: 'ts', kind: 'time' },
  { name: 'index', kind: 'text' },
  { name: 'bucket', kind: 'text' },
  { name: 'expiry', kind: 'text' },
  { name: 'strike', kind: 'number' },
  { name: 'offset', kind: 'integer' },
  { name: 'right', kind: 'text' },
  { name: 'symbol', kind: 'text' },
  { name: 'token', kind: 'integer' },
  { name: 'ltp', kind: 'price' },
  { name: 'bid', kind: 'price' },
  { name: 'ask', kind: 'price' },
  { name: 'bid_qty', kind: 'integer' },
  { name: 'ask_qty', kind: 'integer' },
  { name: 'volume', kind: 'integer' },
  { name: 'oi', kind: 'integer' },
  { name: 'oi_day_high', kind: 'integer' },
  { name: 'oi_day_low', kind: 'integer' },
  { name: 'open', kind: 'price' },
  { name: 'high', kind: 'price' },
  { name: 'low', kind: 'price' },
  { name: 'close', kind: 'price' },
  { name: 'iv', kind: 'number' },
  { name: 'delta', kind: 'number' },
  { name: 'gamma', kind: 'number' },
  { name: 'theta', kind: 'number' },
  { name: 'vega', kind: 'number' },
  { name: 'rho', kind: 'number' },
  { name: 'spot', kind: 'price' },
  { name: 'forward', kind: 'price' },
  { name: 'exchange_ts', kind: 'time' },
  { name: 'batch', kind: 'text' },
  { name: 'source', kind: 'text' },
  { name: 'price_used', kind: 'text' },
  { name: 'iv_status', kind: 'text' },
  { name: 'forward_method', kind: 'text' },
] as const satisfies readonly { name: string; kind: ColumnKind }[]

/** Decimals of IV and Greeks in the record (ADR 0004): far below what a price tick can tell, and half the bytes. */
export const GREEK_DECIMALS = { iv: 8, delta: 7, gamma: 10, theta: 5, vega: 5, rho: 5 } as const

/** Decimals that a column's values have at most; null where they are no decimals, or have as many as they need. */
export function decimalsOf({ name, kind }: (typeof LEG_COLUMNS)[number]): number | null {
  const decimals: Readonly<Record<string, number>> = GREEK_DECIMALS
  return kind === 'price' ? 2 : (decimals[name] ?? null)
}

/** Why a leg has an IV (`ok`) or has none. */
export const IV_STATUSES = [
  'ok',
  'below_intrinsic',
  'above_maximum',
  'no_price',
  'no_forward',
  'expired',
  'wide_spread',
  'stale',
] as const
export type IvStatus = (typeof IV_STATUSES)[number]

/**
 * Which price the IV was taken from: mid of the quotes, the last trade, or the out-of-the-money twin of an
 * in-the-money leg whose own quote cannot bear IV.
 */
export const PRICES_USED = ['mid', 'last', 'twin'] as const
export type PriceUsed = (typeof PRICES_USED)[number]

/**
 * What price and open interest together say since the previous close: new buyers (`long`), new sellers (`short`),
 * sellers leaving (`covering`), buyers leaving (`unwinding`).
 */
export const BUILD_UPS = ['long', 'short', 'covering', 'unwinding'] as const
export type BuildUp = (typeof BUILD_UPS)[number]

/** Where the forward came from: put-call parity, the future, or spot plus carry. */
export type ForwardMethod = 'parity' | 'future' | 'spot_carry'

/**
 * One observed state of one contract: a full-mode packet as received, and what was computed from it.
 * Prices in rupees, quantities in units, IV and rates as fractions, theta per calendar day, vega and rho per
 * 1 percentage point; times in epoch milliseconds. null = does not exist; never 0 or NaN in its place.
 */
export interface Leg {
  /** Receipt on the market clock. */
  readonly ts: number
  readonly index: IndexName
  readonly bucket: Bucket
  readonly expiry: string
  readonly strike: number
  /** k-th listed strike from the ATM; 0 = ATM. */
  readonly offset: number
  readonly right: Right
  readonly symbol: string
  readonly token: number
  readonly ltp: number | null
  readonly bid: number | null
  readonly ask: number | null
  readonly bid_qty: number | null
  readonly ask_qty: number | null
  readonly volume: number | null
  readonly oi: number | null
  readonly oi_day_high: number | null
  readonly oi_day_low: number | null
  readonly open: number | null
  readonly high: number | null
  readonly low: number | null
  /** Previous day's close. */
  readonly close: number | null
  readonly iv: number | null
  readonly delta: number | null
  readonly gamma: number | null
  readonly theta: number | null
  readonly vega: number | null
  readonly rho: number | null
  readonly spot: number | null
  readonly forward: number | null
  readonly exchange_ts: number | null
  /** `<epoch>-<seq>`. */
  readonly batch: string
  readonly source: Source
  readonly price_used: PriceUsed | null
  readonly iv_status: IvStatus
  readonly forward_method: ForwardMethod | null
}

/** A leg as it lies in the record. */
export interface PlacedLeg extends Leg {
  /** Its place in its batch, from 0. */
  readonly row: number
}
