import { Readable } from 'node:stream'
import { parse } from 'csv-parse'
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

/** Text is given to the parser in pieces, so that a dump of 10 MB does not hold everything else up. */
const PIECE_CHARACTERS = 65_536
/** No row is nearly as long: an opened quotation mark that is never closed ends here. */
const MAX_ROW_BYTES = 4_096

const TYPES: ReadonlySet<string> = new Set(['CE', 'PE', 'FUT', 'EQ'])

function isInstrumentType(text: string): text is Instrument['type'] {
  return TYPES.has(text)
}

/** Whether the text begins as the instruments dump does. */
export function looksLikeInstruments(text: string): boolean {
  return /^\uFEFF?"?instrument_token"?,/.test(text)
}

function* pieces(text: string): Generator<string> {
  for (let at = 0; at < text.length; at += PIECE_CHARACTERS) yield text.slice(at, at + PIECE_CHARACTERS)
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
  const parser = parse({
    bom: true,
    max_record_size: MAX_ROW_BYTES,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
  })
  let skipped = 0
  parser.on('skip', () => {
    skipped += 1
  })
  const isDate = createDateCheck()
  const instruments: Instrument[] = []
  let read: Read | null = null
  for await (const record of Readable.from(pieces(text)).pipe(parser)) {
    const row: readonly unknown[] = Array.isArray(record) ? record : []
    if (read === null) {
      read = readerOf(row)
      if (read === null) return null
      continue
    }
    const instrument = toInstrument(row, read, exchange, isDate)
    if (instrument === null) skipped += 1
    else instruments.push(instrument)
  }
  return { instruments, skipped }
}
