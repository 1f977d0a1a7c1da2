import { beforeAll, describe, expect, it } from 'vitest'
import { createCalendar } from '../domain/calendar.ts'
import { CALENDAR_DATA } from '../domain/calendar-data.ts'
import { istInstant } from '../domain/ist.ts'
import type { Listing, Market, Quote } from './market.ts'
import { createSimulatedMarket } from './market-simulated.ts'

const calendar = createCalendar(CALENDAR_DATA)
const NIFTY = 256265
const VIX = 264969
const DAY = '2026-11-18'
const at = (time: string, date = DAY) => istInstant(date, time)

function marketAt(instant: number, seed = 42): Market {
  const market = createSimulatedMarket({ calendar }, { seed })
  market.advance(instant)
  return market
}

function quoteOf(market: Market, token: number): Quote {
  const quote = market.quote(token)
  if (quote === null) throw new Error(`no quote of ${token}`)
  return quote
}

const contractsOf = (market: Market) => [...market.listings('NFO'), ...market.listings('BFO')]
const optionsOf = (market: Market, expiry: string, name = 'NIFTY') =>
  contractsOf(market).filter((row) => row.name === name && row.expiry === expiry && row.type !== 'FUT')
/** Every tenth contract of the exchange, and the spots. */
const sampleOf = (market: Market) => [
  NIFTY,
  VIX,
  265,
  ...contractsOf(market)
    .filter((_, place) => place % 10 === 0)
    .map((row) => row.token),
]
const bid = (quote: Quote) => quote.depth?.price[0] ?? Number.NaN
const ask = (quote: Quote) => quote.depth?.price[5] ?? Number.NaN

describe('the same seed', () => {
  it('gives the same state at an instant, whatever the steps that led there', () => {
    const goal = at('11:07:33')
    const direct = marketAt(goal)
    const walked = marketAt(at('10:20'))
    for (let now = at('10:20'); now < goal; now += 3777) {
      for (const token of walked.advance(now)) if (token % 7 === 0) walked.quote(token)
    }
    walked.advance(goal)
    const leapt = marketAt(at('15:50', '2026-11-16'))
    for (const instant of [at('12:00', '2026-11-17'), at('09:15'), at('09:59'), goal]) leapt.advance(instant)
    for (const token of sampleOf(direct)) {
      const expected = quoteOf(direct, token)
      expect(walked.quote(token)).toEqual(expected)
      expect(leapt.quote(token)).toEqual(expected)
    }
  })

  it('differs from another seed', () => {
    expect(quoteOf(marketAt(at('11:00'), 1), NIFTY)).not.toEqual(quoteOf(marketAt(at('11:00'), 2), NIFTY))
  })
})

/** Tokens of the chains that a monitor would subscribe. */
function nearChains(market: Market): Set<number> {
  const expiriesOf = (name: string) =>
    [
      ...new Set(
        contractsOf(market)
          .filter((row) => row.name === name)
          .map((row) => row.expiry),
      ),
    ].sort()
  const counts = { NIFTY: 4, BANKNIFTY: 2, FINNIFTY: 2, MIDCPNIFTY: 2, SENSEX: 4 }
  const near = new Map(Object.entries(counts).map(([name, count]) => [name, expiriesOf(name).slice(0, count)]))
  return new Set(
    contractsOf(market)
      .filter((row) => near.get(row.name)?.includes(row.expiry))
      .map((row) => row.token),
  )
}

describe('an advance', () => {
  it('returns exactly the tokens whose quotes changed, each once', () => {
    const market = marketAt(at('11:00'))
    const sample = new Set(sampleOf(market))
    let before = new Map([...sample].map((token) => [token, quoteOf(market, token)]))
    for (let step = 1; step <= 8; step++) {
      const changed = [...market.advance(at('11:00') + step * 250)]
      expect(new Set(changed).size).toBe(changed.length)
      const now = new Map([...sample].map((token) => [token, quoteOf(market, token)]))
      for (const [token, quote] of now) {
        if (!changed.includes(token)) expect(quote).toEqual(before.get(token))
      }
      before = now
    }
  })

  it('returns all tokens at first, then about 1,000 to 1,500 of the near chains a second', () => {
    const market = createSimulatedMarket({ calendar }, { seed: 42 })
    expect(market.quote(NIFTY)).toBeNull()
    const listed = contractsOf(marketAt(at('11:00'))).length + 6
    expect(market.advance(at('11:00')).length).toBe(listed)
    const near = nearChains(market)
    let changes = 0
    for (let step = 1; step <= 40; step++) {
      for (const token of market.advance(at('11:00') + step * 250)) changes += near.has(token) ? 1 : 0
    }
    expect(changes / 10).toBeGreaterThan(900)
    expect(changes / 10).toBeLessThan(1600)
  })
})

describe('prices', () => {
  let market: Market
  beforeAll(() => {
    market = marketAt(at('13:00'))
  })

  it('keep put-call parity within the spreads', () => {
    const pairs = new Map<number, { CE?: Quote; PE?: Quote }>()
    for (const row of optionsOf(market, '2026-12-01')) {
      if (row.type === 'CE' || row.type === 'PE') {
        pairs.set(row.strike, { ...pairs.get(row.strike), [row.type]: quoteOf(market, row.token) })
      }
    }
    // F = K + e^(rT) (C - P): every strike must allow the forwards of all others.
    let [least, most] = [0, Number.POSITIVE_INFINITY]
    const growth = Math.exp(0.065 * (13 / 365))
    for (const [strike, { CE, PE }] of pairs) {
      if (CE === undefined || PE === undefined || Math.abs(strike * 100 - quoteOf(market, NIFTY).lastPrice) > 20_000) {
        continue
      }
      least = Math.max(least, strike + (growth * (bid(CE) - ask(PE))) / 100)
      most = Math.min(most, strike + (growth * (ask(CE) - bid(PE))) / 100)
    }
    const spot = quoteOf(market, NIFTY).lastPrice / 100
    // Quotes of different strikes are up to some seconds old.
    expect(least - most).toBeLessThan(spot * 0.0003)
    expect(least).toBeGreaterThan(spot)
    expect(most).toBeLessThan(spot * 1.006)
  })

  it('have bids below asks on whole ticks, and calls that fall with the strike', () => {
    const byTick = (row: Listing) => Math.round(row.tickSize * 100)
    for (const row of contractsOf(market)) {
      const quote = quoteOf(market, row.token)
      expect(bid(quote)).toBeLessThan(ask(quote))
      for (const price of [bid(quote), ask(quote), quote.lastPrice, quote.high, quote.low, quote.open, quote.close]) {
        expect(price % byTick(row)).toBe(0)
      }
      expect((quote.volume + quote.oi + quote.lastQuantity) % row.lotSize).toBe(0)
    }
    const calls = optionsOf(market, '2026-11-23')
      .filter((row) => row.type === 'CE')
      .map((row) => quoteOf(market, row.token))
    // Half a percent of the spot apart, so that no quote of some seconds ago can turn the order.
    calls.forEach((quote, place) => {
      const further = calls[place + 6]
      if (further !== undefined) expect(bid(further)).toBeLessThan(ask(quote))
    })
  })

  it('are higher far from the money than a flat volatility would have them, more so for puts', () => {
    const spot = quoteOf(market, NIFTY).lastPrice / 100
    const forward = spot * Math.exp(0.053 * (41 / 365))
    const priceAt = (type: string, strike: number) => {
      const row = optionsOf(market, '2026-12-29').find((one) => one.type === type && one.strike === strike)
      return row === undefined ? Number.NaN : ask(quoteOf(market, row.token))
    }
    const atm = Math.round(forward / 50) * 50
    expect(priceAt('PE', atm - 1000)).toBeGreaterThan(priceAt('CE', atm + 1000))
  })
})

/** What a day's quote says against itself and the one before it. */
function faultsOf(quote: Quote, last: Quote | undefined): string[] {
  const { high, low, lastPrice, open, averagePrice } = quote
  const rules: [string, boolean][] = [
    ['oi outside its extremes', quote.oi <= quote.oiDayHigh && quote.oi >= quote.oiDayLow],
    ['high too low', quote.volume === 0 || high >= Math.max(lastPrice, open, averagePrice)],
    ['low too high', quote.volume === 0 || low <= Math.min(lastPrice, open, averagePrice)],
    ['trade after the quote', quote.lastTradeTime <= quote.exchangeTime],
  ]
  if (last !== undefined && last.volume > 0) {
    rules.push(
      ['volume fell', quote.volume >= last.volume],
      ['high fell', high >= last.high],
      ['low rose', low <= last.low],
      ['open moved', open === last.open],
      ['oi extremes narrowed', quote.oiDayHigh >= last.oiDayHigh && quote.oiDayLow <= last.oiDayLow],
    )
  }
  return rules.filter(([, holds]) => !holds).map(([rule]) => `${rule}: ${JSON.stringify([quote, last])}`)
}

describe('the course of a day', () => {
  it('keeps volume, high, low and open interest consistent and volume rising', () => {
    const market = marketAt(at('09:15'))
    const tokens = sampleOf(market).filter((token) => (token & 0xff) !== 9)
    const before = new Map<number, Quote>()
    const faults: string[] = []
    let traded = 0
    for (let now = at('09:15'); now <= at('15:45'); now += 97_000) {
      market.advance(now)
      for (const token of tokens) {
        const quote = quoteOf(market, token)
        faults.push(...faultsOf(quote, before.get(token)))
        before.set(token, quote)
        traded += quote.volume > 0 ? 1 : 0
      }
    }
    expect(faults).toEqual([])
    expect(traded).toBeGreaterThan(10_000)
  })

  it('freezes the index in the closing auction while futures and options go on, and prints it once', () => {
    const market = marketAt(at('15:14:50'))
    const future = contractsOf(market).find((row) => row.symbol === 'NIFTY26NOVFUT')
    const spots = new Set<number>()
    const futures = new Set<number>()
    const vix = new Set<number>()
    let changes = 0
    for (let now = at('15:15'); now < at('15:29'); now += 5000) {
      if ([...market.advance(now)].includes(NIFTY)) changes += 1
      spots.add(quoteOf(market, NIFTY).lastPrice)
      futures.add(quoteOf(market, future?.token ?? 0).lastPrice)
      vix.add(quoteOf(market, VIX).exchangeTime)
    }
    expect(spots.size).toBe(1)
    expect(changes).toBe(1)
    expect(quoteOf(market, NIFTY).exchangeTime).toBe(at('15:15') / 1000)
    expect(futures.size).toBeGreaterThan(50)
    expect(vix.size).toBeGreaterThan(50)
    expect([...market.advance(at('15:29'))]).toContain(NIFTY)
    const printed = quoteOf(market, NIFTY)
    expect(spots).not.toContain(printed.lastPrice)
    market.advance(at('15:39'))
    expect(quoteOf(market, NIFTY)).toEqual(printed)
  })

  it('ends at 15:40, stands still over the night, and opens with its close as the previous one', () => {
    const market = marketAt(at('15:40'))
    const tokens = sampleOf(market)
    const closing = tokens.map((token) => quoteOf(market, token))
    expect(market.advance(at('23:00')).length).toBe(0)
    expect(market.advance(at('07:59', '2026-11-19')).length).toBe(0)
    expect(tokens.map((token) => quoteOf(market, token))).toEqual(closing)
    expect(market.date()).toBe(DAY)
    expect(market.advance(at('08:00', '2026-11-19')).length).toBe(contractsOf(market).length + 6)
    expect(market.date()).toBe('2026-11-19')
    for (const before of closing) {
      const quote = market.quote(before.token)
      if (quote === null) continue
      expect(quote.volume).toBe(0)
      expect(quote.open).toBe(0)
      if (before.volume > 0 || before.depth === null) expect(quote.close).toBe(before.lastPrice)
      if (before.volume > 0) expect(quote.oi).toBe(before.oi)
    }
  })

  it('shows Friday on a Sunday night', () => {
    const market = marketAt(at('22:00', '2026-11-22'))
    expect(market.date()).toBe('2026-11-20')
    expect(quoteOf(market, NIFTY).exchangeTime).toBe(at('15:29', '2026-11-20') / 1000)
    expect(market.advance(at('23:30', '2026-11-22')).length).toBe(0)
  })

  it('knows the special session of Muhurat, on a Sunday evening', () => {
    const market = marketAt(at('18:30', '2026-11-08'))
    expect(market.date()).toBe('2026-11-08')
    expect(market.advance(at('18:31', '2026-11-08')).length).toBeGreaterThan(100)
  })
})

describe('a day of expiry', () => {
  it('takes options to their intrinsic value at the fix, on the Monday before the holiday', () => {
    const day = '2026-11-23'
    const market = marketAt(at('09:30', day))
    const options = () => optionsOf(market, day)
    const nearest = () => {
      const spot = quoteOf(market, NIFTY).lastPrice / 100
      return options().filter((row) => Math.abs(row.strike - spot) < 26)
    }
    const straddle = () => nearest().reduce((sum, row) => sum + quoteOf(market, row.token).lastPrice / 100, 0)
    const morning = straddle()
    market.advance(at('14:30', day))
    const afternoon = straddle()
    expect(morning).toBeGreaterThan(1.5 * afternoon)
    market.advance(at('15:40', day))
    const spot = quoteOf(market, NIFTY).lastPrice / 100
    for (const row of options()) {
      const intrinsic = Math.max(0, row.type === 'CE' ? spot - row.strike : row.strike - spot)
      const quote = quoteOf(market, row.token)
      if (quote.volume > 0) expect(Math.abs(quote.lastPrice / 100 - intrinsic)).toBeLessThanOrEqual(0.051)
    }
    const busiest = Math.max(...options().map((row) => quoteOf(market, row.token).volume))
    expect(busiest).toBeGreaterThan(3e8)
    expect(busiest).toBeLessThan(2 ** 32)
    market.advance(at('09:30', '2026-11-25'))
    expect(optionsOf(market, day)).toEqual([])
    expect(contractsOf(market).some((row) => row.symbol === 'NIFTY26DECFUT')).toBe(true)
  })
})
