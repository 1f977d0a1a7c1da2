/** Where `strike` stands in the ascending list; -1 when it is not listed. */
function indexOfStrike(strikes: readonly number[], strike: number): number {
  const i = firstAtLeast(strikes, strike)
  return strikes[i] === strike ? i : -1
}

/** Index of the first strike that is not below `value`; the list's length when all are. */
function firstAtLeast(strikes: readonly number[], value: number): number {
  let low = 0
  let high = strikes.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((strikes[middle] ?? Number.POSITIVE_INFINITY) < value) low = middle + 1
    else high = middle
  }
  return low
}

/**
 * Index of the listed strike nearest to the forward, the lower one of two equally near.
 * `strikes` ascends without repeats. RangeError for an empty list or a forward that is not a finite number.
 */
export function nearestStrike(strikes: readonly number[], forward: number): number {
  if (!Number.isFinite(forward)) throw new RangeError(`the forward ${forward} is not a price`)
  const above = firstAtLeast(strikes, forward)
  const lower = strikes[above - 1]
  const upper = strikes[above]
  if (lower === undefined && upper === undefined) throw new RangeError('no strike is listed')
  if (lower === undefined) return above
  if (upper === undefined) return above - 1
  return upper - forward < forward - lower ? above : above - 1
}

/** The ATM strike of one expiry, held against a price that hovers between two strikes. */
export interface AtmTracker {
  /** Takes the listed strikes (ascending, no repeats; may differ from the last call's) and returns the ATM strike. */
  update(strikes: readonly number[], forward: number): number
}

/**
 * Starts at the nearest strike. Then goes from strike to strike towards the forward as long as the neighbour is
 * nearer to it by more than `hysteresis` of the gap between the two: a price on the border never flaps, and on an
 * uneven grid each border has the width of its own gap. A strike that is no longer listed gives way to the nearest.
 * Throws as `nearestStrike` does.
 */
export function createAtmTracker(hysteresis = 0.2): AtmTracker {
  let atm: number | null = null

  const walk = (strikes: readonly number[], from: number, forward: number): number => {
    let strike = from
    const step = forward > strike ? 1 : -1
    for (let i = indexOfStrike(strikes, from) + step; ; i += step) {
      const neighbour = strikes[i]
      if (neighbour === undefined) return strike
      const nearerBy = Math.abs(forward - strike) - Math.abs(forward - neighbour)
      if (nearerBy <= hysteresis * Math.abs(neighbour - strike)) return strike
      strike = neighbour
    }
  }

  return {
    update(strikes, forward) {
      const nearest = strikes[nearestStrike(strikes, forward)] ?? Number.NaN
      atm = atm === null || indexOfStrike(strikes, atm) < 0 ? nearest : walk(strikes, atm, forward)
      return atm
    },
  }
}

/** The k-th listed strike from the ATM, upwards for positive k; null outside the list or when the ATM is not listed. */
export function strikeAtOffset(strikes: readonly number[], atm: number, offset: number): number | null {
  const i = indexOfStrike(strikes, atm)
  return i < 0 ? null : (strikes[i + offset] ?? null)
}

/** How many listed strikes lie from the ATM to this one, signed, 0 = ATM; null when either is not listed. */
export function offsetOf(strikes: readonly number[], atm: number, strike: number): number | null {
  const from = indexOfStrike(strikes, atm)
  const to = indexOfStrike(strikes, strike)
  return from < 0 || to < 0 ? null : to - from
}
