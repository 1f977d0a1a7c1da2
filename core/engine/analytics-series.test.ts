import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addDays, DAY_MS, istDate, istInstant } from '../domain/ist.ts'
import { createRandom } from '../testing/leg-builder.ts'
import { calendar } from '../testing/market-builder.ts'
import {
  chooseStep,
  joinGaps,
  MOST_POINTS,
  openTimeIn,
  phasesIn,
  type SeriesSample,
  stepSamples,
  thin,
  tradingDayStart,
} from './analytics-series.ts'

const MONDAY = '2026-11-23'
/** The day after the Monday is a holiday. */
const WEDNESDAY = '2026-11-25'
const THURSDAY = '2026-11-26'
const TEN = istInstant(MONDAY, '10:00')

const sample = (ts: number, ...values: (number | null)[]): SeriesSample => ({ ts, everyMs: 5_000, values })
const stepsOf = (samples: readonly SeriesSample[], stepMs: number, from = TEN) =>
  stepSamples(samples, { calendar, from, stepMs }).map(({ ts, values }) => [ts - from, ...values])

describe('steps of a series', () => {
  it('have the last known value of each metric, at their beginning', () => {
    const samples = [sample(TEN + 500, 1, 10), sample(TEN + 5_500, 2, null), sample(TEN + 10_200, 3, 30)]
    expect(stepsOf(samples, 10_000)).toEqual([
      [0, 2, 10],
      [10_000, 3, 30],
    ])
  })

  it('are counted from midnight, and none begins before the stretch', () => {
    const from = TEN + 3_000
    expect(stepsOf([sample(TEN + 4_000, 1), sample(TEN + 10_000, 2)], 10_000, from)).toEqual([
      [0, 1],
      [7_000, 2],
    ])
  })

  it('break where more than three samples are missing, and only there', () => {
    const kept = [sample(TEN, 1), sample(TEN + 15_000, 2)]
    expect(stepsOf(kept, 5_000)).toEqual([
      [0, 1],
      [15_000, 2],
    ])
    expect(stepsOf([...kept, sample(TEN + 31_000, 3)], 5_000)).toEqual([
      [0, 1],
      [15_000, 2],
      [20_000, null],
      [30_000, 3],
    ])
  })

  it('go by the interval in which samples were due', () => {
    const fast = (ts: number, value: number) => ({ ts, everyMs: 60_000, values: [value] })
    expect(stepsOf([fast(TEN, 1), fast(TEN + 61_000, 2), fast(TEN + 300_000, 3)], 5_000)).toEqual([
      [0, 1],
      [60_000, 2],
      [121_000, null],
      [300_000, 3],
    ])
  })

  it('break before the next step, however late in its step the last sample came', () => {
    const times = stepsOf([sample(TEN + 99_998, 1), sample(TEN + 199_999, 2)], 100_000).map(([ts]) => ts)
    expect(times).toEqual([0, 99_999, 100_000])
  })

  it('break over night, and do not by the day', () => {
    const closes = [MONDAY, WEDNESDAY].map((date, k) => sample(istInstant(date, '15:40'), k))
    expect(stepsOf(closes, 3_600_000).map(([, value]) => value)).toEqual([0, null, 1])
    expect(stepsOf(closes, DAY_MS).map(([, value]) => value)).toEqual([0, 1])
  })

  it('of a day break where a trading day is missing', () => {
    const closes = [MONDAY, THURSDAY].map((date, k) => sample(istInstant(date, '15:40'), k))
    const from = istInstant(MONDAY)
    expect(stepsOf(closes, DAY_MS, from)).toEqual([
      [0, 0],
      [istInstant(WEDNESDAY) - from, null],
      [istInstant(THURSDAY) - from, 1],
    ])
  })

  /** Some close together, some with holes between, some without a value. */
  const samplesOf = (seed: number, count: number) => {
    const random = createRandom(seed)
    let ts = TEN
    return Array.from({ length: count }, (_, k) => {
      ts += 1 + Math.floor(random() * (random() < 0.2 ? 60_000 : 10_000))
      return sample(ts, random() < 0.1 ? null : k)
    })
  }
  const randomSamples = (most: number) =>
    fc.tuple(fc.integer(), fc.integer({ min: 0, max: most })).map(([seed, count]) => samplesOf(seed, count))

  it('ascend, hold nothing that was not sampled, and a line breaks in every long hole', () => {
    fc.assert(
      fc.property(randomSamples(300), fc.integer({ min: 1_000, max: 600_000 }), (samples, stepMs) => {
        const points = stepSamples(samples, { calendar, from: TEN, stepMs })
        const times = points.map(({ ts }) => ts)
        expect(times).toEqual([...new Set(times)].toSorted((a, b) => a - b))
        const known = new Set(samples.map(({ values }) => values[0]))
        expect(points.every(({ values: [value = null] }) => value === null || known.has(value))).toBe(true)
        const holes = samples.slice(1).flatMap(({ ts }, k) => {
          const before = samples[k]?.ts ?? ts
          return ts - before > Math.max(15_000, stepMs) ? [{ before, ts }] : []
        })
        const breaks = points.filter(({ values }) => values[0] === null)
        for (const { before, ts } of holes) {
          expect(breaks.some((point) => point.ts >= before && point.ts < ts)).toBe(true)
        }
      }),
      { numRuns: 60 },
    )
  })

  it('become at most as many as a chart can tell apart', () => {
    fc.assert(
      fc.property(randomSamples(6_000), (samples) => {
        const points = stepSamples(samples, { calendar, from: TEN, stepMs: 5_000 })
        const thinned = thin(points, 5_000)
        expect(thinned.points.length).toBeLessThanOrEqual(MOST_POINTS)
        if (points.length <= MOST_POINTS) expect(thinned).toEqual({ points, stepMs: 5_000 })
        const lastKnown = (some: typeof points) => some.findLast(({ values }) => values[0] !== null)?.values[0]
        expect(lastKnown(thinned.points)).toBe(lastKnown(points))
      }),
      { numRuns: 40 },
    )
  })
})

describe('stretches', () => {
  it('have a step for at most two thousand points of open hours', () => {
    const whole = openTimeIn(calendar, istInstant(MONDAY), istInstant(WEDNESDAY))
    expect(whole).toBe((6 * 60 + 25) * 60_000)
    expect(chooseStep(whole)).toBe(15_000)
    expect(chooseStep(0)).toBe(5_000)
    expect(chooseStep(400 * whole)).toBe(DAY_MS)
    expect(openTimeIn(calendar, TEN, TEN + 60_000)).toBe(60_000)
    for (const days of [2, 5, 20, 60, 200, 300])
      expect((days * whole) / chooseStep(days * whole)).toBeLessThanOrEqual(MOST_POINTS)
  })

  it('begin with the trading day, before its first phase and on a holiday with the one before', () => {
    const start = istInstant(MONDAY, '09:00')
    expect(tradingDayStart(calendar, TEN)).toBe(start)
    expect(tradingDayStart(calendar, istInstant('2026-11-24', '12:00'))).toBe(start)
    expect(tradingDayStart(calendar, istInstant(WEDNESDAY, '08:59'))).toBe(start)
    expect(istDate(tradingDayStart(calendar, istInstant(WEDNESDAY, '23:00')))).toBe(WEDNESDAY)
    expect(istDate(tradingDayStart(calendar, istInstant(addDays(MONDAY, -1), '12:00')))).toBe('2026-11-20')
  })

  it('have the phases of their sessions without a hole', () => {
    const [from, to] = [TEN, istInstant(WEDNESDAY, '12:00')]
    const phases = phasesIn(calendar, from, to)
    expect(phases[0]).toMatchObject({ from, phase: 'open' })
    expect(phases.at(-1)).toMatchObject({ to, phase: 'open' })
    expect(phases.slice(1).map((span) => span.from)).toEqual(phases.slice(0, -1).map((span) => span.to))
  })

  it('have gaps without seams, cut to the stretch', () => {
    const stale = (from: number, to: number) => ({ from: TEN + from, to: TEN + to, cause: 'feed_stale' }) as const
    const stopped = { from: TEN + 70, to: TEN + 400, cause: 'app_stopped' } as const
    expect(joinGaps([stale(60, 120), stale(-50, 60), stopped, stale(150, 160)], TEN, TEN + 300)).toEqual([
      stale(0, 120),
      { ...stopped, to: TEN + 300 },
      stale(150, 160),
    ])
    expect(joinGaps([stale(-50, 0), stale(300, 400)], TEN, TEN + 300)).toEqual([])
  })
})
