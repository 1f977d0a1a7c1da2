import { describe, expect, it } from 'vitest'
import { createCalendar } from '../domain/calendar.ts'
import { CALENDAR_DATA } from '../domain/calendar-data.ts'
import { createListingBook } from './listing-book.ts'
import type { Listing } from './market.ts'
import { createSpotLevels } from './spot-levels.ts'
import { closeOf } from './spot-session.ts'

const calendar = createCalendar(CALENDAR_DATA)
const levels = createSpotLevels(42)
const book = createListingBook({ calendar, levels }, '2026-11-20')
const contracts = [...book.listings('NFO'), ...book.listings('BFO')]
const chain = (of: readonly Listing[], name: string, expiry: string) =>
  of.filter((row) => row.name === name && row.expiry === expiry && row.type === 'CE').map((row) => row.strike)
const steps = (strikes: readonly number[]) =>
  new Set(strikes.slice(1).map((strike, place) => strike - (strikes[place] ?? 0)))

describe('the listings of a date', () => {
  it('have unique tokens below 2^31 with the segment of their exchange', () => {
    expect(new Set(contracts.map((row) => row.token)).size).toBe(contracts.length)
    for (const row of contracts) {
      expect(row.token).toBeLessThan(2 ** 31)
      expect(row.token & 0xff).toBe(row.exchange === 'NFO' ? 2 : 5)
      expect(row.token >>> 8).toBe(row.exchangeToken)
    }
  })

  it('use the symbols of Kite', () => {
    const all = new Set(contracts.map((row) => `${row.exchange}:${row.symbol}`))
    const atm = Math.round(closeOf(levels, 'NIFTY', '2026-11-19') / 50) * 50
    for (const key of [
      `NFO:NIFTY26NOV${atm}CE`,
      `NFO:NIFTY26D01${atm}PE`,
      'NFO:NIFTY26NOVFUT',
      'NFO:BANKNIFTY27JANFUT',
    ]) {
      expect(all).toContain(key)
    }
    expect(book.byKey('NSE:NIFTY 50')?.token).toBe(256265)
    expect(book.byKey('NSE:INDIA VIX')?.token).toBe(264969)
    expect(book.byKey('BSE:SENSEX')?.token).toBe(265)
    expect(book.byKey('NFO:NIFTY26NOV1CE')).toBeNull()
  })

  it('have about as many strikes as the real dump, unevenly spaced', () => {
    for (const [name, expiry, least, most] of [
      ['NIFTY', '2026-11-23', 100, 140],
      ['NIFTY', '2026-12-01', 90, 125],
      ['BANKNIFTY', '2026-11-23', 140, 210],
      ['FINNIFTY', '2026-11-23', 100, 160],
      ['MIDCPNIFTY', '2026-12-29', 110, 190],
      ['SENSEX', '2026-11-26', 130, 210],
    ] as const) {
      const strikes = chain(contracts, name, expiry)
      expect(strikes.length).toBeGreaterThanOrEqual(least)
      expect(strikes.length).toBeLessThanOrEqual(most)
      expect(steps(strikes).size).toBeGreaterThan(1)
      expect(strikes).toEqual([...strikes].sort((a, b) => a - b))
    }
    expect([...steps(chain(contracts, 'NIFTY', '2028-12-26'))].every((step) => step >= 500)).toBe(true)
  })

  it('keep every strike and its token on the next day', () => {
    let before = book
    for (let date = '2026-11-23'; date < '2027-01-08'; date = calendar.nextTradingDay(date)) {
      const next = createListingBook({ calendar, levels }, date)
      for (const row of [...before.listings('NFO'), ...before.listings('BFO')]) {
        if (row.expiry === null || row.expiry < date) continue
        expect(next.byKey(`${row.exchange}:${row.symbol}`)?.token, `${row.symbol} on ${date}`).toBe(row.token)
      }
      before = next
    }
  })

  it('are written as the dump writes them', () => {
    const [header, first] = book.csv('NFO').split('\n')
    expect(header).toBe(
      'instrument_token,exchange_token,tradingsymbol,name,last_price,expiry,strike,tick_size,lot_size,instrument_type,segment,exchange',
    )
    expect(first).toMatch(/^\d+,\d+,NIFTY26NOVFUT,NIFTY,0\.0,2026-11-23,0\.0,0\.1,65,FUT,NFO-FUT,NFO$/)
    expect(book.csv('BSE').split('\n')[1]).toBe('265,1,SENSEX,SENSEX,0.0,,0.0,0.0,0,EQ,INDICES,BSE')
    expect(book.csv('NFO').trimEnd().split('\n').length - 1).toBe(book.listings('NFO').length)
  })
})
