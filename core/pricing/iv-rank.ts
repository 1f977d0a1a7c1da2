/** Where an IV stands among its past: both from 0 to 1, null where the past does not tell. */
export interface IvStanding {
  /** Between the lowest and the highest of the past: 0 = the lowest or below, 1 = the highest or above. */
  readonly rank: number | null
  /** Share of the past that was below. */
  readonly percentile: number | null
}

/**
 * IV rank and percentile of a value in a series of its past, usually one ATM IV a trading day over a year; gaps are
 * null and do not count. The rank needs two different values, the percentile one.
 */
export function ivStanding(current: number | null, past: readonly (number | null)[]): IvStanding {
  const known = past.filter((iv) => iv !== null)
  if (current === null || known.length === 0) return { rank: null, percentile: null }
  const low = known.reduce((least, iv) => Math.min(least, iv))
  const high = known.reduce((most, iv) => Math.max(most, iv))
  const below = known.filter((iv) => iv < current).length
  return {
    rank: high > low ? Math.min(Math.max((current - low) / (high - low), 0), 1) : null,
    percentile: below / known.length,
  }
}
