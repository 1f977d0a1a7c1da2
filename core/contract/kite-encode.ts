import { DEPTH_LEVEL_LENGTH, DEPTH_OFFSET, PACKET_LENGTH } from './kite-wire.ts'
import { DEPTH_LEVELS } from './tick-frame.ts'

/** Values of packets as the wire has them: prices are raw integers (rupees × divisor), times unix seconds, 0 = none. */
export interface LtpValues {
  readonly token: number
  readonly lastPrice: number
}

export interface QuoteValues extends LtpValues {
  readonly lastQuantity: number
  readonly averagePrice: number
  readonly volume: number
  readonly buyQuantity: number
  readonly sellQuantity: number
  readonly open: number
  readonly high: number
  readonly low: number
  /** Of the previous day. */
  readonly close: number
}

export interface DepthValues {
  readonly quantity: number
  readonly price: number
  readonly orders: number
}

export interface FullValues extends QuoteValues {
  readonly lastTradeTime: number
  readonly oi: number
  readonly oiDayHigh: number
  readonly oiDayLow: number
  readonly exchangeTime: number
  /** Five bids, best first, then five asks, best first; levels that are not given are empty. */
  readonly depth: readonly DepthValues[]
}

export interface IndexQuoteValues extends LtpValues {
  readonly high: number
  readonly low: number
  readonly open: number
  readonly close: number
  /** Last price less close. */
  readonly change: number
}

export interface IndexFullValues extends IndexQuoteValues {
  readonly exchangeTime: number
}

const EMPTY_LEVEL: DepthValues = { quantity: 0, price: 0, orders: 0 }

function viewOf(target: Uint8Array): DataView {
  return new DataView(target.buffer, target.byteOffset, target.byteLength)
}

function writeLtp(view: DataView, values: LtpValues): void {
  view.setUint32(0, values.token)
  view.setInt32(4, values.lastPrice)
}

function writeQuote(view: DataView, values: QuoteValues): void {
  writeLtp(view, values)
  view.setUint32(8, values.lastQuantity)
  view.setInt32(12, values.averagePrice)
  view.setUint32(16, values.volume)
  view.setUint32(20, values.buyQuantity)
  view.setUint32(24, values.sellQuantity)
  view.setInt32(28, values.open)
  view.setInt32(32, values.high)
  view.setInt32(36, values.low)
  view.setInt32(40, values.close)
}

function writeIndexQuote(view: DataView, values: IndexQuoteValues): void {
  writeLtp(view, values)
  view.setInt32(8, values.high)
  view.setInt32(12, values.low)
  view.setInt32(16, values.open)
  view.setInt32(20, values.close)
  view.setInt32(24, values.change)
}

/** A packet of mode "ltp", 8 bytes, of any instrument. Writes into `target` when given, and returns it. */
export function encodeLtp(values: LtpValues, target = new Uint8Array(PACKET_LENGTH.ltp)): Uint8Array {
  writeLtp(viewOf(target), values)
  return target
}

/** A packet of mode "quote" of a tradeable instrument, 44 bytes. */
export function encodeQuote(values: QuoteValues, target = new Uint8Array(PACKET_LENGTH.quote)): Uint8Array {
  writeQuote(viewOf(target), values)
  return target
}

/** A packet of mode "full" of a tradeable instrument, 184 bytes. */
export function encodeFull(values: FullValues, target = new Uint8Array(PACKET_LENGTH.full)): Uint8Array {
  const view = viewOf(target)
  writeQuote(view, values)
  view.setUint32(44, values.lastTradeTime)
  view.setUint32(48, values.oi)
  view.setUint32(52, values.oiDayHigh)
  view.setUint32(56, values.oiDayLow)
  view.setUint32(60, values.exchangeTime)
  for (let level = 0; level < DEPTH_LEVELS; level += 1) {
    const { quantity, price, orders } = values.depth[level] ?? EMPTY_LEVEL
    const at = DEPTH_OFFSET + level * DEPTH_LEVEL_LENGTH
    view.setUint32(at, quantity)
    view.setInt32(at + 4, price)
    view.setUint16(at + 8, orders)
    view.setUint16(at + 10, 0)
  }
  return target
}

/** A packet of mode "quote" of an index, 28 bytes. */
export function encodeIndexQuote(
  values: IndexQuoteValues,
  target = new Uint8Array(PACKET_LENGTH.indexQuote),
): Uint8Array {
  writeIndexQuote(viewOf(target), values)
  return target
}

/** A packet of mode "full" of an index, 32 bytes. */
export function encodeIndexFull(values: IndexFullValues, target = new Uint8Array(PACKET_LENGTH.indexFull)): Uint8Array {
  const view = viewOf(target)
  writeIndexQuote(view, values)
  view.setUint32(28, values.exchangeTime)
  return target
}

/** A well-formed frame around packets; at most 65,535 of them, each at most 65,535 bytes. */
export function encodeFrame(packets: readonly Uint8Array[]): Uint8Array {
  const size = packets.reduce((sum, packet) => sum + 2 + packet.length, 2)
  const frame = new Uint8Array(size)
  const view = viewOf(frame)
  view.setUint16(0, packets.length)
  let at = 2
  for (const packet of packets) {
    view.setUint16(at, packet.length)
    frame.set(packet, at + 2)
    at += 2 + packet.length
  }
  return frame
}
