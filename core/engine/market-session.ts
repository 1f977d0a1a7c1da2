import type { Calendar, Phase } from '../domain/calendar.ts'
import { INDEX_CATALOG, type IndexName, VIX } from '../domain/index-catalog.ts'
import type { Bucket, Source } from '../domain/instrument.ts'
import { addDays, istDate, istInstant } from '../domain/ist.ts'
import { GAP_CAUSES, type GapCause, type SessionEntry } from '../domain/journal-entry.ts'
import type { Clock } from '../kernel/clock.ts'
import { sleep } from '../kernel/clock.ts'
import { OpError, toOpError } from '../kernel/errors.ts'
import { type Component, type ComponentStatus, once } from '../kernel/lifecycle.ts'
import type { Logger } from '../kernel/logger.ts'
import { backoffMs } from '../kernel/retry.ts'
import type { Journal } from '../ports/journal.ts'
import type { MarketFeed } from '../ports/market-feed.ts'
import type { InstrumentsDump, MarketReference } from '../ports/market-reference.ts'
import type { Metrics } from '../ports/metrics.ts'
import type { Collector } from './collector.ts'
import type { GapLedger } from './gap-ledger.ts'
import { createMarketState } from './market-state.ts'
import { buildUniverse, quoteKey, type Universe } from './universe.ts'

const TICK_MS = 1_000
/** Kite publishes the day's dump at about 08:30 IST. */
const DUMP_READY_AT = '08:45'
const TOKEN_ENDS_AT = '06:00'
const RETRY = { firstMs: 1_000, maxMs: 30_000 }
/** A new token is to be taken up within seconds; who asks with a dead one again and again is not this session's matter. */
const LOGIN_RETRY_MS = 2_000

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
}

interface Session {
  readonly deps: MarketSessionDeps
  readonly options: MarketSessionOptions
  status: ComponentStatus
  /** Until when the universe in use is the newest to be had, market time. */
  goodUntil: number
  phase: Phase | null
  feedStarted: boolean
  /** The last fault of a tick that was logged: the same one is not said every second. */
  saidFault: string | null
}

export function createMarketSession(deps: MarketSessionDeps, options: MarketSessionOptions): MarketSession {
  const session: Session = {
    deps,
    options,
    status: { state: 'idle', since: deps.clock.wallNow(), issue: null, detail: null },
    goodUntil: Number.NEGATIVE_INFINITY,
    phase: null,
    feedStarted: false,
    saidFault: null,
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
          gaps.onPacket(event.receivedAt, () => outageOf(session))
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
  }
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
    await sleep(clock, waitMs, signal).catch((fault: unknown) => {
      if (!signal.aborted) throw fault
    })
  }
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
  const read = await unlessAborted(readUniverse(session, istDate(now)), signal)
  if (!session.feedStarted) await session.deps.recordLevel(signal)
  if (!sameUniverse(read.universe, collector.market()?.universe)) await takeUniverse(session, read, now)
  if (read.fault !== null) throw read.fault
  session.goodUntil = nextDumpAt(now)
  setStatus(session, 'running', null, null)
}

/** Whether nothing that is watched has changed: then what is known of the market stays. */
function sameUniverse(read: Universe, used: Universe | undefined): boolean {
  if (used === undefined || used.date !== read.date || used.tokens.length !== read.tokens.length) return false
  return read.tokens.every((token, place) => token === used.tokens[place])
}

/** Starts on a new universe. All is subscribed anew, since only a subscription brings the state of what stands still. */
async function takeUniverse(session: Session, { universe, dumps }: UniverseRead, now: number): Promise<void> {
  const { collector, feed, journal, logger } = session.deps
  const { date, tokens, leftOut } = universe
  for (const { exchange, sha256, instruments: rows } of dumps) {
    journal.append({ kind: 'reference', ts: now, date, exchange, sha256, rows: rows.length })
  }
  collector.use(createMarketState(universe))
  if (session.feedStarted) feed.subscribe([])
  feed.subscribe(tokens)
  if (!session.feedStarted) await feed.start()
  session.feedStarted = true
  const names = universe.indices.map(({ spec }) => spec.name)
  const missing = session.options.indices.filter((index) => !names.includes(index))
  logger.info(`watching ${tokens.length} instruments of ${names.join(', ')}`, { date, source: session.options.source })
  if (missing.length > 0) logger.warning(`the instruments dump lists no contract of ${missing.join(', ')}`, { date })
  if (leftOut > 0) logger.warning(`${leftOut} far contracts do not fit into Kite's connections`)
}

interface UniverseRead {
  readonly universe: Universe
  readonly dumps: readonly InstrumentsDump[]
  /** Why the dump of one exchange is missing; its indices wait while the others are watched. */
  readonly fault: unknown
}

async function readUniverse(session: Session, date: string): Promise<UniverseRead> {
  const { reference } = session.deps
  const { indices, buckets } = session.options
  await reference.profile()
  noteTokenLife(session)
  const dumps: InstrumentsDump[] = []
  let fault: unknown = null
  for (const exchange of new Set(indices.map((index) => INDEX_CATALOG[index].optionsExchange))) {
    try {
      dumps.push(await reference.instruments(exchange))
    } catch (thrown) {
      fault ??= thrown
    }
  }
  if (dumps.length === 0) throw fault
  const spotTokens = await readSpotTokens(reference, indices)
  const instruments = dumps.flatMap((dump) => dump.instruments)
  return { universe: buildUniverse({ date, indices, buckets, instruments, spotTokens }), dumps, fault }
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

/** Kite ends every token at about 06:00 IST of the next morning (kite.trade/docs/connect/v3/user). */
function noteTokenLife({ deps, options }: Session): void {
  if (options.source !== 'kite') return
  const now = deps.clock.wallNow()
  const today = istInstant(istDate(now), TOKEN_ENDS_AT)
  const expires = now < today ? today : istInstant(addDays(istDate(now), 1), TOKEN_ENDS_AT)
  deps.metrics.set('op_kite_token_expires_timestamp_seconds', {}, expires / 1000)
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
  feed.expectPackets(optionsTrade)
  for (const index of session.options.indices) metrics.set('op_market_open', { index }, optionsTrade ? 1 : 0)
  metrics.set('op_feed_connected', {}, feed.status().state === 'running' ? 1 : 0)
  const lost = collector.takeLost()
  if (lost > 0) gaps.onLost(lost, now)
  gaps.onTick(now, outageOf(session))
}

/** Writes an event of the session down; false when the journal is too full for it. */
function note({ deps, options }: Session, event: SessionEntry['event'], detail: string): boolean {
  try {
    deps.journal.append({ kind: 'session', ts: deps.clock.now(), source: options.source, event, detail })
    return true
  } catch (fault) {
    if (fault instanceof OpError && fault.code === 'journal_full') return false
    throw fault
  }
}

/** What keeps packets away now: the feed's own trouble, or that there is no feed yet. */
function outageOf({ deps, status, feedStarted }: Session): GapCause | null {
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
