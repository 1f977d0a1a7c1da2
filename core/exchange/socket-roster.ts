import { WebSocket } from 'ws'
import type { SocketConnection } from './socket-connection.ts'
import type { PacketCounter, PacketCounts } from './socket-counts.ts'

/** Closed connections whose counts are kept. */
const MAX_HISTORY = 100

export interface ConnectionCounts {
  /** From 1, in the order in which they came. */
  readonly id: number
  readonly open: boolean
  readonly subscribed: number
  readonly packets: PacketCounts
}

/** Who is connected, and what those got who no longer are. */
export interface SocketRoster {
  connections(): SocketConnection[]
  add(connection: SocketConnection, counter: PacketCounter): void
  remove(id: number): void
  counts(): ConnectionCounts[]
}

export function createSocketRoster(): SocketRoster {
  const members = new Map<number, { readonly connection: SocketConnection; readonly counter: PacketCounter }>()
  const history: ConnectionCounts[] = []
  const countsOf = (connection: SocketConnection, counter: PacketCounter): ConnectionCounts => ({
    id: connection.id,
    open: connection.socket.readyState === WebSocket.OPEN,
    subscribed: connection.subscribed(),
    packets: counter.counts(),
  })
  return {
    connections: () => [...members.values()].map((member) => member.connection),
    add(connection, counter) {
      members.set(connection.id, { connection, counter })
    },
    remove(id) {
      const member = members.get(id)
      if (member === undefined) return
      members.delete(id)
      history.push(countsOf(member.connection, member.counter))
      if (history.length > MAX_HISTORY) history.shift()
    },
    counts: () => [...history, ...[...members.values()].map((one) => countsOf(one.connection, one.counter))],
  }
}
