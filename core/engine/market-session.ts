import type { Calendar, Phase } from '../domain/calendar.ts'
import { INDEX_CATALOG, type IndexName, VIX } from '../domain/index-catalog.ts'
import type { Bucket, Source } from '../domain/instrument.ts'
import { istDate, istInstant } from '../domain/ist.ts'
import { GAP_CAUSES, type GapCause, type JournalEntry, type SessionEntry } from '../domain/journal-entry.ts'
import { tokenEndsAt } from '../domain/token-life.ts'
import type { Clock } from '../kernel/clock.ts'
import { sleep } from '../kernel/clock.ts'
import { OpError, toOpError } from '../kernel/errors.ts'
import { type Component, type ComponentStatus, once } from '../kernel/lifecycle.ts'
import type { Logger } from '../kernel/logger.ts'
import { backoffMs } from '../kernel/retry.ts'
import type { Journal } from '../ports/journal.ts'
import type { MarketFeed } from '../ports/market-feed.ts'
import type { MarketReference } from '../ports/market-reference.ts'
import type { Metrics } from '../ports/metrics.ts'
import type { Collector } from './collector.ts'
import { createDumpShelf, type DumpInUse, type DumpShelf } from './dump-shelf.ts'
import type { GapLedger } from './gap-ledger.ts'
import { createMarketState, type MarketState } from './market-state.ts'
import { buildUniverse, quoteKey, sameUniverse, type Universe } from './universe.ts'

const TICK_MS = 1_000
/** Kite publishes the day's dump at about 08:30 IST. */
const DUMP_READY_AT = '08:45'
const RETRY = { firstMs: 1_000, maxMs: 30_000 }
/** A new token is to be taken up within seconds; who asks with a dead one again and again is not this session's matter. */
const LOGIN_RETRY_MS = 2_000
/** How often the feed is told that a token it was refused with is accepted elsewhere. */
const FEED_LOGIN_MS = 60_000

export interface MarketSessionDeps {
  readonly clock: Clock
  readonly logger: Logger
  readonly calendar: Calendar
  readonly reference: MarketReference
  readonly feed: MarketFeed
  readonly collector: Collector
  readonly gaps: GapLedger
  readonly journal: Journal
  readonly metrics: Metrics
  readonly random: () => number
  /** Resolves when what earlier runs recorded can be read; rejects when the signal aborts. */
  readonly recordLevel: (signal: AbortSignal) => Promise<void>
}

export interface MarketSessionOptions {
  readonly source: Source
  readonly indices: readonly IndexName[]
  readonly buckets: readonly Bucket[]
}

/**
 * Follows the market through the day: reads the instruments, decides what is watched, starts the feed, and begins
 * anew when the date changes. Whatever fails is said in `status()` and tried again, for ever.
 */
export interface MarketSession extends Component {
  status(): ComponentStatus
  /**
   * Stops the intake until it is resumed: connections are closed, what was received is recorded, and what is missed is
   * a gap with the cause `paused`. Nothing happens when it is so already.
   */
  setPaused(paused: boolean): void
  /** Since when collecting is paused, market time; null = it is not. */
  pausedSince(): number | null
  /** Lists of instruments in use. */
  dumps(): readonly DumpInUse[]
  /** When the access token that was accepted last dies, wall time; null where none is needed or none was accepted. */
  tokenEndsAt(): number | null
}

interface Session {
  readonly deps: MarketSessionDeps
  readonly options: MarketSessionOptions
  status: ComponentStatus
  /** Until when the universe in use is the newest to be had, market time. */
  goodUntil: number
  readonly shelf: DumpShelf
  /** sha256 of the dump of each exchange that was written down last. */
  readonly notedDumps: Map<string, string>
  /** Counts of the feed that are in the metrics. */
  readonly reportedRejects: Map<string, number>
  /** Monotonic. */
  nextFeedLogin: number
  phase: Phase | null
  feedStarted: boolean
  /** The last fault of a tick that was logged: the same one is not said every second. */
  saidFault: string | null
  /** Market time; null = collecting goes on. */
  pausedSince: number | null
  /** Wall time. */
  tokenEndsAt: number | null
}

export function createMarketSession(deps: MarketSessionDeps, options: MarketSessionOptions): MarketSession {
  const session: Session = {
    deps,
    options,
    status: { state: 'idle', since: deps.clock.wallNow(), issue: null, detail: null },
    goodUntil: Number.NEGATIVE_INFINITY,
    shelf: createDumpShelf(deps.reference, options.indices, deps.clock.now),
    notedDumps: new Map(),
    reportedRejects: new Map(),
    nextFeedLogin: Number.NEGATIVE_INFINITY,
    phase: null,
    feedStarted: false,
    saidFault: null,
    pausedSince: null,
    tokenEndsAt: null,
  }
  const stopping = new AbortController()
  const subscriptions: (() => void)[] = []
  let loop: Promise<void> = Promise.resolve()
  return {
    name: 'market',
    async start() {
      const { collector, feed, gaps, clock } = deps
      subscriptions.push(
        feed.onFrame((event) => {
          if (session.pausedSince !== null) return
          gaps.onPacket(event.receivedAt, event.connection, () => outageOf(session))
          collector.onFrame(event)
        }),
        feed.onEvent((event) => gaps.onEvent(event)),
        feed.onEvent((event) => onFeedEvent(session, event.kind, 'reason' in event ? event.reason : '')),
        clock.every(TICK_MS, () => containedTick(session)),
      )
      setStatus(session, 'starting', null, 'reading the list of instruments')
      containedTick(session)
      loop = keepUniverse(session, stopping.signal)
    },
    stop: once(async () => {
      stopping.abort()
      await loop
      if (session.feedStarted) await deps.feed.stop()
      for (const unsubscribe of subscriptions.reverse()) unsubscribe()
      deps.collector.flush()
      deps.gaps.close(deps.clock.now())
      setStatus(session, 'stopped', null, null)
    }),
    status: () => session.status,
    setPaused: (paused) => setPaused(session, paused),
    pausedSince: () => session.pausedSince,
    dumps: session.shelf.inUse,
    tokenEndsAt: () => session.tokenEndsAt,
  }
}

function setPaused(session: Session, paused: boolean): void {
  const { clock, collector, feed, gaps, logger } = session.deps
  if (paused === (session.pausedSince !== null)) return
  const now = clock.now()
  if (paused) collector.flush()
  session.pausedSince = paused ? now : null
  gaps.setPaused(paused, now)
  feed.subscribe(wantedTokens(session))
  note(session, paused ? 'paused' : 'resumed', 'by the user')
  logger.info(paused ? 'collecting is paused: nothing is received until it is resumed' : 'collecting goes on')
}

function wantedTokens({ deps, pausedSince }: Session): readonly number[] {
  return pausedSince === null ? (deps.collector.market()?.universe.tokens ?? []) : []
}

/** Builds the universe, again whenever a newer one is to be had; after a failure the old one stays in use. */
async function keepUniverse(session: Session, signal: AbortSignal): Promise<void> {
  const { clock } = session.deps
  let failures = 0
  while (!signal.aborted) {
    let waitMs = TICK_MS
    if (clock.now() >= session.goodUntil) {
      try {
        await openUniverse(session, signal)
        failures = 0
      } catch (fault) {
        if (signal.aborted) return
        failures += 1
        waitMs = sayFailure(session, fault, failures)
      }
    }
    await helpFeed(session, signal)
    await sleep(clock, waitMs, signal).catch((fault: unknown) => {
      if (!signal.aborted) throw fault
    })
  }
}

/** The ticker refuses now and then a token that is good: when REST accepts it, the feed is to try again. */
async function helpFeed(session: Session, signal: AbortSignal): Promise<void> {
  const { clock, feed, reference } = session.deps
  const now = clock.monotonicMs()
  if (!session.feedStarted || feed.status().issue !== 'login_required' || now < session.nextFeedLogin) return
  session.nextFeedLogin = now + FEED_LOGIN_MS
  const accepted = await unlessAborted(reference.profile(), signal).then(
    () => true,
    // Not a trouble of its own: the feed's status says already that a login is needed.
    () => false,
  )
  if (accepted) feed.retryLogin()
}

/** Says what is wrong, each trouble once in the log; returns after how many milliseconds to try again. */
function sayFailure(session: Session, fault: unknown, failures: number): number {
  const { logger, random } = session.deps
  const { code, message, hint } = toOpError(fault)
  const issue = code === 'auth_expired' ? 'login_required' : code
  if (failures === 1 || session.status.issue !== issue) logger.error(message, { code, hint })
  setStatus(session, 'degraded', issue, `${message}. ${hint}`)
  return issue === 'login_required' ? LOGIN_RETRY_MS : backoffMs(failures, { ...RETRY, random })
}

async function openUniverse(session: Session, signal: AbortSignal): Promise<void> {
  const { clock, collector } = session.deps
  const now = clock.now()
  // A dump takes up to a minute: whoever stops does not wait for it.
  const read = await unlessAborted(readUniverse(session, now), signal)
  if (!session.feedStarted) await session.deps.recordLevel(signal)
  const used = collector.market()?.universe
  // What is known of the market stays when nothing that is watched has changed.
  if (used === undefined || !session.feedStarted || !sameUniverse(read.universe, used))
    await takeUniverse(session, read)
  noteDumps(session)
  if (read.fault !== null) throw read.fault
  session.goodUntil = nextDumpAt(now)
  setStatus(session, 'running', null, null)
}

/** Starts on a new universe, on the sockets that are open. */
async function takeUniverse(session: Session, { universe }: UniverseRead): Promise<void> {
  const { collector, feed, logger } = session.deps
  const { date, tokens, leftOut } = universe
  const before = collector.market()
  const market = createMarketState(universe, before)
  collector.use(market)
  feed.subscribe(wantedTokens(session))
  if (!session.feedStarted) await feed.start()
  else if (isForgotten(before, market)) feed.refresh()
  session.feedStarted = true
  const names = universe.indices.map(({ spec }) => spec.name)
  const missing = session.options.indices.filter((index) => !names.includes(index))
  logger.info(`watching ${tokens.length} instruments of ${names.join(', ')}`, { date, source: session.options.source })
  if (missing.length > 0) logger.warning(`the instruments dump lists no contract of ${missing.join(', ')}`, { date })
  if (leftOut > 0) logger.warning(`${leftOut} far contracts do not fit into Kite's connections`)
}

/**
 * Whether something that was watched before begins anew without a known state. New tokens get theirs with the
 * subscription; these only when it is asked for.
 */
function isForgotten(before: MarketState | null, market: MarketState): boolean {
  const stateOf = (state: MarketState | null, token: number) => {
    const role = state?.roleOf(token)
    return role?.kind === 'option' ? role.chain : role?.underlying
  }
  return market.universe.tokens.some((token) => {
    const old = stateOf(before, token)
    return old !== undefined && old !== stateOf(market, token)
  })
}

interface UniverseRead {
  readonly universe: Universe
  /** Why the dump of one exchange is missing; its indices wait, or go on with the dump before. */
  readonly fault: unknown
}

async function readUniverse(session: Session, now: number): Promise<UniverseRead> {
  const { reference } = session.deps
  const { indices, buckets } = session.options
  await reference.profile()
  noteTokenLife(session)
  const { dumps, fault } = await session.shelf.read(nextDumpAt(now))
  if (dumps.length === 0) throw fault
  const spotTokens = await readSpotTokens(reference, indices)
  const instruments = dumps.flatMap((dump) => dump.instruments)
  try {
    return { universe: buildUniverse({ date: istDate(now), indices, buckets, instruments, spotTokens }), fault }
  } catch (thrown) {
    // Of no use: another one is asked for.
    session.shelf.spoil()
    throw thrown
  }
}

/** Writes down which dumps are in use, each once; while the journal is full it is done with the next tick that can. */
function noteDumps(session: Session): void {
  const date = session.deps.collector.market()?.universe.date
  if (date === undefined) return
  for (const { exchange, sha256, instruments: rows } of session.shelf.dumps()) {
    if (session.notedDumps.get(exchange) === sha256) continue
    if (
      !append(session, { kind: 'reference', ts: session.deps.clock.now(), date, exchange, sha256, rows: rows.length })
    )
      return
    session.notedDumps.set(exchange, sha256)
  }
}

/** The outcome of the work, or a rejection as soon as the signal aborts; the work is then left to itself. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const aborted = () => reject(signal.reason)
    if (signal.aborted) aborted()
    signal.addEventListener('abort', aborted, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', aborted))
  })
}

function noteTokenLife(session: Session): void {
  if (session.options.source !== 'kite') return
  session.tokenEndsAt = tokenEndsAt(session.deps.clock.wallNow())
  session.deps.metrics.set('op_kite_token_expires_timestamp_seconds', {}, session.tokenEndsAt / 1000)
}

async function readSpotTokens(reference: MarketReference, indices: readonly IndexName[]) {
  const keys = indices.map((index) => quoteKey(INDEX_CATALOG[index].spotExchange, INDEX_CATALOG[index].spotSymbol))
  const prices = await reference.lastPrices([...keys, quoteKey(VIX.exchange, VIX.symbol)])
  return new Map([...prices].map(([key, price]) => [key, price.token]))
}

/** The dump is renewed in the morning; buckets move on at midnight. */
function nextDumpAt(now: number): number {
  const ready = istInstant(istDate(now), DUMP_READY_AT)
  return now < ready ? ready : istInstant(istDate(now), '23:59:59') + 1_000
}

/** A tick that fails is said and the next one comes all the same: nothing here may end the recording. */
function containedTick(session: Session): void {
  try {
    tick(session)
  } catch (fault) {
    const { message, code } = toOpError(fault)
    if (message !== session.saidFault) session.deps.logger.error(`a tick of the session failed: ${message}`, { code })
    session.saidFault = message
  }
}

function tick(session: Session): void {
  const { clock, calendar, metrics, feed, gaps, collector } = session.deps
  const now = clock.now()
  const { phase, optionsTrade, note: about } = calendar.phaseAt(now)
  const changed = phase !== session.phase
  // While the journal is full the change is written with the next tick that can.
  if (changed && note(session, 'phase', about === null ? phase : `${phase}: ${about}`)) session.phase = phase
  noteDumps(session)
  reportRejects(session)
  feed.expectPackets(optionsTrade && session.pausedSince === null)
  for (const index of session.options.indices) metrics.set('op_market_open', { index }, optionsTrade ? 1 : 0)
  metrics.set('op_feed_connected', {}, feed.status().state === 'running' ? 1 : 0)
  const lost = collector.takeLost()
  if (lost > 0) gaps.onLost(lost, now)
  gaps.onTick(now, outageOf(session))
}

/** Packets that the feed refused since the last tick. */
function reportRejects({ deps, reportedRejects }: Session): void {
  for (const [reason, count] of Object.entries(deps.feed.counts().rejected)) {
    const growth = count - (reportedRejects.get(reason) ?? 0)
    if (growth > 0) deps.metrics.increment('op_ticks_dropped_total', { reason }, growth)
    reportedRejects.set(reason, count)
  }
}

/** Writes an event of the session down; false when the journal is too full for it. */
function note(session: Session, event: SessionEntry['event'], detail: string): boolean {
  const { deps, options } = session
  return append(session, { kind: 'session', ts: deps.clock.now(), source: options.source, event, detail })
}

/** false when the journal is too full. */
function append({ deps }: Session, entry: JournalEntry): boolean {
  try {
    deps.journal.append(entry)
    return true
  } catch (fault) {
    if (fault instanceof OpError && fault.code === 'journal_full') return false
    throw fault
  }
}

/** What keeps packets away now: the feed's own trouble, or that there is no feed yet. */
function outageOf({ deps, status, feedStarted, pausedSince }: Session): GapCause | null {
  if (pausedSince !== null) return 'paused'
  const issue = feedStarted ? deps.feed.status().issue : status.issue
  if (issue === null) return null
  return GAP_CAUSES.find((cause) => cause === issue) ?? 'feed_disconnected'
}

function onFeedEvent(session: Session, kind: string, reason: string): void {
  if (kind !== 'connected' && kind !== 'disconnected' && kind !== 'login_required') return
  note(session, kind, reason)
}

function setStatus(session: Session, state: ComponentStatus['state'], issue: string | null, detail: string | null) {
  const since = session.status.state === state ? session.status.since : session.deps.clock.wallNow()
  session.status = { state, since, issue, detail }
}
