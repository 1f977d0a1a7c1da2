import type { IndexName } from '../domain/index-catalog.ts'
import type { Bucket, Source } from '../domain/instrument.ts'
import type { BatchEntry, LegRow, UnderlyingsEntry } from '../domain/journal-entry.ts'
import type { ForwardMethod, Leg } from '../domain/leg.ts'
import { OpError } from '../kernel/errors.ts'
import { createRejects, decodeFrame } from './kite-wire.ts'
import { createTickFrame, DEPTH_LEVELS, MAX_PACKETS, type TickFrame } from './tick-frame.ts'

/** What all legs of a batch share. */
export interface LegHead {
  readonly index: IndexName
  readonly bucket: Bucket
  readonly expiry: string
  readonly source: Source
  readonly spot: number | null
  readonly forward: number | null
  readonly forwardMethod: ForwardMethod | null
}

const FIRST_ASK = DEPTH_LEVELS / 2

/** Rupees of a raw price; a raw 0 means that there is none. */
function rupees(raw: number | undefined, divisor: number): number | null {
  return raw === undefined || raw === 0 ? null : raw / divisor
}

/** Unix seconds as epoch milliseconds; 0 means none. */
function epochMs(seconds: number | undefined): number | null {
  return seconds === undefined || seconds === 0 ? null : seconds * 1000
}

/** 0 means that the exchange did not say, where another field shows that it cannot be 0. */
function known(value: number | undefined): number | null {
  return value === undefined || value === 0 ? null : value
}

/**
 * The leg of packet `i` of a decoded frame: quotes from the packet, the rest from its row and the batch's head.
 * `ts` is epoch milliseconds of receipt. Live view, journal readers and replay all come through here, so that
 * a leg read back from the record is the one that was shown.
 */
export function legFromPacket(frame: TickFrame, i: number, head: LegHead, row: LegRow, ts: number, batch: string): Leg {
  const divisor = frame.divisor[i] ?? 100
  const bidAt = i * DEPTH_LEVELS
  const askAt = bidAt + FIRST_ASK
  const bid = rupees(frame.depthPrice[bidAt], divisor)
  const ask = rupees(frame.depthPrice[askAt], divisor)
  const [symbol, strike, right, offset, , priceUsed, ivStatus, iv, delta, gamma, theta, vega, rho] = row
  return {
    ts,
    index: head.index,
    bucket: head.bucket,
    expiry: head.expiry,
    strike,
    offset,
    right,
    symbol,
    token: frame.token[i] ?? 0,
    ltp: rupees(frame.lastPrice[i], divisor),
    bid,
    ask,
    bid_qty: bid === null ? null : (frame.depthQuantity[bidAt] ?? null),
    ask_qty: ask === null ? null : (frame.depthQuantity[askAt] ?? null),
    volume: frame.volume[i] ?? null,
    oi: frame.oi[i] ?? null,
    oi_day_high: known(frame.oiDayHigh[i]),
    oi_day_low: known(frame.oiDayLow[i]),
    open: rupees(frame.open[i], divisor),
    high: rupees(frame.high[i], divisor),
    low: rupees(frame.low[i], divisor),
    close: rupees(frame.close[i], divisor),
    iv,
    delta,
    gamma,
    theta,
    vega,
    rho,
    spot: head.spot,
    forward: head.forward,
    exchange_ts: epochMs(frame.exchangeTime[i]),
    batch,
    source: head.source,
    price_used: priceUsed,
    iv_status: ivStatus,
    forward_method: head.forwardMethod,
  }
}

/** State of an index spot, a future or VIX, from one packet. Units as in `Leg`. */
export interface Underlying {
  readonly ts: number
  readonly symbol: string
  readonly index: IndexName | null
  readonly last_price: number | null
  readonly open: number | null
  readonly high: number | null
  readonly low: number | null
  readonly close: number | null
  /** null for an index. */
  readonly volume: number | null
  /** null for an index. */
  readonly oi: number | null
  readonly exchange_ts: number | null
}

/** Reads the journal's frames back into legs and underlyings; one decoder, reused. */
export interface RecordComposer {
  legsOf(entry: BatchEntry, batch: string): readonly Leg[]
  underlyingsOf(entry: UnderlyingsEntry): readonly Underlying[]
}

export function createRecordComposer(): RecordComposer {
  const frame = createTickFrame(MAX_PACKETS)
  const rejects = createRejects()
  const decode = (bytes: Uint8Array, expected: number, ts: number) => {
    if (decodeFrame(bytes, frame, rejects) === expected) return
    throw new OpError('internal', { reason: `the frame of the record of ${ts} does not hold its ${expected} packets` })
  }
  return {
    legsOf(entry, batch) {
      decode(entry.frame, entry.rows.length, entry.ts)
      return entry.rows.map((row, i) => legFromPacket(frame, i, entry, row, entry.ts - row[4], batch))
    },
    underlyingsOf(entry) {
      decode(entry.frame, entry.rows.length, entry.ts)
      return entry.rows.map((row, i) => underlyingFromPacket(frame, i, row, entry.ts))
    },
  }
}

function underlyingFromPacket(
  frame: TickFrame,
  i: number,
  row: UnderlyingsEntry['rows'][number],
  ts: number,
): Underlying {
  const divisor = frame.divisor[i] ?? 100
  const traded = (frame.length[i] ?? 0) >= 44
  return {
    ts: ts - row[2],
    symbol: row[0],
    index: row[1],
    last_price: rupees(frame.lastPrice[i], divisor),
    open: rupees(frame.open[i], divisor),
    high: rupees(frame.high[i], divisor),
    low: rupees(frame.low[i], divisor),
    close: rupees(frame.close[i], divisor),
    volume: traded ? (frame.volume[i] ?? null) : null,
    oi: traded ? (frame.oi[i] ?? null) : null,
    exchange_ts: epochMs(frame.exchangeTime[i]),
  }
}
