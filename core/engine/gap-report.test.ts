import { describe, expect, it } from 'vitest'
import { istInstant } from '../domain/ist.ts'
import { calendar, MARKET_DATE } from '../testing/market-builder.ts'
import type { Missing } from './gap-ledger.ts'
import { gapReport } from './gap-report.ts'

const at = (time: string, date = MARKET_DATE) => istInstant(date, time)
const piece = (from: string, to: string, more: Partial<Missing> = {}): Missing => ({
  from: at(from),
  to: at(to),
  cause: 'feed_disconnected',
  index: null,
  dropped: null,
  ...more,
})
const report = (pieces: readonly Missing[], now = at('15:40'), recorded = true, date = MARKET_DATE) =>
  gapReport({ calendar, index: 'NIFTY', date, now, recorded, begins: null, pieces })

/** 09:15 to 15:40. */
const SESSION_MS = 385 * 60_000

describe('gap report', () => {
  it('puts pieces together, also those that come twice and out of order', () => {
    const pieces = [piece('10:01', '10:02'), piece('10:00', '10:01'), piece('10:01', '10:02'), piece('11:00', '11:01')]
    expect(report(pieces).gaps).toEqual([piece('10:00', '10:02'), piece('11:00', '11:01')])
  })

  it('keeps causes and indices apart, and leaves out what concerns other indices', () => {
    const paused = piece('10:01', '10:02', { cause: 'paused' })
    const own = piece('10:02', '10:03', { index: 'NIFTY' })
    const other = piece('10:02', '10:03', { index: 'SENSEX' })
    expect(report([piece('10:00', '10:01'), paused, own, other]).gaps).toEqual([piece('10:00', '10:01'), paused, own])
  })

  it('adds up what was dropped, once', () => {
    const full = (from: string, to: string, dropped: number) => piece(from, to, { cause: 'journal_full', dropped })
    const pieces = [full('10:00', '10:01', 3), full('10:01', '10:02', 4), full('10:01', '10:02', 4)]
    expect(report(pieces).gaps).toEqual([full('10:00', '10:02', 7)])
  })

  it('cuts what lies outside the session of the day', () => {
    const night: Missing = { ...piece('08:00', '09:20'), from: at('14:00', '2026-11-20') }
    expect(report([night]).gaps).toEqual([piece('09:15', '09:20')])
    expect(report([night], at('15:40'), false, '2026-11-20').gaps[0]?.to).toBe(at('15:40', '2026-11-20'))
  })

  it('says which share is there: where gaps overlap counts once, and only what has passed counts', () => {
    const overlapping = [piece('10:00', '10:20'), piece('10:10', '10:30', { cause: 'journal_full', dropped: 1 })]
    expect(report(overlapping).coverage).toBeCloseTo(1 - (30 * 60_000) / SESSION_MS, 12)
    expect(report([piece('09:15', '09:45')], at('10:15')).coverage).toBeCloseTo(0.5, 12)
    expect(report([], at('10:15')).coverage).toBe(1)
  })

  it('knows nothing of a day without a record, unless a gap tells of it', () => {
    expect(report([], at('15:40'), false)).toEqual({ coverage: null, gaps: [] })
    expect(report([piece('09:15', '15:40', { cause: 'app_stopped' })], at('15:40'), false).coverage).toBe(0)
  })

  it('has no share before the session begins and on a holiday', () => {
    expect(report([], at('09:00')).coverage).toBeNull()
    expect(report([], at('15:40', '2026-11-25'), true, '2026-11-24').coverage).toBeNull()
  })
})
