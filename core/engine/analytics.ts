import type { Calendar } from '../domain/calendar.ts'
import type { Source } from '../domain/instrument.ts'
import type { AnalyticsEntry, ScopeMetrics } from '../domain/journal-entry.ts'
import type { Clock } from '../kernel/clock.ts'
import { OpError, toOpError } from '../kernel/errors.ts'
import { type Component, once, type Unsubscribe } from '../kernel/lifecycle.ts'
import type { Logger } from '../kernel/logger.ts'
import type { Journal } from '../ports/journal.ts'
import { chainMetrics } from '../pricing/chain-summary.ts'
import { yearsTo } from '../pricing/time.ts'
import { type ChainLegReader, type ChainLegs, createChainLegReader } from './chain-legs.ts'
import { chainScope } from './chain-scope.ts'
import type { ChainState } from './chain-state.ts'
import type { Enricher } from './enrich.ts'
import { newestPriceTime } from './live-view.ts'
import type { IndexState, MarketState } from './market-state.ts'

/** Samples are due at whole multiples of it, market time. */
const EVERY_MS = 5_000
/** While memory is short. */
const SPARING_MS = 15_000
/** However fast a simulated clock runs, rounds begin no sooner after each other, real time. */
const SHORTEST_ROUND_MS = 1_000
/** How often it is looked whether a round is due, real time. */
const CHECK_MS = 250
/** One chain is read at a time, and between two of them everything else has its turn, real time. */
const TURN_MS = 40

/** A chain of which so large a share sent its first packet since the round before is still filling. */
const FILLING_SHARE = 0.02

/** So often the smile goes along, market time: the day after needs the last one, whenever the day ended. */
const SMILE_MS = 15 * 60_000

/** Decimals that are kept (ADR 11). */
const SCALE = { rupees: 100, fraction: 1e6, ratio: 1e4, whole: 1 } as const

export interface AnalyticsDeps {
  readonly clock: Clock
  readonly calendar: Calendar
  readonly journal: Pick<Journal, 'append'>
  readonly enricher: Enricher
  readonly market: () => MarketState | null
  readonly newTrace: () => string
  readonly logger: Logger
}

export interface AnalyticsOptions {
  readonly source: Source
  readonly rate: number
  /** Strike offsets of the window; null = every strike. */
  readonly offsets: ReadonlySet<number> | null
  /** A chain whose newest packet is older, market time, is not sampled. */
  readonly staleMs: number
}

/** Writes the metrics of every watched chain into the record through the day, since they cannot be computed from it. */
export interface Analytics extends Component {
  /** Samples every 15 s instead of every 5; each sample says so, and the lines do not break. */
  spare(sparing: boolean): void
}

interface Moment {
  /** Market time. */
  readonly at: number
  readonly monotonicMs: number
}

interface Look extends Moment {
  readonly trading: boolean
  /** Market time by real time since the look before. */
  readonly speed: number
}

/** All chains once, one after the other. */
interface Round {
  readonly market: MarketState
  readonly trace: string
  readonly everyMs: number
  /** The end of trading, in the round that follows it; null = each sample has the instant at which it was taken. */
  readonly closedAt: number | null
  /** Newest packets of chains that are still sampled. */
  readonly freshSince: number
  readonly waiting: { readonly index: IndexState; readonly state: ChainState }[]
}

interface Work {
  readonly deps: AnalyticsDeps
  readonly options: AnalyticsOptions
  readonly reader: ChainLegReader
  everyMs: number
  /** When it was last looked whether a round is due. */
  looked: Look | null
  begun: Moment | null
  /** Contracts of a chain that had sent something by the last round. */
  readonly heard: WeakMap<ChainState, number>
  /** Stretch of the day in which a chain's smile went along last. */
  readonly smiled: WeakMap<ChainState, number>
  round: Round | null
  cancelTurn: Unsubscribe
  /** Faults that were said: the same one is not said every second. */
  saidFault: string | null
}

export function createAnalytics(deps: AnalyticsDeps, options: AnalyticsOptions): Analytics {
  const work: Work = {
    deps,
    options,
    reader: createChainLegReader(deps.enricher, options.source),
    everyMs: EVERY_MS,
    looked: null,
    begun: null,
    heard: new WeakMap(),
    smiled: new WeakMap(),
    round: null,
    cancelTurn: () => {},
    saidFault: null,
  }
  let cancelCheck: Unsubscribe = () => {}
  return {
    name: 'analytics',
    async start() {
      cancelCheck = deps.clock.every(CHECK_MS, () => contain(work, () => look(work)))
    },
    stop: once(async () => {
      cancelCheck()
      work.cancelTurn()
      work.round = null
    }),
    spare(sparing) {
      work.everyMs = sparing ? SPARING_MS : EVERY_MS
    },
  }
}

/** What fails costs one sample, and never the recording. */
function contain(work: Work, run: () => void): void {
  try {
    run()
  } catch (fault) {
    const { message, code } = toOpError(fault)
    if (message !== work.saidFault) work.deps.logger.error(`a chain could not be sampled: ${message}`, { code })
    work.saidFault = message
  }
}

/** Begins a round when one is due: at a new multiple of `everyMs` while options trade, and once when they cease to. */
function look(work: Work): void {
  const { clock, calendar } = work.deps
  const before = work.looked
  const now: Moment = { at: clock.now(), monotonicMs: clock.monotonicMs() }
  const trading = calendar.phaseAt(now.at).optionsTrade
  const speed = before === null ? 1 : (now.at - before.at) / (now.monotonicMs - before.monotonicMs)
  work.looked = { ...now, trading, speed }
  if (before === null) return
  // A machine that slept, or a clock that was set, is no fast market: that shows in one look and not in two.
  const everyMs = Math.max(work.everyMs, Math.round(Math.min(speed, before.speed)) * SHORTEST_ROUND_MS)
  if (before.trading && !trading) begin(work, now, { everyMs, closedAt: endOfTrading(calendar, before.at) })
  else if (trading && isDue(work, now, before)) begin(work, now, { everyMs, closedAt: null })
}

function isDue({ begun, round, everyMs }: Work, now: Moment, before: Moment): boolean {
  if (Math.floor(now.at / everyMs) === Math.floor((begun ?? before).at / everyMs)) return false
  return round === null && (begun === null || now.monotonicMs - begun.monotonicMs >= SHORTEST_ROUND_MS)
}

/** The end of the stretch of trading that an instant lies in. */
function endOfTrading(calendar: Calendar, at: number): number {
  let phase = calendar.phaseAt(at)
  let end = at
  while (phase.optionsTrade) {
    end = phase.until
    phase = calendar.phaseAt(end)
  }
  return end
}

function begin(work: Work, now: Moment, { everyMs, closedAt }: Pick<Round, 'everyMs' | 'closedAt'>): void {
  const { deps, options } = work
  const market = deps.market()
  work.cancelTurn()
  work.round = null
  if (market === null) return
  // At many times the market's pace a round comes every second, and what came since the last one is fresh.
  const freshSince = (closedAt ?? now.at) - Math.max(options.staleMs, everyMs)
  const waiting = [...market.indices.values()].flatMap((index) => index.chains.map((state) => ({ index, state })))
  work.round = { market, trace: deps.newTrace(), everyMs, closedAt, freshSince, waiting }
  work.begun = closedAt === null ? now : null
  takeTurn(work)
}

/** Samples the next chain of the round, and leaves the others for later. */
function takeTurn(work: Work): void {
  const { round, deps } = work
  const next = round?.waiting.shift()
  if (round === null || next === undefined || deps.market() !== round.market) {
    work.round = null
    return
  }
  contain(work, () => takeSample(work, round, next.index, next.state))
  work.cancelTurn = deps.clock.after(TURN_MS, () => takeTurn(work))
}

function takeSample(work: Work, round: Round, index: IndexState, state: ChainState): void {
  const filling = isFilling(work, state)
  const newest = newestPriceTime(state)
  if (filling || newest === null || newest < round.freshSince) return
  const now = work.deps.clock.now()
  const legs = work.reader.read(state, index, now)
  const entry = entryOf(work, round, index, state, legs, round.closedAt ?? now)
  try {
    work.deps.journal.append({ ...entry, smile: isSmileDue(work, round, state, now) ? smileOf(state, legs) : null })
  } catch (fault) {
    // What the disk cannot take now is missing in the series, as its packets are in the gap ledger.
    if (!(fault instanceof OpError && fault.code === 'journal_full')) throw fault
  }
}

function isSmileDue({ smiled }: Work, { closedAt }: Round, state: ChainState, now: number): boolean {
  const stretch = Math.floor(now / SMILE_MS)
  if (closedAt === null && smiled.get(state) === stretch) return false
  smiled.set(state, stretch)
  return true
}

/** Out of the money a price is all time value: that side's IV is the one to trust. */
function smileOf({ chain, forward }: ChainState, legs: ChainLegs): AnalyticsEntry['smile'] {
  if (forward === null) return null
  return chain.strikes.flatMap((strike, k) => {
    const iv = legs[strike < forward.value ? 2 * k + 1 : 2 * k]?.iv ?? null
    return iv === null ? [] : [[strike, rounded(iv, SCALE.fraction) ?? iv] as const]
  })
}

/** After a start contracts come in over seconds: the ratios of half a chain are not those of the chain. */
function isFilling({ heard }: Work, state: ChainState): boolean {
  const before = heard.get(state) ?? 0
  const now = state.receivedAt.reduce((count, at) => (Number.isNaN(at) ? count : count + 1), 0)
  heard.set(state, now)
  return now - before > FILLING_SHARE * now
}

function entryOf(
  { deps, options }: Work,
  { market, trace, everyMs }: Round,
  index: IndexState,
  state: ChainState,
  legs: ChainLegs,
  ts: number,
): Omit<AnalyticsEntry, 'smile'> {
  const { chain } = state
  const future = index.futures.find(({ expiry }) => expiry !== null && expiry >= chain.expiry)
  const rupees = (value: number | null | undefined) => rounded(value ?? null, SCALE.rupees)
  const { lastPrice: spot } = index.spot
  const metricsOver = (offsets: ReadonlySet<number> | null) =>
    scopeMetrics(
      chainMetrics({
        strikes: chainScope(state, legs, offsets),
        forward: state.forward?.value ?? null,
        spot,
        years: yearsTo(deps.calendar.settlementFixAt(chain.expiry), ts),
        rate: options.rate,
        atmStrike: state.atm === null ? null : (chain.strikes[state.atm] ?? null),
      }),
    )
  return {
    kind: 'analytics',
    ts,
    trace,
    source: options.source,
    index: chain.index,
    buckets: [chain.bucket, ...chain.aliases.filter((alias) => alias !== chain.bucket)],
    expiry: chain.expiry,
    everyMs,
    underlying: [rupees(spot), rupees(future?.lastPrice), rupees(state.forward?.value), rupees(market.vix.lastPrice)],
    window: metricsOver(options.offsets),
    full: metricsOver(null),
  }
}

function scopeMetrics(metrics: ReturnType<typeof chainMetrics>): ScopeMetrics {
  const { atm, pcr_oi, pcr_volume, max_pain, skew_25d, gex, dex, totals } = metrics
  return [
    rounded(atm.iv, SCALE.fraction),
    rounded(atm.straddle, SCALE.rupees),
    rounded(pcr_oi, SCALE.ratio),
    rounded(pcr_volume, SCALE.ratio),
    max_pain,
    rounded(skew_25d, SCALE.fraction),
    rounded(gex, SCALE.whole),
    rounded(dex, SCALE.whole),
    totals.ce_oi,
    totals.pe_oi,
  ]
}

/** null for what is not a number. -0 becomes 0. */
function rounded(value: number | null, scale: number): number | null {
  return value === null || !Number.isFinite(value) ? null : Math.round(value * scale) / scale + 0
}
