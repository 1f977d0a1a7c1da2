import { isIndexToken } from '../contract/kite-wire.ts'
import type { Market } from './market.ts'
import type { Mode } from './socket-subscriptions.ts'

export type TokenClass = 'options' | 'futures' | 'indices' | 'others'

/** Packets handed to a socket, in total and by what they are. */
export interface PacketCounts {
  readonly total: number
  readonly byClass: Readonly<Record<TokenClass, number>>
  readonly byMode: Readonly<Record<Mode, number>>
}

/** What else is counted over all connections. */
export interface SocketTally {
  frames: number
  heartbeats: number
  corruptedFrames: number
  /** Connections dropped because they did not read. */
  slowDropped: number
}

export interface PacketCounter {
  add(token: number, mode: Mode): void
  counts(): PacketCounts
}

export function createPacketCounter(market: Pick<Market, 'byToken'>): PacketCounter {
  let total = 0
  const byClass: Record<TokenClass, number> = { options: 0, futures: 0, indices: 0, others: 0 }
  const byMode: Record<Mode, number> = { ltp: 0, quote: 0, full: 0 }
  return {
    add(token, mode) {
      total += 1
      byClass[classOf(token, market)] += 1
      byMode[mode] += 1
    },
    counts: () => ({ total, byClass: { ...byClass }, byMode: { ...byMode } }),
  }
}

function classOf(token: number, market: Pick<Market, 'byToken'>): TokenClass {
  if (isIndexToken(token)) return 'indices'
  switch (market.byToken(token)?.type) {
    case 'CE':
    case 'PE':
      return 'options'
    case 'FUT':
      return 'futures'
    case 'EQ':
    case undefined:
      return 'others'
  }
}
