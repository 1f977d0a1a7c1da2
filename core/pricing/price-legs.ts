import { IV_STATUSES, type IvStatus } from '../domain/leg.ts'
import { impliedTotalVolatility } from './implied-total-volatility.ts'
import { mills, normalPdf } from './normal.ts'
import { logMoneyness } from './normalised-black.ts'

/** One expiry of one index at one instant, as columns. Only the first `count` elements count. */
export interface ChainInput {
  count: number
  /** Forward for this expiry in rupees; NaN = none. */
  forward: number
  /** Years to settlement, ACT/365 in seconds. */
  years: number
  /** Continuously compounded risk-free rate as a fraction. */
  rate: number
  /** Rupees. */
  strike: Float64Array
  /** 1 = call, 0 = put. */
  isCall: Uint8Array
  /** Rupees; NaN = no price. */
  price: Float64Array
}

/** What `priceLegs` fills in; every number is NaN where the status is not `ok`. */
export interface ChainOutput {
  /** Index into IV_STATUSES. */
  status: Uint8Array
  /** Fraction. */
  iv: Float64Array
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
}

/** What all legs of a chain share. `spot` is the forward carried back at the same rate, F e^(-rT). */
interface ChainTerms {
  readonly forward: number
  readonly spot: number
  readonly discount: number
  readonly rate: number
  readonly years: number
  readonly rootYears: number
}

const OK = IV_STATUSES.indexOf('ok')
const BELOW_INTRINSIC = IV_STATUSES.indexOf('below_intrinsic')
const ABOVE_MAXIMUM = IV_STATUSES.indexOf('above_maximum')
const NO_PRICE = IV_STATUSES.indexOf('no_price')
const NO_FORWARD = IV_STATUSES.indexOf('no_forward')
const EXPIRED = IV_STATUSES.indexOf('expired')

/** Time values under this part of √(F K) are not told from none: their volatility would be a matter of underflow. */
const SMALLEST = 1e-300
const DAYS_PER_YEAR = 365
const PER_POINT = 0.01

export function createChainInput(capacity: number): ChainInput {
  return {
    count: 0,
    forward: Number.NaN,
    years: Number.NaN,
    rate: Number.NaN,
    strike: new Float64Array(capacity),
    isCall: new Uint8Array(capacity),
    price: new Float64Array(capacity),
  }
}

export function createChainOutput(capacity: number): ChainOutput {
  return {
    status: new Uint8Array(capacity),
    iv: new Float64Array(capacity),
    delta: new Float64Array(capacity),
    gamma: new Float64Array(capacity),
    theta: new Float64Array(capacity),
    vega: new Float64Array(capacity),
    rho: new Float64Array(capacity),
  }
}

/** The status as its name, for readers of the output that keep no table of their own. */
export function ivStatusAt(output: ChainOutput, leg: number): IvStatus {
  return IV_STATUSES[output.status[leg] ?? NO_PRICE] ?? 'no_price'
}

/**
 * IV and Greeks of a Black-76 option for every leg of the chain; allocates nothing per leg.
 *
 * IV is solved from the out-of-the-money side of the strike (the leg's own price less its discounted intrinsic value,
 * which by parity is the twin's price). Statuses, first that fits: `expired` (years <= 0), `no_forward` (forward or
 * rate unusable), `no_price` (price NaN, or no strike), `below_intrinsic` (price at or below discounted intrinsic
 * value, hence also a price of 0), `above_maximum` (price at or above discounted forward for a call, strike for a put).
 * `wide_spread` and `stale` are the caller's to decide.
 *
 * Greeks are those of an index option as a holder reads them, with the forward moving with the spot, F = S e^(rT), and
 * S = F e^(-rT): delta = N(d1), for puts N(d1) - 1; gamma = n(d1)/(S σ √T); theta the change per calendar day (1/365
 * year) with spot, σ and rate held; vega and rho per percentage point, rho with the spot held.
 */
export function priceLegs(input: ChainInput, output: ChainOutput): void {
  const status = chainStatus(input)
  const terms = chainTerms(input)
  for (let leg = 0; leg < input.count; leg++) {
    const legStatus = status === OK ? priceLeg(terms, input, output, leg) : status
    output.status[leg] = legStatus
    if (legStatus !== OK) clearLeg(output, leg)
  }
}

function chainStatus(input: ChainInput): number {
  if (!(input.years > 0 && input.years < Number.POSITIVE_INFINITY)) return EXPIRED
  const usable = input.forward > 0 && input.forward < Number.POSITIVE_INFINITY && Number.isFinite(input.rate)
  return usable ? OK : NO_FORWARD
}

function chainTerms(input: ChainInput): ChainTerms {
  const { forward, rate, years } = input
  const discount = Math.exp(-rate * years)
  return { forward, spot: forward * discount, discount, rate, years, rootYears: Math.sqrt(years) }
}

function clearLeg(output: ChainOutput, leg: number): void {
  output.iv[leg] = Number.NaN
  output.delta[leg] = Number.NaN
  output.gamma[leg] = Number.NaN
  output.theta[leg] = Number.NaN
  output.vega[leg] = Number.NaN
  output.rho[leg] = Number.NaN
}

/** Solves one leg, writes its numbers when there are any, and returns its status. */
function priceLeg(terms: ChainTerms, input: ChainInput, output: ChainOutput, leg: number): number {
  const strike = input.strike[leg] ?? Number.NaN
  const price = input.price[leg] ?? Number.NaN
  if (Number.isNaN(price) || !(strike > 0 && strike < Number.POSITIVE_INFINITY)) return NO_PRICE
  const { forward, discount } = terms
  const isCall = input.isCall[leg] === 1
  const intrinsic = discount * Math.max(isCall ? forward - strike : strike - forward, 0)
  if (price <= intrinsic) return BELOW_INTRINSIC
  const maximum = discount * (isCall ? forward : strike)
  if (price >= maximum) return ABOVE_MAXIMUM
  const scale = discount * Math.sqrt(forward * strike)
  const target = (price - intrinsic) / scale
  if (target < SMALLEST) return BELOW_INTRINSIC
  const x = logMoneyness(forward, strike)
  const s = impliedTotalVolatility(-Math.abs(x), target, (maximum - price) / scale)
  output.iv[leg] = s / terms.rootYears
  writeGreeks(terms, output, leg, isCall, strike, x, s)
  return OK
}

/**
 * Greeks from the signed moneyness x = ln(F/K) and s = σ√T. Tails come from the Mills ratio and never cancel; the
 * second density costs no exponential, since n(d2) = n(d1) F/K.
 */
function writeGreeks(
  terms: ChainTerms,
  output: ChainOutput,
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
  const { spot, years, rootYears } = terms
  const strikeLeg = sign * strike * terms.discount * side2
  output.delta[leg] = sign * side1
  output.gamma[leg] = density / (spot * s)
  output.vega[leg] = PER_POINT * spot * density * rootYears
  output.theta[leg] = -((spot * density * s) / (2 * years) + terms.rate * strikeLeg) / DAYS_PER_YEAR
  output.rho[leg] = PER_POINT * years * strikeLeg
}
