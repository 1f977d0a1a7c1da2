import type { ChainSnapshot, Convention, SnapshotLeg } from '../domain/chain-snapshot.ts'
import type { Right } from '../domain/instrument.ts'
import { formatIst } from '../domain/ist.ts'
import type { BuildUp, ForwardMethod, IvStatus, PriceUsed } from '../domain/leg.ts'
import { buildUp } from './build-up.ts'
import { type ChainSummary, type SummaryLeg, summariseChain } from './chain-summary.ts'
import { EXCHANGE_RATES, exchangeYears } from './exchange-convention.ts'
import { forwardByParity, spotCarryForward } from './forward.ts'
import { priceToUse, STALE_TRADE_MS, statusOfOwn } from './leg-price.ts'
import { createChainInput, createChainOutput, ivStatusAt, priceLegs } from './price-legs.ts'
import { yearsTo } from './time.ts'
import { priceFromTwin } from './twin-price.ts'

export interface AnalysisOptions {
  readonly convention: Convention
  /** One of the snapshot's expiries. */
  readonly expiry: string
  /** Continuously compounded, a fraction: of the market convention; the exchanges have their own. */
  readonly rate: number
  /** When the expiry's settlement is fixed, epoch milliseconds. */
  readonly settlementAt: number
}

/** A leg as `analyse chain` shows it: CONTRACT.md section 4. Null = none. */
export interface AnalysedLeg {
  readonly strike: number
  readonly right: Right
  /** What IV was computed from, rupees. */
  readonly price: number | null
  readonly price_used: PriceUsed | null
  readonly iv: number | null
  readonly iv_status: IvStatus
  readonly delta: number | null
  readonly gamma: number | null
  readonly theta: number | null
  readonly vega: number | null
  readonly rho: number | null
  /** Change of delta per point of volatility. */
  readonly vanna: number | null
  /** Change of delta per calendar day. */
  readonly charm: number | null
  readonly oi: number | null
  readonly volume: number | null
  readonly oi_change: number | null
  readonly build_up: BuildUp | null
  /** The file's own, a fraction. */
  readonly published_iv: number | null
}

export interface ChainAnalysis extends ChainSummary {
  readonly index: string
  readonly expiry: string
  readonly as_of: string
  readonly convention: Convention
  readonly rate: number
  readonly scope: 'window' | 'full'
  readonly oi_unit: 'lots' | 'units'
  readonly spot: number | null
  readonly forward: {
    readonly value: number | null
    readonly method: ForwardMethod | null
    readonly pairs: number
    readonly residual: number | null
  }
  readonly legs: readonly AnalysedLeg[]
}

/** A leg with the price that was chosen for it. */
interface PricedLeg {
  readonly leg: SnapshotLeg
  /** Rupees, NaN = none. */
  readonly price: number
  /** Rupees between bid and ask, NaN = a last trade. */
  readonly spread: number
  readonly used: PriceUsed | null
  readonly wide: boolean
  readonly stale: boolean
}

interface Terms {
  readonly years: number
  readonly rate: number
  readonly forward: ChainAnalysis['forward']
}

/**
 * The analytics of one expiry of a snapshot. `market`: as in the live chain (parity forward, time to the settlement's
 * fix, mid or last, twins). `nse`, `bse`: as the exchange computes the IV it publishes (`EXCHANGE_RATES`), on the last
 * price alone. A price is stale when its contract was heard of five minutes before the snapshot, or when it is a last
 * trade of a contract that has not traded that day.
 */
export function analyseChain(snapshot: ChainSnapshot, options: AnalysisOptions): ChainAnalysis {
  const { convention, expiry } = options
  const market = convention === 'market'
  const own = legsOf(snapshot, expiry).map((leg) => (market ? marketPrice(leg, snapshot.asOf) : lastPrice(leg)))
  const terms = market ? marketTerms(snapshot, own, options) : exchangeTerms(snapshot, convention, expiry)
  const priced = market ? withTwins(own, terms) : own
  const legs = solve(priced, terms)
  return {
    index: snapshot.index,
    expiry,
    as_of: formatIst(snapshot.asOf),
    convention,
    rate: terms.rate,
    scope: snapshot.scope,
    oi_unit: snapshot.oiUnit,
    spot: snapshot.spot,
    forward: terms.forward,
    ...summarise(legs, terms, snapshot.spot),
    legs,
  }
}

/** By strike, the call first; of a contract that appears twice the later one. */
function legsOf(snapshot: ChainSnapshot, expiry: string): SnapshotLeg[] {
  const legs = snapshot.legs.filter((leg) => leg.expiry === expiry)
  const latest = new Map(legs.map((leg) => [`${leg.strike} ${leg.right}`, leg]))
  return [...latest.values()].sort((a, b) => a.strike - b.strike || (a.right < b.right ? -1 : 1))
}

function marketPrice(leg: SnapshotLeg, asOf: number): PricedLeg {
  const { price, used, wide } = priceToUse(leg)
  const silent = leg.quotedAt !== null && asOf - leg.quotedAt > STALE_TRADE_MS
  const untraded = used === 'last' && leg.volume === 0
  const spread = used === 'mid' ? (leg.ask ?? Number.NaN) - (leg.bid ?? Number.NaN) : Number.NaN
  return { leg, price: price ?? Number.NaN, spread, used, wide, stale: silent || untraded }
}

function lastPrice(leg: SnapshotLeg): PricedLeg {
  const price = leg.last !== null && leg.last > 0 ? leg.last : null
  const used = price === null ? null : 'last'
  return { leg, price: price ?? Number.NaN, spread: Number.NaN, used, wide: false, stale: false }
}

/** Rupees, NaN = none that others may be judged by. */
function trusted(priced: PricedLeg | undefined): number {
  return priced === undefined || priced.wide || priced.stale ? Number.NaN : priced.price
}

const spotCarry = (spot: number | null, years: number, rate: number): ChainAnalysis['forward'] =>
  spot === null
    ? { value: null, method: null, pairs: 0, residual: null }
    : { value: spotCarryForward(spot, years, rate), method: 'spot_carry', pairs: 0, residual: null }

function marketTerms(snapshot: ChainSnapshot, legs: readonly PricedLeg[], options: AnalysisOptions): Terms {
  const { rate, settlementAt } = options
  const years = yearsTo(settlementAt, snapshot.asOf)
  const strikes = [...new Set(legs.map(({ leg }) => leg.strike))]
  const bySide = (right: Right) =>
    new Map(legs.filter(({ leg }) => leg.right === right).map((one) => [one.leg.strike, one]))
  const [calls, puts] = [bySide('CE'), bySide('PE')]
  const quotes = {
    count: strikes.length,
    strike: Float64Array.from(strikes),
    call: Float64Array.from(strikes, (strike) => trusted(calls.get(strike))),
    put: Float64Array.from(strikes, (strike) => trusted(puts.get(strike))),
    near: snapshot.spot ?? Number.NaN,
  }
  const parity = forwardByParity(quotes, years, rate)
  if (parity === null) return { years, rate, forward: spotCarry(snapshot.spot, years, rate) }
  const { value, pairs, residual } = parity
  return { years, rate, forward: { value, method: 'parity', pairs, residual } }
}

function exchangeTerms(snapshot: ChainSnapshot, convention: 'nse' | 'bse', expiry: string): Terms {
  const rate = EXCHANGE_RATES[convention]
  const years = exchangeYears(expiry, snapshot.asOf)
  return { years, rate, forward: spotCarry(snapshot.spot, years, rate) }
}

function withTwins(legs: readonly PricedLeg[], { years, rate, forward }: Terms): PricedLeg[] {
  const byContract = new Map(legs.map((one) => [`${one.leg.strike} ${one.leg.right}`, one]))
  const discount = years > 0 ? Math.exp(-rate * years) : Number.NaN
  return legs.map((one) => {
    const { strike, right } = one.leg
    const value = forward.value ?? Number.NaN
    const intrinsic = discount * (right === 'CE' ? value - strike : strike - value)
    if (!(intrinsic > 0)) return one
    const twin = byContract.get(`${strike} ${right === 'CE' ? 'PE' : 'CE'}`)
    const price = priceFromTwin(trusted(one), one.spread, trusted(twin), intrinsic)
    return Number.isNaN(price) ? one : { ...one, price, used: 'twin', wide: false, stale: false }
  })
}

function solve(legs: readonly PricedLeg[], { years, rate, forward }: Terms): AnalysedLeg[] {
  const input = createChainInput(legs.length)
  const output = createChainOutput(legs.length)
  Object.assign(input, { count: legs.length, forward: forward.value ?? Number.NaN, years, rate })
  legs.forEach(({ leg, price }, at) => {
    input.strike[at] = leg.strike
    input.isCall[at] = leg.right === 'CE' ? 1 : 0
    input.price[at] = price
  })
  priceLegs(input, output)
  return legs.map((priced, at) => {
    const { leg, price, used } = priced
    const status = statusOfOwn(ivStatusAt(output, at), priced)
    const solved = (column: Float64Array) => (status === 'ok' ? finite(column[at]) : null)
    return {
      strike: leg.strike,
      right: leg.right,
      price: finite(price),
      price_used: used,
      iv: solved(output.iv),
      iv_status: status,
      delta: solved(output.delta),
      gamma: solved(output.gamma),
      theta: solved(output.theta),
      vega: solved(output.vega),
      rho: solved(output.rho),
      vanna: solved(output.vanna),
      charm: solved(output.charm),
      oi: leg.oi,
      volume: leg.volume,
      oi_change: leg.oiChange,
      build_up: buildUp(leg.priceChange, leg.oiChange),
      published_iv: leg.publishedIv,
    }
  })
}

function finite(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null
}

function summarise(legs: readonly AnalysedLeg[], { years, rate, forward }: Terms, spot: number | null): ChainSummary {
  const side = (strike: number, right: Right): SummaryLeg | null =>
    legs.find((leg) => leg.strike === strike && leg.right === right) ?? null
  const strikes = [...new Set(legs.map(({ strike }) => strike))]
  const money = forward.value ?? spot
  return summariseChain({
    strikes: strikes.map((strike) => ({ strike, call: side(strike, 'CE'), put: side(strike, 'PE') })),
    forward: forward.value,
    spot,
    years,
    rate,
    atmStrike: money === null ? null : nearest(strikes, money),
  })
}

/** The lower of two that are as near. */
function nearest(strikes: readonly number[], money: number): number | null {
  return strikes.reduce<number | null>(
    (best, strike) => (best === null || Math.abs(strike - money) < Math.abs(best - money) ? strike : best),
    null,
  )
}
