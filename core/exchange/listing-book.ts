import type { Calendar } from '../domain/calendar.ts'
import type { Exchange, IndexName, OptionsExchange } from '../domain/index-catalog.ts'
import { INDEX_CATALOG, INDEX_NAMES, VIX } from '../domain/index-catalog.ts'
import type { Right } from '../domain/instrument.ts'
import { addDays, DAY_MS } from '../domain/ist.ts'
import { EXPIRY_RULES, type ExpiryKind, type ListedExpiry, listedExpiries } from './listing-expiries.ts'
import { strikesFor } from './listing-strikes.ts'
import type { Listing } from './market.ts'
import type { SpotLevels } from './spot-levels.ts'
import { closeRange } from './spot-session.ts'

/** A contract and what the market needs to quote it. */
export type BookEntry =
  | { readonly kind: 'index'; readonly listing: Listing; readonly index: IndexName | null }
  | { readonly kind: 'future'; readonly listing: Listing; readonly index: IndexName; readonly expiry: ListedExpiry }
  | {
      readonly kind: 'option'
      readonly listing: Listing
      readonly index: IndexName
      readonly expiry: ListedExpiry
      readonly right: Right
    }

/** Everything listed on a date, in the order of the dump. */
export interface ListingBook {
  readonly date: string
  readonly entries: readonly BookEntry[]
  listings(exchange: Exchange): readonly Listing[]
  csv(exchange: Exchange): string
  byKey(key: string): Listing | null
  /** Place among the entries, null for what is not listed. */
  placeOf(token: number): number | null
}

/** Units in a lot, and ticks of futures in rupees, as in the Kite dump of 18 August 2026; options tick in 0.05. */
const LOTS: Readonly<Record<IndexName, number>> = {
  NIFTY: 65,
  BANKNIFTY: 30,
  FINNIFTY: 60,
  MIDCPNIFTY: 120,
  SENSEX: 20,
}
const FUTURE_TICKS: Readonly<Record<IndexName, number>> = {
  NIFTY: 0.1,
  BANKNIFTY: 0.2,
  FINNIFTY: 0.1,
  MIDCPNIFTY: 0.05,
  SENSEX: 0.05,
}
const OPTION_TICK = 0.05
/** Grid on which strikes are numbered for their tokens. */
const FINEST_STEP: Readonly<Record<IndexName, number>> = {
  NIFTY: 50,
  BANKNIFTY: 100,
  FINNIFTY: 50,
  MIDCPNIFTY: 25,
  SENSEX: 100,
}
const SEGMENTS: Readonly<Record<OptionsExchange, number>> = { NFO: 2, BFO: 5 }
const WEEKS = 512
const STRIKES = 1024
const OPTION_NUMBERS = INDEX_NAMES.length * WEEKS * STRIKES * 2
const WEEK_MS = 7 * DAY_MS
/** Days before its expiry from which on the closes of the underlying have added strikes of each kind. */
const LISTED_DAYS: Readonly<Record<ExpiryKind, number>> = { weekly: 50, monthly: 100, quarterly: 1900 }

function expirySlot(index: IndexName, expiry: ListedExpiry): number {
  const week = Math.floor(Date.parse(`${expiry.nominal}T00:00:00Z`) / WEEK_MS)
  return INDEX_NAMES.indexOf(index) * WEEKS + (week % WEEKS)
}

/** A contract keeps its number for life; one that expired ten years before may have had the same. Below 2^23. */
function optionNumber(index: IndexName, expiry: ListedExpiry, strike: number, right: Right): number {
  const strikeSlot = (strike / FINEST_STEP[index]) % STRIKES
  return (expirySlot(index, expiry) * STRIKES + strikeSlot) * 2 + (right === 'CE' ? 0 : 1)
}

const MONTH_NAMES = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC']

/** The date in Kite's symbols: `26NOV` for the month's last expiry, `26N17` for the others. */
function symbolDate(expiry: ListedExpiry): string {
  const [year, month, day] = [expiry.date.slice(2, 4), Number(expiry.date.slice(5, 7)), expiry.date.slice(8)]
  if (expiry.kind !== 'weekly') return `${year}${MONTH_NAMES[month - 1]}`
  return `${year}${'123456789OND'[month - 1]}${day}`
}

function tokenOf(number: number, exchange: OptionsExchange): number {
  return number * 256 + SEGMENTS[exchange]
}

function indexListing(exchange: 'NSE' | 'BSE', symbol: string, token: number): Listing {
  return {
    token,
    exchangeToken: token >>> 8,
    exchange,
    symbol,
    name: symbol,
    expiry: null,
    strike: 0,
    tickSize: 0,
    lotSize: 0,
    type: 'EQ',
    segment: 'INDICES',
  }
}

/** Rows of the index spots and of India VIX. */
export function indexListings(): Listing[] {
  return indexEntries().map((entry) => entry.listing)
}

function indexEntries(): BookEntry[] {
  const spots = INDEX_NAMES.map((index): BookEntry => {
    const { spotExchange, spotSymbol, spotToken } = INDEX_CATALOG[index]
    return { kind: 'index', index, listing: indexListing(spotExchange, spotSymbol, spotToken) }
  })
  return [...spots, { kind: 'index', index: null, listing: indexListing(VIX.exchange, VIX.symbol, VIX.token) }]
}

function futureEntry(index: IndexName, expiry: ListedExpiry): BookEntry {
  const exchange = INDEX_CATALOG[index].optionsExchange
  const number = OPTION_NUMBERS + expirySlot(index, expiry)
  const listing: Listing = {
    token: tokenOf(number, exchange),
    exchangeToken: number,
    exchange,
    symbol: `${index}${symbolDate(expiry)}FUT`,
    name: index,
    expiry: expiry.date,
    strike: 0,
    tickSize: FUTURE_TICKS[index],
    lotSize: LOTS[index],
    type: 'FUT',
    segment: `${exchange}-FUT`,
  }
  return { kind: 'future', index, expiry, listing }
}

function optionEntry(index: IndexName, expiry: ListedExpiry, strike: number, right: Right): BookEntry {
  const exchange = INDEX_CATALOG[index].optionsExchange
  const number = optionNumber(index, expiry, strike, right)
  const listing: Listing = {
    token: tokenOf(number, exchange),
    exchangeToken: number,
    exchange,
    symbol: `${index}${symbolDate(expiry)}${strike}${right}`,
    name: index,
    expiry: expiry.date,
    strike,
    tickSize: OPTION_TICK,
    lotSize: LOTS[index],
    type: right,
    segment: `${exchange}-OPT`,
  }
  return { kind: 'option', index, expiry, right, listing }
}

/** Closes between which an index moved from the listing of an expiry to the evening before the date. */
function closesSince(levels: SpotLevels, index: IndexName, expiry: ListedExpiry, kind: ExpiryKind, before: string) {
  return closeRange(levels, index, addDays(expiry.nominal, -LISTED_DAYS[kind]), before)
}

/** Strikes of an expiry; a monthly that was listed as a quarterly once still has the strikes of that time. */
function strikesOf(levels: SpotLevels, index: IndexName, expiry: ListedExpiry, before: string): number[] {
  const { kind, rank, nominal } = expiry
  const strikes = strikesFor(index, kind, rank, closesSince(levels, index, expiry, kind, before))
  const wasQuarterly =
    kind === 'monthly' && Number(nominal.slice(5, 7)) % 3 === 0 && EXPIRY_RULES[index].quarterlies > 0
  if (!wasQuarterly) return strikes
  const old = strikesFor(index, 'quarterly', 0, closesSince(levels, index, expiry, 'quarterly', before))
  return [...new Set([...strikes, ...old])].sort((a, b) => a - b)
}

const CSV_HEADER =
  'instrument_token,exchange_token,tradingsymbol,name,last_price,expiry,strike,tick_size,lot_size,instrument_type,segment,exchange'

/** `24000.0`, `0.05`: numbers as the dump writes them. */
function decimal(value: number): string {
  return Number.isInteger(value) ? `${value}.0` : String(value)
}

/** Rows of the dump as Kite's CSV text. */
export function listingsCsv(listings: readonly Listing[]): string {
  const rows = listings.map((row) =>
    [
      row.token,
      row.exchangeToken,
      row.symbol,
      row.name,
      '0.0',
      row.expiry ?? '',
      decimal(row.strike),
      decimal(row.tickSize),
      row.lotSize,
      row.type,
      row.segment,
      row.exchange,
    ].join(','),
  )
  return `${[CSV_HEADER, ...rows].join('\n')}\n`
}

/** What is listed on a trading day, from the closes up to the evening before it. */
export function createListingBook(
  deps: { readonly calendar: Calendar; readonly levels: SpotLevels },
  date: string,
): ListingBook {
  const { calendar, levels } = deps
  const before = calendar.previousTradingDay(date)
  const entries = indexEntries()
  for (const index of INDEX_NAMES) {
    const expiries = listedExpiries(calendar, index, date)
    for (const expiry of expiries) {
      if (expiry.kind === 'monthly') entries.push(futureEntry(index, expiry))
    }
    for (const expiry of expiries) {
      for (const strike of strikesOf(levels, index, expiry, before)) {
        entries.push(optionEntry(index, expiry, strike, 'CE'), optionEntry(index, expiry, strike, 'PE'))
      }
    }
  }
  const places = new Map(entries.map((entry, place) => [entry.listing.token, place]))
  return {
    date,
    entries,
    ...directory(entries.map((entry) => entry.listing)),
    placeOf: (token) => places.get(token) ?? null,
  }
}

const EXCHANGES: readonly Exchange[] = ['NSE', 'BSE', 'NFO', 'BFO']

/** Look-ups over the rows of a dump; the CSV texts are written when first asked for. */
export function directory(all: readonly Listing[]): Pick<ListingBook, 'listings' | 'csv' | 'byKey'> {
  const keys = new Map(all.map((row) => [`${row.exchange}:${row.symbol}`, row]))
  const byExchange = new Map(EXCHANGES.map((exchange) => [exchange, all.filter((row) => row.exchange === exchange)]))
  const texts = new Map<Exchange, string>()
  return {
    listings: (exchange) => byExchange.get(exchange) ?? [],
    csv: (exchange) => {
      const text = texts.get(exchange) ?? listingsCsv(byExchange.get(exchange) ?? [])
      texts.set(exchange, text)
      return text
    },
    byKey: (key) => keys.get(key) ?? null,
  }
}
