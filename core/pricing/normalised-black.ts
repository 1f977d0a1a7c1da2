import { mills, millsSlope, normalPdf } from './normal.ts'

/**
 * The normalised Black function of an out-of-the-money option,
 *   b(x, s) = e^(x/2) N(x/s + s/2) - e^(-x/2) N(x/s - s/2),  x = -|ln(F/K)| <= 0,  s = σ√T,
 * so that price = D √(F K) b. P. Jäckel, "Let's Be Rational", Wilmott 2015(75) 40-53, sections 2-4. With h = x/s and
 * t = s/2 its vega is b' = n(h) e^(-t²/2), and everything else is a ratio to that vega, free of under- and overflow.
 */

const SQRT_TWO_PI = 2.506628274631
const LOG_SQRT_TWO_PI = 0.9189385332046727

/** Up to this t (σ√T = 0.4) the short series below is complete, */
const SHORT_SERIES_LIMIT = 0.2
/** and up to this one (σ√T = 1) the long one. Above, the plain difference loses less than two bits. */
const SERIES_LIMIT = 0.5
/** Left out is less than t²⁴/25!!. */
const LONG_SERIES_TERMS = 11

/**
 * (Y(h+t) - Y(h-t))/(2t) with Y(h) = N(h)/n(h), as the odd Taylor series about h, from the slope Y'(h), h² and t². Its
 * derivatives follow from Y' = 1 + hY: Y⁽ⁿ⁺²⁾ = (2n+1+h²) Y⁽ⁿ⁾ - n(n-1) Y⁽ⁿ⁻²⁾, Y''' = (3+h²) Y' - 1. For t <= 0.2 and
 * ht >= -1 what is left out, t¹⁴/15!!, is less than 1e-16 of it.
 */
export function shortOddSeries(slope: number, hSquared: number, tSquared: number): number {
  const d3 = (3 + hSquared) * slope - 1
  const d5 = (7 + hSquared) * d3 - 6 * slope
  const d7 = (11 + hSquared) * d5 - 20 * d3
  const d9 = (15 + hSquared) * d7 - 42 * d5
  const d11 = (19 + hSquared) * d9 - 72 * d7
  const d13 = (23 + hSquared) * d11 - 110 * d9
  const f3 = tSquared * (1 / 6)
  const f5 = f3 * tSquared * (1 / 20)
  const f7 = f5 * tSquared * (1 / 42)
  const f9 = f7 * tSquared * (1 / 72)
  const f11 = f9 * tSquared * (1 / 110)
  const f13 = f11 * tSquared * (1 / 156)
  return slope + (f3 * d3 + (f5 * d5 + f7 * d7 + (f9 * d9 + f11 * d11 + f13 * d13)))
}

/** The same for t <= 0.5. */
function longOddSeries(slope: number, hSquared: number, tSquared: number): number {
  let before = slope
  let last = (3 + hSquared) * slope - 1
  let factor = tSquared / 6
  let sum = slope + factor * last
  for (let k = 2; k <= LONG_SERIES_TERMS; k++) {
    const n = 2 * k - 1
    const next = (2 * n + 1 + hSquared) * last - n * (n - 1) * before
    factor *= tSquared / ((n + 1) * (n + 2))
    sum += factor * next
    before = last
    last = next
  }
  return sum
}

/** b/b' = Y(h+t) - Y(h-t) for h <= 0, t > 0. */
export function priceOverVega(h: number, t: number): number {
  if (t <= SERIES_LIMIT && h * t >= -1) {
    const series = t <= SHORT_SERIES_LIMIT ? shortOddSeries : longOddSeries
    return 2 * t * series(millsSlope(-h), h * h, t * t)
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
  if (Math.abs(z) > NEAR_THE_MONEY) return logQuotient(forward, strike)
  const w = z * z
  return 2 * z * (1 + w * (1 / 3 + w * (1 / 5 + w * (1 / 7 + w * (1 / 9 + w * (1 / 11))))))
}

function logQuotient(forward: number, strike: number): number {
  return forward > strike ? Math.log1p((forward - strike) / strike) : -Math.log1p((strike - forward) / forward)
}
