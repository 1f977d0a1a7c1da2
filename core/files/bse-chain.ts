import { z } from 'zod'
import type { SnapshotLeg } from '../domain/chain-snapshot.ts'
import type { Right } from '../domain/instrument.ts'
import { exchangeDate, exchangeInstant, figure } from './exchange-text.ts'
import type { ReadChain } from './nse-chain.ts'

/** Keys in lower case: the exchange's own spelling changes (`C_BIdQty`, `p_Series_Code`). */
type Fields = ReadonlyMap<string, unknown>

const fields = z
  .record(z.string(), z.unknown())
  .transform((record): Fields => new Map(Object.entries(record).map(([key, value]) => [key.toLowerCase(), value])))
/** A row that is none is passed over: one fault must not cost the chain. */
const rows = z.array(z.unknown()).transform((found) =>
  found.flatMap((row) => {
    const parsed = fields.safeParse(row)
    return parsed.success ? [parsed.data] : []
  }),
)

/** A call's fields begin with `C_`; those of the put of the same row with nothing. */
const PREFIXES: Readonly<Record<Right, readonly string[]>> = { CE: ['c_'], PE: ['', 'p_'] }
const EXPIRY_KEYS = ['end_timestamp', 'expiry', 'expirydate', 'expiry_date', 'expiryofcontract', 'exp_date']
const SPOT_KEYS = ['ulavalue', 'underlyingvalue', 'underlying_value', 'ula_value']

/**
 * An option chain of bseindia.com as JSON (`DerivOptionChain_IV`), null when it is none: a row of `Table` is a strike
 * with its call and its put, numbers are text (`77,300.00`), blank = none. Where its rows name no expiry it is
 * `expiry`. Volume and open interest are in lots.
 */
export function readBseChain(content: unknown, expiry: string | null): ReadChain | null {
  const outer = fields.safeParse(content)
  if (!outer.success) return null
  const table = [outer.data.get('table'), nested(outer.data, 'data')?.get('table'), outer.data.get('data')]
    .map((candidate) => rows.safeParse(candidate))
    .find(
      (parsed) => parsed.success && parsed.data.some((row) => strikeOf(row) !== null && row.has('c_last_trd_price')),
    )
  if (table?.data === undefined) return null
  const spots = [outer.data, ...table.data].map((from) => first(from, '', SPOT_KEYS, positive))
  return {
    index: indexOf(table.data),
    asOf: asOfOf(outer.data),
    spot: spots.find((spot) => spot !== null) ?? null,
    scope: 'full',
    oiUnit: 'lots',
    legs: table.data.flatMap((row) => legsOf(row, expiry)),
  }
}

function legsOf(row: Fields, fallback: string | null): SnapshotLeg[] {
  const strike = strikeOf(row)
  const expiry = first(row, '', EXPIRY_KEYS, exchangeDate) ?? fallback
  if (strike === null || expiry === null) return []
  return (['CE', 'PE'] as const).map((right): SnapshotLeg => {
    const read = <T>(names: readonly string[], as: (value: unknown) => T | null): T | null => {
      const found = PREFIXES[right].map((prefix) => first(row, prefix, names, as))
      return found.find((value) => value !== null) ?? null
    }
    const iv = read(['iv'], positive)
    return {
      expiry,
      strike,
      right,
      last: read(['last_trd_price', 'ltp'], positive),
      bid: read(['bidprice', 'bid_price'], positive),
      ask: read(['offerprice', 'askprice', 'offer_price', 'ask_price'], positive),
      volume: read(['vol_traded', 'volume'], figure),
      oi: read(['open_interest', 'oi'], figure),
      oiChange: read(['absolute_change_oi', 'change_oi'], figure),
      priceChange: read(['netchange', 'net_change'], figure),
      publishedIv: iv === null ? null : iv / 100,
      quotedAt: null,
    }
  })
}

function strikeOf(row: Fields): number | null {
  return first(row, '', ['strike_price1', 'strike_price', 'strikeprice'], positive)
}

function positive(value: unknown): number | null {
  const number = figure(value)
  return number !== null && number > 0 ? number : null
}

/** The first of some fields that can be read. */
function first<T>(row: Fields, prefix: string, names: readonly string[], as: (value: unknown) => T | null): T | null {
  for (const name of names) {
    const value = as(row.get(prefix + name))
    if (value !== null) return value
  }
  return null
}

function nested(from: Fields, key: string): Fields | null {
  const value = from.get(key)
  const parsed = fields.safeParse(Array.isArray(value) ? value[0] : value)
  return parsed.success ? parsed.data : null
}

/** `"ASON": {"DT_TM": "25 Jun 2026 | 15:30 "}`. */
function asOfOf(content: Fields): number | null {
  const ason = nested(content, 'ason')
  const values = [ason?.get('dt_tm'), content.get('ason'), content.get('timestamp'), content.get('dt_tm')]
  return values.map(exchangeInstant).find((instant) => instant !== null) ?? null
}

function indexOf(table: readonly Fields[]): string | null {
  for (const row of table) {
    const code = row.get('ula_code') ?? row.get('ulacode')
    if (typeof code === 'string' && code.trim() !== '') return code.trim().toUpperCase()
    const series = row.get('c_series_code') ?? row.get('p_series_code')
    const letters = typeof series === 'string' ? /^[A-Za-z]+/.exec(series)?.[0] : undefined
    if (letters !== undefined) return letters.toUpperCase()
  }
  return null
}
