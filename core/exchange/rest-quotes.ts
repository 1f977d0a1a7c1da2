import { formatKiteTime } from '../domain/ist.ts'
import type { Depth, Market, Quote } from './market.ts'
import { inputFailure, type RestReply, success } from './rest-reply.ts'

/** Kinds of the quote family and how many instruments one call may ask for. Source: Kite docs, "Market quotes". */
export const QUOTE_LIMITS = { quote: 500, ohlc: 1000, ltp: 1000 } as const
export type QuoteKind = keyof typeof QUOTE_LIMITS

const DEPTH_SIDE = 5
const RUPEE = 100

/** `/quote`, `/quote/ohlc`, `/quote/ltp`: what is not listed or was never quoted is absent, without an error. */
export function answerQuotes(market: Market, kind: QuoteKind, keys: readonly string[]): RestReply {
  const unique = [...new Set(keys)]
  if (unique.length === 0) return inputFailure('Missing or empty field `i`')
  if (unique.length > QUOTE_LIMITS[kind])
    return inputFailure(`Can't request more than ${QUOTE_LIMITS[kind]} instruments`)
  const data: Record<string, unknown> = {}
  for (const key of unique) {
    const listing = market.byKey(key)
    const quote = listing === null ? null : market.quote(listing.token)
    if (quote !== null) data[key] = BODY[kind](quote)
  }
  return success(data)
}

const BODY: Readonly<Record<QuoteKind, (quote: Quote) => unknown>> = {
  ltp: ltpBody,
  ohlc: (quote) => ({ ...ltpBody(quote), ohlc: ohlcBody(quote) }),
  quote: (quote) => ({
    ...ltpBody(quote),
    timestamp: kiteTime(quote.exchangeTime),
    last_trade_time: kiteTime(quote.lastTradeTime),
    last_quantity: quote.lastQuantity,
    buy_quantity: quote.buyQuantity,
    sell_quantity: quote.sellQuantity,
    volume: quote.volume,
    average_price: quote.averagePrice / RUPEE,
    oi: quote.oi,
    oi_day_high: quote.oiDayHigh,
    oi_day_low: quote.oiDayLow,
    net_change: quote.change / RUPEE,
    lower_circuit_limit: quote.lowerCircuit / RUPEE,
    upper_circuit_limit: quote.upperCircuit / RUPEE,
    ohlc: ohlcBody(quote),
    depth: { buy: depthSide(quote.depth, 0), sell: depthSide(quote.depth, DEPTH_SIDE) },
  }),
}

function ltpBody(quote: Quote) {
  return { instrument_token: quote.token, last_price: quote.lastPrice / RUPEE }
}

function ohlcBody(quote: Quote) {
  return {
    open: quote.open / RUPEE,
    high: quote.high / RUPEE,
    low: quote.low / RUPEE,
    close: quote.close / RUPEE,
  }
}

/** Five levels; an index has them too, all empty. */
function depthSide(depth: Depth | null, first: number) {
  return Array.from({ length: DEPTH_SIDE }, (_, level) => ({
    price: (depth?.price[first + level] ?? 0) / RUPEE,
    quantity: depth?.quantity[first + level] ?? 0,
    orders: depth?.orders[first + level] ?? 0,
  }))
}

/** IST without an offset, null for no time, as Kite writes it. */
function kiteTime(unixSeconds: number): string | null {
  return unixSeconds === 0 ? null : formatKiteTime(unixSeconds * 1000)
}
