import type { Underlying } from '../contract/leg-record.ts'
import type { AnalyticsEntry, BatchEntry, GapEntry, SessionEntry, SmilePoint } from '../domain/journal-entry.ts'
import { IV_STATUSES, type Leg } from '../domain/leg.ts'
import type { Position } from '../ports/journal.ts'
import { type SqlValue, withChecksum } from './row-checksum.ts'

/** A record's place within a day store; `nth` tells apart the records that share a `seq`, 0 is the batch. */
export interface NumberedPosition extends Position {
  readonly nth: number
}

/** Widths of the rows that this file makes. */
export const ROW_WIDTH = {
  batch: 14,
  leg: 28,
  underlying: 16,
  gap: 10,
  session: 8,
  lastLeg: 4,
  analytics: 29,
  bucket: 4,
  smile: 5,
} as const

/** Codes of the columns `price_used` and `iv_status`; the view in day-002-twin.ts names them back. */
const PRICE_USED_CODES = { mid: 0, last: 1, twin: 2 } as const
const IV_STATUS_CODES = new Map(IV_STATUSES.map((status, code) => [status, code]))

function paise(rupees: number | null): number | null {
  return rupees === null ? null : Math.round(rupees * 100)
}

export function batchRow(
  { epoch, seq }: Position,
  entry: BatchEntry,
  legs: readonly Leg[],
  digest: Uint8Array,
): SqlValue[] {
  const firstTs = legs.reduce((first, leg) => Math.min(first, leg.ts), entry.ts)
  const { ts, index, bucket, source, spot, spotFrozen, forward, forwardMethod } = entry
  const head: SqlValue[] = [epoch, seq, ts, firstTs, index, bucket, source, legs.length]
  return withChecksum([...head, paise(spot), spotFrozen ? 1 : 0, paise(forward), forwardMethod, digest])
}

/** Appends a leg's 28 values. */
export function pushLegRow(
  to: SqlValue[],
  { epoch, seq }: Pick<Position, 'epoch' | 'seq'>,
  row: number,
  contract: number,
  batchTs: number,
  leg: Leg,
): void {
  to.push(
    epoch,
    seq,
    row,
    contract,
    batchTs - leg.ts,
    leg.offset,
    paise(leg.ltp),
    paise(leg.bid),
    paise(leg.ask),
    leg.bid_qty,
    leg.ask_qty,
    leg.volume,
    leg.oi,
    leg.oi_day_high,
    leg.oi_day_low,
    paise(leg.open),
    paise(leg.high),
    paise(leg.low),
    paise(leg.close),
    leg.iv,
    leg.delta,
    leg.gamma,
    leg.theta,
    leg.vega,
    leg.rho,
    leg.exchange_ts,
    leg.price_used === null ? null : PRICE_USED_CODES[leg.price_used],
    IV_STATUS_CODES.get(leg.iv_status) ?? null,
  )
}

export function underlyingRow(at: NumberedPosition, row: number, item: Underlying): SqlValue[] {
  return withChecksum([
    at.epoch,
    at.seq,
    at.nth,
    row,
    item.ts,
    item.symbol,
    item.index,
    paise(item.last_price),
    paise(item.open),
    paise(item.high),
    paise(item.low),
    paise(item.close),
    item.volume,
    item.oi,
    item.exchange_ts,
  ])
}

export function analyticsRow(entry: AnalyticsEntry): SqlValue[] {
  const { index, expiry, ts, everyMs, underlying, window, full } = entry
  return withChecksum([index, expiry, ts, everyMs, ...underlying, ...window, ...full])
}

export function gapRow({ epoch, seq, nth }: NumberedPosition, entry: GapEntry): SqlValue[] {
  const { ts, from, to, cause, index, dropped } = entry
  return withChecksum([epoch, seq, nth, ts, from, to, cause, index, dropped])
}

export function sessionRow({ epoch, seq, nth }: NumberedPosition, entry: SessionEntry): SqlValue[] {
  return withChecksum([epoch, seq, nth, entry.ts, entry.source, entry.event, entry.detail])
}

export function bucketRows({ index, buckets, expiry }: AnalyticsEntry): SqlValue[] {
  return buckets.flatMap((bucket) => withChecksum([index, bucket, expiry]))
}

export function smileRow({ index, expiry, ts }: AnalyticsEntry, smile: readonly SmilePoint[]): SqlValue[] {
  return withChecksum([index, expiry, ts, JSON.stringify(smile.flat())])
}
