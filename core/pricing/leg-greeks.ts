import type { ChainTerms } from './chain-terms.ts'
import type { LegBatch, LegColumns } from './leg-batch.ts'
import { tabulatedMills } from './mills-table.ts'
import { mills, normalPdf } from './normal.ts'

/**
 * Greeks of an option on an index whose forward moves with its spot, F = S e^(rT), as its holder reads them. With
 * x = ln(F/K), s = σ√T, d1 = x/s + s/2, d2 = x/s - s/2, D = e^(-rT), and S n(d1) = K D n(d2) =: ν, all but delta and
 * the probability of exercise are multiples of ν:
 *   gamma = ν/(S² s)               vega = ν √T
 *   theta = -(ν s/(2T) + r E)      rho = T E,   E = ±K D N(±d2)
 *   vanna = -(ν/S) d2/σ            charm = -(ν/S) (r/s - d2/(2T))
 */

export interface GreekColumns {
  /** Per rupee of the underlying's spot. */
  delta: Float64Array
  /** Per rupee of the underlying's spot, twice. */
  gamma: Float64Array
  /** Rupees per calendar day. */
  theta: Float64Array
  /** Rupees per percentage point of volatility. */
  vega: Float64Array
  /** Rupees per percentage point of the rate. */
  rho: Float64Array
  /** Delta per percentage point of volatility. */
  vanna: Float64Array
  /** Delta per calendar day. */
  charm: Float64Array
}

const PER_DAY = 1 / 365
const PER_POINT = 0.01

/** Writes one leg's set. `density` is n(d1), `strikeLeg` is E. */
function writeSet(
  terms: ChainTerms,
  output: GreekColumns,
  leg: number,
  delta: number,
  strikeLeg: number,
  density: number,
  x: number,
  s: number,
): void {
  const { spot, rate, rootYears, perSpot, perYears } = terms
  const exposure = spot * density
  const perS = 1 / s
  const d2 = x * perS - 0.5 * s
  const tilted = density * perS
  output.delta[leg] = delta
  output.gamma[leg] = tilted * perSpot
  output.vega[leg] = PER_POINT * rootYears * exposure
  output.theta[leg] = -PER_DAY * (0.5 * perYears * exposure * s + rate * strikeLeg)
  output.rho[leg] = PER_POINT * terms.years * strikeLeg
  output.vanna[leg] = -PER_POINT * rootYears * tilted * d2
  output.charm[leg] = -PER_DAY * (rate * tilted - 0.5 * perYears * density * d2)
}

/**
 * Greeks of the regular legs of a batch, without erfc, logarithm or exponential: N(d1) and N(d2) are b' times Mills
 * ratios that differ by the price itself (normalised-black.ts): with A = b'M(z-t), B = b'M(z+t) of the out-of-the-money
 * side, A = B + b.
 */
export function writeBatchGreeks(terms: ChainTerms, input: LegColumns, output: GreekColumns, batch: LegBatch): void {
  findVegas(batch)
  findSides(terms, batch)
  writeSets(terms, input, output, batch)
}

/**
 * b' = e^(-(h²+t²)/2)/√(2π), without an exponential. The price at the seed, b(s₀) = b'(s₀) s₀ E with E the elasticity
 * found there, is known: ln(s₀ E/(√(2π) b)) is in the batch. So b' = e^y b/(s₀ E) with y = that logarithm - (h²+t²)/2 at
 * the solution, which is as small as the seed is good: under 1.2e-4, where four terms of the exponential series leave
 * 1e-17.
 */
function findVegas({ count, x, guess, s, z, target, ratio, elasticity, vega }: LegBatch): void {
  for (let j = 0; j < count; j++) {
    const total = s[j] ?? 0
    const h = Math.abs(x[j] ?? 0) / total
    const y = (ratio[j] ?? 0) - 0.5 * (h * h + 0.25 * total * total)
    const growth = 1 + y * (1 + y * (1 / 2 + y * (1 / 6)))
    z[j] = h
    vega[j] = (growth * (target[j] ?? 0)) / ((guess[j] ?? 0) * (elasticity[j] ?? 0))
  }
}

/** N(±d1) and D K N(±d2) of the out-of-the-money side. */
function findSides(terms: ChainTerms, { count, x, root, target, s, z, vega, side1, side2 }: LegBatch): void {
  const { discount } = terms
  const perForward = 1 / terms.forward
  for (let j = 0; j < count; j++) {
    const mean = root[j] ?? 0
    const less = (vega[j] ?? 0) * tabulatedMills((z[j] ?? 0) + 0.5 * (s[j] ?? 0))
    const price = target[j] ?? 0
    const putSide = Number((x[j] ?? 0) >= 0)
    side1[j] = (less + (1 - putSide) * price) * mean * perForward
    side2[j] = (less + putSide * price) * mean * discount
  }
}

/**
 * The Greeks proper. An option inside the money is the forward contract less its twin outside; both signs of that, and
 * that of a put, come down to whether the strike lies below the forward.
 */
function writeSets(terms: ChainTerms, input: LegColumns, output: GreekColumns, batch: LegBatch): void {
  const { count, leg, x, root, s, vega, side1, side2 } = batch
  const perForward = 1 / terms.forward
  for (let j = 0; j < count; j++) {
    const i = leg[j] ?? 0
    const distance = x[j] ?? 0
    const putSide = Number(distance >= 0)
    const inside = 1 - (putSide ^ (input.isCall[i] ?? 0))
    const exercise = inside * terms.discount * (input.strike[i] ?? 0) - (side2[j] ?? 0)
    const delta = inside - (side1[j] ?? 0)
    const sign = 2 * putSide - 1
    const density = (vega[j] ?? 0) * (root[j] ?? 0) * perForward
    writeSet(terms, output, i, sign * delta, sign * exercise, density, distance, s[j] ?? 0)
  }
}

/**
 * Greeks of any leg from x = ln(F/K) and s = σ√T > 0. Tails come from the Mills ratio and never cancel; the second
 * density costs no exponential, since n(d2) = n(d1) F/K.
 */
export function writeGreeks(
  terms: ChainTerms,
  output: GreekColumns,
  leg: number,
  isCall: boolean,
  strike: number,
  x: number,
  s: number,
): void {
  const d1 = x / s + 0.5 * s
  const d2 = x / s - 0.5 * s
  const density = normalPdf(d1)
  const lower1 = density * mills(Math.abs(d1))
  const lower2 = ((density * terms.forward) / strike) * mills(Math.abs(d2))
  const side1 = isCall === d1 > 0 ? 1 - lower1 : lower1
  const side2 = isCall === d2 > 0 ? 1 - lower2 : lower2
  const sign = isCall ? 1 : -1
  writeSet(terms, output, leg, sign * side1, sign * strike * terms.discount * side2, density, x, s)
}

export function clearGreeks(output: GreekColumns, leg: number): void {
  output.delta[leg] = Number.NaN
  output.gamma[leg] = Number.NaN
  output.theta[leg] = Number.NaN
  output.vega[leg] = Number.NaN
  output.rho[leg] = Number.NaN
  output.vanna[leg] = Number.NaN
  output.charm[leg] = Number.NaN
}
