import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { atmVolatility, expiryPricing, fairValue, indiaVix, smile } from './surface.ts'

/** Far below a tick: what the wings may be wrong by where prices are next to nothing. */
const HARMLESS = 0.001

const cases = fc.record({
  fear: fc.double({ min: 0.5, max: 3, noNaN: true }),
  days: fc.integer({ min: 1, max: 700 }),
  strike: fc.integer({ min: 300, max: 800 }).map((multiple) => multiple * 50),
})

describe('the volatility surface', () => {
  it('prices calls that fall and puts that rise along the strikes, both convex', () => {
    fc.assert(
      fc.property(cases, ({ fear, days, strike }) => {
        const pricing = expiryPricing('NIFTY', 24_300, fear, days / 250, days / 365)
        const at = (right: 'CE' | 'PE', k: number) => fairValue(pricing, right, k)
        expect(at('CE', strike + 50)).toBeLessThanOrEqual(at('CE', strike) + HARMLESS)
        expect(at('PE', strike + 50)).toBeGreaterThanOrEqual(at('PE', strike) - HARMLESS)
        for (const right of ['CE', 'PE'] as const) {
          const bend = at(right, strike - 50) + at(right, strike + 50) - 2 * at(right, strike)
          expect(bend).toBeGreaterThan(-HARMLESS)
        }
      }),
    )
  })

  it('slopes down to the calls, rises in both wings, and flattens with time', () => {
    expect(smile(0)).toBe(1)
    expect(smile(-1)).toBeGreaterThan(smile(1))
    expect(smile(3)).toBeGreaterThan(1)
    const steepness = (fear: number) => atmVolatility('NIFTY', fear, 0.02) - atmVolatility('NIFTY', fear, 1)
    expect(steepness(2)).toBeGreaterThan(0)
    expect(steepness(0.7)).toBeLessThan(0)
  })

  it('gives a VIX between 12 and 15 in a calm market and above 22 in fear', () => {
    expect(indiaVix(1)).toBeGreaterThan(12)
    expect(indiaVix(1)).toBeLessThan(15)
    expect(indiaVix(2)).toBeGreaterThan(22)
  })
})
