import type { Right } from '../domain/instrument.ts'
import { type ChainTerms, chainTerms } from './chain-terms.ts'
import { writeGreeks } from './leg-greeks.ts'
import { logMoneyness } from './normalised-black.ts'

/** In the units of `GreekColumns` in leg-greeks.ts. */
export interface Greeks {
  readonly delta: number
  readonly gamma: number
  readonly theta: number
  readonly vega: number
  readonly rho: number
  readonly vanna: number
  readonly charm: number
}

const COLUMNS = ['delta', 'gamma', 'theta', 'vega', 'rho', 'vanna', 'charm'] as const
const DENSITY_AT_ZERO = 0.3989422804014327
const PER_DAY = 1 / 365
const PER_POINT = 0.01

const one = () => new Float64Array(1)
const scratch = { delta: one(), gamma: one(), theta: one(), vega: one(), rho: one(), vanna: one(), charm: one() }

/**
 * Greeks of one option at a given volatility, with the definitions and units of `priceLegs`: for marks on strikes that
 * do not trade, and for what-if. Arguments as for `black76`, with the rate in place of the discount factor.
 *
 * At years <= 0 or sigma <= 0 they are the limits: off the money those of the discounted intrinsic value, so delta is 0
 * or ±1 and gamma, vega, vanna and charm are 0; exactly at the money delta is ±1/2 and gamma infinite, and theta and
 * charm are infinite where they are so in the limit. NaN when an argument is NaN or infinite, or forward or strike is
 * not positive.
 */
export function black76Greeks(
  right: Right,
  forward: number,
  strike: number,
  years: number,
  sigma: number,
  rate: number,
): Greeks {
  const terms = chainTerms(forward, Math.max(years, 0), rate)
  const volatility = Math.max(sigma, 0)
  const s = volatility * terms.rootYears
  const usable = forward > 0 && strike > 0 && Number.isFinite(forward) && Number.isFinite(strike)
  if (!(usable && Number.isFinite(s) && Number.isFinite(rate))) return intoSet(() => Number.NaN)
  if (s === 0) return limits(terms, right === 'CE', strike, volatility)
  writeGreeks(terms, scratch, 0, right === 'CE', strike, logMoneyness(forward, strike), s)
  return intoSet((name) => scratch[name][0] ?? Number.NaN)
}

function intoSet(value: (name: (typeof COLUMNS)[number]) => number): Greeks {
  const [delta, gamma, theta, vega, rho, vanna, charm] = COLUMNS
  return {
    delta: value(delta),
    gamma: value(gamma),
    theta: value(theta),
    vega: value(vega),
    rho: value(rho),
    vanna: value(vanna),
    charm: value(charm),
  }
}

/** Without time or volatility. */
function limits(terms: ChainTerms, isCall: boolean, strike: number, sigma: number): Greeks {
  const { forward, discount, rate, years, rootYears, spot } = terms
  const sign = isCall ? 1 : -1
  const away = Math.sign(sign * (forward - strike))
  const exercise = 0.5 * (1 + away)
  const strikeLeg = sign * strike * discount * exercise
  const set = {
    delta: sign * exercise,
    gamma: 0,
    theta: -PER_DAY * rate * strikeLeg,
    vega: 0,
    rho: PER_POINT * years * strikeLeg,
    vanna: 0,
    charm: 0,
  }
  if (away !== 0) return set
  return {
    ...set,
    gamma: Number.POSITIVE_INFINITY,
    theta: sigma > 0 ? Number.NEGATIVE_INFINITY : set.theta,
    vega: PER_POINT * DENSITY_AT_ZERO * spot * rootYears,
    vanna: PER_POINT * 0.5 * DENSITY_AT_ZERO * rootYears,
    charm: -charmDirection(rate, sigma) * Number.POSITIVE_INFINITY || 0,
  }
}

/** Sign of r/s + s/(4T) at the money as s vanishes: of r/σ + σ/4 for T -> 0, of r for σ -> 0. */
function charmDirection(rate: number, sigma: number): number {
  return Math.sign(sigma > 0 ? rate / sigma + 0.25 * sigma : rate)
}
