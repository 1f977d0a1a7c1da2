import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { parse } from 'csv-parse/sync'
import { z } from 'zod'
import type { LegText } from './recorded-legs.ts'

const DATA = resolve(import.meta.dirname, '../../shared/data')
/** Real NIFTY quotes of an expiry day, minute by minute. */
export const RECORDED_CHAIN = resolve(DATA, 'nse-nifty-chain-1min/nifty_chain_2026-08-18.csv.gz')
const LOT = 65

/** Columns for which the file has nothing: a leg that has a value there has invented it. */
export const INVENTED = [
  'bid',
  'ask',
  'bid_qty',
  'ask_qty',
  'oi_day_high',
  'oi_day_low',
  'open',
  'high',
  'low',
] as const

const rowSchema = z.object({
  ts: z.string(),
  expiry: z.string(),
  strike: z.string(),
  type: z.enum(['CE', 'PE']),
  ltp: z.coerce.number(),
  volume_lots: z.coerce.number(),
  oi_lots: z.coerce.number(),
})

export interface MinuteTotal {
  /** Instant and expiry. */
  readonly minute: string
  readonly right: string
  /** Units. */
  readonly oi: number
}

export interface RecordedQuote extends MinuteTotal {
  readonly expiry: string
  readonly key: string
  /** Price, volume and open interest as a leg writes them. */
  readonly text: string
}

/** The file read by itself, without the product's reader. */
export function readRecordedQuotes(): RecordedQuote[] {
  const rows: unknown[] = parse(gunzipSync(readFileSync(RECORDED_CHAIN)), { columns: true })
  return rows.map((row) => {
    const { ts, expiry, strike, type, ltp, volume_lots, oi_lots } = rowSchema.parse(row)
    const minute = `${Date.parse(ts)} ${expiry}`
    return {
      minute,
      right: type,
      oi: oi_lots * LOT,
      expiry,
      key: `${minute} ${Number(strike)} ${type}`,
      text: `${ltp.toFixed(2)} ${volume_lots * LOT} ${oi_lots * LOT}`,
    }
  })
}

export function quoteKeyOf(leg: LegText): string {
  return `${leg.exchange_ts} ${leg.expiry} ${leg.strike} ${leg.right}`
}

export function quoteOf(leg: LegText): string {
  return `${leg.ltp} ${leg.volume} ${leg.oi}`
}

export function totalOfLeg(leg: LegText): MinuteTotal {
  return { minute: `${leg.exchange_ts} ${leg.expiry}`, right: leg.right ?? '', oi: Number(leg.oi) }
}

/** Open interest of calls and puts, and their ratio, by minute and expiry. */
export function totalsByMinute(quotes: readonly MinuteTotal[]): Map<string, { ce: number; pe: number; pcr: number }> {
  const totals = new Map<string, { ce: number; pe: number; pcr: number }>()
  for (const { minute, right, oi } of quotes) {
    const { ce, pe } = totals.get(minute) ?? { ce: 0, pe: 0 }
    const next = right === 'CE' ? { ce: ce + oi, pe } : { ce, pe: pe + oi }
    totals.set(minute, { ...next, pcr: next.pe / next.ce })
  }
  return totals
}
