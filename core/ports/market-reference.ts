import type { Exchange } from '../domain/index-catalog.ts'
import type { Instrument } from '../domain/instrument.ts'

export interface InstrumentsDump {
  readonly exchange: Exchange
  readonly instruments: readonly Instrument[]
  /** sha256 (hex) of the body. */
  readonly sha256: string
}

export interface LastPrice {
  readonly token: number
  readonly lastPrice: number
}

/** What the broker answers over REST, parsed and typed. Rejects with OpError: `auth_expired`, `login_required`, `kite_*`, `rate_limited`, `exchange_unreachable`. */
export interface MarketReference {
  /** Whether the session is alive, and whose it is. */
  profile(): Promise<{ readonly userId: string; readonly userName: string }>
  instruments(exchange: Exchange): Promise<InstrumentsDump>
  /** By `EXCHANGE:SYMBOL`; unknown keys are absent from the result. */
  lastPrices(keys: readonly string[]): Promise<ReadonlyMap<string, LastPrice>>
}
