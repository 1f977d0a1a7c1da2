import type { Right } from '../domain/instrument.ts'
import { logMoneyness, normalisedBlack } from './normalised-black.ts'

/**
 * Price in rupees of a European option on a forward (F. Black, "The pricing of commodity contracts", Journal of
 * Financial Economics 3 (1976) 167-179). `years` to settlement, `sigma` per square root of a year as a fraction,
 * `discount` = e^(-rT). In the money it is the out-of-the-money twin plus parity, so time value never cancels.
 * At years <= 0 or sigma <= 0 the discounted intrinsic value; NaN when an argument is NaN, or forward or strike is not
 * positive.
 */
export function black76(
  right: Right,
  forward: number,
  strike: number,
  years: number,
  sigma: number,
  discount: number,
): number {
  const s = Math.max(sigma, 0) * Math.sqrt(Math.max(years, 0))
  if (!(forward > 0 && strike > 0 && s >= 0)) return Number.NaN
  const intrinsic = discount * Math.max(right === 'CE' ? forward - strike : strike - forward, 0)
  if (s === 0) return intrinsic
  if (s === Number.POSITIVE_INFINITY) return discount * (right === 'CE' ? forward : strike)
  const x = -Math.abs(logMoneyness(forward, strike))
  return intrinsic + discount * Math.sqrt(forward * strike) * normalisedBlack(x, s)
}
