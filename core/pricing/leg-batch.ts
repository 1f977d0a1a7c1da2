import { IV_STATUSES } from '../domain/leg.ts'
import { bachelierSeed, SEED_LIMIT } from './bachelier-seed.ts'
import type { ChainTerms } from './chain-terms.ts'
import { householderStep, impliedTotalVolatility } from './implied-total-volatility.ts'
import { HIGH, takeLogarithms } from './log-table.ts'
import { tabulatedMillsSlope } from './mills-table.ts'
import { logMoneyness, shortOddSeries } from './normalised-black.ts'

/**
 * IV of many legs at once, as a chain of small loops over columns that stay in the first-level cache: each loop does
 * one thing without a branch that depends on the leg, so that the processor works on several legs at the same time.
 *
 * What makes it cheap: for index options s = σ√T is small, and the normalised price over its vega is then a short odd
 * series in t = s/2 around one function of h = x/s (normalised-black.ts). With that function from a table, and a seed
 * good to 1e-4, one Householder step of order four on the logarithm of the price ends at the last digit; it costs one
 * logarithm and no exponential. The few legs outside (s > 0.4, |x| > 1.5, six deviations out) take the general way of
 * implied-total-volatility.ts.
 */

export const BATCH = 256

const OK = IV_STATUSES.indexOf('ok')
const BELOW_INTRINSIC = IV_STATUSES.indexOf('below_intrinsic')
const ABOVE_MAXIMUM = IV_STATUSES.indexOf('above_maximum')
const NO_PRICE = IV_STATUSES.indexOf('no_price')

/** By the bits of `faultsOf`. */
const STATUS_OF_FAULTS = Uint8Array.of(
  OK,
  BELOW_INTRINSIC,
  ABOVE_MAXIMUM,
  BELOW_INTRINSIC,
  NO_PRICE,
  NO_PRICE,
  NO_PRICE,
)

/** Time values under this part of √(F K) are not told from none: their volatility would be a matter of underflow. */
const SMALLEST = 1e-300
const SMALLEST_REGULAR = 1e-100
const GREATEST_S = 0.4
const GREATEST_X = 1.5
const INVERSE_SQRT_TWO_PI = 0.3989422804014327

/** Contracts and their prices. */
export interface LegColumns {
  /** Rupees. */
  strike: Float64Array
  /** 1 = call, 0 = put. */
  isCall: Uint8Array
  /** Rupees; NaN = no price. */
  price: Float64Array
}

export interface IvColumns {
  /** Index into IV_STATUSES. */
  status: Uint8Array
  /** Fraction. */
  iv: Float64Array
}

/** Columns of the legs that are being worked on; `count` of them are regular, and have s once solved. */
export interface LegBatch {
  count: number
  /** The leg's place in the chain. */
  readonly leg: Int32Array
  /** ln(F/K). */
  readonly x: Float64Array
  /** √(F K). */
  readonly root: Float64Array
  /** Normalised price of the out-of-the-money side, b: time value/(D √(F K)). In rupees until it is located. */
  readonly target: Float64Array
  /** The seed of s = σ√T, and s. */
  readonly guess: Float64Array
  readonly s: Float64Array
  /** 1 + |x|/b. */
  readonly u: Float64Array
  readonly uWords: Int32Array
  /** z = |x|/s at the seed, later at the solution; and the slope 1 - zM(z) at the seed. */
  readonly z: Float64Array
  readonly slope: Float64Array
  /** b(x, s)/b at the seed without the factor e^(-(h²+t²)/2); once solved, its logarithm. */
  readonly ratio: Float64Array
  readonly ratioWords: Int32Array
  /** d ln s/d ln b at the seed. */
  readonly elasticity: Float64Array
  /** b'(s). */
  readonly vega: Float64Array
  /** N(±d1) and D K N(±d2) of the out-of-the-money side. */
  readonly side1: Float64Array
  readonly side2: Float64Array
  /** Places of the legs that have no IV. */
  rejectedCount: number
  readonly rejected: Int32Array
  irregularCount: number
  readonly irregularLeg: Int32Array
  readonly irregularX: Float64Array
  readonly irregularS: Float64Array
}

export function createLegBatch(): LegBatch {
  const column = () => new Float64Array(BATCH)
  const u = column()
  const ratio = column()
  return {
    count: 0,
    leg: new Int32Array(BATCH),
    x: column(),
    root: column(),
    target: column(),
    guess: column(),
    s: column(),
    u,
    uWords: new Int32Array(u.buffer),
    z: column(),
    slope: column(),
    ratio,
    ratioWords: new Int32Array(ratio.buffer),
    vega: column(),
    side1: column(),
    side2: column(),
    elasticity: column(),
    rejectedCount: 0,
    rejected: new Int32Array(BATCH),
    irregularCount: 0,
    irregularLeg: new Int32Array(BATCH),
    irregularX: column(),
    irregularS: column(),
  }
}

/** Status and IV of the legs `from` to `to`, at most BATCH; leaves x and s of those that have one in the batch. */
export function solveBatch(
  terms: ChainTerms,
  input: LegColumns,
  output: IvColumns,
  from: number,
  to: number,
  batch: LegBatch,
): void {
  admit(terms, input, output, from, to, batch)
  locate(terms, input, batch)
  seed(terms, input, output, batch)
  placeOnCurve(batch)
  compare(batch)
  takeLogarithms(batch.ratio, batch.ratioWords, batch.count)
  refine(terms, output, batch)
  for (let j = 0; j < batch.rejectedCount; j++) output.iv[batch.rejected[j] ?? 0] = Number.NaN
}

/**
 * Judges each price by its bounds, and lists the legs that have an IV with their time value. Deep in the money this is
 * small beside the price: taken as (price - (F - K)) + (1 - D)(F - K) its first difference is exact, and no rounding of
 * D(F - K) spoils it. Selections are arithmetic: calls and puts, and prices with and without IV, alternate in ways that
 * a processor does not guess.
 */
function admit(
  terms: ChainTerms,
  input: LegColumns,
  output: IvColumns,
  from: number,
  to: number,
  batch: LegBatch,
): void {
  const { leg, target, rejected } = batch
  let count = 0
  for (let i = from; i < to; i++) {
    const strike = input.strike[i] ?? Number.NaN
    const price = input.price[i] ?? Number.NaN
    const call = input.isCall[i] ?? 0
    const gap = (2 * call - 1) * (terms.forward - strike)
    const inside = 0.5 * (gap + Math.abs(gap))
    const intrinsic = terms.discount * inside
    const maximum = terms.discount * (call * terms.forward + (1 - call) * strike)
    const faults = faultsOf(strike, price, intrinsic, maximum)
    const timeValue = price - inside + terms.interest * inside
    output.status[i] = STATUS_OF_FAULTS[faults] ?? NO_PRICE
    leg[count] = i
    target[count] = timeValue > 0 ? timeValue : price - intrinsic
    rejected[i - from - count] = i
    count += Number(faults === 0)
  }
  batch.count = count
  batch.rejectedCount = to - from - count
}

/** Bits 0 to 2: price at or below its least value, at or above its greatest, no price or strike. Takes no branch. */
function faultsOf(strike: number, price: number, intrinsic: number, maximum: number): number {
  const usable =
    Number(price <= Number.POSITIVE_INFINITY) & Number(strike > 0) & Number(strike < Number.POSITIVE_INFINITY)
  return Number(price <= intrinsic) | (Number(price >= maximum) << 1) | ((1 - usable) << 2)
}

/** Moneyness, and the time value as normalised price. */
function locate(terms: ChainTerms, input: LegColumns, batch: LegBatch): void {
  const { forward, discount } = terms
  const { count, leg, x, root, target, u } = batch
  for (let j = 0; j < count; j++) {
    const strike = input.strike[leg[j] ?? 0] ?? Number.NaN
    const mean = Math.sqrt(forward * strike)
    const b = (target[j] ?? 0) / (discount * mean)
    const distance = logMoneyness(forward, strike)
    root[j] = mean
    target[j] = b
    x[j] = distance
    u[j] = 1 + Math.abs(distance) / b
  }
}

/** The first guess; legs that the tables do not reach are solved one by one and leave the batch. */
function seed(terms: ChainTerms, input: LegColumns, output: IvColumns, batch: LegBatch): void {
  const { leg, x, root, target, u, guess, uWords } = batch
  const total = batch.count
  batch.irregularCount = 0
  let count = 0
  for (let j = 0; j < total; j++) {
    const i = leg[j] ?? 0
    const distance = x[j] ?? 0
    const b = target[j] ?? 0
    const place = u[j] ?? 0
    const seeded = bachelierSeed(b, place, uWords[2 * j + HIGH] ?? 0)
    const near = Math.abs(distance) <= GREATEST_X && seeded <= GREATEST_S
    if (near && place < SEED_LIMIT && b >= SMALLEST_REGULAR) {
      leg[count] = i
      x[count] = distance
      root[count] = root[j] ?? 0
      target[count] = b
      guess[count] = seeded
      count++
    } else solveAlone(terms, input, output, batch, i, distance, b)
  }
  batch.count = count
}

/** The general way, which can do with any price between the bounds. */
function solveAlone(
  terms: ChainTerms,
  input: LegColumns,
  output: IvColumns,
  batch: LegBatch,
  leg: number,
  x: number,
  target: number,
): void {
  if (target < SMALLEST) {
    output.status[leg] = BELOW_INTRINSIC
    batch.rejected[batch.rejectedCount++] = leg
    return
  }
  const strike = input.strike[leg] ?? Number.NaN
  const maximum = terms.discount * (input.isCall[leg] === 1 ? terms.forward : strike)
  const scale = terms.discount * Math.sqrt(terms.forward * strike)
  const s = impliedTotalVolatility(-Math.abs(x), target, (maximum - (input.price[leg] ?? 0)) / scale)
  output.iv[leg] = s / terms.rootYears
  const at = batch.irregularCount
  batch.irregularLeg[at] = leg
  batch.irregularX[at] = x
  batch.irregularS[at] = s
  batch.irregularCount = at + 1
}

/** Deviations out of the money at the seed, and the slope Y'(h) = 1 - zM(z) there. */
function placeOnCurve({ count, x, guess, z, slope }: LegBatch): void {
  for (let j = 0; j < count; j++) {
    const deviations = Math.abs(x[j] ?? 0) / (guess[j] ?? 0)
    z[j] = deviations
    slope[j] = tabulatedMillsSlope(deviations)
  }
}

/** Price at the seed over the price sought, without the factor e^(-(h²+t²)/2), and the elasticity there. */
function compare({ count, z, guess, slope, target, ratio, elasticity }: LegBatch): void {
  for (let j = 0; j < count; j++) {
    const seeded = guess[j] ?? 0
    const h = z[j] ?? 0
    const series = shortOddSeries(slope[j] ?? 0, h * h, 0.25 * seeded * seeded)
    elasticity[j] = series
    ratio[j] = (seeded * series * INVERSE_SQRT_TWO_PI) / (target[j] ?? 0)
  }
}

/** The Householder step, and the IV. */
function refine(terms: ChainTerms, output: IvColumns, batch: LegBatch): void {
  const { count, leg, z, guess, s, ratio, elasticity } = batch
  const perRootYear = 1 / terms.rootYears
  const { iv } = output
  for (let j = 0; j < count; j++) {
    const seeded = guess[j] ?? 0
    const h = z[j] ?? 0
    const w = h * h
    const v = 0.25 * seeded * seeded
    const excess = (ratio[j] ?? 0) - 0.5 * (w + v)
    const solved = seeded + seeded * householderStep(excess, elasticity[j] ?? 0, w, v)
    s[j] = solved
    iv[leg[j] ?? 0] = solved * perRootYear
  }
}
