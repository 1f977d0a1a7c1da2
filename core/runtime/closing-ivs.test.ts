import { describe, expect, it } from 'vitest'
import { createRecordComposer } from '../contract/leg-record.ts'
import { istDate } from '../domain/ist.ts'
import type { Leg } from '../domain/leg.ts'
import type { LegHistory } from '../store/day-history.ts'
import { buildBatch, createRandom } from '../testing/leg-builder.ts'
import { createClosingIvs } from './closing-ivs.ts'

type Close = Pick<Leg, 'ts' | 'strike' | 'right' | 'offset' | 'iv'>

function historyOf(closes: Readonly<Record<string, readonly Close[]>>, sampled: Readonly<Record<string, number>> = {}) {
  const read: string[] = []
  const [pattern] = createRecordComposer().legsOf(buildBatch(createRandom(1), { ts: 1 }), '1-1')
  if (pattern === undefined) throw new Error('the builder made no leg')
  const history: Pick<LegHistory, 'days' | 'lastLegPerContract' | 'samplesOfDay'> = {
    days: () => Object.keys(closes).sort(),
    lastLegPerContract(date) {
      read.push(date)
      return (closes[date] ?? []).map((close) => ({ ...pattern, ...close }))
    },
    samplesOfDay: (date, { metrics, scope, lastOnly, to }) => {
      expect([metrics, scope, lastOnly]).toEqual([['atm_iv'], 'full', true])
      // Until the next day: so an archived day is not unpacked for it.
      expect(istDate(to) > date).toBe(true)
      const iv = sampled[date]
      return iv === undefined ? [] : [{ ts: 1, everyMs: 1_000, values: [iv] }]
    },
  }
  return { history, read }
}

const close = (ts: number, strike: number, right: 'CE' | 'PE', offset: number, iv: number | null): Close => ({
  ts,
  strike,
  right,
  offset,
  iv,
})

describe('ATM IV at the closes of recorded days', () => {
  it('is the mean of the newest call and put at the money, of the days before one, read once', () => {
    const { history, read } = historyOf({
      '2026-11-19': [close(2, 24_000, 'CE', 0, 0.1), close(2, 24_000, 'PE', 0, 0.12), close(2, 24_050, 'CE', 1, 0.5)],
      // The money moved on: the older strike at offset 0 is not the close.
      '2026-11-20': [close(1, 24_000, 'CE', 0, 0.3), close(9, 24_100, 'PE', 0, 0.2)],
      '2026-11-23': [close(3, 24_000, 'CE', 0, 0.9)],
    })
    const closingIvs = createClosingIvs(history)
    const expected = [expect.closeTo(0.11, 12), 0.2]
    expect(closingIvs('2026-11-23', 'NIFTY', 'this_week')).toEqual(expected)
    expect(closingIvs('2026-11-23', 'NIFTY', 'this_week')).toEqual(expected)
    expect(read).toEqual(['2026-11-19', '2026-11-20'])
  })

  it('is that of the last sample where the legs were recorded under another name of the expiry', () => {
    const { history } = historyOf(
      { '2026-11-18': [], '2026-11-19': [], '2026-11-20': [close(1, 24_000, 'CE', 0, null)] },
      { '2026-11-18': 0.13, '2026-11-20': 0.5 },
    )
    expect(createClosingIvs(history)('2026-11-23', 'NIFTY', 'this_month')).toEqual([0.13])
  })

  it('passes over days without an IV, and knows nothing before the first day', () => {
    const { history } = historyOf({ '2026-11-19': [close(2, 24_000, 'CE', 0, null)], '2026-11-20': [] })
    expect(createClosingIvs(history)('2026-11-23', 'NIFTY', 'this_week')).toEqual([])
    expect(createClosingIvs(history)('2026-11-19', 'NIFTY', 'this_week')).toEqual([])
  })
})
