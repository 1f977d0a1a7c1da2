/** What of a leg the skew needs. */
interface SkewLeg {
  /** Fraction; null = none. */
  readonly iv: number | null
  readonly delta: number | null
}

interface SkewStrike {
  readonly call: SkewLeg | null
  readonly put: SkewLeg | null
}

/**
 * IV where the size of a side's delta falls through `size`, linear in delta between the neighbouring strikes that have
 * both; null where it does not. Strikes ascending. The walk goes from the deep in-the-money end outwards, so that the
 * out-of-the-money wing is met last.
 */
export function ivAtDelta(strikes: readonly SkewStrike[], side: 'call' | 'put', size: number): number | null {
  const inToOut = side === 'call' ? strikes : strikes.toReversed()
  let inner: { size: number; iv: number } | null = null
  for (const row of inToOut) {
    const leg = row[side]
    if (leg === null || leg.iv === null || leg.delta === null) continue
    const outer = { size: Math.abs(leg.delta), iv: ivOfStrike(row) ?? leg.iv }
    if (outer.size === size) return outer.iv
    if (inner !== null && inner.size > size && outer.size < size) {
      return outer.iv + ((inner.iv - outer.iv) * (size - outer.size)) / (inner.size - outer.size)
    }
    inner = outer
  }
  return null
}

/**
 * IV of a strike from call and put, each weighted by the size of the other's delta; null where one is not known.
 *
 * Legs are priced as their packets come, with the forward of that moment. One that is late by a tick raises the IV of
 * all puts by |δ|/vega a point and lowers that of all calls likewise: read from puts below and calls above, the skew
 * takes both, and jumps by tenths of a point. With these weights the two errors are one and the same, and cancel.
 */
function ivOfStrike({ call, put }: SkewStrike): number | null {
  if (call?.iv == null || call.delta === null || put?.iv == null || put.delta === null) return null
  const both = call.delta - put.delta
  return both > 0 ? (call.delta * put.iv - put.delta * call.iv) / both : null
}
