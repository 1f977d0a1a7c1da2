/** What all legs of one expiry share. `spot` is the forward carried back at the same rate, F e^(-rT). */
export interface ChainTerms {
  readonly forward: number
  readonly spot: number
  readonly discount: number
  /** 1 - discount, with the digits that the difference would lose. */
  readonly interest: number
  readonly rate: number
  readonly years: number
  readonly rootYears: number
  /** Reciprocals: a division costs what four multiplications do. */
  readonly perSpot: number
  readonly perYears: number
}

export function chainTerms(forward: number, years: number, rate: number): ChainTerms {
  const discount = Math.exp(-rate * years)
  const spot = forward * discount
  const rootYears = Math.sqrt(years)
  const interest = -Math.expm1(-rate * years)
  return { forward, spot, discount, interest, rate, years, rootYears, perSpot: 1 / spot, perYears: 1 / years }
}
