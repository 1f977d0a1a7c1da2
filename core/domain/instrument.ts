import type { Exchange } from './index-catalog.ts'

export const RIGHTS = ['CE', 'PE'] as const
export type Right = (typeof RIGHTS)[number]

/** A row of the instruments dump. Identity is (exchange, symbol); tokens are reused after expiry. */
export interface Instrument {
  /** Unsigned 32 bit; `token & 0xff` is the segment, `token >>> 8` the exchange's own token. */
  readonly token: number
  readonly exchange: Exchange
  readonly symbol: string
  /** Underlying's name as the dump has it (`NIFTY`), empty for some rows. */
  readonly name: string
  /** `YYYY-MM-DD`, null for what does not expire. */
  readonly expiry: string | null
  /** Rupees; 0 for what has none. */
  readonly strike: number
  /** Rupees. */
  readonly tickSize: number
  /** Units in one lot, of this contract (lots differ by expiry). */
  readonly lotSize: number
  readonly type: 'CE' | 'PE' | 'FUT' | 'EQ'
  /** `NFO-OPT`, `BFO-OPT`, `NFO-FUT`, `INDICES` … */
  readonly segment: string
}

export const BUCKETS = ['this_week', 'next_week', 'this_month', 'next_month'] as const
export type Bucket = (typeof BUCKETS)[number]

/** Where data came from; travels with every leg. */
export const SOURCES = ['kite', 'sim', 'replay', 'backfill', 'influx', 'reconstructed'] as const
export type Source = (typeof SOURCES)[number]
