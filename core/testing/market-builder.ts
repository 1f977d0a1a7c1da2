import { encodeFrame, encodeFull, encodeIndexFull } from '../contract/kite-encode.ts'
import { createRejects, decodeFrame } from '../contract/kite-wire.ts'
import { createTickFrame } from '../contract/tick-frame.ts'
import { createCalendar } from '../domain/calendar.ts'
import { CALENDAR_DATA } from '../domain/calendar-data.ts'
import { INDEX_CATALOG, type IndexName } from '../domain/index-catalog.ts'
import type { Bucket, Instrument, Right } from '../domain/instrument.ts'
import { istInstant } from '../domain/ist.ts'
import { createMarketState, type MarketState } from '../engine/market-state.ts'
import { buildUniverse } from '../engine/universe.ts'
import type { FrameEvent } from '../ports/market-feed.ts'
import { black76 } from '../pricing/black76.ts'

/** A Monday; the Tuesday after it is a holiday. */
export const MARKET_DATE = '2026-11-23'
export const TEN = istInstant(MARKET_DATE, '10:00')
export const WEEKLY = '2026-12-01'
export const MONTHLY = '2026-12-29'
/** Steps of 50, 100 and 150. */
export const STRIKES = [23_900, 23_950, 24_000, 24_050, 24_100, 24_200, 24_300, 24_450, 24_600]
/** Not listed in the weekly chain. */
export const HOLE = { strike: 24_450, right: 'PE' } as const

export const calendar = createCalendar(CALENDAR_DATA)

const RIGHTS: readonly Right[] = ['CE', 'PE']
const NFO_SEGMENT = 2
const FUTURE_TOKEN = (50_000 << 8) | NFO_SEGMENT

/** Token of an option of the built listing. */
export function optionToken(strike: number, right: Right, expiry = WEEKLY): number {
  const place = STRIKES.indexOf(strike) * 2 + (right === 'CE' ? 0 : 1)
  return ((10_000 + (expiry === WEEKLY ? 0 : 1000) + place) << 8) | NFO_SEGMENT
}

export function instrument(change: Partial<Instrument>): Instrument {
  return {
    token: 1,
    exchange: 'NFO',
    symbol: 'SYMBOL',
    name: 'NIFTY',
    expiry: WEEKLY,
    strike: 0,
    tickSize: 0.05,
    lotSize: 65,
    type: 'CE',
    segment: change.type === 'FUT' ? 'NFO-FUT' : 'NFO-OPT',
    ...change,
  }
}

/** NIFTY on NFO: a weekly chain with a hole, a monthly chain, and the monthly future. */
export function listing(): Instrument[] {
  const options = [WEEKLY, MONTHLY].flatMap((expiry) =>
    STRIKES.flatMap((strike) =>
      RIGHTS.map((type) => {
        const symbol = `NIFTY${expiry.slice(5).replace('-', '')}${strike}${type}`
        return instrument({ token: optionToken(strike, type, expiry), symbol, expiry, strike, type })
      }),
    ),
  )
  const listed = options.filter(
    (row) => !(row.expiry === WEEKLY && row.strike === HOLE.strike && row.type === HOLE.right),
  )
  return [...listed, instrument({ token: FUTURE_TOKEN, symbol: 'NIFTY26DECFUT', expiry: MONTHLY, type: 'FUT' })]
}

export interface MarketShape {
  readonly instruments?: readonly Instrument[]
  readonly indices?: readonly IndexName[]
  readonly buckets?: readonly Bucket[]
  readonly date?: string
}

/** The state of a market of which nothing was received yet. */
export function buildMarket(shape: MarketShape = {}): MarketState {
  return createMarketState(
    buildUniverse({
      date: MARKET_DATE,
      indices: ['NIFTY'],
      buckets: ['this_week', 'this_month'],
      instruments: listing(),
      spotTokens: new Map(),
      ...shape,
    }),
  )
}

/** Rupees; what is left out is null: the wire's 0. */
export interface OptionQuote {
  readonly token: number
  readonly last?: number | null
  readonly bid?: number | null
  readonly ask?: number | null
  readonly volume?: number
  readonly oi?: number
  readonly oiDayHigh?: number
  /** Epoch milliseconds. */
  readonly at?: number
  /** Of the last trade; `at` when left out, null = the packet tells none. */
  readonly tradedAt?: number | null
}

const paise = (rupees: number | null | undefined) => Math.round((rupees ?? 0) * 100)

/** A full packet of an option. */
export function optionPacket(quote: OptionQuote): Uint8Array {
  const { token, last = null, bid = null, ask = null, volume = 1000, oi = 5000, oiDayHigh = 6000, at = TEN } = quote
  const { tradedAt = at } = quote
  const seconds = Math.floor(at / 1000)
  const side = (price: number | null) => ({ quantity: price === null ? 0 : 65, price: paise(price), orders: 1 })
  const none = { quantity: 0, price: 0, orders: 0 }
  return encodeFull({
    token,
    lastPrice: paise(last),
    lastQuantity: 65,
    averagePrice: paise(last),
    volume,
    buyQuantity: 650,
    sellQuantity: 650,
    open: paise(last),
    high: paise(last),
    low: paise(last),
    close: paise(last),
    lastTradeTime: Math.floor((tradedAt ?? 0) / 1000),
    oi,
    oiDayHigh,
    oiDayLow: 100,
    exchangeTime: seconds,
    depth: [side(bid), none, none, none, none, side(ask)],
  })
}

/** A packet of an index spot; NIFTY's when no token is given. */
export function spotPacket(rupees: number, token = INDEX_CATALOG.NIFTY.spotToken, at = TEN): Uint8Array {
  const price = paise(rupees)
  const exchangeTime = Math.floor(at / 1000)
  return encodeIndexFull({
    token,
    lastPrice: price,
    high: price,
    low: price,
    open: price,
    close: price,
    change: 0,
    exchangeTime,
  })
}

export function futurePacket(rupees: number, at = TEN): Uint8Array {
  return optionPacket({ token: FUTURE_TOKEN, last: rupees, bid: rupees - 0.5, ask: rupees + 0.5, at })
}

const YEARS = 8 / 365
const SIGMA = 0.12

/** A quote of the weekly chain at fair value around a forward. */
export function fairQuote(strike: number, right: Right, forward: number, at = TEN): OptionQuote {
  const value = Math.max(1, Math.round(black76(right, forward, strike, YEARS, SIGMA, 1) * 20) / 20)
  return { token: optionToken(strike, right), last: value, bid: value - 0.05, ask: value + 0.05, at }
}

/** Every listed contract of the weekly chain at fair value. */
export function chainPackets(forward: number, at = TEN): Uint8Array[] {
  return STRIKES.flatMap((strike) =>
    RIGHTS.filter((right) => !(strike === HOLE.strike && right === HOLE.right)).map((right) =>
      optionPacket(fairQuote(strike, right, forward, at)),
    ),
  )
}

/** Packets as the feed gives them: encoded, decoded, in one frame. */
export function frameEvent(
  packets: readonly Uint8Array[],
  receivedAt = TEN,
  receivedMonotonicMs = 0,
  connection = 1,
): FrameEvent {
  const frame = createTickFrame(Math.max(1, packets.length))
  decodeFrame(encodeFrame(packets), frame, createRejects())
  return { frame, connection, receivedAt, receivedMonotonicMs }
}
