import type { RawData, WebSocket } from 'ws'
import type { Clock } from '../kernel/clock.ts'
import type { Logger } from '../kernel/logger.ts'
import type { Market } from './market.ts'
import { createSocketConnection } from './socket-connection.ts'
import { createPacketCounter, type PacketCounts, type SocketTally } from './socket-counts.ts'
import { createSocketFaults, type SocketFaults } from './socket-faults.ts'
import { type ConnectionCounts, createSocketRoster } from './socket-roster.ts'

/** Kite: three connections for an API key. */
const MAX_CONNECTIONS = 3
const CLOSE_GOING_AWAY = 1001
const CLOSE_POLICY = 1008

/** What went out since the start. Packets count when they are handed to a socket, those of spoilt frames too. */
export interface SocketCounts extends Readonly<SocketTally> {
  readonly packets: PacketCounts
  /** Open connections and the last hundred closed ones. */
  readonly connections: readonly ConnectionCounts[]
}

export interface SocketHub {
  readonly faults: Pick<SocketFaults, 'mute' | 'quieten' | 'corrupt'>
  /** Whether one more connection may be opened. */
  hasRoom(): boolean
  add(socket: WebSocket): void
  step(tokens: Iterable<number>): void
  beat(): void
  /** Largest number of bytes that wait for one client. */
  buffered(): number
  /** Drops the clients for which more than `bytes` wait. */
  dropSlow(bytes: number): void
  /** Whether a client is subscribed and no subscription changed for `quietMs`. */
  settled(quietMs: number): boolean
  /** All connections of now neither read nor write for a while, and stay open. */
  halfOpen(forMs: number): void
  disconnect(): void
  counts(): SocketCounts
  /** Closes every socket and releases the timers. */
  close(): void
}

export interface SocketHubDeps {
  readonly clock: Clock
  readonly market: Market
  readonly logger: Logger
}

/** Every WebSocket of the exchange, and the faults that are played on them. */
export function createSocketHub({ clock, market, logger }: SocketHubDeps): SocketHub {
  const { connections, ...roster } = createSocketRoster()
  const faults = createSocketFaults(clock)
  const total = createPacketCounter(market)
  const tally: SocketTally = { frames: 0, heartbeats: 0, corruptedFrames: 0, slowDropped: 0 }
  let accepted = 0

  return {
    faults,
    hasRoom: () => connections().filter((one) => !one.frozen()).length < MAX_CONNECTIONS,
    add(socket) {
      accepted += 1
      const counter = createPacketCounter(market)
      const deps = { clock, market, tally, faults, counters: [total, counter] }
      const connection = createSocketConnection(deps, accepted, socket)
      roster.add(connection, counter)
      socket.on('message', (data, isBinary) => connection.receive(isBinary ? '' : textOf(data)))
      socket.on('error', (fault) => logger.debug('a client broke the WebSocket', { error: fault.message }))
      socket.on('close', () => roster.remove(connection.id))
    },
    step(tokens) {
      for (const connection of connections()) connection.step(tokens)
    },
    beat() {
      for (const connection of connections()) connection.beat()
    },
    buffered: () => Math.max(0, ...connections().map((one) => one.buffered())),
    dropSlow(bytes) {
      for (const connection of connections()) {
        if (connection.buffered() <= bytes) continue
        tally.slowDropped += 1
        connection.socket.terminate()
      }
    },
    settled(quietMs) {
      const subscribed = connections().filter((one) => one.subscribed() > 0 && !one.frozen())
      return subscribed.length > 0 && subscribed.every((one) => clock.monotonicMs() - one.changedAt() >= quietMs)
    },
    halfOpen: (forMs) => faults.halfOpen(connections(), forMs),
    disconnect() {
      for (const connection of connections()) connection.socket.close(CLOSE_POLICY)
    },
    counts: () => ({ ...tally, packets: total.counts(), connections: roster.counts() }),
    close() {
      faults.close()
      for (const connection of connections()) {
        connection.socket.close(CLOSE_GOING_AWAY)
        connection.socket.terminate()
      }
    },
  }
}

function textOf(data: RawData): string {
  if (data instanceof ArrayBuffer) return Buffer.from(data).toString('utf8')
  return Array.isArray(data) ? Buffer.concat(data).toString('utf8') : data.toString('utf8')
}
