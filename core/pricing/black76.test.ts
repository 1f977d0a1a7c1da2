import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Right } from '../domain/instrument.ts'
import { black76 } from './black76.ts'
import { normalCdf } from './normal.ts'

interface Case {
  right: Right
  forward: number
  strike: number
  years: number
  sigma: number
  rate: number
}

const market = fc.record({
  forward: fc.double({ min: 100, max: 1e5, noNaN: true }),
  moneyness: fc.double({ min: 0.3, max: 3, noNaN: true }),
  years: fc.double({ min: 3e-7, max: 5, noNaN: true }),
  sigma: fc.double({ min: 0.01, max: 3, noNaN: true }),
  rate: fc.double({ min: -0.02, max: 0.15, noNaN: true }),
})

describe('black76', () => {
  // Expected values from 50-digit arithmetic (mpmath).
  it.each<[Case, number]>([
    [{ right: 'CE', forward: 25000, strike: 25000, years: 0.02, sigma: 0.12, rate: 0.065 }, 169.03495566494456],
    [{ right: 'PE', forward: 25000, strike: 24000, years: 0.02, sigma: 0.15, rate: 0.065 }, 5.383140262254522],
    [{ right: 'CE', forward: 25000, strike: 24000, years: 0.02, sigma: 0.15, rate: 0.065 }, 1004.0839848962067],
    [{ right: 'CE', forward: 25000, strike: 25001, years: 2 ** -21, sigma: 0.125, rate: 0.065 }, 0.4517178893308392],
    [{ right: 'PE', forward: 25000, strike: 24990, years: 2 ** -21, sigma: 0.25, rate: 0 }, 0.015007823360680248],
    [{ right: 'CE', forward: 25000, strike: 80000, years: 5, sigma: 3, rate: 0.065 }, 18037.79071687973],
    [{ right: 'PE', forward: 25000, strike: 5000, years: 5, sigma: 0.5, rate: 0.065 }, 271.4797379788282],
    [{ right: 'CE', forward: 25000, strike: 30000, years: 0.015625, sigma: 0.15, rate: 0.065 }, 6.168359691952892e-21],
    [{ right: 'PE', forward: 100, strike: 250, years: 1, sigma: 0.2, rate: 0.1 }, 135.72562593585306],
  ])('%o', ({ right, forward, strike, years, sigma, rate }, expected) => {
    const price = black76(right, forward, strike, years, sigma, Math.exp(-rate * years))
    expect(Math.abs(price / expected - 1)).toBeLessThan(1e-13)
  })

  it("prices Hull's futures option (Options, Futures and Other Derivatives, Black's model: 1.12)", () => {
    expect(black76('PE', 20, 20, 4 / 12, 0.25, Math.exp(-0.09 * (4 / 12)))).toBeCloseTo(1.12, 2)
  })

  it('agrees with the textbook formula where that does not cancel', () => {
    fc.assert(
      fc.property(market, ({ forward, moneyness, years, sigma, rate }) => {
        const strike = forward * moneyness
        const s = sigma * Math.sqrt(years)
        const d1 = Math.log(forward / strike) / s + s / 2
        const discount = Math.exp(-rate * years)
        const textbook = discount * (forward * normalCdf(d1) - strike * normalCdf(d1 - s))
        const price = black76('CE', forward, strike, years, sigma, discount)
        expect(Math.abs(price - textbook)).toBeLessThan(1e-12 * Math.max(forward, strike))
      }),
    )
  })

  it('keeps put-call parity', () => {
    fc.assert(
      fc.property(market, ({ forward, moneyness, years, sigma, rate }) => {
        const strike = forward * moneyness
        const discount = Math.exp(-rate * years)
        const call = black76('CE', forward, strike, years, sigma, discount)
        const put = black76('PE', forward, strike, years, sigma, discount)
        expect(Math.abs(call - put - discount * (forward - strike))).toBeLessThan(4e-16 * (call + put))
      }),
    )
  })

  it('stays within its bounds and never falls with volatility or time', () => {
    fc.assert(
      fc.property(market, fc.constantFrom<Right>('CE', 'PE'), ({ forward, moneyness, years, sigma, rate }, right) => {
        const strike = forward * moneyness
        const discount = Math.exp(-rate * years)
        const price = black76(right, forward, strike, years, sigma, discount)
        const sign = right === 'CE' ? 1 : -1
        expect(price).toBeGreaterThanOrEqual(discount * Math.max(sign * (forward - strike), 0))
        expect(price).toBeLessThanOrEqual(discount * (right === 'CE' ? forward : strike))
        const slack = 1 + 1e-14
        expect(black76(right, forward, strike, years, sigma * 1.001, discount) * slack).toBeGreaterThanOrEqual(price)
        expect(black76(right, forward, strike, years * 1.001, sigma, discount) * slack).toBeGreaterThanOrEqual(price)
      }),
    )
  })

  it('scales with forward and strike', () => {
    fc.assert(
      fc.property(market, ({ forward, moneyness, years, sigma }) => {
        const one = black76('PE', forward, forward * moneyness, years, sigma, 1)
        const eight = black76('PE', 8 * forward, 8 * forward * moneyness, years, sigma, 1)
        expect(Math.abs(eight - 8 * one)).toBeLessThanOrEqual(1e-12 * eight + 1e-300)
      }),
    )
  })

  it('joins where the series ends', () => {
    for (const strike of [100, 101, 115, 140]) {
      const below = black76('CE', 100, strike, 1, 0.3 * (1 - 1e-14), 1)
      const above = black76('CE', 100, strike, 1, 0.3 * (1 + 1e-14), 1)
      expect(Math.abs(above / below - 1)).toBeLessThan(3e-13)
    }
  })

  it('keeps the last digits up to the end of the series', () => {
    for (const sigma of [0.299999, 0.2, 0.05]) {
      const atTheMoney = 100 * (2 * normalCdf(sigma / 2) - 1)
      expect(Math.abs(black76('CE', 100, 100, 1, sigma, 1) / atTheMoney - 1)).toBeLessThan(5e-15)
    }
  })

  // Expected values from 40-digit arithmetic (mpmath): 100 erf(σ/√8).
  it.each([
    [0.3999, 15.848031441330278],
    [0.45, 17.802072573745924],
    [0.999, 38.257281322410066],
    [1.01, 38.64411640222848],
  ])('keeps them where one series takes over from another: σ√T = %d at the money', (sigma, expected) => {
    expect(Math.abs(black76('CE', 100, 100, 1, sigma, 1) / expected - 1)).toBeLessThan(5e-16)
  })

  it('is the discounted intrinsic value without time or volatility', () => {
    for (const [years, sigma] of [
      [0, 0.2],
      [-1, 0.2],
      [1, 0],
      [0, 0],
    ] as const) {
      expect(black76('CE', 110, 100, years, sigma, 0.9)).toBe(0.9 * 10)
      expect(black76('PE', 110, 100, years, sigma, 0.9)).toBe(0)
      expect(black76('PE', 90, 100, years, sigma, 0.9)).toBe(0.9 * 10)
      expect(black76('CE', 100, 100, years, sigma, 0.9)).toBe(0)
    }
  })

  it('is the discounted maximum without end of volatility', () => {
    expect(black76('CE', 110, 100, 1, Number.POSITIVE_INFINITY, 0.9)).toBe(0.9 * 110)
    expect(black76('PE', 110, 100, 1, 1000, 0.9)).toBeCloseTo(90, 12)
  })

  it('is NaN for what is no number and no price', () => {
    expect(black76('CE', Number.NaN, 100, 1, 0.2, 1)).toBeNaN()
    expect(black76('CE', 100, 100, Number.NaN, 0.2, 1)).toBeNaN()
    expect(black76('CE', 100, 100, 1, Number.NaN, 1)).toBeNaN()
    expect(black76('CE', 100, 0, 1, 0.2, 1)).toBeNaN()
    expect(black76('CE', -5, 100, 1, 0.2, 1)).toBeNaN()
  })
})
