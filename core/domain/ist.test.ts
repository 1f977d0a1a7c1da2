import { describe, expect, it } from 'vitest'
import { runInZone } from '../testing/run-in-zone.ts'
import { addDays, formatIst, formatKiteTime, istDate, istInstant, istTime, parseInstant, weekday } from './ist.ts'

const TEN = Date.UTC(2026, 10, 23, 4, 30)

/** Every function at instants that other zones see otherwise: their days, their changes of clock. */
const TABLE = [
  ['2026-11-23T04:30:00.123Z', '2026-11-23', '10:00:00', '2026-11-23T10:00:00.123+05:30'],
  ['2026-11-22T18:29:59.999Z', '2026-11-22', '23:59:59', '2026-11-22T23:59:59.999+05:30'],
  ['2026-11-22T18:30:00.000Z', '2026-11-23', '00:00:00', '2026-11-23T00:00:00.000+05:30'],
  ['2026-03-08T07:00:00.000Z', '2026-03-08', '12:30:00', '2026-03-08T12:30:00.000+05:30'],
  ['2026-11-01T06:30:00.000Z', '2026-11-01', '12:00:00', '2026-11-01T12:00:00.000+05:30'],
  ['2024-02-29T00:00:00.000Z', '2024-02-29', '05:30:00', '2024-02-29T05:30:00.000+05:30'],
  ['1970-01-01T00:00:00.000Z', '1970-01-01', '05:30:00', '1970-01-01T05:30:00.000+05:30'],
] as const

describe('Indian time', () => {
  it.each(TABLE)('writes %s', (utc, date, time, iso) => {
    const instant = Date.parse(utc)
    expect([istDate(instant), istTime(instant), formatIst(instant)]).toEqual([date, time, iso])
    expect(formatKiteTime(instant)).toBe(`${date} ${time}`)
    expect(parseInstant(iso)).toBe(instant)
    expect(istInstant(date, time)).toBe(Math.floor(instant / 1000) * 1000)
  })

  it('is the same on a host in New York', async () => {
    const script = `
      import { formatIst, istDate, istInstant, parseInstant, weekday, addDays } from './core/domain/ist.ts'
      const at = ${JSON.stringify(TABLE.map(([utc]) => utc))}.map((text) => Date.parse(text))
      console.log(JSON.stringify({
        zone: new Date(0).getTimezoneOffset(),
        iso: at.map(formatIst),
        dates: at.map(istDate),
        instants: [istInstant('2026-03-08', '02:30'), istInstant('2026-11-01'), parseInstant('2026-11-01 01:30')],
        days: [weekday('2026-11-23'), addDays('2026-03-07', 1), addDays('2026-11-01', 1)],
      }))`
    expect(JSON.parse(await runInZone('America/New_York', script))).toEqual({
      zone: 300,
      iso: TABLE.map(([, , , iso]) => iso),
      dates: TABLE.map(([, date]) => date),
      instants: [Date.UTC(2026, 2, 7, 21), Date.UTC(2026, 9, 31, 18, 30), Date.UTC(2026, 9, 31, 20)],
      days: [1, '2026-03-08', '2026-11-02'],
    })
  })

  it.each([
    ['10:00', TEN],
    ['10:00:00', TEN],
    ['00:00', TEN - 36_000_000],
    ['24:00', TEN + 50_400_000],
  ])('finds %s of a day', (time, instant) => {
    expect(istInstant('2026-11-23', time)).toBe(instant)
  })

  it.each([
    ['2026-02-28', 1, '2026-03-01'],
    ['2024-02-28', 1, '2024-02-29'],
    ['2026-12-31', 1, '2027-01-01'],
    ['2026-01-01', -1, '2025-12-31'],
    ['2026-11-23', 0, '2026-11-23'],
    ['2026-11-23', 365, '2027-11-23'],
  ])('adds to %s %i days', (date, days, expected) => {
    expect(addDays(date, days)).toBe(expected)
  })

  it('knows the day of the week', () => {
    expect(['2026-11-22', '2026-11-23', '2026-11-28'].map(weekday)).toEqual([0, 1, 6])
  })
})

describe('instants as users write them', () => {
  it.each([
    [String(TEN), TEN],
    ['2026-11-23T10:00', TEN],
    ['2026-11-23 10:00', TEN],
    ['2026-11-23T10:00:00', TEN],
    ['2026-11-23T10:00:00.5', TEN + 500],
    ['2026-11-23T10:00:00.123+05:30', TEN + 123],
    ['2026-11-23 10:00+05:30', TEN],
    ['2026-11-23T10:00+0530', TEN],
    ['2026-11-23T04:30:00Z', TEN],
    ['2026-11-22T23:30:00-05:00', TEN],
  ])('reads %s', (text, expected) => {
    expect(parseInstant(text)).toBe(expected)
  })

  it.each([
    '',
    '2026-11-23',
    '10:00',
    'now',
    '2026-13-01T10:00',
    '2026-11-23T25:00',
    '2026-02-30T10:00',
    '2026-11-31T10:00Z',
    '2026-11-23T10:00:00.1234',
    '2026-11-23T10:00 IST',
    '12345',
    '-1795408200000',
    '1.7e12',
  ])('refuses %j', (text) => {
    expect(parseInstant(text)).toBeNull()
  })
})
