import { INDEX_CATALOG } from '../domain/index-catalog.ts'
import type { Listing, Market, Quote } from '../exchange/market.ts'

/** An instant of a recorded market and the quotes that change there. */
export interface FakeInstant {
  readonly at: number
  readonly quotes: readonly (Partial<Quote> & { readonly token: number })[]
}

export interface FakeMarketOptions {
  /** Number of NIFTY options listed on NFO; tokens from `optionToken(0)` on. */
  readonly options?: number
  /** Present: a recorded market with these instants, ascending. */
  readonly recorded?: readonly FakeInstant[]
}

export interface FakeMarket extends Market {
  /** Changes a quote; it goes out with the next step. */
  set(quote: Partial<Quote> & { readonly token: number }): void
}

export const FUTURE_TOKEN = (90_000 << 8) | 2
export const NIFTY_TOKEN = INDEX_CATALOG.NIFTY.spotToken

/** Token of the option `index` of the fake market. */
export function optionToken(index: number): number {
  return ((10_000 + index) << 8) | 2
}

const HEADER =
  'instrument_token,exchange_token,tradingsymbol,name,last_price,expiry,strike,tick_size,lot_size,instrument_type,segment,exchange\n'

const DEPTH = {
  quantity: [65, 130, 195, 260, 325, 650, 715, 780, 845, 910],
  price: [10_020, 10_015, 10_010, 10_005, 10_000, 10_025, 10_030, 10_035, 10_040, 10_045],
  orders: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
}

/** A market of a few contracts that moves only when told. */
export function createFakeMarket(options: FakeMarketOptions = {}): FakeMarket {
  const listings = listingsOf(options.options ?? 4)
  const byToken = new Map(listings.map((listing) => [listing.token, listing]))
  const byKey = new Map(listings.map((listing) => [`${listing.exchange}:${listing.symbol}`, listing]))
  const quotes = new Map(listings.map((listing) => [listing.token, firstQuote(listing)]))
  const changed = new Set(quotes.keys())
  const recorded = options.recorded ?? null
  let reached = Number.NEGATIVE_INFINITY

  const set: FakeMarket['set'] = (change) => {
    const quote = quotes.get(change.token)
    if (quote === undefined) throw new Error(`${change.token} is not listed`)
    quotes.set(change.token, { ...quote, ...change })
    changed.add(change.token)
  }
  const market: FakeMarket = {
    label: recorded === null ? { kind: 'simulated', seed: 7 } : { kind: 'recorded', file: '/data/day.parquet' },
    set,
    date: () => '2026-11-23',
    instrumentsCsv: (exchange) =>
      HEADER +
      listings
        .filter((listing) => listing.exchange === exchange)
        .map(csvLine)
        .join(''),
    listings: (exchange) => listings.filter((listing) => listing.exchange === exchange),
    byKey: (key) => byKey.get(key) ?? null,
    byToken: (token) => byToken.get(token) ?? null,
    quote: (token) => quotes.get(token) ?? null,
    advance(nowMs) {
      for (const instant of recorded ?? [])
        if (instant.at > reached && instant.at <= nowMs) for (const quote of instant.quotes) set(quote)
      reached = nowMs
      const tokens = [...changed]
      changed.clear()
      return tokens
    },
  }
  if (recorded === null) return market
  return { ...market, nextInstant: (afterMs) => recorded.find((instant) => instant.at > afterMs)?.at ?? null }
}

function listingsOf(options: number): Listing[] {
  const index = (token: number, exchange: 'NSE' | 'BSE', symbol: string): Listing => ({
    ...{ token, exchangeToken: token >>> 8, exchange, symbol, name: symbol, expiry: null, strike: 0, tickSize: 0 },
    ...{ lotSize: 0, type: 'EQ', segment: 'INDICES' },
  })
  const contract = (token: number, symbol: string, type: 'CE' | 'PE' | 'FUT', strike: number): Listing => ({
    ...{
      token,
      exchangeToken: token >>> 8,
      exchange: 'NFO',
      symbol,
      name: 'NIFTY',
      expiry: '2026-11-23',
      strike,
      type,
    },
    ...{ tickSize: 0.05, lotSize: 65, segment: type === 'FUT' ? 'NFO-FUT' : 'NFO-OPT' },
  })
  return [
    index(NIFTY_TOKEN, 'NSE', 'NIFTY 50'),
    index(INDEX_CATALOG.SENSEX.spotToken, 'BSE', 'SENSEX'),
    contract(FUTURE_TOKEN, 'NIFTY26NOVFUT', 'FUT', 0),
    ...Array.from({ length: options }, (_, i) => {
      const type = i % 2 === 0 ? 'CE' : 'PE'
      const strike = 20_000 + 50 * Math.floor(i / 2)
      return contract(optionToken(i), `NIFTY26NOV${strike}${type}`, type, strike)
    }),
  ]
}

function firstQuote(listing: Listing): Quote {
  const index = listing.segment === 'INDICES'
  return {
    token: listing.token,
    lastPrice: 10_025,
    lastQuantity: 65,
    averagePrice: 10_011,
    volume: 2_500_000_000,
    buyQuantity: 975,
    sellQuantity: 3900,
    open: 9900,
    high: 10_100,
    low: 9800,
    close: 9950,
    lastTradeTime: 1_795_494_599,
    oi: 3_000_000_000,
    oiDayHigh: 3_100_000_000,
    oiDayLow: 2_900_000_000,
    exchangeTime: 1_795_494_600,
    depth: index ? null : DEPTH,
    lowerCircuit: 5,
    upperCircuit: 50_000,
    change: 75,
  }
}

function csvLine(one: Listing): string {
  const fields = [one.token, one.exchangeToken, one.symbol, one.name, '0.0', one.expiry ?? '', one.strike, one.tickSize]
  return `${[...fields, one.lotSize, one.type, one.segment, one.exchange].join(',')}\n`
}
