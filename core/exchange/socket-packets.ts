import {
  type DepthValues,
  encodeFull,
  encodeIndexFull,
  encodeIndexQuote,
  encodeLtp,
  encodeQuote,
} from '../contract/kite-encode.ts'
import { isIndexToken } from '../contract/kite-wire.ts'
import type { Depth, Quote } from './market.ts'
import type { Mode } from './socket-subscriptions.ts'

/** The packet of a quote in a mode, without its length. Quantities wrap at 2^32, as they do at Kite. */
export function packetOf(quote: Quote, mode: Mode): Uint8Array {
  if (mode === 'ltp') return encodeLtp(quote)
  if (isIndexToken(quote.token)) return mode === 'full' ? encodeIndexFull(quote) : encodeIndexQuote(quote)
  return mode === 'full' ? encodeFull({ ...quote, depth: levelsOf(quote.depth) }) : encodeQuote(quote)
}

/** A copy of the frame that ends within its last packet. */
export function truncateFrame(frame: Uint8Array): Uint8Array {
  return frame.subarray(0, frame.length - 4)
}

function levelsOf(depth: Depth | null): DepthValues[] {
  if (depth === null) return []
  return depth.price.map((price, level) => ({
    price,
    quantity: depth.quantity[level] ?? 0,
    orders: depth.orders[level] ?? 0,
  }))
}
