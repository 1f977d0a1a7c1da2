import { mills, millsSlope, normalPdf } from './normal.ts'

/**
 * The normalised Black function of an out-of-the-money option,
 *   b(x, s) = e^(x/2) N(x/s + s/2) - e^(-x/2) N(x/s - s/2),  x = -|ln(F/K)| <= 0,  s = σ√T,
 * so that price = D √(F K) b. P. Jäckel, "Let's Be Rational", Wilmott 2015(75) 40-53, sections 2-4. With h = x/s and
 * t = s/2 its vega is b' = n(h) e^(-t²/2), and everything else is a ratio to that vega, free of under- and overflow.
 */

const SQRT_TWO_PI = 2.506628274631
const LOG_SQRT_TWO_PI = 0.9189385332046727

/** Above this t (σ√T = 0.3) the series below would need more terms, and the plain difference is accurate. */
const SERIES_LIMIT = 0.15

/**
 * b/b' for h <= 0, t > 0. With Y(h) = N(h)/n(h) this is Y(h+t) - Y(h-t); for small t it is summed as its odd Taylor
 * series about h, whose derivatives follow from Y' = 1 + hY:
 * Y⁽ⁿ⁺²⁾ = (2n+1+h²) Y⁽ⁿ⁾ - n(n-1) Y⁽ⁿ⁻²⁾, Y''' = (3+h²) Y' - 1.
 */
export function priceOverVega(h: number, t: number): number {
  if (t <= SERIES_LIMIT && h * t >= -1) {
    const w = h * h
    const v = t * t
    const d1 = millsSlope(-h)
    const d3 = (3 + w) * d1 - 1
    const d5 = (7 + w) * d3 - 6 * d1
    const d7 = (11 + w) * d5 - 20 * d3
    const d9 = (15 + w) * d7 - 42 * d5
    const d11 = (19 + w) * d9 - 72 * d7
    const tail = (v / 20) * (d5 + (v / 42) * (d7 + (v / 72) * (d9 + (v / 110) * d11)))
    return 2 * t * (d1 + (v / 6) * (d3 + tail))
  }
  const u = h + t
  if (u <= 0) return mills(-u) - mills(t - h)
  return SQRT_TWO_PI * Math.exp(0.5 * u * u) - mills(u) - mills(t - h)
}

/** (e^(x/2) - b)/b' for h <= 0, t > 0: what is missing to the greatest price, in units of vega. */
export function shortfallOverVega(h: number, t: number): number {
  const u = h + t
  if (u >= 0) return mills(u) + mills(t - h)
  return SQRT_TWO_PI * Math.exp(0.5 * u * u) - mills(-u) + mills(t - h)
}

/** ln b'. */
export function logVega(h: number, t: number): number {
  return -LOG_SQRT_TWO_PI - 0.5 * (h * h + t * t)
}

/** b(x, s) for x <= 0, s > 0. */
export function normalisedBlack(x: number, s: number): number {
  const h = x / s
  const t = 0.5 * s
  const vega = normalPdf(h) * Math.exp(-0.5 * t * t)
  if (t <= SERIES_LIMIT || h + t <= 0) return vega === 0 ? 0 : vega * priceOverVega(h, t)
  return Math.exp(0.5 * x) - vega * shortfallOverVega(h, t)
}

/** Below this (F - K)/(F + K) six terms of the series below leave nothing to a double. */
const NEAR_THE_MONEY = 0.05

/**
 * ln(forward/strike) to full relative accuracy at the money too, where the rounding of the quotient would show: there
 * as 2 artanh((F - K)/(F + K)), whose difference is exact; it also costs less than a logarithm.
 */
export function logMoneyness(forward: number, strike: number): number {
  const z = (forward - strike) / (forward + strike)
  if (Math.abs(z) > NEAR_THE_MONEY) return Math.log(forward / strike)
  const w = z * z
  return 2 * z * (1 + w * (1 / 3 + w * (1 / 5 + w * (1 / 7 + w * (1 / 9 + w * (1 / 11))))))
}
