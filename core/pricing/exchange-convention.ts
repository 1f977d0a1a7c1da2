import type { Convention } from '../domain/chain-snapshot.ts'
import { DAY_MS, istDate } from '../domain/ist.ts'

/**
 * The rates of the exchanges' own convention: Black-Scholes on the index itself, without dividends, at a fixed rate and
 * on the last price; NSE says 10 % below its table, BSE's published IV is met with 5.5 %.
 */
export const EXCHANGE_RATES = { nse: 0.1, bse: 0.055 } as const satisfies Record<Exclude<Convention, 'market'>, number>

/** Years by the exchanges' convention: whole calendar days from the date of the instant to the expiry, at least one. */
export function exchangeYears(expiry: string, asOf: number): number {
  const days = Math.round((Date.parse(expiry) - Date.parse(istDate(asOf))) / DAY_MS)
  return Math.max(days, 1) / 365
}
