import { dirname, join } from 'node:path'
import type { Exchange, OptionsExchange } from '../domain/index-catalog.ts'
import { INDEX_CATALOG } from '../domain/index-catalog.ts'
import { istDate } from '../domain/ist.ts'
import { directory, indexListings } from './listing-book.ts'
import type { Listing, Market, Quote } from './market.ts'
import { type LeftOut, type RecordedChain, type RecordedContract, readRecordedChain } from './recorded-chain.ts'
import { fieldReader, isMissing, readRows, readText } from './recorded-file.ts'

interface RecordedMarketOptions {
  /** A chain recorded minute by minute (ts,expiry,strike,type,spot,ltp,volume_lots,oi_lots,oi_chg_lots,iv), plain or gzipped. */
  readonly csvPath: string
  /** Default: `kite_token_map.csv` beside it. */
  readonly tokenMapPath?: string
  /** Dumps of the day, served to the letter. Default: those in `../kite-instruments-<date>/`, where they exist. */
  readonly instrumentPaths?: Partial<Record<OptionsExchange, string>>
}

export interface RecordedMarket extends Market {
  /** Where a clock starts: one second before the first recorded minute, so that nothing of it is missed. */
  readonly firstInstant: number
  readonly lastInstant: number
  /** Rows that cannot be played, because nobody knows their token. */
  readonly leftOut: LeftOut
  nextInstant(afterMs: number): number | null
}

interface Dump {
  readonly text: string
  readonly listings: readonly Listing[]
}

const DUMP_COLUMNS = [
  'instrument_token',
  'exchange_token',
  'tradingsymbol',
  'name',
  'last_price',
  'expiry',
  'strike',
  'tick_size',
  'lot_size',
  'instrument_type',
  'segment',
  'exchange',
]
const SPOT = INDEX_CATALOG.NIFTY
const LEAD_MS = 1000
const NO_LEVELS = { quantity: Array(10).fill(0), price: Array(10).fill(0), orders: Array(10).fill(0) }

function dumpListings(path: string, text: string, exchange: OptionsExchange): Listing[] {
  const field = fieldReader(path)
  const listings: Listing[] = []
  readRows(path, text, DUMP_COLUMNS).forEach((row, place) => {
    const line = place + 2
    const type = row[9]
    if (type !== 'CE' && type !== 'PE' && type !== 'FUT' && type !== 'EQ') return
    listings.push({
      token: field.count(line, 'instrument_token', row[0]),
      exchangeToken: field.count(line, 'exchange_token', row[1]),
      symbol: field.text(line, 'tradingsymbol', row[2]),
      name: row[3] ?? '',
      expiry: row[5] === '' ? null : (row[5] ?? null),
      strike: field.number(line, 'strike', row[6]),
      tickSize: field.number(line, 'tick_size', row[7]),
      lotSize: field.count(line, 'lot_size', row[8]),
      type,
      segment: row[10] ?? '',
      exchange,
    })
  })
  return listings
}

/** The dump at a path; null when `optional` and there is no such file. */
async function readDump(path: string, exchange: OptionsExchange, optional: boolean): Promise<Dump | null> {
  try {
    const text = await readText(path)
    return { text, listings: dumpListings(path, text, exchange) }
  } catch (fault) {
    if (optional && isMissing(fault)) return null
    throw fault
  }
}

function listingOf(contract: RecordedContract): Listing {
  const { token, symbol, expiry, strike, right, lotSize } = contract
  return {
    token,
    exchangeToken: token >>> 8,
    exchange: SPOT.optionsExchange,
    symbol,
    name: SPOT.name,
    expiry,
    strike,
    tickSize: 0.05,
    lotSize,
    type: right,
    segment: `${SPOT.optionsExchange}-OPT`,
  }
}

/** What the file does not tell is 0, as Kite writes what there is not. */
function quoteOf(token: number, lastPrice: number, instant: number, known: Partial<Quote>): Quote {
  return {
    token,
    lastPrice,
    lastQuantity: 0,
    averagePrice: 0,
    volume: 0,
    buyQuantity: 0,
    sellQuantity: 0,
    open: 0,
    high: 0,
    low: 0,
    close: 0,
    lastTradeTime: 0,
    oi: 0,
    oiDayHigh: 0,
    oiDayLow: 0,
    exchangeTime: Math.floor(instant / 1000),
    depth: null,
    lowerCircuit: 0,
    upperCircuit: 0,
    change: 0,
    ...known,
  }
}

/** Plays the minutes of a chain; at each, every one of its rows and the spot is a change. */
function createPlayer(chain: RecordedChain) {
  const { contracts, minutes } = chain
  /** Row of each contract's newest quote, and the minute it is from. */
  const rows = new Int32Array(contracts.length).fill(-1)
  const instants = new Float64Array(contracts.length)
  const places = new Map(contracts.map((contract, place) => [contract.token, place]))
  let played = 0

  const advance = (nowMs: number): number[] => {
    const changed = new Set<number>()
    for (let minute = minutes[played]; minute !== undefined && minute.instant <= nowMs; minute = minutes[played]) {
      changed.add(SPOT.spotToken)
      for (let row = minute.from; row < minute.until; row++) {
        const place = chain.contract[row] ?? 0
        rows[place] = row
        instants[place] = minute.instant
        changed.add(contracts[place]?.token ?? 0)
      }
      played += 1
    }
    return [...changed]
  }

  const quote = (token: number): Quote | null => {
    const minute = minutes[played - 1]
    if (token === SPOT.spotToken) {
      return minute === undefined ? null : quoteOf(token, Math.round(100 * minute.spot), minute.instant, {})
    }
    const place = places.get(token)
    const row = place === undefined ? -1 : (rows[place] ?? -1)
    if (place === undefined || row < 0) return null
    return quoteOf(token, chain.lastPrice[row] ?? 0, instants[place] ?? 0, {
      volume: chain.volume[row] ?? 0,
      oi: chain.oi[row] ?? 0,
      depth: NO_LEVELS,
    })
  }
  return { advance, quote }
}

/** First recorded instant after another; the minutes are ascending. */
function instantAfter(instants: Float64Array, afterMs: number): number | null {
  let [from, until] = [0, instants.length]
  while (from < until) {
    const middle = (from + until) >> 1
    if ((instants[middle] ?? 0) > afterMs) until = middle
    else from = middle + 1
  }
  return instants[from] ?? null
}

/**
 * A market that repeats a recorded NIFTY chain. Its quotes carry what the file has (last price, volume, open interest,
 * spot, the minute) and nothing else: no book, no day's prices, no close. Contracts of the dump that were not
 * recorded are listed and have no quote. `advance` over several minutes returns each token once, so that a caller
 * who must deliver every row goes from `nextInstant` to `nextInstant`. Throws `file_unreadable`.
 */
export async function createRecordedMarket(options: RecordedMarketOptions): Promise<RecordedMarket> {
  const { csvPath, instrumentPaths = {} } = options
  const folder = dirname(csvPath)
  const chain = await readRecordedChain(csvPath, options.tokenMapPath ?? join(folder, 'kite_token_map.csv'))
  const instants = Float64Array.from(chain.minutes, (minute) => minute.instant)
  const date = istDate(instants[0] ?? 0)
  const dumpOf = (exchange: OptionsExchange) => {
    const given = instrumentPaths[exchange]
    const found = join(folder, '..', `kite-instruments-${date}`, `${exchange}.csv.gz`)
    return readDump(given ?? found, exchange, given === undefined)
  }
  const dumps: Partial<Record<Exchange, Dump | null>> = { NFO: await dumpOf('NFO'), BFO: await dumpOf('BFO') }
  const all = [
    ...indexListings(),
    ...(dumps.NFO?.listings ?? chain.contracts.map(listingOf)),
    ...(dumps.BFO?.listings ?? []),
  ]
  const listed = directory(all)
  const tokens = new Map(all.map((listing) => [listing.token, listing]))
  const player = createPlayer(chain)
  return {
    label: { kind: 'recorded', file: csvPath },
    firstInstant: (instants[0] ?? 0) - LEAD_MS,
    lastInstant: instants.at(-1) ?? 0,
    leftOut: chain.leftOut,
    date: () => date,
    instrumentsCsv: (exchange) => dumps[exchange]?.text ?? listed.csv(exchange),
    listings: listed.listings,
    byKey: listed.byKey,
    byToken: (token) => tokens.get(token) ?? null,
    quote: player.quote,
    advance: player.advance,
    nextInstant: (afterMs) => instantAfter(instants, afterMs),
  }
}
