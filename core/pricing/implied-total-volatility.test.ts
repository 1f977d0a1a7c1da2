import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { impliedTotalVolatility } from './implied-total-volatility.ts'
import { normalCdf } from './normal.ts'
import { normalisedBlack } from './normalised-black.ts'

/** Relative error of s that one rounding of the price (or of its shortfall) explains. */
function attainable(x: number, s: number, price: number): number {
  const vega = Math.exp(-0.5 * ((x / s) ** 2 + 0.25 * s * s)) / Math.sqrt(2 * Math.PI)
  return (Number.EPSILON * price) / (vega * s)
}

describe('impliedTotalVolatility', () => {
  it('returns the s of every representable price, 10 s at 1 % to 5 years at 300 %, 36 deviations out', () => {
    let solved = 0
    for (let s = 5.6e-6; s < 7; s *= 1.6) {
      for (let deviations = 0; deviations <= 36; deviations += 0.75) {
        const x = -deviations * s
        const price = normalisedBlack(x, s)
        const shortfall = Math.exp(0.5 * x) - price
        if (price < 1e-300 || shortfall <= 0) continue
        solved++
        const error = Math.abs(impliedTotalVolatility(x, price, shortfall) / s - 1)
        expect(error).toBeLessThan(4e-15 + 4 * attainable(x, s, price))
      }
    }
    expect(solved).toBeGreaterThan(1000)
  })

  it('converges for whatever price lies between the bounds', () => {
    const logDistance = fc.double({ min: -40, max: 5, noNaN: true })
    const share = fc.double({ min: 1e-290, max: 1, maxExcluded: true, noNaN: true })
    fc.assert(
      fc.property(logDistance, share, fc.boolean(), (log, part, fromTop) => {
        const x = -Math.exp(log)
        const maximum = Math.exp(0.5 * x)
        const small = 0.5 * part * maximum
        fc.pre(small > 1e-300)
        const price = fromTop ? maximum - small : small
        const shortfall = fromTop ? small : maximum - small
        fc.pre(shortfall > 0 && price > 0)
        const s = impliedTotalVolatility(x, price, shortfall)
        expect(s).toBeGreaterThan(0)
        expect(Math.abs(normalisedBlack(x, s) - price)).toBeLessThanOrEqual(1e-12 * price)
      }),
      { numRuns: 2000 },
    )
  })

  it('follows the shortfall where the price has run out of digits', () => {
    for (const s of [4, 10, 20, 50]) {
      const shortfall = 2 * normalCdf(-s / 2)
      expect(Math.abs(impliedTotalVolatility(0, 1 - shortfall, shortfall) / s - 1)).toBeLessThan(1e-14)
    }
  })

  it('rises with the price', () => {
    for (const x of [0, -1e-6, -0.01, -0.5, -3]) {
      const maximum = Math.exp(0.5 * x)
      let previous = 0
      for (let share = 0.001; share < 1; share += 0.001) {
        const s = impliedTotalVolatility(x, share * maximum, (1 - share) * maximum)
        expect(s).toBeGreaterThan(previous)
        previous = s
      }
    }
  })

  it('solves the smallest prices at and near the money', () => {
    expect(impliedTotalVolatility(0, 1e-299, 1) / (Math.sqrt(2 * Math.PI) * 1e-299)).toBeCloseTo(1, 14)
    expect(impliedTotalVolatility(-1e-14, 1e-200, 1)).toBeGreaterThan(1e-16)
  })
})
