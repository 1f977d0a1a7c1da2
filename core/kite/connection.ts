import type { Clock } from '../kernel/clock.ts'
import type { Unsubscribe } from '../kernel/lifecycle.ts'
import { backoffMs } from '../kernel/retry.ts'
import type { LoginGate, LoginOutcome } from './login-gate.ts'
import { openSocket, type Socket, type SocketEnd, type SocketHandlers } from './socket.ts'
import { subscribeMessages, unsubscribeMessages } from './text-message.ts'

/** Times of a connection, milliseconds. */
export interface ConnectionTimes {
  /** How long an upgrade may take. */
  readonly connectMs: number
  /** Without a byte for this long, heartbeats included, the peer is gone. */
  readonly silentMs: number
  /** Without a packet for this long while packets are expected, the feed is stale … */
  readonly staleMs: number
  /** … and the connection is made anew. */
  readonly muteMs: number
}

export interface ConnectionHooks {
  opened(): void
  /** Closed by us. */
  left(): void
  /** `quietSince`: market time of the last packet, or of the opening. */
  lost(reason: string, quietSince: number): void
  /** The upgrade failed; the connection tries again by itself. */
  failed(reason: string, end: SocketEnd): void
  stale(forMs: number, quietSince: number): void
  /** Decodes a binary message and returns the number of packets in it. */
  decode(bytes: Uint8Array): number
  /** Hands on what was decoded last. */
  deliver(): void
  text(text: string): void
  /** A message of a socket that was given up arrived and was refused. */
  late(): void
}

export interface ConnectionDeps {
  readonly clock: Clock
  readonly random: () => number
  readonly gate: LoginGate
}

export interface ConnectionOptions {
  /** `wss://ws.kite.trade` */
  readonly root: string
  readonly apiKey: string
  readonly chunk: number
  /** Whether a simulated exchange is refused. */
  readonly live: boolean
  readonly times: ConnectionTimes
}

export interface Connection {
  /** Replaces the tokens; connects when there are some, disconnects when there are none. */
  want(tokens: ReadonlySet<number>): void
  /** Subscribes everything anew on the open socket: the server answers a subscription with the present state. */
  refresh(): void
  /** Connects at once if the connection waits for the gate. */
  resume(): void
  /** Connects anew when the open socket was opened with another token than this one. */
  renew(token: string): void
  /** Looks for silence; called a few times a second. `expectedSince` is monotonic, null while no packets are expected. */
  watch(expectedSince: number | null): void
  state(): 'unused' | 'open' | 'down'
  isStale(): boolean
  stop(): Promise<void>
}

const FIRST_RETRY_MS = 1_000
/** A server that answers must not be pressed … */
const MAX_RETRY_MS = 30_000
/** … one that is not reached is burdened by nobody, and the feed should be back soon after the network. */
const MAX_RETRY_UNREACHED_MS = 2_000
/** Status 429: another program holds the connections of this API key. */
const CROWDED_RETRY_MS = { first: 10_000, max: 60_000 } as const

/** Delay before the next attempt to connect, the `attempt`-th since data last arrived. */
export function retryDelayMs(end: SocketEnd, attempt: number, random: () => number): number {
  if (end.kind === 'refused' && end.status === 429) {
    return backoffMs(attempt, { firstMs: CROWDED_RETRY_MS.first, maxMs: CROWDED_RETRY_MS.max, random })
  }
  const maxMs = end.kind === 'unreachable' ? MAX_RETRY_UNREACHED_MS : MAX_RETRY_MS
  return backoffMs(attempt, { firstMs: FIRST_RETRY_MS, maxMs, random })
}

function describeEnd(end: SocketEnd): string {
  if (end.kind === 'simulated') return 'the exchange is simulated'
  return end.kind === 'refused' ? `status ${end.status}` : end.reason
}

function isLoginRefusal(end: SocketEnd): boolean {
  return end.kind === 'refused' && (end.status === 403 || end.status === 400)
}

type Phase = 'unused' | 'blocked' | 'waiting' | 'connecting' | 'open'

interface Link {
  readonly deps: ConnectionDeps
  readonly options: ConnectionOptions
  readonly hooks: ConnectionHooks
  tokens: ReadonlySet<number>
  phase: Phase
  /** Counts the sockets; messages of any but the last are refused. */
  generation: number
  socket: Socket | null
  /** The access token of the socket. */
  token: string | null
  cancelTimer: Unsubscribe | null
  /** Tells the gate how the attempt under way ended. */
  settle: ((outcome: LoginOutcome) => void) | null
  /** Attempts since data last arrived. */
  attempt: number
  /** Monotonic time of the last byte. */
  heardAt: number
  /** When the last packet came, or the socket opened. */
  quietSince: { monotonicMs: number; market: number }
  /** Found quiet while packets were expected, and none has come since, on whatever socket. */
  stale: boolean
  readonly unreleased: Set<Promise<void>>
}

function setTimer(link: Link, delayMs: number, run: () => void): void {
  link.cancelTimer?.()
  link.cancelTimer = link.deps.clock.after(delayMs, run)
}

function clearTimer(link: Link): void {
  link.cancelTimer?.()
  link.cancelTimer = null
}

function settle(link: Link, outcome: LoginOutcome): void {
  const report = link.settle
  link.settle = null
  report?.(outcome)
}

/** Leaves the current socket behind; what it still delivers belongs to an old generation. */
function abandon(link: Link, next: Phase): void {
  link.generation += 1
  clearTimer(link)
  link.phase = next
  link.socket?.terminate()
  link.socket = null
}

function connect(link: Link): void {
  const { gate } = link.deps
  clearTimer(link)
  const token = gate.take()
  if (token === null) {
    link.phase = 'blocked'
    return
  }
  link.settle = (outcome) => gate.settle(token, outcome)
  link.phase = 'connecting'
  link.token = token
  link.generation += 1
  link.socket = listen(link, token, link.generation)
  const tooLate = () => drop(link, { kind: 'unreachable', reason: 'no answer to the upgrade in time' })
  setTimer(link, link.options.times.connectMs, tooLate)
}

function listen(link: Link, token: string, generation: number): Socket {
  const { deps, options, hooks, unreleased } = link
  const url = new URL(options.root)
  url.searchParams.set('api_key', options.apiKey)
  url.searchParams.set('access_token', token)
  const ifCurrent = (run: () => void, otherwise = () => {}) => (generation === link.generation ? run() : otherwise())
  const handlers: SocketHandlers = {
    pulse: () =>
      ifCurrent(() => {
        link.heardAt = deps.clock.monotonicMs()
      }),
    opened: () => ifCurrent(() => becomeOpen(link)),
    binary: (bytes) => ifCurrent(() => takeBinary(link, bytes), hooks.late),
    text: (text) => ifCurrent(() => hooks.text(text), hooks.late),
    ended: (end) => ifCurrent(() => drop(link, end)),
  }
  const socket = openSocket(url, handlers, { live: options.live })
  unreleased.add(socket.released)
  void socket.released.then(() => unreleased.delete(socket.released))
  return socket
}

function noteAlive(link: Link): void {
  const { clock } = link.deps
  link.quietSince = { monotonicMs: clock.monotonicMs(), market: clock.now() }
}

function becomeOpen(link: Link): void {
  clearTimer(link)
  link.phase = 'open'
  noteAlive(link)
  settle(link, 'accepted')
  send(link, subscribeMessages([...link.tokens], link.options.chunk))
  link.hooks.opened()
}

function send(link: Link, messages: readonly string[]): void {
  for (const message of messages) link.socket?.send(message)
}

function takeBinary(link: Link, bytes: Uint8Array): void {
  if (link.hooks.decode(bytes) === 0) return
  link.attempt = 0
  link.stale = false
  noteAlive(link)
  link.hooks.deliver()
}

/** The socket is over, by the server's doing or ours: the next attempt is planned. */
function drop(link: Link, end: SocketEnd): void {
  const wasOpen = link.phase === 'open'
  abandon(link, 'waiting')
  link.attempt += 1
  setTimer(link, retryDelayMs(end, link.attempt, link.deps.random), () => connect(link))
  if (wasOpen) link.hooks.lost(describeEnd(end), link.quietSince.market)
  else link.hooks.failed(describeEnd(end), end)
  settle(link, isLoginRefusal(end) ? 'refused' : 'unknown')
}

/** A socket lives on when its token dies, until the server looks: better to change it while the new one is good. */
function renew(link: Link, token: string): void {
  if (link.phase !== 'open' || link.token === token) return
  abandon(link, 'waiting')
  const { generation } = link
  link.hooks.lost('there is a new access token', link.quietSince.market)
  // Who hears of it may have left the connection.
  if (link.generation === generation) connect(link)
}

function leave(link: Link): void {
  const wasOpen = link.phase === 'open'
  abandon(link, 'unused')
  link.attempt = 0
  link.stale = false
  settle(link, 'unknown')
  if (wasOpen) link.hooks.left()
}

function want(link: Link, wanted: ReadonlySet<number>): void {
  const removed = [...link.tokens].filter((token) => !wanted.has(token))
  const added = [...wanted].filter((token) => !link.tokens.has(token))
  link.tokens = wanted
  if (wanted.size === 0 && link.phase !== 'unused') leave(link)
  else if (wanted.size > 0 && link.phase === 'unused') connect(link)
  else if (link.phase === 'open') {
    send(link, unsubscribeMessages(removed, link.options.chunk))
    send(link, subscribeMessages(added, link.options.chunk))
  }
}

function refresh(link: Link): void {
  if (link.phase !== 'open') return
  const tokens = [...link.tokens]
  send(link, unsubscribeMessages(tokens, link.options.chunk))
  send(link, subscribeMessages(tokens, link.options.chunk))
}

function watch(link: Link, expectedSince: number | null): void {
  if (expectedSince === null) link.stale = false
  if (link.phase !== 'open') return
  const { times } = link.options
  const now = link.deps.clock.monotonicMs()
  if (now - link.heardAt >= times.silentMs) {
    link.stale = expectedSince !== null
    drop(link, { kind: 'closed', reason: `not a byte in ${times.silentMs} ms` })
    return
  }
  if (expectedSince === null) return
  const quietMs = now - Math.max(link.quietSince.monotonicMs, expectedSince)
  if (quietMs >= times.staleMs && !link.stale) {
    link.stale = true
    link.hooks.stale(quietMs, link.quietSince.market)
  }
  if (quietMs >= times.muteMs) drop(link, { kind: 'closed', reason: `not a packet in ${times.muteMs} ms` })
}

function resume(link: Link): void {
  if (link.phase !== 'blocked') return
  link.attempt = 0
  connect(link)
}

/** One WebSocket to Kite that keeps itself up: one live socket at most, older ones are cut off and not listened to. */
export function createConnection(deps: ConnectionDeps, options: ConnectionOptions, hooks: ConnectionHooks): Connection {
  const link: Link = {
    deps,
    options,
    hooks,
    tokens: new Set(),
    phase: 'unused',
    generation: 0,
    socket: null,
    token: null,
    cancelTimer: null,
    settle: null,
    attempt: 0,
    heardAt: 0,
    quietSince: { monotonicMs: 0, market: 0 },
    stale: false,
    unreleased: new Set(),
  }
  return {
    want: (tokens) => want(link, tokens),
    refresh: () => refresh(link),
    resume: () => resume(link),
    renew: (token) => renew(link, token),
    watch: (expectedSince) => watch(link, expectedSince),
    state: () => (link.phase === 'unused' || link.phase === 'open' ? link.phase : 'down'),
    isStale: () => link.stale,
    async stop() {
      leave(link)
      await Promise.all(link.unreleased)
    },
  }
}
