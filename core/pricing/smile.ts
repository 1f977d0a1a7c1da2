import { black76 } from './black76.ts'
import { type NormalEquations, solveNonnegative } from './nonnegative-least-squares.ts'
import { createChainInput, createChainOutput, priceLegs } from './price-legs.ts'

export interface SmileInput {
  /** Rupees. */
  readonly forward: number
  readonly years: number
  readonly rate: number
  /** Strikes to be marked, rupees, in any order. */
  readonly strikes: readonly number[]
  /** Observed IV by strike as fractions, from the out-of-the-money side; null = none. */
  readonly ivs: readonly (number | null)[]
}

/** A strike on the fitted smile; prices are marks in rupees, also where nothing trades. */
export interface SmileMark {
  readonly strike: number
  /** Fraction; null so far out that its price is none. */
  readonly iv: number | null
  readonly call: number
  readonly put: number
  /** Observed less fitted IV, null where none was observed. */
  readonly residual: number | null
}

export interface Smile {
  readonly method: 'lognormal_mixture'
  /** Observed strikes that it rests on. */
  readonly points: number
  /** Root mean square of the residuals, weighted as in the fit, a fraction of volatility. */
  readonly residual: number
  readonly marks: readonly SmileMark[]
}

const FEWEST_POINTS = 5
/** Rupees by which a price may be off: an IV far from the money rests on few ticks, and counts accordingly. */
const PRICE_ERROR = 0.05
/** Volatility by which even the best IV may be off: keeps a handful of strikes from deciding alone. */
const IV_ERROR = 0.001
/** Residuals beyond this many times the median one count less (Huber). */
const OUTLIER = 3

/** Distance of the centres at the money and their width there, in units of σ√T of the money. */
const SPACING = 0.5
/** Further out, centres lie this share of their distance apart, and are as wide. */
const GROWTH = 0.3
/** Strikes of which one is fitted, as a share of their distance; none of those within one deviation is left out. */
const THINNING = 0.1
/** Deviations beyond which a density has no mass that a double could tell beside its intrinsic value. */
const BODY = 40
/** How firmly weights are held to those of one plain lognormal: decides only what the prices leave open. */
const PRIOR = 0.5
/** Weight of the two conditions that make a density: mass 1 and mean F. */
const CONDITION = 1e10

/**
 * Fits a smile to the observed IVs of one expiry; null with fewer than five, or without forward and time.
 *
 * The model is a mixture of lognormal densities around the forward (as in D. Brigo and F. Mercurio, "Lognormal-mixture
 * dynamics and calibration to market volatility smiles", 2002, with fixed centres and widths): prices are sums of Black
 * prices, C(K) = Σ w_j Black(F_j, K, s_j), w_j >= 0, Σ w_j = 1, Σ w_j F_j = F. Every such sum falls with the strike, by at
 * most the discount factor, and is convex: there is no butterfly arbitrage at any strike, whatever was observed and
 * however good the fit, and call and put obey parity. The weights are found by non-negative least squares on
 * out-of-the-money prices, each in units of its error, twice: the second time strikes that lie far off count less.
 */
export function fitSmile(input: SmileInput): Smile | null {
  const { forward, years, rate } = input
  if (!(forward > 0 && years > 0 && Number.isFinite(forward * years * rate))) return null
  const observed = observedPoints(input)
  if (observed.length < FEWEST_POINTS) return null
  const width = moneyVolatility(observed)
  const kernels = kernelsFor(observed, width)
  const fitted = thinned(observed, width)
  const basis = basisOf(fitted, kernels)
  const first = fitWeights(fitted, kernels, basis)
  const weights = fitWeights(reweighted(fitted, basis, first), kernels, basis)
  return describe(input, observed, densityOf(kernels, weights))
}

/** Prices are undiscounted and in units of the forward. */
interface Observed {
  /** Among the strikes. */
  readonly place: number
  /** K/F. */
  readonly moneyness: number
  /** Of the out-of-the-money side. */
  readonly price: number
  /** By which the price may be off. */
  readonly error: number
  /** Total volatility σ√T. */
  readonly s: number
  readonly vega: number
}

function observedPoints({ forward, years, rate, strikes, ivs }: SmileInput): Observed[] {
  const growth = Math.exp(rate * years)
  return strikes.flatMap((strike, at) => {
    const iv = ivs[at] ?? null
    if (iv === null || !(iv > 0 && iv < Number.POSITIVE_INFINITY && strike > 0)) return []
    const moneyness = strike / forward
    const s = iv * Math.sqrt(years)
    const d1 = -Math.log(moneyness) / s + 0.5 * s
    const vega = Math.sqrt(years / (2 * Math.PI)) * Math.exp(-0.5 * d1 * d1)
    const error = (PRICE_ERROR * growth) / forward + IV_ERROR * vega
    return [{ place: at, moneyness, price: outOfTheMoney(1, moneyness, s), error, s, vega }]
  })
}

/** Undiscounted Black price of the side that is out of the money against a forward of 1, for a density around `mean`. */
function outOfTheMoney(mean: number, moneyness: number, s: number): number {
  const intrinsic = moneyness < 1 ? moneyness - mean : mean - moneyness
  // Far from the density's body its time value is nothing, and not worth a formula.
  if (Math.abs(intrinsic) > BODY * s * Math.max(mean, moneyness)) return Math.max(intrinsic, 0)
  return black76(moneyness < 1 ? 'PE' : 'CE', mean, moneyness, 1, s, 1)
}

/** One lognormal of the mixture: its mean in units of the forward, and its total volatility. */
interface Kernel {
  readonly mean: number
  readonly s: number
}

/** |ln(K/F)|. */
function distance({ moneyness }: Observed): number {
  return Math.abs(Math.log(moneyness))
}

/** σ√T of the observed strike nearest the money. */
function moneyVolatility(observed: readonly Observed[]): number {
  return observed.reduce((nearest, one) => (distance(one) < distance(nearest) ? one : nearest)).s
}

/**
 * Far out, strikes lie much closer together than the kernels: those that are not at least a tenth of their distance
 * from the one before are left out of the fit, which costs nothing but time.
 */
function thinned(observed: readonly Observed[], width: number): readonly Observed[] {
  const last = { below: Number.NEGATIVE_INFINITY, above: Number.NEGATIVE_INFINITY }
  const outwards = observed.toSorted((a, b) => distance(a) - distance(b))
  return outwards.filter((one) => {
    const side = one.moneyness < 1 ? 'below' : 'above'
    const u = distance(one) / width
    if (u - last[side] < THINNING * u - THINNING) return false
    last[side] = u
    return true
  })
}

/** The first is the plain lognormal of the money; then centres outwards, both ways, past the last observed strike. */
function kernelsFor(observed: readonly Observed[], s: number): Kernel[] {
  const furthest = observed.reduce((most, one) => Math.max(most, distance(one)), 0) / s
  const kernels: Kernel[] = [
    { mean: 1, s },
    { mean: 1, s: SPACING * s },
  ]
  for (let u = SPACING; u < furthest + 2 && u * s < 2; u += Math.max(SPACING, GROWTH * u)) {
    const width = Math.max(SPACING, GROWTH * u) * s
    kernels.push({ mean: Math.exp(-u * s), s: width }, { mean: Math.exp(u * s), s: width })
  }
  return kernels
}

/** Price of every observed strike (rows) under each kernel alone. */
function basisOf(observed: readonly Observed[], kernels: readonly Kernel[]): readonly Float64Array[] {
  return observed.map(({ moneyness }) => Float64Array.from(kernels, ({ mean, s }) => outOfTheMoney(mean, moneyness, s)))
}

function fitWeights(
  observed: readonly Observed[],
  kernels: readonly Kernel[],
  basis: readonly Float64Array[],
): Float64Array {
  const size = kernels.length
  const sums = { size, gram: new Float64Array(size * size), right: new Float64Array(size) }
  for (const [at, row] of basis.entries()) {
    const { price, error } = observed[at] ?? { price: 0, error: Number.POSITIVE_INFINITY }
    addRow(sums, row, price, 1 / (error * error))
  }
  const width = kernels[0]?.s ?? 1
  addRow(sums, new Float64Array(size).fill(1), 1, CONDITION)
  addRow(
    sums,
    Float64Array.from(kernels, ({ mean }) => (mean - 1) / width),
    0,
    CONDITION,
  )
  mirror(sums)
  for (let j = 0; j < size; j += 1) sums.gram[j * size + j] = (sums.gram[j * size + j] ?? 0) + PRIOR
  sums.right[0] = (sums.right[0] ?? 0) + PRIOR
  return solveNonnegative(sums)
}

/** The upper half; the lower is its mirror. */
function addRow({ size, gram, right }: NormalEquations, row: Float64Array, value: number, weight: number): void {
  for (let i = 0; i < size; i += 1) {
    const own = weight * (row[i] ?? 0)
    if (own === 0) continue
    right[i] = (right[i] ?? 0) + own * value
    for (let j = i; j < size; j += 1) gram[i * size + j] = (gram[i * size + j] ?? 0) + own * (row[j] ?? 0)
  }
}

function mirror({ size, gram }: NormalEquations): void {
  for (let i = 0; i < size; i += 1) {
    for (let j = 0; j < i; j += 1) gram[i * size + j] = gram[j * size + i] ?? 0
  }
}

function reweighted(
  observed: readonly Observed[],
  basis: readonly Float64Array[],
  weights: Float64Array,
): readonly Observed[] {
  const off = observed.map(({ price, error }, at) => {
    const fitted = basis[at]?.reduce((sum, each, j) => sum + each * (weights[j] ?? 0), 0) ?? 0
    return Math.abs(price - fitted) / error
  })
  const limit = OUTLIER * Math.max(off.toSorted((a, b) => a - b)[off.length >> 1] ?? 0, 1)
  return observed.map((one, at) => ({ ...one, error: one.error * Math.sqrt(Math.max(1, (off[at] ?? 0) / limit)) }))
}

type Density = readonly (Kernel & { readonly weight: number })[]

/** Weights to a mass of exactly 1, means to a forward of exactly 1: what rounding left of the two conditions. */
function densityOf(kernels: readonly Kernel[], weights: Float64Array): Density {
  const mass = weights.reduce((sum, weight) => sum + weight, 0)
  if (!(mass > 0)) return kernels.slice(0, 1).map((kernel) => ({ ...kernel, weight: 1 }))
  const mean = kernels.reduce((sum, kernel, j) => sum + (kernel.mean * (weights[j] ?? 0)) / mass, 0)
  return kernels.flatMap((kernel, j) => {
    const weight = (weights[j] ?? 0) / mass
    return weight > 0 ? [{ mean: kernel.mean / mean, s: kernel.s, weight }] : []
  })
}

/** Undiscounted, out of the money, in units of the forward. */
function priceOf(density: Density, moneyness: number): number {
  return density.reduce((sum, { mean, s, weight }) => sum + weight * outOfTheMoney(mean, moneyness, s), 0)
}

function describe(input: SmileInput, observed: readonly Observed[], density: Density): Smile {
  const { forward, years, rate, strikes } = input
  const discount = Math.exp(-rate * years)
  const prices = strikes.map((strike) => discount * forward * priceOf(density, strike / forward))
  const ivs = ivsOf(input, prices)
  const marks = strikes.map((strike, at): SmileMark => {
    const price = prices[at] ?? 0
    const intrinsic = discount * Math.abs(forward - strike)
    const iv = ivs[at] ?? null
    const seen = input.ivs[at] ?? null
    const call = strike < forward ? price + intrinsic : price
    const put = strike < forward ? price : price + intrinsic
    return { strike, iv, call, put, residual: iv === null || seen === null ? null : seen - iv }
  })
  const residual = weightedResidual(observed, (at) => (prices[at] ?? 0) / (discount * forward))
  return { method: 'lognormal_mixture', points: observed.length, residual, marks }
}

/** IV of the out-of-the-money prices. */
function ivsOf({ forward, years, rate, strikes }: SmileInput, prices: readonly number[]): (number | null)[] {
  const chain = createChainInput(strikes.length)
  const output = createChainOutput(strikes.length)
  Object.assign(chain, { count: strikes.length, forward, years, rate })
  strikes.forEach((strike, at) => {
    chain.strike[at] = strike
    chain.isCall[at] = strike < forward ? 0 : 1
    chain.price[at] = prices[at] ?? Number.NaN
  })
  priceLegs(chain, output)
  return strikes.map((_, at) => {
    const iv = output.iv[at] ?? Number.NaN
    return Number.isNaN(iv) ? null : iv
  })
}

/** A miss in price, as volatility by the vega of what was observed; `priceAt` by place among the strikes. */
function weightedResidual(observed: readonly Observed[], priceAt: (place: number) => number): number {
  let [sum, weights] = [0, 0]
  for (const { place, price, error, vega } of observed) {
    if (!(vega > 0)) continue
    sum += ((price - priceAt(place)) / error) ** 2
    weights += (vega / error) ** 2
  }
  return weights > 0 ? Math.sqrt(sum / weights) : 0
}
