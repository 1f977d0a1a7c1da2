import { describe, expect, it } from 'vitest'
import { createCalendar } from '../domain/calendar.ts'
import { CALENDAR_DATA } from '../domain/calendar-data.ts'
import { listedExpiries } from './listing-expiries.ts'

const calendar = createCalendar(CALENDAR_DATA)
const dates = (index: Parameters<typeof listedExpiries>[1], date: string, kind: string) =>
  listedExpiries(calendar, index, date)
    .filter((expiry) => expiry.kind === kind)
    .map((expiry) => expiry.date)

describe('expiries listed on a date', () => {
  it('are those of the Kite dump of 18 August 2026', () => {
    expect(dates('NIFTY', '2026-08-18', 'weekly')).toEqual(['2026-08-18', '2026-09-01', '2026-09-08', '2026-09-15'])
    expect(dates('NIFTY', '2026-08-18', 'monthly')).toEqual(['2026-08-25', '2026-09-29', '2026-10-27'])
    expect(dates('NIFTY', '2026-08-18', 'quarterly').slice(0, 5)).toEqual([
      '2026-12-29',
      '2027-03-30',
      '2027-06-29',
      '2027-12-28',
      '2028-06-27',
    ])
    expect(dates('BANKNIFTY', '2026-08-18', 'weekly')).toEqual([])
    expect(dates('BANKNIFTY', '2026-08-18', 'quarterly')).toEqual(['2026-12-29', '2027-03-30', '2027-06-29'])
    expect(dates('SENSEX', '2026-08-18', 'weekly')).toEqual([
      '2026-08-20',
      '2026-09-03',
      '2026-09-10',
      '2026-09-17',
      '2026-10-01',
    ])
    expect(dates('SENSEX', '2026-08-18', 'monthly')).toEqual(['2026-08-27', '2026-09-24', '2026-10-29'])
  })

  it('move to the trading day before a holiday', () => {
    // Tuesday 24 November 2026 is Guru Nanak Jayanti: the monthly of all four NSE indices is on Monday.
    for (const index of ['NIFTY', 'BANKNIFTY', 'FINNIFTY', 'MIDCPNIFTY'] as const) {
      expect(dates(index, '2026-11-23', 'monthly')[0]).toBe('2026-11-23')
    }
    expect(dates('NIFTY', '2026-11-24', 'monthly')[0]).toBe('2026-12-29')
    expect(dates('NIFTY', '2026-11-06', 'weekly')[0]).toBe('2026-11-09')
    expect(dates('NIFTY', '2026-04-01', 'weekly')[1]).toBe('2026-04-13')
    expect(dates('SENSEX', '2026-05-25', 'monthly')[0]).toBe('2026-05-27')
  })

  it('changed their weekday on 1 September 2025', () => {
    expect(dates('NIFTY', '2025-08-26', 'monthly').slice(0, 2)).toEqual(['2025-08-28', '2025-09-30'])
    expect(dates('NIFTY', '2025-08-26', 'weekly')[0]).toBe('2025-09-02')
    expect(dates('SENSEX', '2025-08-25', 'monthly').slice(0, 2)).toEqual(['2025-08-26', '2025-09-25'])
  })
})
