import { existsSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CalendarData, createCalendar, mergeCalendar } from './calendar.ts'
import { CALENDAR_DATA } from './calendar-data.ts'
import { addDays, formatIst, istDate, istInstant } from './ist.ts'

const calendar = createCalendar(CALENDAR_DATA)
const at = (date: string, time: string) => calendar.phaseAt(istInstant(date, time))
const phaseOf = (date: string, time: string) => at(date, time).phase
const ist = (epochMs: number) => formatIst(epochMs).slice(0, 16)

const nothing: CalendarData = { years: [], holidays: {}, special_sessions: {}, sessions: [] }

describe('phases of an ordinary day', () => {
  it.each([
    ['08:59:59', 'closed'],
    ['09:00', 'pre_open'],
    ['09:14:59', 'pre_open'],
    ['09:15', 'open'],
    ['15:14:59', 'open'],
    ['15:15', 'cash_auction'],
    ['15:34:59', 'cash_auction'],
    ['15:35', 'fo_only'],
    ['15:39:59', 'fo_only'],
    ['15:40', 'closed'],
    ['23:59:59', 'closed'],
  ])('since 2026-08-03: %s is %s', (time, phase) => {
    expect(phaseOf('2026-08-03', time)).toBe(phase)
    expect(phaseOf('2026-11-23', time)).toBe(phase)
  })

  it.each([
    ['08:59:59', 'closed'],
    ['09:00', 'pre_open'],
    ['09:15', 'open'],
    ['15:29:59', 'open'],
    ['15:30', 'closed'],
  ])('before 2026-08-03: %s is %s', (time, phase) => {
    expect(phaseOf('2026-07-31', time)).toBe(phase)
  })

  it('has an F&O pre-open only since 2025-12-08', () => {
    expect(phaseOf('2025-12-05', '09:05')).toBe('closed')
    expect(phaseOf('2025-12-08', '09:05')).toBe('pre_open')
    expect(calendar.day('2025-12-05')?.preOpenFrom).toBeNull()
  })

  it('trades options from the open to the end of the F&O-only phase, not in the pre-open', () => {
    const trades = (time: string) => at('2026-11-23', time).optionsTrade
    expect(['09:14:59', '09:15', '15:20', '15:39:59', '15:40'].map(trades)).toEqual([false, true, true, true, false])
  })

  it('freezes the index from 15:15 to 15:29', () => {
    const frozen = (time: string) => at('2026-11-23', time).indexFrozen
    expect(['15:14:59', '15:15', '15:28:59', '15:29', '15:36'].map(frozen)).toEqual([false, true, true, false, false])
    expect(at('2026-07-31', '15:20').indexFrozen).toBe(false)
  })

  it('gives the whole day in instants', () => {
    expect(calendar.day('2026-11-23')).toEqual({
      date: '2026-11-23',
      opensAt: istInstant('2026-11-23', '09:15'),
      tradeEndsAt: istInstant('2026-11-23', '15:40'),
      settlementFixAt: istInstant('2026-11-23', '15:35'),
      frozenFrom: istInstant('2026-11-23', '15:15'),
      frozenUntil: istInstant('2026-11-23', '15:29'),
      cashAuctionFrom: istInstant('2026-11-23', '15:15'),
      cashAuctionUntil: istInstant('2026-11-23', '15:35'),
      preOpenFrom: istInstant('2026-11-23', '09:00'),
      special: null,
    })
  })
})

describe('days without a session', () => {
  it('names the holiday and ends with the next session', () => {
    const phase = at('2026-11-24', '11:00')
    expect(phase).toMatchObject({
      phase: 'holiday',
      date: '2026-11-24',
      note: 'Guru Nanak Jayanti',
      optionsTrade: false,
    })
    expect(ist(phase.since)).toBe('2026-11-23T15:40')
    expect(ist(phase.until)).toBe('2026-11-25T09:00')
  })

  it('is closed from Friday to Monday', () => {
    for (const [date, time] of [
      ['2026-11-20', '15:40'],
      ['2026-11-21', '12:00'],
      ['2026-11-22', '23:59'],
      ['2026-11-23', '08:59'],
    ] as const) {
      const phase = at(date, time)
      expect(phase).toMatchObject({ phase: 'closed', date, note: null })
      expect(ist(phase.since)).toBe('2026-11-20T15:40')
      expect(ist(phase.until)).toBe('2026-11-23T09:00')
    }
  })

  it.each(Object.keys(CALENDAR_DATA.holidays))('%s is a weekday and has no ordinary session', (date) => {
    expect([0, 6]).not.toContain(new Date(`${date}T00:00:00Z`).getUTCDay())
    expect(calendar.day(date)?.special ?? null).toBe(date === '2025-10-21' ? 'Muhurat trading' : null)
  })

  it('walks over weekends and holidays, strictly', () => {
    expect(calendar.nextTradingDay('2026-11-23')).toBe('2026-11-25')
    expect(calendar.previousTradingDay('2026-11-25')).toBe('2026-11-23')
    expect(calendar.previousTradingDay('2026-11-24')).toBe('2026-11-23')
    expect(calendar.nextTradingDay('2026-11-20')).toBe('2026-11-23')
    expect(calendar.nextTradingDay('2026-11-06')).toBe('2026-11-08')
  })
})

describe('special sessions', () => {
  it('opens on a Sunday for Muhurat, without pre-open or auction', () => {
    expect(calendar.isTradingDay('2026-11-08')).toBe(true)
    expect(at('2026-11-08', '18:30')).toMatchObject({ phase: 'open', note: 'Muhurat trading', optionsTrade: true })
    const before = at('2026-11-08', '10:00')
    expect(before).toMatchObject({ phase: 'closed', note: 'Muhurat trading', optionsTrade: false })
    expect(ist(before.until)).toBe('2026-11-08T18:00')
    expect(ist(at('2026-11-08', '19:15').until)).toBe('2026-11-09T09:00')
    expect(calendar.day('2026-11-08')).toMatchObject({ cashAuctionFrom: null, special: 'Muhurat trading' })
    expect(calendar.settlementFixAt('2026-11-08')).toBe(istInstant('2026-11-08', '19:15'))
  })

  it('opens on a holiday for Muhurat', () => {
    expect(at('2025-10-21', '14:00').phase).toBe('open')
    expect(at('2025-10-21', '14:45').phase).toBe('closed')
    expect(ist(at('2025-10-21', '14:45').until)).toBe('2025-10-23T09:15')
  })

  it.each(['2024-01-20', '2025-02-01', '2026-02-01'])('has a full session on the weekend day %s', (date) => {
    expect(calendar.day(date)?.special).toMatch(/full session/i)
    expect(at(date, '09:15').phase).toBe('open')
    expect(at(date, '15:29').phase).toBe('open')
    expect(at(date, '15:30').phase).toBe('closed')
  })

  it('can have two sessions in one day', () => {
    const drill = { note: 'Drill', hours: [['09:15', '10:00'] as const, ['11:45', '13:00'] as const] }
    const two = createCalendar(mergeCalendar(CALENDAR_DATA, { ...nothing, special_sessions: { '2026-12-05': drill } }))
    const phase = two.phaseAt(istInstant('2026-12-05', '10:30'))
    expect(phase).toMatchObject({ phase: 'closed', note: 'Drill', optionsTrade: false })
    expect([ist(phase.since), ist(phase.until)]).toEqual(['2026-12-05T10:00', '2026-12-05T11:45'])
    expect(two.day('2026-12-05')?.tradeEndsAt).toBe(istInstant('2026-12-05', '13:00'))
  })
})

describe('an unknown year', () => {
  it('trades on weekdays and warns', () => {
    expect(calendar.knownYear('2026-12-31')).toBe(true)
    expect(calendar.knownYear('2027-01-04')).toBe(false)
    expect(at('2027-01-26', '10:00')).toMatchObject({ phase: 'open', note: expect.stringContaining('2027') })
    expect(at('2027-01-23', '10:00')).toMatchObject({ phase: 'closed', note: expect.stringContaining('2027') })
  })

  it('uses the latest rule after, and the earliest rule before all rules', () => {
    expect(calendar.day('2031-06-24')?.tradeEndsAt).toBe(istInstant('2031-06-24', '15:40'))
    expect(calendar.day('2009-12-31')?.tradeEndsAt).toBe(istInstant('2009-12-31', '15:30'))
  })
})

describe('settlementFixAt', () => {
  it.each([
    ['2025-08-28', '15:30'],
    ['2026-07-28', '15:30'],
    ['2026-08-04', '15:35'],
    ['2026-11-23', '15:35'],
    ['2026-11-24', '15:35'], // a holiday: the contract may have been listed before the holiday was
    ['2029-12-24', '15:35'],
  ])('%s settles at %s', (expiry, time) => {
    expect(calendar.settlementFixAt(expiry)).toBe(istInstant(expiry, time))
  })
})

describe('mergeCalendar', () => {
  const override: CalendarData = {
    years: [2027],
    holidays: { '2027-01-26': 'Republic Day', '2026-11-24': null, '2026-12-25': 'Christmas Day' },
    special_sessions: { '2026-11-08': null, '2026-11-09': { note: 'Muhurat', hours: [['18:15', '19:15']] } },
    sessions: [
      {
        from: '2026-12-01',
        pre_open: null,
        open: '09:00',
        trade_end: '16:00',
        settlement_fix: '16:00',
        index_frozen: null,
        cash_auction: null,
      },
    ],
  }
  const merged = createCalendar(mergeCalendar(CALENDAR_DATA, override))

  it('adds, replaces and takes away', () => {
    expect(merged.knownYear('2027-05-01')).toBe(true)
    expect(merged.isTradingDay('2027-01-26')).toBe(false)
    expect(merged.isTradingDay('2026-11-24')).toBe(true)
    expect(merged.phaseAt(istInstant('2026-12-25', '12:00')).note).toBe('Christmas Day')
    expect(merged.isTradingDay('2026-11-08')).toBe(false)
    expect(merged.phaseAt(istInstant('2026-11-09', '18:30')).note).toBe('Muhurat')
    expect(merged.phaseAt(istInstant('2026-12-01', '15:50')).phase).toBe('open')
    expect(merged.phaseAt(istInstant('2026-11-30', '15:50')).phase).toBe('closed')
  })

  it('replaces the rule of the same date, and leaves the base alone', () => {
    const before = JSON.stringify(CALENDAR_DATA)
    const [rule] = override.sessions
    const sessions = rule === undefined ? [] : [{ ...rule, from: '2026-08-03' }]
    const changed = mergeCalendar(CALENDAR_DATA, { ...nothing, sessions })
    expect(changed.sessions.map((each) => each.from)).toEqual(['2010-01-01', '2025-12-08', '2026-08-03'])
    expect(createCalendar(changed).day('2026-08-03')?.opensAt).toBe(istInstant('2026-08-03', '09:00'))
    expect(JSON.stringify(CALENDAR_DATA)).toBe(before)
  })

  it('with nothing changes nothing', () => {
    expect(mergeCalendar(CALENDAR_DATA, nothing)).toEqual(CALENDAR_DATA)
  })
})

describe('properties', () => {
  const instant = fc.integer({ min: istInstant('2024-01-01'), max: istInstant('2027-12-31') })

  it('every instant lies in its phase, and the phase changes exactly at its end', () => {
    fc.assert(
      fc.property(instant, (epochMs) => {
        const phase = calendar.phaseAt(epochMs)
        expect(phase.since).toBeLessThanOrEqual(epochMs)
        expect(phase.until).toBeGreaterThan(epochMs)
        expect(phase.date).toBe(istDate(epochMs))
        const next = calendar.phaseAt(phase.until)
        expect(next.since).toBe(phase.until)
        expect(next.phase).not.toBe(phase.phase)
        const last = calendar.phaseAt(phase.until - 1)
        expect(last.until).toBe(phase.until)
        expect(last.since).toBe(phase.since)
      }),
    )
  })

  it('next and previous trading days are each other back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1400 }), (days) => {
        const date = addDays('2024-01-01', days)
        const next = calendar.nextTradingDay(date)
        expect(next > date).toBe(true)
        expect(calendar.isTradingDay(next)).toBe(true)
        expect(calendar.previousTradingDay(next)).toBe(
          calendar.isTradingDay(date) ? date : calendar.previousTradingDay(date),
        )
      }),
    )
  })
})

describe('on a host of another time zone', () => {
  it('gives the same phases on the days when clocks change there', () => {
    const zone = process.env.TZ
    try {
      process.env.TZ = 'America/New_York'
      expect(new Date(istInstant('2026-11-02', '15:20')).getHours()).toBe(4)
      expect(phaseOf('2026-11-02', '15:20')).toBe('cash_auction')
      expect(phaseOf('2026-03-09', '09:15')).toBe('open')
      expect(calendar.nextTradingDay('2026-10-30')).toBe('2026-11-02')
    } finally {
      if (zone === undefined) delete process.env.TZ
      else process.env.TZ = zone
    }
  })
})

const COLLECTED = new URL('../../../shared/data/calendar.json', import.meta.url)

describe('the collected facts', () => {
  it.skipIf(!existsSync(COLLECTED))('agree with the built-in calendar, date by date', () => {
    const facts = JSON.parse(readFileSync(COLLECTED, 'utf8'))
    const named = facts.holidays['2026']
    const dates = [...facts.holidays['2025'], ...Object.keys(named)]
    expect(Object.keys(CALENDAR_DATA.holidays).sort()).toEqual(dates.sort())
    expect(CALENDAR_DATA.holidays).toMatchObject(named)
    expect(facts.special_sessions.length).toBeGreaterThan(0)
    for (const { date, open, close } of facts.special_sessions) {
      expect(calendar.day(date)).toMatchObject({
        opensAt: istInstant(date, open),
        tradeEndsAt: istInstant(date, close),
      })
    }
    const [before, since] = facts.sessions
    for (const [date, rule] of [
      ['2026-07-31', before],
      [since.from, since],
    ]) {
      expect(calendar.day(date)).toMatchObject({
        opensAt: istInstant(date, rule.open),
        tradeEndsAt: istInstant(date, rule.trade_end),
        settlementFixAt: istInstant(date, rule.settlement_fix),
        frozenFrom: rule.index_frozen ? istInstant(date, rule.index_frozen[0]) : null,
        cashAuctionUntil: rule.cash_auction ? istInstant(date, rule.cash_auction[1]) : null,
      })
    }
    expect(calendar.previousTradingDay(facts.fo_preopen_futures.from)).toBe('2025-12-05')
    expect(calendar.day(facts.fo_preopen_futures.from)?.preOpenFrom).toBe(
      istInstant(facts.fo_preopen_futures.from, facts.fo_preopen_futures.start),
    )
  })
})
