import { describe, expect, it } from 'vitest'
import {
  type DaySeries,
  extendSeries,
  gapAt,
  overviewRows,
  readSeries,
  spanOf,
  timeRows,
  within,
} from './day-series.ts'

const TEN = Date.parse('2026-11-23T10:00:00+05:30')
const at = (seconds: number) => TEN + 1000 * seconds

const morning: DaySeries = {
  stepMs: 10_000,
  times: [at(0), at(10), at(20)],
  values: { spot: [100, 101, 102], pcr_oi: [1, null, 1.2] },
  gaps: [{ from: at(5), to: at(12), cause: 'feed_stale' }],
  phases: [{ from: at(0), to: at(25), phase: 'open' }],
}

describe('the series of a day', () => {
  it('are read from the report', () => {
    const read = readSeries({
      index: 'NIFTY',
      bucket: 'this_week',
      source: 'sim',
      scope: 'full',
      from: '2026-11-23T10:00:00.000+05:30',
      to: '2026-11-23T10:00:10.000+05:30',
      step_ms: 10_000,
      times: ['2026-11-23T10:00:00.000+05:30'],
      values: { spot: [1], atm_iv: [0.125], skew_25d: [null] },
      gaps: [{ from: '2026-11-23T10:00:05.000+05:30', to: '2026-11-23T10:00:06.000+05:30', cause: 'disk' }],
      phases: [],
    })
    expect(read.times).toEqual([TEN])
    expect(read.values).toEqual({ spot: [1], atm_iv: [12.5], skew_25d: [null] })
    expect(read.gaps).toEqual([{ from: at(5), to: at(6), cause: 'disk' }])
  })

  it('go on: the unfinished step is replaced, stretches grow together', () => {
    const later: DaySeries = {
      stepMs: 10_000,
      times: [at(20), at(30)],
      values: { spot: [103, 104] },
      gaps: [
        { from: at(12), to: at(14), cause: 'feed_stale' },
        { from: at(28), to: at(29), cause: 'disk' },
      ],
      phases: [{ from: at(20), to: at(30), phase: 'open' }],
    }
    expect(extendSeries(morning, later)).toEqual({
      stepMs: 10_000,
      times: [at(0), at(10), at(20), at(30)],
      values: { spot: [100, 101, 103, 104], pcr_oi: [1, null, null, null] },
      gaps: [
        { from: at(5), to: at(14), cause: 'feed_stale' },
        { from: at(28), to: at(29), cause: 'disk' },
      ],
      phases: [{ from: at(0), to: at(30), phase: 'open' }],
    })
    expect(extendSeries(morning, { ...later, times: [], values: {} }).times).toEqual(morning.times)
  })

  it('become rows of a stretch, null within gaps', () => {
    const rows = timeRows(morning, ['spot'], { from: at(0), to: at(20) }, 100)
    expect(rows).toEqual([
      { time: at(0), spot: 100 },
      { time: at(8.5), spot: null },
      { time: at(10), spot: null },
      { time: at(20), spot: 102 },
    ])
    expect(timeRows(morning, ['spot'], { from: at(15), to: at(20) }, 100)).toEqual([{ time: at(20), spot: 102 }])
  })

  it('have an overview of always as many points, the newest value at each', () => {
    expect(overviewRows(morning, 'spot', 5)).toEqual([
      { time: at(0), spot: 100 },
      { time: at(5), spot: 100 },
      { time: at(10), spot: null },
      { time: at(15), spot: 101 },
      { time: at(20), spot: 102 },
    ])
    expect(overviewRows({ ...morning, times: [], values: {} }, 'spot', 5)).toHaveLength(5)
  })

  it('reach over the gaps before their first and after their last point, and not beyond what is known', () => {
    expect(spanOf(morning)).toEqual({ from: at(0), to: at(20) })
    const until = { from: at(20), to: at(50), cause: 'paused' } as const
    const stopped = { from: at(-90), to: at(0), cause: 'app_stopped' } as const
    const more = { ...morning, gaps: [stopped, ...morning.gaps, until] }
    expect(spanOf(more)).toEqual({ from: at(-90), to: at(50) })
    expect(overviewRows(more, 'spot', 2)).toEqual([
      { time: at(-90), spot: null },
      { time: at(50), spot: 102 },
    ])
    expect(within(until, { from: at(0), to: at(30) })).toEqual([{ ...until, to: at(30) }])
    expect(within(until, { from: at(0), to: at(20) })).toEqual([])
  })

  it('know their gaps', () => {
    expect(gapAt(morning.gaps, at(6))?.cause).toBe('feed_stale')
    expect(gapAt(morning.gaps, at(5))).toBeNull()
  })
})
