import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fitSmile, type SmileInput, type SmileMark } from './smile.ts'

const RATE = 0.065
const STRIKES = Array.from({ length: 61 }, (_, k) => 23_500 + 50 * k)
const WEEK: Omit<SmileInput, 'ivs'> = { forward: 25_010, years: 7 / 365, rate: RATE, strikes: STRIKES }

/** Slopes of a price between neighbours, rupees per rupee of strike. */
function slopes(marks: readonly SmileMark[], side: 'call' | 'put'): number[] {
  return marks.slice(1).map((mark, at) => {
    const before = marks[at] ?? mark
    return (mark[side] - before[side]) / (mark.strike - before.strike)
  })
}

/** What double rounding of prices of thousands of rupees leaves of a slope. */
const ROUNDING = 1e-10

function expectNoButterfly(marks: readonly SmileMark[], discount: number): void {
  for (const [side, least, most] of [
    ['call', -discount, 0],
    ['put', 0, discount],
  ] as const) {
    const found = slopes(marks, side)
    expect(Math.min(...found)).toBeGreaterThanOrEqual(least - ROUNDING)
    expect(Math.max(...found)).toBeLessThanOrEqual(most + ROUNDING)
    const bends = found.slice(1).map((slope, at) => slope - (found[at] ?? slope))
    expect(Math.min(...bends)).toBeGreaterThanOrEqual(-ROUNDING)
  }
}

const skewed = (strike: number) => {
  const x = Math.log(strike / WEEK.forward)
  return 0.12 - 0.6 * x + 14 * x * x
}

describe('fitSmile', () => {
  it('finds a flat smile again', () => {
    const smile = fitSmile({ ...WEEK, ivs: STRIKES.map(() => 0.13) })
    expect(smile?.points).toBe(61)
    expect(smile?.residual).toBeLessThan(1e-5)
    for (const mark of smile?.marks ?? []) expect(mark.iv).toBeCloseTo(0.13, 3)
  })

  it('follows a skewed smile far into both wings', () => {
    const smile = fitSmile({ ...WEEK, ivs: STRIKES.map(skewed) })
    expect(smile?.residual).toBeLessThan(0.001)
    for (const { strike, iv, residual } of smile?.marks ?? []) {
      expect(Math.abs((iv ?? Number.NaN) - skewed(strike))).toBeLessThan(0.004)
      expect(residual).toBeCloseTo(skewed(strike) - (iv ?? 0), 12)
    }
  })

  it('marks strikes that were not observed', () => {
    const ivs = STRIKES.map((strike, at) => (at % 4 === 0 ? skewed(strike) : null))
    const smile = fitSmile({ ...WEEK, ivs })
    expect(smile?.points).toBe(16)
    for (const { strike, iv, call, put, residual } of smile?.marks ?? []) {
      expect(Math.abs((iv ?? Number.NaN) - skewed(strike))).toBeLessThan(0.005)
      expect(call - put).toBeCloseTo(Math.exp(-RATE * WEEK.years) * (WEEK.forward - strike), 8)
      expect(residual === null).toBe(!STRIKES.filter((_, at) => at % 4 === 0).includes(strike))
    }
  })

  it('is not moved by a few false quotes', () => {
    const ivs = STRIKES.map((strike, at) => (at % 15 === 7 ? 2 * skewed(strike) : skewed(strike)))
    for (const { strike, iv } of fitSmile({ ...WEEK, ivs })?.marks ?? []) {
      expect(Math.abs((iv ?? Number.NaN) - skewed(strike))).toBeLessThan(0.02)
    }
  })

  it('is free of butterfly arbitrage whatever is observed', () => {
    const iv = fc.option(fc.double({ min: 0.01, max: 3, noNaN: true }), { nil: null, freq: 5 })
    const chain = fc.record({
      ivs: fc.array(iv, { minLength: 61, maxLength: 61 }),
      forward: fc.double({ min: 23_000, max: 27_000, noNaN: true }),
      years: fc.oneof(fc.double({ min: 1e-6, max: 0.01, noNaN: true }), fc.double({ min: 0.01, max: 2, noNaN: true })),
    })
    fc.assert(
      fc.property(chain, ({ ivs, forward, years }) => {
        const smile = fitSmile({ ...WEEK, forward, years, ivs })
        if (smile === null) return expect(ivs.filter((one) => one !== null).length).toBeLessThan(5)
        expectNoButterfly(smile.marks, Math.exp(-RATE * years))
        for (const { iv: fitted, call, put } of smile.marks) {
          for (const value of [call, put, fitted ?? 0]) {
            expect(value).toBeGreaterThanOrEqual(0)
            expect(Number.isFinite(value)).toBe(true)
          }
        }
      }),
      { numRuns: 150 },
    )
  })

  it('is free of it also around a smile with noise, and stays near it', () => {
    const noise = fc.array(fc.double({ min: -0.01, max: 0.01, noNaN: true }), { minLength: 61, maxLength: 61 })
    fc.assert(
      fc.property(noise, fc.double({ min: 2e-5, max: 0.1, noNaN: true }), (wobble, years) => {
        const smile = fitSmile({ ...WEEK, years, ivs: STRIKES.map((_, at) => 0.15 + (wobble[at] ?? 0)) })
        expectNoButterfly(smile?.marks ?? [], Math.exp(-RATE * years))
        expect(smile?.residual).toBeLessThan(0.01)
      }),
      { numRuns: 60 },
    )
  })

  it('does not depend on the order of the strikes', () => {
    const ivs = STRIKES.map(skewed)
    const there = fitSmile({ ...WEEK, ivs })
    const back = fitSmile({ ...WEEK, strikes: STRIKES.toReversed(), ivs: ivs.toReversed() })
    expect(back?.residual).toBeCloseTo(there?.residual ?? Number.NaN, 9)
    expect(back?.marks[0]?.iv).toBeCloseTo(there?.marks.at(-1)?.iv ?? Number.NaN, 9)
  })

  it('is null without five observed strikes, a forward, or time', () => {
    const four = STRIKES.map((_, at) => (at < 4 ? 0.12 : null))
    expect(fitSmile({ ...WEEK, ivs: four })).toBeNull()
    const all = STRIKES.map(() => 0.12)
    expect(fitSmile({ ...WEEK, ivs: all, years: 0 })).toBeNull()
    expect(fitSmile({ ...WEEK, ivs: all, forward: Number.NaN })).toBeNull()
    expect(fitSmile({ ...WEEK, ivs: [], strikes: [] })).toBeNull()
  })
})
