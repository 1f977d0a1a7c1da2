import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Right } from '../domain/instrument.ts'
import { black76 } from './black76.ts'
import { black76Greeks } from './black76-greeks.ts'

const SPOT = 25_000
const RIGHTS = ['CE', 'PE'] as const

const cases = fc.record({
  right: fc.constantFrom<Right>(...RIGHTS),
  deviations: fc.double({ min: -3, max: 3, noNaN: true }),
  years: fc.double({ min: 1 / 365, max: 2, noNaN: true }),
  sigma: fc.double({ min: 0.05, max: 1, noNaN: true }),
  rate: fc.double({ min: -0.02, max: 0.12, noNaN: true }),
})

/** With the spot held, as the Greeks are defined. */
function greeksBySpot(right: Right, spot: number, strike: number, years: number, sigma: number, rate: number) {
  return black76Greeks(right, spot * Math.exp(rate * years), strike, years, sigma, rate)
}

function priceBySpot(right: Right, spot: number, strike: number, years: number, sigma: number, rate: number) {
  return black76(right, spot * Math.exp(rate * years), strike, years, sigma, Math.exp(-rate * years))
}

/** Central difference with its leading error removed. */
function derivative(f: (x: number) => number, x: number, step: number): number {
  const central = (h: number) => (f(x + h) - f(x - h)) / (2 * h)
  return (4 * central(step / 2) - central(step)) / 3
}

describe('black76Greeks', () => {
  it('are the derivatives of the price, and vanna and charm those of delta', () => {
    fc.assert(
      fc.property(cases, ({ right, deviations, years, sigma, rate }) => {
        const s = sigma * Math.sqrt(years)
        const strike = SPOT * Math.exp(rate * years + deviations * s)
        const set = greeksBySpot(right, SPOT, strike, years, sigma, rate)
        const width = SPOT * s
        const near = (actual: number, expected: number, scale: number) =>
          expect(Math.abs(actual - expected)).toBeLessThan(1e-7 * scale)
        const bySpot = (spot: number) => priceBySpot(right, spot, strike, years, sigma, rate)
        const byYears = (t: number) => priceBySpot(right, SPOT, strike, t, sigma, rate)
        const bySigma = (v: number) => priceBySpot(right, SPOT, strike, years, v, rate)
        const byRate = (r: number) => priceBySpot(right, SPOT, strike, years, sigma, r)
        near(set.delta, derivative(bySpot, SPOT, 0.01 * width), 1)
        near(-365 * set.theta, derivative(byYears, years, 0.01 * years), width / years + SPOT)
        near(100 * set.vega, derivative(bySigma, sigma, 0.01 * sigma), width / sigma)
        near(100 * set.rho, derivative(byRate, rate, 1e-3 * (s / years)), SPOT * years)
        const deltaBySpot = (spot: number) => greeksBySpot(right, spot, strike, years, sigma, rate).delta
        const deltaByYears = (t: number) => greeksBySpot(right, SPOT, strike, t, sigma, rate).delta
        const deltaBySigma = (v: number) => greeksBySpot(right, SPOT, strike, years, v, rate).delta
        near(set.gamma, derivative(deltaBySpot, SPOT, 0.01 * width), 1 / width)
        near(100 * set.vanna, derivative(deltaBySigma, sigma, 0.01 * sigma), 1 / sigma)
        near(-365 * set.charm, derivative(deltaByYears, years, 0.01 * years), (1 + Math.abs(rate) / sigma) / years)
      }),
      { numRuns: 1000 },
    )
  })

  it('keep parity: call less put is worth the forward contract', () => {
    fc.assert(
      fc.property(cases, ({ deviations, years, sigma, rate }) => {
        const strike = SPOT * Math.exp(deviations * sigma * Math.sqrt(years))
        const call = black76Greeks('CE', SPOT, strike, years, sigma, rate)
        const put = black76Greeks('PE', SPOT, strike, years, sigma, rate)
        const owed = strike * Math.exp(-rate * years)
        expect(call.delta - put.delta).toBeCloseTo(1, 14)
        expect(call.rho - put.rho).toBeCloseTo((owed * years) / 100, 9)
        expect(call.theta - put.theta).toBeCloseTo((-rate * owed) / 365, 9)
        for (const name of ['gamma', 'vega', 'vanna', 'charm'] as const) expect(put[name]).toBe(call[name])
      }),
    )
  })

  it('scale with forward and strike', () => {
    fc.assert(
      fc.property(cases, ({ right, deviations, years, sigma, rate }) => {
        const strike = SPOT * Math.exp(deviations * sigma * Math.sqrt(years))
        const one = black76Greeks(right, SPOT, strike, years, sigma, rate)
        const eight = black76Greeks(right, 8 * SPOT, 8 * strike, years, sigma, rate)
        for (const name of ['delta', 'vanna', 'charm'] as const) expect(eight[name]).toBeCloseTo(one[name], 13)
        expect(8 * eight.gamma).toBeCloseTo(one.gamma, 13)
        for (const name of ['theta', 'vega', 'rho'] as const) expect(eight[name] / 8).toBeCloseTo(one[name], 9)
      }),
    )
  })

  it.each(
    RIGHTS.flatMap((right) =>
      [24_000, 26_000].flatMap((strike) => [
        [right, strike, 0, 0.2] as const,
        [right, strike, 1e-9, 0.2] as const,
        [right, strike, 0.1, 0] as const,
        [right, strike, 0.1, 1e-4] as const,
      ]),
    ),
  )('of %s %d at T = %d, σ = %d are those of the intrinsic value', (right, strike, years, sigma) => {
    const set = black76Greeks(right, SPOT, strike, years, sigma, 0.065)
    const sign = right === 'CE' ? 1 : -1
    const exercise = sign * (SPOT - strike) > 0 ? sign : 0
    const strikeLeg = exercise * strike * Math.exp(-0.065 * years)
    expect(set.delta).toBeCloseTo(exercise, 12)
    expect(set.theta).toBeCloseTo((-0.065 * strikeLeg) / 365, 8)
    expect(set.rho).toBeCloseTo((years * strikeLeg) / 100, 8)
    for (const name of ['gamma', 'vega', 'vanna', 'charm'] as const) expect(set[name]).toBeCloseTo(0, 12)
  })

  it('at the money have the limits that exist, and are infinite where they are', () => {
    for (const right of RIGHTS) {
      const half = right === 'CE' ? 0.5 : -0.5
      const over = black76Greeks(right, SPOT, SPOT, 0, 0.2, 0.065)
      expect(over).toMatchObject({ delta: half, gamma: Number.POSITIVE_INFINITY, vega: 0, vanna: 0 })
      expect(over.theta).toBe(Number.NEGATIVE_INFINITY)
      expect(over.charm).toBe(Number.NEGATIVE_INFINITY)
      const last = black76Greeks(right, SPOT, SPOT, 1e-12, 0.2, 0.065)
      expect(last.delta).toBeCloseTo(half, 6)
      expect(last.theta).toBeLessThan(-1e6)
      const still = black76Greeks(right, SPOT, SPOT, 0.25, 0, 0.065)
      const nearly = black76Greeks(right, SPOT, SPOT, 0.25, 1e-9, 0.065)
      for (const name of ['delta', 'theta', 'vega', 'rho', 'vanna'] as const) {
        expect(still[name]).toBeCloseTo(nearly[name], 6)
      }
      expect(still.charm).toBe(Number.NEGATIVE_INFINITY)
      expect(black76Greeks(right, SPOT, SPOT, 0.25, 0, 0).charm).toBe(0)
    }
  })

  it('are NaN for what is no number and no price', () => {
    for (const [forward, strike, years, sigma, rate] of [
      [Number.NaN, 100, 1, 0.2, 0],
      [-5, 100, 1, 0.2, 0],
      [100, 0, 1, 0.2, 0],
      [100, 100, Number.NaN, 0.2, 0],
      [100, 100, 1, Number.NaN, 0],
      [100, 100, 1, Number.POSITIVE_INFINITY, 0],
      [100, 100, 1, 0.2, Number.NaN],
    ] as const) {
      const set = black76Greeks('CE', forward, strike, years, sigma, rate)
      for (const value of Object.values(set)) expect(value).toBeNaN()
    }
  })
})
