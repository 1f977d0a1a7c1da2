import type { ForwardMethod } from '../domain/leg.ts'
import { forwardByParity, spotCarryForward } from '../pricing/forward.ts'

/** The forward of one expiry, with how it was found. */
export interface Forward {
  /** Rupees. */
  readonly value: number
  readonly method: ForwardMethod
  /** Pairs of call and put that agreed on it; 0 for other methods. */
  readonly pairs: number
  /** Rupees of disagreement between the pairs; null for other methods. */
  readonly residual: number | null
  /** Market time of the newest price it rests on, epoch milliseconds. */
  readonly at: number
}

export interface ForwardInputs {
  readonly strikes: Float64Array
  /** Latest usable prices by strike, rupees, NaN = none. */
  readonly calls: Float64Array
  readonly puts: Float64Array
  readonly years: number
  readonly rate: number
  readonly spot: number | null
  /** Price of the future of the same expiry, where there is one. */
  readonly future: number | null
  /** The forward before: where the money is while spot stands still. */
  readonly previous: number | null
  /** Market time now, for what has no time of its own below. */
  readonly at: number
  /** Receipt of each contract's latest price, market time: call of strike k at 2k, its put at 2k + 1. */
  readonly receivedAt?: Float64Array
  readonly futureAt?: number | null
  readonly spotAt?: number | null
}

/** Parity first, then the future of the same expiry, then spot plus carry; null when nothing is known. */
export function findForward(inputs: ForwardInputs): Forward | null {
  const { strikes, calls, puts, years, rate, at } = inputs
  const near = inputs.previous ?? inputs.future ?? inputs.spot ?? Number.NaN
  const parity = forwardByParity({ count: strikes.length, strike: strikes, call: calls, put: puts, near }, years, rate)
  if (parity !== null) {
    const { value, pairs, residual, places } = parity
    return { value, pairs, residual, method: 'parity', at: newest(places, inputs.receivedAt) ?? at }
  }
  if (inputs.future !== null) {
    return { value: inputs.future, method: 'future', pairs: 0, residual: null, at: inputs.futureAt ?? at }
  }
  if (inputs.spot === null) return null
  const value = spotCarryForward(inputs.spot, years, rate)
  return { value, method: 'spot_carry', pairs: 0, residual: null, at: inputs.spotAt ?? at }
}

function newest(places: readonly number[], receivedAt: Float64Array | undefined): number | null {
  if (receivedAt === undefined) return null
  const times = places.flatMap((k) => [receivedAt[2 * k] ?? Number.NaN, receivedAt[2 * k + 1] ?? Number.NaN])
  const last = Math.max(...times)
  return Number.isNaN(last) ? null : last
}
