import { IV_STATUSES, type IvStatus } from '../domain/leg.ts'
import { type ChainTerms, chainTerms } from './chain-terms.ts'
import { BATCH, createLegBatch, type IvColumns, type LegColumns, solveBatch } from './leg-batch.ts'
import { clearGreeks, type GreekColumns, writeBatchGreeks, writeGreeks } from './leg-greeks.ts'

/** One expiry of one index at one instant, as columns. Only the first `count` elements count. */
export interface ChainInput extends LegColumns {
  count: number
  /** Forward for this expiry in rupees; NaN = none. */
  forward: number
  /** Years to settlement, ACT/365 in seconds. */
  years: number
  /** Continuously compounded risk-free rate as a fraction. */
  rate: number
}

/** What `priceLegs` fills in; every number is NaN where the status is not `ok`. */
export interface ChainOutput extends IvColumns, GreekColumns {}

const OK = IV_STATUSES.indexOf('ok')
const NO_PRICE = IV_STATUSES.indexOf('no_price')
const NO_FORWARD = IV_STATUSES.indexOf('no_forward')
const EXPIRED = IV_STATUSES.indexOf('expired')

/** Scratch: nothing here is kept between calls, and no call waits for another. */
const batch = createLegBatch()

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
    vanna: new Float64Array(capacity),
    charm: new Float64Array(capacity),
  }
}

/** The status as its name, for readers of the output that keep no table of their own. */
export function ivStatusAt(output: IvColumns, leg: number): IvStatus {
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
 * year) with spot, σ and rate held; vega and rho per percentage point, rho with the spot held; vanna the change of
 * delta per percentage point of volatility; charm the change of delta per calendar day that passes.
 */
export function priceLegs(input: ChainInput, output: ChainOutput): void {
  const terms = termsOf(input, output)
  if (terms === null) {
    for (let leg = 0; leg < input.count; leg++) clearGreeks(output, leg)
    return
  }
  for (let from = 0; from < input.count; from += BATCH) {
    solveBatch(terms, input, output, from, Math.min(from + BATCH, input.count), batch)
    writeBatchGreeks(terms, input, output, batch)
    writeIrregularGreeks(terms, input, output)
    for (let j = 0; j < batch.rejectedCount; j++) clearGreeks(output, batch.rejected[j] ?? 0)
  }
}

/** Status and IV alone, as `priceLegs` gives them. */
export function impliedVolatilities(input: ChainInput, output: IvColumns): void {
  const terms = termsOf(input, output)
  if (terms === null) return
  for (let from = 0; from < input.count; from += BATCH) {
    solveBatch(terms, input, output, from, Math.min(from + BATCH, input.count), batch)
  }
}

/** null where the chain as a whole has no IV; then its status and NaN are written for every leg. */
function termsOf(input: ChainInput, output: IvColumns): ChainTerms | null {
  const status = chainStatus(input)
  if (status === OK) return chainTerms(input.forward, input.years, input.rate)
  output.status.fill(status, 0, input.count)
  output.iv.fill(Number.NaN, 0, input.count)
  return null
}

/** Beyond these, products of prices leave the range of doubles: no such forward exists. */
const SMALLEST_FORWARD = 1e-100
const LARGEST_FORWARD = 1e100

function chainStatus(input: ChainInput): number {
  if (!(input.years > 0 && input.years < Number.POSITIVE_INFINITY)) return EXPIRED
  const present = input.forward * Math.exp(-input.rate * input.years)
  const sane = (value: number) => value > SMALLEST_FORWARD && value < LARGEST_FORWARD
  return sane(input.forward) && sane(present) ? OK : NO_FORWARD
}

function writeIrregularGreeks(terms: ChainTerms, input: ChainInput, output: ChainOutput): void {
  for (let j = 0; j < batch.irregularCount; j++) {
    const leg = batch.irregularLeg[j] ?? 0
    const isCall = input.isCall[leg] === 1
    const strike = input.strike[leg] ?? Number.NaN
    writeGreeks(terms, output, leg, isCall, strike, batch.irregularX[j] ?? 0, batch.irregularS[j] ?? 0)
  }
}
