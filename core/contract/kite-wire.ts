import { DEPTH_LEVELS, PACKET_KIND, type PacketKind, type TickFrame } from './tick-frame.ts'

/**
 * The binary side of Kite's ticker. Source: kite.trade/docs/connect/v3/websocket, with what real feeds were seen to do:
 * everything is big-endian; a frame is a count (uint16) and that many packets, each behind its length (uint16).
 * Quantities, volumes, open interest and times are unsigned (a day's volume has passed 2^31), prices are signed.
 */

/** Length of a packet in bytes, by kind. */
export const PACKET_LENGTH = { ltp: 8, quote: 44, full: 184, indexQuote: 28, indexFull: 32 } as const

/** Where the ten depth levels begin, and how long each is: quantity u32, price i32, orders u16, 2 bytes of padding. */
export const DEPTH_OFFSET = 64
export const DEPTH_LEVEL_LENGTH = 12

/**
 * Why packets are refused. `trailing_bytes` and `empty_frame` count frames, the others packets; of a frame whose
 * lengths do not add up, the packets from the fault on are counted, at most the capacity of the decoder.
 */
export const REJECT_REASONS = [
  'bad_length',
  'empty_frame',
  'over_capacity',
  'trailing_bytes',
  'truncated',
  'wrong_segment',
] as const
export type RejectReason = (typeof REJECT_REASONS)[number]
export type Rejects = Record<RejectReason, number>

export function createRejects(): Rejects {
  return { bad_length: 0, empty_frame: 0, over_capacity: 0, trailing_bytes: 0, truncated: 0, wrong_segment: 0 }
}

const SEGMENT = { nseCurrency: 3, bseCurrency: 6, indices: 9 } as const

/** Segment of an instrument token: 1 NSE, 2 NFO, 3 CDS, 4 BSE, 5 BFO, 6 BCD, 7 MCX, 8 MCXSX, 9 indices. */
export function segmentOf(token: number): number {
  return token & 0xff
}

/** Whether the token is an index's: its packets carry no volume, no open interest and no depth. */
export function isIndexToken(token: number): boolean {
  return (token & 0xff) === SEGMENT.indices
}

/** What a raw price of the token is divided by to give rupees. */
export function divisorOf(token: number): number {
  const segment = token & 0xff
  if (segment === SEGMENT.nseCurrency) return 10_000_000
  return segment === SEGMENT.bseCurrency ? 10_000 : 100
}

/** Whether the message is a heartbeat: one byte, every couple of seconds when there is nothing to say. */
export function isHeartbeat(bytes: Uint8Array): boolean {
  return bytes.length === 1
}

/** The bytes of packet `index` of a decoded frame, without its length: a view, valid as long as the frame's bytes. */
export function packetBytes(frame: TickFrame, index: number): Uint8Array {
  const start = frame.offset[index] ?? 0
  return frame.bytes.subarray(start, start + (frame.length[index] ?? 0))
}

function kindOf(length: number, token: number): PacketKind | RejectReason {
  const index = (token & 0xff) === SEGMENT.indices
  switch (length) {
    case PACKET_LENGTH.full:
      return index ? 'wrong_segment' : PACKET_KIND.full
    case PACKET_LENGTH.indexFull:
      return index ? PACKET_KIND.indexFull : 'wrong_segment'
    case PACKET_LENGTH.quote:
      return index ? 'wrong_segment' : PACKET_KIND.quote
    case PACKET_LENGTH.indexQuote:
      return index ? PACKET_KIND.indexQuote : 'wrong_segment'
    case PACKET_LENGTH.ltp:
      return PACKET_KIND.ltp
    default:
      return 'bad_length'
  }
}

function clearBeyondPrice(into: TickFrame, i: number): void {
  into.lastQuantity[i] = 0
  into.averagePrice[i] = 0
  into.volume[i] = 0
  into.buyQuantity[i] = 0
  into.sellQuantity[i] = 0
  into.open[i] = 0
  into.high[i] = 0
  into.low[i] = 0
  into.close[i] = 0
}

function clearBeyondQuote(into: TickFrame, i: number): void {
  into.change[i] = 0
  into.lastTradeTime[i] = 0
  into.oi[i] = 0
  into.oiDayHigh[i] = 0
  into.oiDayLow[i] = 0
  into.exchangeTime[i] = 0
  const level = i * DEPTH_LEVELS
  into.depthQuantity.fill(0, level, level + DEPTH_LEVELS)
  into.depthPrice.fill(0, level, level + DEPTH_LEVELS)
  into.depthOrders.fill(0, level, level + DEPTH_LEVELS)
}

/** Bytes 8–44 of a tradeable instrument's packet; prices in the order open, high, low, close. */
function readQuote(view: DataView, at: number, into: TickFrame, i: number): void {
  into.lastQuantity[i] = view.getUint32(at + 8)
  into.averagePrice[i] = view.getInt32(at + 12)
  into.volume[i] = view.getUint32(at + 16)
  into.buyQuantity[i] = view.getUint32(at + 20)
  into.sellQuantity[i] = view.getUint32(at + 24)
  into.open[i] = view.getInt32(at + 28)
  into.high[i] = view.getInt32(at + 32)
  into.low[i] = view.getInt32(at + 36)
  into.close[i] = view.getInt32(at + 40)
}

/** Bytes 44–184: times, open interest, and five bids before five asks. The padding has held junk; it is not read. */
function readFull(view: DataView, at: number, into: TickFrame, i: number): void {
  into.change[i] = 0
  into.lastTradeTime[i] = view.getUint32(at + 44)
  into.oi[i] = view.getUint32(at + 48)
  into.oiDayHigh[i] = view.getUint32(at + 52)
  into.oiDayLow[i] = view.getUint32(at + 56)
  into.exchangeTime[i] = view.getUint32(at + 60)
  const first = i * DEPTH_LEVELS
  let from = at + DEPTH_OFFSET
  for (let level = first; level < first + DEPTH_LEVELS; level += 1) {
    into.depthQuantity[level] = view.getUint32(from)
    into.depthPrice[level] = view.getInt32(from + 4)
    into.depthOrders[level] = view.getUint16(from + 8)
    from += DEPTH_LEVEL_LENGTH
  }
}

/** Bytes 8–28 of an index's packet; prices in the order high, low, open, close, unlike a tradeable's. */
function readIndex(view: DataView, at: number, into: TickFrame, i: number): void {
  into.high[i] = view.getInt32(at + 8)
  into.low[i] = view.getInt32(at + 12)
  into.open[i] = view.getInt32(at + 16)
  into.close[i] = view.getInt32(at + 20)
  into.change[i] = view.getInt32(at + 24)
}

function readPacket(view: DataView, at: number, length: number, kind: PacketKind, into: TickFrame): void {
  const i = into.count
  const token = view.getUint32(at)
  into.offset[i] = at
  into.length[i] = length
  into.kind[i] = kind
  into.token[i] = token
  into.divisor[i] = divisorOf(token)
  into.lastPrice[i] = view.getInt32(at + 4)
  into.count = i + 1
  if (kind === PACKET_KIND.full || kind === PACKET_KIND.quote) readQuote(view, at, into, i)
  else clearBeyondPrice(into, i)
  if (kind === PACKET_KIND.full) {
    readFull(view, at, into, i)
    return
  }
  clearBeyondQuote(into, i)
  if (kind === PACKET_KIND.ltp) return
  if (kind !== PACKET_KIND.quote) readIndex(view, at, into, i)
  if (kind === PACKET_KIND.indexFull) into.exchangeTime[i] = view.getUint32(at + 28)
}

/** Whether the count, the lengths and the size of the frame agree. Ends at the frame's end whatever the count says. */
function addsUp(view: DataView, announced: number): boolean {
  const end = view.byteLength
  let at = 2
  for (let i = 0; i < announced; i += 1) {
    if (at + 2 > end) return false
    at += 2 + view.getUint16(at)
  }
  return at === end
}

/** What the packet at `at` (its length field) is, `truncated` when the frame ends within it. */
function judge(view: DataView, at: number): PacketKind | RejectReason {
  const end = view.byteLength
  if (at + 2 > end) return 'truncated'
  const length = view.getUint16(at)
  // A token is needed to judge; shorter packets do not exist.
  if (length < PACKET_LENGTH.ltp) return 'bad_length'
  const kind = kindOf(length, at + 6 <= end ? view.getUint32(at + 2) : 0)
  if (kind !== 'bad_length' && at + 2 + length > end) return 'truncated'
  return kind
}

/** A frame that adds up: no packet is cut off, and what cannot be used is refused packet by packet. */
function decodeSound(view: DataView, announced: number, into: TickFrame, rejects: Rejects): void {
  let at = 2
  for (let i = 0; i < announced; i += 1) {
    const length = view.getUint16(at)
    const kind = length < PACKET_LENGTH.ltp ? 'bad_length' : kindOf(length, view.getUint32(at + 2))
    if (typeof kind === 'string') rejects[kind] += 1
    else if (into.count === into.capacity) rejects.over_capacity += 1
    else readPacket(view, at + 2, length, kind, into)
    at += 2 + length
  }
}

/** Whether a packet of this kind may be the head of a longer one whose length field is wrong. */
function mayBeCut(kind: number | undefined): boolean {
  return kind !== PACKET_KIND.full && kind !== PACKET_KIND.indexFull
}

/** Takes the last packet back when its length may be what is wrong; returns how many were taken back. */
function withdrawLast(into: TickFrame): number {
  if (into.count === 0 || !mayBeCut(into.kind[into.count - 1])) return 0
  into.count -= 1
  return 1
}

/**
 * A frame that does not add up: packets before the first fault are taken; behind it nothing can be trusted. A full
 * packet whose length field says "quote" would pass as a quote without open interest: so the packet before the fault
 * is refused too, unless it is of the longest kind.
 */
function decodeUnsound(view: DataView, announced: number, into: TickFrame, rejects: Rejects): void {
  const limit = Math.min(announced, into.capacity)
  let at = 2
  for (let i = 0; i < limit; i += 1) {
    const kind = judge(view, at)
    if (typeof kind === 'string') {
      const doubted = kind === 'truncated' ? 0 : withdrawLast(into)
      rejects[kind] += limit - i + doubted
      return
    }
    const length = view.getUint16(at)
    readPacket(view, at + 2, length, kind, into)
    at += 2 + length
  }
  if (limit < announced) rejects.over_capacity += 1
  else {
    withdrawLast(into)
    rejects.trailing_bytes += 1
  }
}

/**
 * Decodes one binary message into `into` and returns the number of packets taken. Never throws; refused packets are
 * counted in `rejects`; a heartbeat is no packet and no reject. Costs at most one pass over the frame more than its
 * packets, whatever its count field says. `into.bytes` refers to `bytes`, which must stay unchanged while it is used.
 */
export function decodeFrame(bytes: Uint8Array, into: TickFrame, rejects: Rejects): number {
  into.bytes = bytes
  into.count = 0
  if (isHeartbeat(bytes)) return 0
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const announced = bytes.length === 0 ? 0 : view.getUint16(0)
  if (announced === 0) {
    if (bytes.length > 2) rejects.trailing_bytes += 1
    else rejects.empty_frame += 1
    return 0
  }
  if (addsUp(view, announced)) decodeSound(view, announced, into, rejects)
  else decodeUnsound(view, announced, into, rejects)
  return into.count
}
