import { describe, expect, it } from 'vitest'
import { formatIst, istInstant } from '../domain/ist.ts'
import type { GapEntry } from '../domain/journal-entry.ts'
import type { Missing } from '../engine/gap-ledger.ts'
import type { JournalRecord, Position } from '../ports/journal.ts'
import { calendar } from '../testing/market-builder.ts'
import { createCoverageCall } from './coverage-call.ts'

const at = (time: string, date = '2026-11-23') => istInstant(date, time)
const gap = (from: number, to: number, cause: Missing['cause'] = 'feed_stale'): GapEntry => ({
  kind: 'gap',
  ts: to,
  from,
  to,
  cause,
  index: null,
  dropped: null,
})
const POSITION: Position = { epoch: 1, seq: 5, crc: 7 }

interface Shape {
  readonly now?: number
  /** By day, as the store has it. */
  readonly stored?: Readonly<Record<string, readonly GapEntry[]>>
  /** Behind the store's position. */
  readonly journal?: readonly GapEntry[]
  readonly open?: readonly Missing[]
  readonly pending?: number
  /** First packet of any day. */
  readonly begun?: number | null
}

function call({
  now = at('15:40'),
  stored = { '2026-11-23': [] },
  journal = [],
  open = [],
  pending = 0,
  begun = null,
}: Shape) {
  const records = journal.map((entry): JournalRecord => ({ position: POSITION, entry, legs: null }))
  return createCoverageCall({
    clock: { now: () => now },
    calendar,
    source: 'sim',
    days: {
      name: 'store',
      days: () => Object.keys(stored).sort(),
      recordedFrom: () => begun,
      gapsWritten: (date) => stored[date] ?? [],
      position: () => POSITION,
    },
    journal: {
      async *scan(after) {
        expect(after).toEqual(POSITION)
        if (records.length > 0) yield records
      },
    },
    pending: () => ({ store: pending }),
    gaps: { unwritten: () => open },
  })
}

const spans = (report: { readonly gaps: readonly { from: string; to: string; cause: string }[] }) =>
  report.gaps.map(({ from, to, cause }) => [from.slice(11, 19), to.slice(11, 19), cause])

describe('coverage', () => {
  it('joins what is stored, what only the journal has, and what is missing now', async () => {
    const report = await call({
      now: at('12:00'),
      stored: { '2026-11-23': [gap(at('11:00'), at('11:01'))] },
      journal: [gap(at('11:01'), at('11:02')), gap(at('11:01'), at('11:02'))],
      open: [gap(at('11:02'), at('11:15')), gap(at('11:30'), at('12:00'), 'paused')],
    })({ index: 'NIFTY' })
    expect(report).toMatchObject({
      index: 'NIFTY',
      date: '2026-11-23',
      source: 'sim',
      session: { from: formatIst(at('09:15')), to: formatIst(at('15:40')) },
    })
    expect(spans(report)).toEqual([
      ['11:00:00', '11:15:00', 'feed_stale'],
      ['11:30:00', '12:00:00', 'paused'],
    ])
    expect(report.coverage).toBeCloseTo(1 - 45 / 165, 12)
  })

  it('does not count what was before the record began, and says where that is', async () => {
    const stored = { '2026-11-23': [gap(at('11:00'), at('11:30'))] }
    const first = await call({ now: at('12:00'), stored, begun: at('10:00') })({ index: 'NIFTY' })
    expect(first).toMatchObject({ recorded_from: formatIst(at('10:00')), coverage: 0.75 })
    const early = await call({ now: at('12:00'), stored, begun: at('09:00') })({ index: 'NIFTY' })
    expect(early.recorded_from).toBeNull()
    const later = { '2026-11-20': [], ...stored }
    const second = await call({ now: at('12:00'), stored: later, begun: at('10:00') })({ index: 'NIFTY' })
    expect([second.recorded_from, second.coverage]).toEqual([null, 1 - 30 / 165])
  })

  it('finds the stop of an evening with the start of the next day', async () => {
    const stop = gap(at('15:00', '2026-11-20'), at('15:40', '2026-11-20'), 'app_stopped')
    const answer = call({ stored: { '2026-11-20': [], '2026-11-23': [stop] } })
    expect(spans(await answer({ index: 'NIFTY', date: '2026-11-20' }))).toEqual([
      ['15:00:00', '15:40:00', 'app_stopped'],
    ])
    expect((await answer({ index: 'NIFTY', date: '2026-11-23' })).gaps).toEqual([])
  })

  it('shows the day whose session began last when none is asked for', async () => {
    expect((await call({ now: at('08:00') })({ index: 'NIFTY' })).date).toBe('2026-11-20')
  })

  it('is empty without a record, and without a session', async () => {
    expect(await call({ stored: {} })({ index: 'NIFTY', date: '2026-11-19' })).toMatchObject({
      coverage: null,
      gaps: [],
    })
    const holiday = await call({ stored: {} })({ index: 'NIFTY', date: '2026-11-24' })
    expect(holiday).toMatchObject({ session: null, coverage: null, gaps: [] })
  })

  it('does not read through the journal while the store is built again', async () => {
    const journal = [gap(at('11:01'), at('11:02'))]
    expect((await call({ journal, pending: 1_000_000 })({ index: 'NIFTY' })).gaps).toEqual([])
  })
})
