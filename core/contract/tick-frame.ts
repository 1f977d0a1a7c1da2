/** What a packet of Kite's ticker is, by its length. */
export const PACKET_KIND = { ltp: 0, quote: 1, full: 2, indexQuote: 3, indexFull: 4 } as const
export type PacketKind = (typeof PACKET_KIND)[keyof typeof PACKET_KIND]

export const DEPTH_LEVELS = 10

/**
 * The packets of one frame as a struct of arrays, preallocated and reused: the element `i` of each array belongs to
 * packet `i < count`. Prices are raw integers; rupees = raw / `divisor[i]`. Times are unix seconds, 0 = none.
 * Fields that a packet's kind does not carry are 0. Depth: levels 0–4 bids, 5–9 asks, at `i * 10 + level`.
 */
export interface TickFrame {
  readonly capacity: number
  count: number
  /** The frame as received; `offset[i]`, `length[i]` find packet i (without its length field). */
  bytes: Uint8Array
  readonly offset: Uint32Array
  readonly length: Uint16Array
  readonly kind: Uint8Array
  readonly token: Uint32Array
  readonly divisor: Uint32Array
  readonly lastPrice: Int32Array
  readonly lastQuantity: Uint32Array
  readonly averagePrice: Int32Array
  readonly volume: Uint32Array
  readonly buyQuantity: Uint32Array
  readonly sellQuantity: Uint32Array
  readonly open: Int32Array
  readonly high: Int32Array
  readonly low: Int32Array
  readonly close: Int32Array
  /** Index packets: change against the close. */
  readonly change: Int32Array
  readonly lastTradeTime: Uint32Array
  readonly oi: Uint32Array
  readonly oiDayHigh: Uint32Array
  readonly oiDayLow: Uint32Array
  readonly exchangeTime: Uint32Array
  readonly depthQuantity: Uint32Array
  readonly depthPrice: Int32Array
  readonly depthOrders: Uint16Array
}

/** Largest number of packets that one connection can send in a frame: its 3000 instruments. */
export const MAX_PACKETS = 3000

export function createTickFrame(capacity = MAX_PACKETS): TickFrame {
  const u32 = () => new Uint32Array(capacity)
  const i32 = () => new Int32Array(capacity)
  return {
    capacity,
    count: 0,
    bytes: new Uint8Array(0),
    offset: u32(),
    length: new Uint16Array(capacity),
    kind: new Uint8Array(capacity),
    token: u32(),
    divisor: u32(),
    lastPrice: i32(),
    lastQuantity: u32(),
    averagePrice: i32(),
    volume: u32(),
    buyQuantity: u32(),
    sellQuantity: u32(),
    open: i32(),
    high: i32(),
    low: i32(),
    close: i32(),
    change: i32(),
    lastTradeTime: u32(),
    oi: u32(),
    oiDayHigh: u32(),
    oiDayLow: u32(),
    exchangeTime: u32(),
    depthQuantity: new Uint32Array(capacity * DEPTH_LEVELS),
    depthPrice: new Int32Array(capacity * DEPTH_LEVELS),
    depthOrders: new Uint16Array(capacity * DEPTH_LEVELS),
  }
}
