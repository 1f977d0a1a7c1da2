/** A spread, or a disagreement with the twin, may be this share of the time value. */
const WIDEST_SHARE_OF_TIME_VALUE = 0.25
/** Rupees: four ticks. A last trade and its twin are seconds apart; so much is no disagreement. */
const SMALLEST_DISAGREEMENT = 0.2

/**
 * The price of an in-the-money leg from its out-of-the-money twin: by put-call parity its discounted intrinsic value
 * plus the twin's price. NaN where the leg's own price shall be used, because it bears IV or the twin has no price.
 *
 * A price bears IV by its time value, which in the money is the small rest of a large number: a spread that is narrow
 * for the price may be wider than the whole time value. So a mid bears IV when its spread is at most a quarter of its
 * time value, and a last trade, whose uncertainty nobody quotes, when it agrees with the twin to a quarter (or four
 * ticks). Rupees; `price` NaN = none or not trusted (wide, stale), `spread` NaN = a last trade, `twin` NaN = none.
 */
export function priceFromTwin(price: number, spread: number, twin: number, intrinsic: number): number {
  if (!(twin > 0)) return Number.NaN
  return bearsIv(price - intrinsic, spread, twin) ? Number.NaN : intrinsic + twin
}

function bearsIv(timeValue: number, spread: number, twin: number): boolean {
  if (!(timeValue > 0)) return false
  if (!Number.isNaN(spread)) return spread <= WIDEST_SHARE_OF_TIME_VALUE * timeValue
  return Math.abs(timeValue - twin) <= Math.max(WIDEST_SHARE_OF_TIME_VALUE * twin, SMALLEST_DISAGREEMENT)
}
