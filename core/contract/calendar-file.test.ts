import { describe, expect, it } from 'vitest'
import { createCalendar, mergeCalendar } from '../domain/calendar.ts'
import { CALENDAR_DATA } from '../domain/calendar-data.ts'
import { calendarFileSchema } from './calendar-file.ts'

const rule = { from: '2027-01-01', open: '09:15', trade_end: '15:40', settlement_fix: '15:35' }

describe('calendarFileSchema', () => {
  it('takes the built-in calendar as it is, and an empty file as nothing', () => {
    expect(calendarFileSchema.parse(CALENDAR_DATA)).toEqual(CALENDAR_DATA)
    expect(mergeCalendar(CALENDAR_DATA, calendarFileSchema.parse({}))).toEqual(CALENDAR_DATA)
  })

  it('gives what the calendar can be made of', () => {
    const file = calendarFileSchema.parse({
      years: [2027],
      holidays: { '2027-01-26': 'Republic Day', '2026-12-25': null },
      special_sessions: { '2026-11-08': null, '2027-02-06': { note: 'Drill', hours: 'regular' } },
      sessions: [rule],
    })
    const calendar = createCalendar(mergeCalendar(CALENDAR_DATA, file))
    expect(calendar.isTradingDay('2027-01-26')).toBe(false)
    expect(calendar.isTradingDay('2026-12-25')).toBe(true)
    expect(calendar.isTradingDay('2026-11-08')).toBe(false)
    expect(calendar.day('2027-02-06')).toMatchObject({ special: 'Drill', preOpenFrom: null, cashAuctionFrom: null })
  })

  it.each([
    ['an unknown part', { holiday: {} }],
    ['a date that does not exist', { holidays: { '2027-02-29': 'x' } }],
    ['a date in another form', { holidays: { '26-01-2027': 'x' } }],
    ['a holiday without a name', { holidays: { '2027-01-26': '' } }],
    ['a list of holidays', { holidays: ['2027-01-26'] }],
    ['a special session without hours', { special_sessions: { '2027-01-26': { note: 'x', hours: [] } } }],
    ['hours backwards', { special_sessions: { '2027-01-26': { note: 'x', hours: [['19:00', '18:00']] } } }],
    [
      'sessions that overlap',
      {
        special_sessions: {
          '2027-01-26': {
            note: 'x',
            hours: [
              ['09:00', '11:00'],
              ['10:00', '12:00'],
            ],
          },
        },
      },
    ],
    ['a rule without its end', { sessions: [{ ...rule, trade_end: undefined }] }],
    ['a rule that ends before it opens', { sessions: [{ ...rule, trade_end: '09:00' }] }],
    ['a rule that never opens', { sessions: [{ ...rule, trade_end: '09:15' }] }],
    ['an auction after the end', { sessions: [{ ...rule, cash_auction: ['15:30', '15:50'] }] }],
    ['a frozen index backwards', { sessions: [{ ...rule, index_frozen: ['15:29', '15:15'] }] }],
    ['a session of no length', { special_sessions: { '2027-01-26': { note: 'x', hours: [['18:00', '18:00']] } } }],
    ['an hour that does not exist', { sessions: [{ ...rule, open: '24:00' }] }],
    ['a year as text', { years: ['2027'] }],
  ])('refuses %s', (_, file) => {
    expect(calendarFileSchema.safeParse(file).success).toBe(false)
  })
})
