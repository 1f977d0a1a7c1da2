import type {
  ChainLeg,
  ExpiriesReport,
  GreeksReport,
  IndicesReport,
  OptionChain,
  SummaryReport,
} from '../contract/api-schema.ts'
import { type ChainMetrics, chainLegRow } from '../contract/chain-stream.ts'
import type { Calendar } from '../domain/calendar.ts'
import type { IndexName } from '../domain/index-catalog.ts'
import { BUCKETS, type Bucket, type Source } from '../domain/instrument.ts'
import { DAY_MS, formatIst } from '../domain/ist.ts'
import type { Leg } from '../domain/leg.ts'
import { pricedFrom, priceTime } from '../domain/price-time.ts'
import type { Clock } from '../kernel/clock.ts'
import { OpError } from '../kernel/errors.ts'
import { buildUp, oiChange } from '../pricing/build-up.ts'
import { ivStanding } from '../pricing/iv-rank.ts'
import { termStructure } from '../pricing/term-structure.ts'
import { yearsTo } from '../pricing/time.ts'
import { chainLeg, priceChangeOf } from './chain-leg.ts'
import { type ChainLegReader, type ChainLegs, createChainLegReader } from './chain-legs.ts'
import { chainScope, summariseScope } from './chain-scope.ts'
import type { ChainState } from './chain-state.ts'
import type { Enricher } from './enrich.ts'
import type { LiveChain, LiveChains } from './live-stream.ts'
import type { IndexState, MarketState } from './market-state.ts'
import type { IndexUniverse } from './universe.ts'

/** In an open session, a chain whose newest packet is older than this is stale. */
export const STALE_MS = 10_000
/** Shorter than the second of those who ask every second. */
const METRICS_KEPT_MS = 900

export interface LiveViewDeps {
  readonly clock: Clock
  readonly calendar: Calendar
  readonly enricher: Enricher
  readonly market: () => MarketState | null
  /** Open interest of a symbol at the previous close, units; null when it is not on record. */
  readonly previousOi: (index: IndexName, symbol: string) => number | null
  /** `<epoch>-<seq>` of the batch in which a token was last recorded; null when it was not. */
  readonly lastBatch: (token: number) => string | null
  /** ATM IV at the close of each recorded day before today, as far back as rank and percentile go. */
  readonly closingIvs: (index: IndexName, bucket: Bucket) => readonly number[]
}

export interface LiveViewOptions {
  readonly source: Source
  readonly rate: number
  readonly offsets: ReadonlySet<number> | null
}

/** The latest chain in memory, as the API and the page show it. Not yet durable data is at most one commit old. */
export interface LiveView {
  indices(): IndicesReport
  expiries(index: IndexName): ExpiriesReport
  optionChain(index: IndexName, bucket: Bucket): OptionChain
  greeks(index: IndexName, bucket: Bucket): GreeksReport
  summary(index: IndexName, bucket: Bucket): SummaryReport
  /** Metrics of a whole chain alone: computed once a second for all who ask, so that they may be that old. */
  wholeChain(index: IndexName, bucket: Bucket): WholeChain
  /** What live streams read. */
  readonly live: LiveChains
}

export interface WholeChain {
  readonly stale: boolean
  readonly metrics: SummaryReport['full']
}

/** One chain read at one instant: what all three chain reports are made of. */
interface Reading {
  readonly market: MarketState
  readonly index: IndexState
  readonly state: ChainState
  readonly legs: ChainLegs
  readonly now: number
  readonly newest: number | null
}

export function createLiveView(deps: LiveViewDeps, options: LiveViewOptions): LiveView {
  const reader = createChainLegReader(deps.enricher, options.source)
  const read = (name: IndexName, bucket: Bucket): Reading => {
    const { market, index, state } = findChain(deps, name, bucket)
    const now = deps.clock.now()
    const newest = newestPriceTime(state)
    // Prices that stand still have the IV of their time: with T running on alone it would climb.
    return { market, index, state, now, legs: reader.read(state, index, Math.min(now, newest ?? now)), newest }
  }
  const kept = new WeakMap<ChainState, { readonly at: number; readonly whole: WholeChain }>()
  const wholeChain = (name: IndexName, bucket: Bucket, given: Reading | null = null): WholeChain => {
    const known = kept.get(findChain(deps, name, bucket).state)
    const at = deps.clock.monotonicMs()
    if (known !== undefined && at - known.at < METRICS_KEPT_MS) return known.whole
    const reading = given ?? read(name, bucket)
    const whole = { stale: isStale(deps, reading), metrics: summaryOf(deps, options, reading, 'full') }
    kept.set(reading.state, { at, whole })
    return whole
  }
  return {
    indices: () => indicesReport(deps, options),
    expiries: (name) => expiriesReport(deps, options, name),
    optionChain: (name, bucket) => chainReport(deps, options, read(name, bucket), bucket),
    greeks: (name, bucket) => greeksReport(options, read(name, bucket), bucket),
    summary: (name, bucket) => summaryReport(deps, options, reader, read(name, bucket), bucket),
    wholeChain: (name, bucket) => wholeChain(name, bucket),
    live: {
      pulse: (name, bucket) => {
        const { index, state } = findChain(deps, name, bucket)
        return Math.max(newestPriceTime(state) ?? 0, index.spot.receivedAt ?? 0)
      },
      chain: (name, bucket) => liveChain(deps, read(name, bucket)),
      metrics(name, bucket) {
        const reading = read(name, bucket)
        const full = wholeChain(name, bucket, reading).metrics
        return liveMetrics({ window: summaryOf(deps, options, reading, 'window'), full })
      },
    },
  }
}

function find(deps: LiveViewDeps, name: IndexName) {
  const market = deps.market()
  if (market === null) throw new OpError('universe_unknown')
  const index = market.indices.get(name)
  const universe = market.universe.indices.find((entry) => entry.spec.name === name)
  if (index === undefined || universe === undefined) {
    throw new OpError('index_unknown', { index: name, known: [...market.indices.keys()].join(', ') })
  }
  return { market, index, universe }
}

function findChain(deps: LiveViewDeps, name: IndexName, bucket: Bucket) {
  const { market, index, universe } = find(deps, name)
  const expiry = universe.buckets.get(bucket)
  const state = index.chains.find((candidate) => candidate.chain.expiry === expiry)
  if (expiry === undefined || state === undefined) throw new OpError('bucket_not_listed', { index: name, bucket })
  return { market, index, state }
}

/** Market time of the chain's latest prices, null before the first. */
export function newestPriceTime(state: ChainState): number | null {
  let newest = Number.NEGATIVE_INFINITY
  for (const at of state.receivedAt) if (at > newest) newest = at
  return Number.isFinite(newest) ? priceTime(newest, state.exchangeAt) : null
}

function isStale(deps: LiveViewDeps, reading: Reading): boolean {
  if (!deps.calendar.phaseAt(reading.now).optionsTrade) return false
  return reading.newest === null || reading.now - reading.newest > STALE_MS
}

function forwardReport(state: ChainState, now: number): OptionChain['forward'] {
  const { forward } = state
  if (forward === null) return { value: null, method: null, age_ms: null }
  const age_ms = Math.max(0, Math.round(now - priceTime(forward.at, state.exchangeAt)))
  return { value: round2(forward.value), method: forward.method, age_ms }
}

function round2(value: number): number {
  return Math.round(value * 100) / 100
}

function chainReport(deps: LiveViewDeps, options: LiveViewOptions, reading: Reading, bucket: Bucket): OptionChain {
  const { index, state, now, legs } = reading
  return {
    index: index.index,
    bucket,
    expiry: state.chain.expiry,
    source: options.source,
    timestamp: formatIst(reading.newest ?? now),
    stale: isStale(deps, reading),
    spot: index.spot.lastPrice,
    spot_frozen: deps.calendar.phaseAt(now).indexFrozen,
    forward: forwardReport(state, now),
    atm: state.atm === null ? null : (state.chain.strikes[state.atm] ?? null),
    lot_size: state.chain.lotSize,
    rows: state.chain.strikes.map((strike, k) => ({
      strike,
      offset: state.atm === null ? null : k - state.atm,
      call: rowLeg(deps, legs[2 * k] ?? null, now),
      put: rowLeg(deps, legs[2 * k + 1] ?? null, now),
    })),
  }
}

function liveChain(deps: LiveViewDeps, reading: Reading): LiveChain {
  const { market, index, state, now, legs } = reading
  const { chain } = state
  const future = index.futures.find(({ expiry }) => expiry !== null && expiry >= chain.expiry)
  return {
    identity: chain,
    expiry: chain.expiry,
    lotSize: chain.lotSize,
    settlesAt: deps.calendar.settlementFixAt(chain.expiry),
    strikes: chain.strikes,
    symbols: chain.contracts.map((contract) => contract?.symbol ?? null),
    head: {
      time: now,
      received_at: reading.newest,
      exchange_ts: Number.isNaN(state.exchangeAt) ? null : state.exchangeAt,
      stale: isStale(deps, reading),
      spot: index.spot.lastPrice,
      spot_frozen: deps.calendar.phaseAt(now).indexFrozen,
      future: future?.lastPrice ?? null,
      vix: market.vix.lastPrice,
      forward: forwardReport(state, now),
      atm: state.atm === null ? null : (chain.strikes[state.atm] ?? null),
    },
    legs: legs.map((leg, slot) => {
      if (leg === null) return null
      const change = oiChange(leg.oi, deps.previousOi(leg.index, leg.symbol))
      return chainLegRow(leg, { slot, oiChange: change, buildUp: buildUp(priceChangeOf(leg), change) })
    }),
  }
}

function liveMetrics({ window, full }: BothScopes): ChainMetrics {
  const scope = ({ pcr_oi, pcr_volume, max_pain }: SummaryReport['full']) => ({ pcr_oi, pcr_volume, max_pain })
  const { rate, atm, expected_move, skew_25d } = full
  const { iv: atm_iv, straddle } = atm
  return { rate, window: scope(window), full: scope(full), atm_iv, straddle, expected_move, skew_25d }
}

function rowLeg(deps: LiveViewDeps, leg: Leg | null, now: number): ChainLeg | null {
  if (leg === null) return null
  return chainLeg(leg, { now, previousOi: deps.previousOi(leg.index, leg.symbol), batch: deps.lastBatch(leg.token) })
}

function greeksReport(options: LiveViewOptions, reading: Reading, bucket: Bucket): GreeksReport {
  const { index, state, now, legs } = reading
  return {
    index: index.index,
    bucket,
    expiry: state.chain.expiry,
    source: options.source,
    timestamp: formatIst(reading.newest ?? now),
    forward: forwardReport(state, now),
    legs: legs.flatMap((leg) => {
      if (leg === null) return []
      const { strike, right, symbol, iv, iv_status, delta, gamma, theta, vega, rho } = leg
      const age_ms = Math.max(0, Math.round(now - priceTime(leg.ts, leg.exchange_ts)))
      return [{ strike, right, symbol, iv, iv_status, delta, gamma, theta, vega, rho, age_ms }]
    }),
  }
}

type BothScopes = Pick<SummaryReport, 'window' | 'full'>

/** The metrics over the recorded strikes and over the whole chain. */
function bothScopes(deps: LiveViewDeps, options: LiveViewOptions, reading: Reading): BothScopes {
  return { window: summaryOf(deps, options, reading, 'window'), full: summaryOf(deps, options, reading, 'full') }
}

function summaryOf(
  deps: LiveViewDeps,
  options: LiveViewOptions,
  { state, index, legs, now, newest }: Reading,
  scope: keyof BothScopes,
): SummaryReport['full'] {
  return summariseScope(chainScope(state, legs, scope === 'window' ? options.offsets : null), {
    scope,
    state,
    spot: index.spot.lastPrice,
    years: yearsOf(deps, state, now),
    rate: options.rate,
    asOf: formatIst(newest ?? now),
  })
}

/** From the time that the prices are of, as for the legs. */
function yearsOf(deps: LiveViewDeps, state: ChainState, now: number): number {
  const settlementAt = deps.calendar.settlementFixAt(state.chain.expiry)
  return yearsTo(settlementAt, pricedFrom(now, newestPriceTime(state) ?? now, settlementAt))
}

function summaryReport(
  deps: LiveViewDeps,
  options: LiveViewOptions,
  reader: ChainLegReader,
  reading: Reading,
  bucket: Bucket,
): SummaryReport {
  const { index, now } = reading
  const scopes = bothScopes(deps, options, reading)
  const atmIv = (state: ChainState) => {
    if (state === reading.state) return scopes.full.atm.iv
    const legs = reader.read(state, index, now)
    return bothScopes(deps, options, { ...reading, state, legs, newest: newestPriceTime(state) }).full.atm.iv
  }
  const past = deps.closingIvs(index.index, reading.state.chain.bucket)
  return {
    bucket,
    source: options.source,
    stale: isStale(deps, reading),
    ...scopes,
    term_structure: termStructure(
      index.chains.map((state) => ({
        expiry: state.chain.expiry,
        years: yearsOf(deps, state, now),
        iv: atmIv(state),
      })),
    ),
    iv_standing: { ...ivStanding(scopes.full.atm.iv, past), days: past.length },
  }
}

function indicesReport(deps: LiveViewDeps, options: LiveViewOptions): IndicesReport {
  const market = deps.market()
  return {
    date: market?.universe.date ?? null,
    source: options.source,
    indices: (market?.universe.indices ?? []).map((entry) => ({
      index: entry.spec.name,
      exchange: entry.spec.optionsExchange,
      spot_symbol: entry.spec.spotSymbol,
      spot: market?.indices.get(entry.spec.name)?.spot.lastPrice ?? null,
      spot_frozen: deps.calendar.phaseAt(deps.clock.now()).indexFrozen,
      buckets: Object.fromEntries(entry.buckets),
      lot_size: entry.chains[0]?.lotSize ?? null,
    })),
  }
}

function expiriesReport(deps: LiveViewDeps, options: LiveViewOptions, name: IndexName): ExpiriesReport {
  const { market, universe } = find(deps, name)
  const { date } = market.universe
  return { index: name, date, source: options.source, expiries: listedExpiries(universe, date, deps.calendar) }
}

/** The watched expiries of an index as they stood on a day. */
export function listedExpiries(universe: IndexUniverse, date: string, calendar: Calendar): ExpiriesReport['expiries'] {
  return universe.chains.map(({ expiry, lotSize, strikes }) => ({
    expiry,
    buckets: BUCKETS.filter((bucket) => universe.buckets.get(bucket) === expiry),
    monthly: isMonthly(universe, expiry),
    days_to_expiry: Math.round((Date.parse(expiry) - Date.parse(date)) / DAY_MS),
    settles_at: formatIst(calendar.settlementFixAt(expiry)),
    lot_size: lotSize,
    strikes: [...strikes],
  }))
}

/** The last listed expiry of its calendar month. */
function isMonthly(universe: IndexUniverse, expiry: string): boolean {
  return !universe.expiries.some((other) => other > expiry && other.slice(0, 7) === expiry.slice(0, 7))
}
