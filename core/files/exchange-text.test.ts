import { describe, expect, it } from 'vitest'
import { istInstant } from '../domain/ist.ts'
import { exchangeDate, exchangeInstant, figure } from './exchange-text.ts'

describe('figure', () => {
  it.each([
    [24206.9, 24206.9],
    ['24,206.90', 24206.9],
    [' 77,300.00 ', 77300],
    ['-18,693', -18693],
    ['15.803093228015799298624700', 15.803093228015799],
    ['₹ 5', 5],
    [0, 0],
    ['0', 0],
  ])('reads %j', (value, expected) => expect(figure(value)).toBe(expected))

  it.each([null, undefined, '', ' ', '-', '–', 'NA', 'null', true, {}, [], Number.NaN, Number.POSITIVE_INFINITY])(
    'has none in %j',
    (value) => expect(figure(value)).toBeNull(),
  )
})

describe('exchangeDate', () => {
  it.each([
    ['17-Jul-2025', '2025-07-17'],
    ['14-07-2026', '2026-07-14'],
    ['14/07/2026', '2026-07-14'],
    ['03 Sep 2026', '2026-09-03'],
    ['3 September 2026', '2026-09-03'],
    ['2026-07-14', '2026-07-14'],
    ['2026-07-14T00:00:00', '2026-07-14'],
    ['20260714', '2026-07-14'],
    ['14JUL2026', '2026-07-14'],
    ['14JUL26', '2026-07-14'],
    ['Jul 14, 2026', '2026-07-14'],
    ['29-Feb-2028', '2028-02-29'],
  ])('reads %s', (text, expected) => expect(exchangeDate(text)).toBe(expected))

  it.each(['', '-', 'soon', '30-Feb-2026', '31-11-2026', '17-Xyz-2025', '2026-13-01', null, 17, ['14-07-2026']])(
    'has none in %j',
    (text) => expect(exchangeDate(text)).toBeNull(),
  )
})

describe('exchangeInstant', () => {
  const at = istInstant('2026-07-10', '15:30')

  it.each([
    '10-Jul-2026 15:30:00',
    '10-07-2026 15:30',
    '10 Jul 2026 | 15:30 ',
    'As on Jul 10, 2026 15:30:00 IST',
    '2026-07-10T15:30:00+05:30',
    '2026-07-10T10:00:00.000Z',
    '2026-07-10 15:30:00',
    '10-Jul-2026 03:30:00 PM',
    '10-Jul-2026',
    String(at),
    at,
    at / 1000,
  ])('reads %j', (value) => expect(exchangeInstant(value)).toBe(at))

  it('knows noon and midnight on twelve hours', () => {
    expect(exchangeInstant('10-Jul-2026 12:05 AM')).toBe(istInstant('2026-07-10', '00:05'))
    expect(exchangeInstant('10-Jul-2026 12:05 PM')).toBe(istInstant('2026-07-10', '12:05'))
  })

  it.each(['', 'now', '10-Jul-2026 25:00', '10-Jul-2026 15:61', '10-Jul-2026 at noon', null, 0, 15, {}])(
    'has none in %j',
    (value) => expect(exchangeInstant(value)).toBeNull(),
  )
})
