import { createRejects, decodeFrame, isHeartbeat, type Rejects } from '../contract/kite-wire.ts'
import { createTickFrame, type TickFrame } from '../contract/tick-frame.ts'
import type { Clock } from '../kernel/clock.ts'
import { OpError } from '../kernel/errors.ts'
import { type ComponentState, type ComponentStatus, once, type Unsubscribe } from '../kernel/lifecycle.ts'
import type { Logger } from '../kernel/logger.ts'
import { createSignal, type Signal } from '../kernel/signal.ts'
import type { AccessTokens } from '../ports/access-token.ts'
import type { FeedEvent, FrameEvent, MarketFeed } from '../ports/market-feed.ts'
import { type Connection, type ConnectionHooks, type ConnectionTimes, createConnection } from './connection.ts'
import { createLoginGate, type LoginGate } from './login-gate.ts'
import { createRepeatedLog } from './repeated-log.ts'
import type { SocketEnd } from './socket.ts'
import { parseTextMessage } from './text-message.ts'
import { EMPTY_SPREAD, MAX_CONNECTIONS, MAX_TOKENS, type Spread, spreadTokens } from './token-spread.ts'

export interface KiteTickerDeps {
  readonly clock: Clock
  readonly logger: Logger
  readonly tokens: AccessTokens
  /** Uniform in [0, 1). */
  readonly random: () => number
}

export interface KiteTickerOptions {
  /** `wss://ws.kite.trade`, or the address of a simulated exchange. */
  readonly root: string
  /** Refuses an exchange that says of itself that it is simulated. */
  readonly live?: boolean
  /** Tokens in one message to the server. */
  readonly chunk?: number
  readonly times?: Partial<ConnectionTimes>
}

const CHUNK = 500
const WATCH_MS = 250
const TOKEN_POLL_MS = 1_000
/** When the watchdog itself comes this late, the process or the machine slept: what arrived meanwhile is read first. */
const WATCH_LATE_MS = 1_000

/** Each is shorter than the promise (5 s, 7 s, 10 s, 15 s) by more than the interval at which it is looked for. */
const TIMES: ConnectionTimes = { connectMs: 5_000, silentMs: 6_500, staleMs: 9_500, muteMs: 14_500 }

function checkRoot(root: string): void {
  const protocol = URL.canParse(root) ? new URL(root).protocol : ''
  if (protocol === 'ws:' || protocol === 'wss:') return
  throw new OpError('settings_invalid', { faults: `the ticker's address ${root} is not a ws: or wss: address` })
}

/** Listeners whose faults are reported and harm neither the feed nor each other. */
function createContainedSignal<T>(onFault: (fault: unknown) => void): Signal<T> {
  const signal = createSignal<T>()
  return {
    emit: signal.emit,
    subscribe: (listener: (value: T) => void): Unsubscribe =>
      signal.subscribe((value) => {
        try {
          listener(value)
        } catch (fault) {
          onFault(fault)
        }
      }),
  }
}

interface StatusView {
  readonly state: ComponentState
  readonly issue: string | null
  readonly detail: string | null
}

interface Ticker {
  readonly deps: KiteTickerDeps
  readonly root: string
  readonly rejects: Rejects
  readonly refusals: { old_connection: number; broken_text: number }
  readonly frames: Signal<FrameEvent>
  readonly events: Signal<FeedEvent>
  readonly reportServerError: (message: string) => void
  readonly gate: LoginGate
  readonly connections: readonly Connection[]
  lifecycle: 'idle' | 'running' | 'stopping' | 'stopped'
  spread: Spread
  received: number
  /** Monotonic; null while no packets are expected. */
  expectedSince: number | null
  watchedAt: number
  readonly timers: Unsubscribe[]
  lastFailure: string | null
  /** Whether the last attempt met a simulated exchange that was refused. */
  refusedSimulated: boolean
  since: number
  shown: string
}

function view(ticker: Ticker): StatusView {
  const { lifecycle, connections, lastFailure, spread } = ticker
  if (lifecycle !== 'running') return { state: lifecycle, issue: null, detail: null }
  const reason = ticker.gate.required()
  const needed = connections.filter((connection) => connection.state() !== 'unused')
  const down = needed.filter((connection) => connection.state() === 'down').length
  if (ticker.refusedSimulated && down > 0) {
    return { state: 'degraded', issue: 'exchange_simulated', detail: lastFailure }
  }
  if (reason !== null && down > 0) return { state: 'degraded', issue: 'login_required', detail: reason }
  if (down > 0) {
    const detail = `${down} of ${needed.length} connections are down${lastFailure === null ? '' : `: ${lastFailure}`}`
    return { state: 'degraded', issue: 'feed_disconnected', detail }
  }
  const stale = needed.filter((connection) => connection.isStale()).length
  if (stale > 0) {
    const detail = `${stale} of ${needed.length} connections to the ticker bring no packets`
    return { state: 'degraded', issue: 'feed_stale', detail }
  }
  const { leftOut } = spread
  const detail = leftOut === 0 ? null : `${leftOut} instruments do not fit into ${MAX_CONNECTIONS} connections`
  return { state: 'running', issue: null, detail }
}

/** Remembers when state and issue last changed. */
function noteStatus(ticker: Ticker): StatusView {
  const now = view(ticker)
  const key = `${now.state} ${now.issue}`
  if (key !== ticker.shown) ticker.since = ticker.deps.clock.wallNow()
  ticker.shown = key
  return now
}

/** Decodes what one connection brings into a frame of its own, and hands it on with the times of its receipt. */
function takeFrames(ticker: Ticker, connection: number): Pick<ConnectionHooks, 'decode' | 'deliver'> {
  const { clock } = ticker.deps
  let frame: TickFrame | null = null
  let receivedAt = 0
  let receivedMonotonicMs = 0
  return {
    decode(bytes) {
      if (isHeartbeat(bytes)) return 0
      receivedAt = clock.now()
      receivedMonotonicMs = clock.monotonicMs()
      frame ??= createTickFrame(MAX_TOKENS)
      const count = decodeFrame(bytes, frame, ticker.rejects)
      ticker.received += count
      return count
    },
    deliver() {
      if (frame !== null) ticker.frames.emit({ frame, connection, receivedAt, receivedMonotonicMs })
    },
  }
}

function takeText(ticker: Ticker, text: string): void {
  const message = parseTextMessage(text)
  if (message.kind === 'broken') ticker.refusals.broken_text += 1
  if (message.kind === 'error') ticker.reportServerError(message.message)
}

/** A failure in words for the operator, with what to do where that is known. */
function explainFailure({ root }: Ticker, reason: string, end: SocketEnd): string {
  if (end.kind === 'simulated') {
    const { message, hint } = new OpError('exchange_simulated', { root: new URL(root).origin })
    return `${message}. ${hint}`
  }
  if (end.kind !== 'refused' || end.status !== 429) return reason
  return `${reason}. ${new OpError('feed_rejected', { status: end.status }).hint}`
}

/** Reports the ups and downs of one connection: each outage once, however many attempts it takes. */
function outageHooks(
  ticker: Ticker,
  connection: number,
): Pick<ConnectionHooks, 'opened' | 'left' | 'lost' | 'failed' | 'stale'> {
  const { logger } = ticker.deps
  let failing = false
  return {
    opened() {
      failing = false
      ticker.refusedSimulated = false
      logger.info('connected to the ticker', { connection })
      ticker.events.emit({ kind: 'connected', connection })
      noteStatus(ticker)
    },
    left() {
      logger.info('left the ticker', { connection })
      ticker.events.emit({ kind: 'left', connection })
      noteStatus(ticker)
    },
    lost(reason, quietSince) {
      ticker.lastFailure = reason
      logger.warning('lost the ticker', { connection, reason })
      ticker.events.emit({ kind: 'disconnected', connection, reason, quietSince })
      noteStatus(ticker)
    },
    failed(reason, end) {
      ticker.lastFailure = explainFailure(ticker, reason, end)
      ticker.refusedSimulated = end.kind === 'simulated'
      if (!failing) logger.warning('cannot connect to the ticker', { connection, reason: ticker.lastFailure })
      failing = true
      noteStatus(ticker)
    },
    stale(sinceMs, quietSince) {
      logger.warning('no packets from the ticker', { connection, since_ms: sinceMs })
      ticker.events.emit({ kind: 'stale', connection, sinceMs, quietSince })
      noteStatus(ticker)
    },
  }
}

function hooksOf(ticker: Ticker, connection: number): ConnectionHooks {
  return {
    ...outageHooks(ticker, connection),
    ...takeFrames(ticker, connection),
    text: (text) => takeText(ticker, text),
    late() {
      ticker.refusals.old_connection += 1
    },
  }
}

function watch(ticker: Ticker): void {
  const now = ticker.deps.clock.monotonicMs()
  const slept = now - ticker.watchedAt > WATCH_MS + WATCH_LATE_MS
  ticker.watchedAt = now
  if (!slept) for (const connection of ticker.connections) connection.watch(ticker.expectedSince)
}

/** Moves the sockets to a new access token, one after the other: while one is down the next one waits. */
function followToken({ deps, connections }: Ticker): void {
  const token = deps.tokens.current()
  if (token === null) return
  for (const connection of connections) {
    if (connections.some((each) => each.state() === 'down')) return
    connection.renew(token)
  }
}

function applySpread(ticker: Ticker): void {
  ticker.connections.forEach((connection, index) => {
    connection.want(ticker.spread.connections[index] ?? new Set())
  })
  noteStatus(ticker)
}

function needLogin(ticker: Ticker, reason: string): void {
  ticker.deps.logger.error('the feed needs a login', { code: 'login_required', reason })
  ticker.events.emit({ kind: 'login_required', reason })
  noteStatus(ticker)
}

function resumeAll(ticker: Ticker): void {
  for (const connection of ticker.connections) connection.resume()
  noteStatus(ticker)
}

/** The parts that report: faults of listeners, errors of the server. */
function createReports(logger: Logger) {
  const reportFault = createRepeatedLog((message, times) =>
    logger.error('a listener of the feed failed', { fault: message, times }),
  )
  const contain = (fault: unknown) =>
    reportFault(fault instanceof Error ? `${fault.name}: ${fault.message}` : String(fault))
  return {
    frames: createContainedSignal<FrameEvent>(contain),
    events: createContainedSignal<FeedEvent>(contain),
    reportServerError: createRepeatedLog((message, times) =>
      logger.warning('the ticker reports an error', { error: message, times }),
    ),
  }
}

function createTicker(deps: KiteTickerDeps, options: KiteTickerOptions): Ticker {
  const connections: Connection[] = []
  const gate = createLoginGate(deps, {
    required: (reason) => needLogin(ticker, reason),
    resumed: () => resumeAll(ticker),
  })
  const ticker: Ticker = {
    ...createReports(deps.logger),
    deps,
    root: options.root,
    gate,
    connections,
    rejects: createRejects(),
    refusals: { old_connection: 0, broken_text: 0 },
    lifecycle: 'idle',
    spread: EMPTY_SPREAD,
    received: 0,
    expectedSince: null,
    watchedAt: 0,
    timers: [],
    lastFailure: null,
    refusedSimulated: false,
    since: deps.clock.wallNow(),
    shown: '',
  }
  const { clock, random, tokens } = deps
  const connectionOptions = {
    root: options.root,
    apiKey: tokens.apiKey,
    chunk: options.chunk ?? CHUNK,
    live: options.live ?? false,
    times: { ...TIMES, ...options.times },
  }
  for (let number = 1; number <= MAX_CONNECTIONS; number += 1) {
    connections.push(createConnection({ clock, random, gate }, connectionOptions, hooksOf(ticker, number)))
  }
  return ticker
}

function start(ticker: Ticker): void {
  if (ticker.lifecycle !== 'idle') return
  const { clock } = ticker.deps
  ticker.lifecycle = 'running'
  ticker.watchedAt = clock.monotonicMs()
  ticker.timers.push(
    clock.every(WATCH_MS, () => watch(ticker)),
    clock.every(TOKEN_POLL_MS, () => followToken(ticker)),
  )
  applySpread(ticker)
}

async function stop(ticker: Ticker): Promise<void> {
  ticker.lifecycle = 'stopping'
  for (const cancel of ticker.timers) cancel()
  ticker.gate.stop()
  await Promise.all(ticker.connections.map((connection) => connection.stop()))
  ticker.lifecycle = 'stopped'
  noteStatus(ticker)
}

/** The live feed of Kite's ticker: see the port for the promises. Protocol: kite.trade/docs/connect/v3/websocket. */
export function createKiteTicker(deps: KiteTickerDeps, options: KiteTickerOptions): MarketFeed {
  checkRoot(options.root)
  const ticker = createTicker(deps, options)
  return {
    name: 'feed',
    async start(signal) {
      signal?.throwIfAborted()
      start(ticker)
    },
    stop: once(() => stop(ticker)),
    subscribe(wanted) {
      ticker.spread = spreadTokens(ticker.spread, wanted)
      const { leftOut } = ticker.spread
      if (leftOut > 0) deps.logger.error('too many instruments for the ticker', { left_out: leftOut })
      if (ticker.lifecycle === 'running') applySpread(ticker)
    },
    tokensOf: (connection) => ticker.spread.connections[connection - 1] ?? new Set(),
    refresh() {
      for (const connection of ticker.connections) connection.refresh()
    },
    retryLogin: () => ticker.gate.retry(),
    onFrame: ticker.frames.subscribe,
    onEvent: ticker.events.subscribe,
    status(): ComponentStatus {
      const now = noteStatus(ticker)
      return { ...now, since: ticker.since }
    },
    expectPackets(expected) {
      if (!expected) ticker.expectedSince = null
      else ticker.expectedSince ??= deps.clock.monotonicMs()
    },
    counts() {
      const counts = Object.entries({ ...ticker.rejects, ...ticker.refusals })
      return { received: ticker.received, rejected: Object.fromEntries(counts.filter(([, count]) => count > 0)) }
    },
  }
}
