export interface ExpiryIv {
  /** `YYYY-MM-DD`. */
  readonly expiry: string
  /** To settlement. */
  readonly years: number
  /** ATM IV, a fraction; null = not known. */
  readonly iv: number | null
}

export interface TermPoint extends ExpiryIv {
  /**
   * Volatility that the market expects between the expiry before and this one, √((w₂ - w₁)/(T₂ - T₁)) of the total
   * variances w = σ²T; of the first expiry its IV. Null without IV, and where total variance falls with time, which
   * would be calendar arbitrage.
   */
  readonly forward_iv: number | null
}

/** The term structure of ATM IV, by expiry; an expiry without IV is passed over by the ones after it. */
export function termStructure(expiries: readonly ExpiryIv[]): TermPoint[] {
  let before = { years: 0, variance: 0 }
  return expiries
    .toSorted((a, b) => a.years - b.years)
    .map((point) => {
      const { years, iv } = point
      if (iv === null || !(years > 0)) return { ...point, forward_iv: null }
      const variance = iv * iv * years
      const between = (variance - before.variance) / (years - before.years)
      before = { years, variance }
      return { ...point, forward_iv: between >= 0 && Number.isFinite(between) ? Math.sqrt(between) : null }
    })
}
