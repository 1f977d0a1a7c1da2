import { describe, expect, it } from 'vitest'
import { createCalendar } from '../domain/calendar.ts'
import { CALENDAR_DATA } from '../domain/calendar-data.ts'
import { formatIst, istInstant } from '../domain/ist.ts'
import { simStart } from './sim-start.ts'

const calendar = createCalendar(CALENDAR_DATA)
const at = (text: string) => istInstant(text.slice(0, 10), text.slice(11))

describe('where a simulated market begins', () => {
  it.each([
    ['on a Sunday', '2026-11-22 21:00', '2026-11-23 10:00'],
    ['on a trading day before the open', '2026-11-23 06:00', '2026-11-23 10:00'],
    ['on a trading day at night', '2026-11-23 22:00', '2026-11-23 10:00'],
    ['on a holiday', '2026-11-24 12:00', '2026-11-25 10:00'],
    ['on the Saturday of a special Sunday evening', '2026-11-07 12:00', '2026-11-08 18:00'],
    ['on a Saturday with a full session', '2025-02-01 12:00', '2025-02-01 10:00'],
    ['just before midnight in India', '2026-11-22 23:59', '2026-11-23 10:00'],
    ['just after midnight in India', '2026-11-23 00:01', '2026-11-23 10:00'],
  ])('fresh, %s', (_, wall, expected) => {
    const instant = simStart({ calendar, at: null, lastTs: null, wallNow: at(wall) })
    expect(formatIst(instant)).toBe(formatIst(at(expected)))
    expect(calendar.phaseAt(instant).optionsTrade).toBe(true)
  })

  it.each([
    ['in the session', '2026-11-23 11:30', '2026-11-23 11:30', 1],
    ['in the cash auction', '2026-11-23 15:20', '2026-11-23 15:20', 1],
    ['at the close', '2026-11-23 15:40', '2026-11-25 09:15', 0],
    ['in the evening before a holiday', '2026-11-23 20:00', '2026-11-25 09:15', 0],
    ['in the pre-open', '2026-11-23 09:05', '2026-11-23 09:15', 0],
    ['on a Friday evening', '2026-11-27 18:00', '2026-11-30 09:15', 0],
    ['at night', '2026-11-25 03:00', '2026-11-25 09:15', 0],
  ])('after a record that ends %s', (_, last, expected, laterMs) => {
    const wallNow = at('2026-11-22 21:00')
    const instant = simStart({ calendar, at: null, lastTs: at(last), wallNow })
    expect(formatIst(instant)).toBe(formatIst(at(expected) + laterMs))
    expect(calendar.phaseAt(instant).optionsTrade).toBe(true)
  })

  it('at the later session of a day with two', () => {
    const hours = [
      ['09:15', '10:00'],
      ['11:30', '12:30'],
    ] as const
    const drill = createCalendar({ ...CALENDAR_DATA, special_sessions: { '2026-11-28': { note: 'Drill', hours } } })
    const resumed = simStart({ calendar: drill, at: null, lastTs: at('2026-11-28 10:30'), wallNow: 0 })
    expect(formatIst(resumed)).toBe(formatIst(at('2026-11-28 11:30')))
  })

  it('where it was told, whatever the hour', () => {
    const told = at('2026-08-18 03:00')
    expect(simStart({ calendar, at: told, lastTs: null, wallNow: 0 })).toBe(told)
    expect(simStart({ calendar, at: told, lastTs: told - 1, wallNow: 0 })).toBe(told)
  })

  it('never before the end of the record', () => {
    const lastTs = at('2026-11-23 11:30')
    expect(simStart({ calendar, at: at('2026-11-23 10:00'), lastTs, wallNow: 0 })).toBe(lastTs + 1)
    expect(simStart({ calendar, at: lastTs, lastTs, wallNow: 0 })).toBe(lastTs + 1)
  })
})
