import { WebSocket } from 'ws'
import { encodeFrame } from '../contract/kite-encode.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Market } from './market.ts'
import type { PacketCounter, SocketTally } from './socket-counts.ts'
import type { SocketFaults } from './socket-faults.ts'
import { packetOf, truncateFrame } from './socket-packets.ts'
import { createSubscriptions, type Mode } from './socket-subscriptions.ts'

const PACKETS_PER_FRAME = 200
const HEARTBEAT_MS = 1000
/** What may wait for a client that does not read; beyond it the client is dropped. */
const MAX_BUFFERED_BYTES = 16 * 1024 * 1024
const HEARTBEAT = new Uint8Array(1)
/** RFC 6455, "try again later". */
const CLOSE_TRY_LATER = 1013

export interface SocketConnection {
  readonly id: number
  readonly socket: WebSocket
  subscribed(): number
  /** Monotonic milliseconds of the last message that added or changed a subscription. */
  changedAt(): number
  /** Sends what changed of what is subscribed. */
  step(tokens: Iterable<number>): void
  /** Sends a heartbeat when nothing went out for a second. */
  beat(): void
  /** Stops reading and writing without closing, until `thaw`. */
  freeze(): void
  thaw(): void
  frozen(): boolean
  buffered(): number
}

export interface SocketConnectionDeps {
  readonly clock: Pick<Clock, 'monotonicMs'>
  readonly market: Pick<Market, 'quote'>
  readonly counters: readonly PacketCounter[]
  readonly tally: SocketTally
  readonly faults: Pick<SocketFaults, 'muted' | 'quiet' | 'takeCorruption'>
}

/** The server's side of one WebSocket. Text messages of the client must be given to it with `receive`. */
export function createSocketConnection(
  deps: SocketConnectionDeps,
  id: number,
  socket: WebSocket,
): SocketConnection & { receive(text: string): void } {
  const { clock, market } = deps
  const subscriptions = createSubscriptions()
  let changedAt = clock.monotonicMs()
  let sentAt = clock.monotonicMs()
  let frozen = false

  const silent = () => frozen || socket.readyState !== WebSocket.OPEN
  const send = (data: Uint8Array | string) => {
    sentAt = clock.monotonicMs()
    socket.send(data)
    if (socket.bufferedAmount <= MAX_BUFFERED_BYTES) return
    deps.tally.slowDropped += 1
    socket.close(CLOSE_TRY_LATER, 'too slow')
  }
  const sendFrame = (outgoing: readonly Outgoing[]) => {
    for (const { token, mode } of outgoing) for (const counter of deps.counters) counter.add(token, mode)
    const frame = encodeFrame(outgoing.map((one) => one.packet))
    deps.tally.frames += 1
    const spoilt = deps.faults.takeCorruption()
    if (spoilt) deps.tally.corruptedFrames += 1
    send(spoilt ? truncateFrame(frame) : frame)
  }
  const step = (tokens: Iterable<number>) => {
    if (deps.faults.quiet() || silent()) return
    const outgoing = packetsOf(tokens, subscriptions.modes, market)
    for (let first = 0; first < outgoing.length && !silent(); first += PACKETS_PER_FRAME)
      sendFrame(outgoing.slice(first, first + PACKETS_PER_FRAME))
  }

  return {
    id,
    socket,
    step,
    subscribed: () => subscriptions.modes.size,
    changedAt: () => changedAt,
    buffered: () => (silent() ? 0 : socket.bufferedAmount),
    receive(text) {
      const { changed, error } = subscriptions.apply(text)
      if (changed.length > 0) changedAt = clock.monotonicMs()
      step(changed)
      if (error !== null && !silent()) send(JSON.stringify({ type: 'error', data: error }))
    },
    beat() {
      if (deps.faults.muted() || silent() || clock.monotonicMs() - sentAt < HEARTBEAT_MS) return
      deps.tally.heartbeats += 1
      send(HEARTBEAT)
    },
    freeze() {
      frozen = true
      socket.pause()
    },
    thaw() {
      frozen = false
      socket.resume()
    },
    frozen: () => frozen,
  }
}

interface Outgoing {
  readonly token: number
  readonly mode: Mode
  readonly packet: Uint8Array
}

/** The packets of those tokens that are subscribed and have a quote. */
function packetsOf(
  tokens: Iterable<number>,
  modes: ReadonlyMap<number, Mode>,
  market: Pick<Market, 'quote'>,
): Outgoing[] {
  const outgoing: Outgoing[] = []
  for (const token of tokens) {
    const mode = modes.get(token)
    if (mode === undefined) continue
    const quote = market.quote(token)
    if (quote !== null) outgoing.push({ token, mode, packet: packetOf(quote, mode) })
  }
  return outgoing
}
