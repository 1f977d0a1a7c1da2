import { setImmediate } from 'node:timers/promises'
import { parse } from 'csv-parse/sync'
import type { Exchange } from '../domain/index-catalog.ts'
import type { Instrument } from '../domain/instrument.ts'
import { addDays } from '../domain/ist.ts'

const COLUMNS = [
  'instrument_token',
  'tradingsymbol',
  'name',
  'expiry',
  'strike',
  'tick_size',
  'lot_size',
  'instrument_type',
  'segment',
  'exchange',
] as const
type Column = (typeof COLUMNS)[number]

export interface ParsedInstruments {
  readonly instruments: readonly Instrument[]
  /** Rows that could not be used. */
  readonly skipped: number
}

/** After so many rows everything else gets its turn. */
const ROWS_AT_ONCE = 1_000

const TYPES: ReadonlySet<string> = new Set(['CE', 'PE', 'FUT', 'EQ'])

function isInstrumentType(text: string): text is Instrument['type'] {
  return TYPES.has(text)
}

/** Whether the text begins as the instruments dump does. */
export function looksLikeInstruments(text: string): boolean {
  return /^\uFEFF?"?instrument_token"?,/.test(text)
}

/**
 * The fields of one row; none when it cannot be read. Rows are lines: a quotation mark that is never closed then costs
 * one row and not the rest of the dump, and rows without any, which are all that Kite has been seen to send, need no parser.
 */
function fieldsOf(line: string): readonly unknown[] {
  if (!line.includes('"')) return line.split(',')
  try {
    const rows: unknown = parse(line, { relax_quotes: true })
    const row: unknown = Array.isArray(rows) ? rows[0] : null
    return Array.isArray(row) ? row : []
  } catch {
    // Counted by the caller, as every row without its fields.
    return []
  }
}

/** Number of a field of digits; null for an empty or any other one. */
function toNumber(text: string): number | null {
  if (!/^\d+(\.\d+)?$/.test(text)) return null
  return Number(text)
}

function isToken(token: number | null): token is number {
  return token !== null && Number.isInteger(token) && token > 0 && token <= 0xffff_ffff
}

/** Whether a `YYYY-MM-DD` is a day of the calendar; remembers, for a dump has 35,000 rows and 30 expiries. */
function createDateCheck(): (text: string) => boolean {
  const known = new Map<string, boolean>()
  const check = (text: string) =>
    /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/.test(text) && addDays(text, 0) === text
  return (text) => {
    const seen = known.get(text)
    if (seen !== undefined) return seen
    const valid = check(text)
    known.set(text, valid)
    return valid
  }
}

/** The fields that an option or a future must have, and a share or an index need not. */
function isComplete({ type, expiry, strike, lotSize }: Instrument): boolean {
  if (type === 'EQ') return true
  return expiry !== null && lotSize > 0 && (type === 'FUT' || strike > 0)
}

type Read = (row: readonly unknown[], column: Column) => string

function toInstrument(row: readonly unknown[], read: Read, exchange: Exchange, isDate: (text: string) => boolean) {
  const token = toNumber(read(row, 'instrument_token'))
  const strike = toNumber(read(row, 'strike'))
  const tickSize = toNumber(read(row, 'tick_size'))
  const lotSize = toNumber(read(row, 'lot_size'))
  const expiry = read(row, 'expiry')
  const type = read(row, 'instrument_type')
  const symbol = read(row, 'tradingsymbol')
  if (!isToken(token) || strike === null || tickSize === null || lotSize === null) return null
  if (symbol === '' || read(row, 'exchange') !== exchange || !isInstrumentType(type)) return null
  if (expiry !== '' && !isDate(expiry)) return null
  const instrument: Instrument = {
    token,
    exchange,
    symbol,
    name: read(row, 'name'),
    expiry: expiry === '' ? null : expiry,
    strike,
    tickSize,
    lotSize,
    type,
    segment: read(row, 'segment'),
  }
  return isComplete(instrument) ? instrument : null
}

/** Finds the columns by the names in the first row; null when one of them is missing. */
function readerOf(header: readonly unknown[]): Read | null {
  const places = new Map(header.map((name, place) => [name, place]))
  if (COLUMNS.some((column) => !places.has(column))) return null
  return (row, column) => {
    const value = row[places.get(column) ?? -1]
    return typeof value === 'string' ? value : ''
  }
}

/**
 * Reads the instruments dump of one exchange. Rows that make no sense are counted and left out; null when the text is
 * no dump at all. Source: kite.trade/docs/connect/v3/market-quotes (CSV columns). Dates are taken as text: no
 * time zone is involved.
 */
export async function parseInstruments(text: string, exchange: Exchange): Promise<ParsedInstruments | null> {
  if (!looksLikeInstruments(text)) return null
  const [header = '', ...lines] = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  const read = readerOf(fieldsOf(header))
  if (read === null) return null
  const isDate = createDateCheck()
  const instruments: Instrument[] = []
  let skipped = 0
  for (const [number, line] of lines.entries()) {
    if (number % ROWS_AT_ONCE === 0) await setImmediate()
    if (line === '') continue
    const instrument = toInstrument(fieldsOf(line), read, exchange, isDate)
    if (instrument === null) skipped += 1
    else instruments.push(instrument)
  }
  return { instruments, skipped }
}
