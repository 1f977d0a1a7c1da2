import type { BuildUp } from '../domain/leg.ts'

/** Change of open interest against an earlier one, its unit; null without either, since then OI itself would show. */
export function oiChange(now: number | null, before: number | null): number | null {
  return now === null || before === null ? null : now - before
}

/**
 * Build-up class from the signs of ΔLTP and ΔOI: price and interest up = long, price down on more interest = short,
 * price up on less = covering, price and interest down = unwinding. Null where a baseline is missing or one of the two
 * did not change.
 */
export function buildUp(priceChange: number | null, interestChange: number | null): BuildUp | null {
  if (priceChange === null || interestChange === null || priceChange === 0 || interestChange === 0) return null
  if (interestChange > 0) return priceChange > 0 ? 'long' : 'short'
  return priceChange > 0 ? 'covering' : 'unwinding'
}
