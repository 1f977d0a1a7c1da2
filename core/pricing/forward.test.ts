import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { black76 } from './black76.ts'
import { forwardByParity, spotCarryForward } from './forward.ts'

const YEARS = 7 / 365
const RATE = 0.065

/** A chain priced around a known forward, its prices rounded to the tick. */
function chainAround(forward: number, strikes: readonly number[], tick = 0.05) {
  const discount = Math.exp(-RATE * YEARS)
  const price = (right: 'CE' | 'PE') =>
    Float64Array.from(
      strikes,
      (strike) => Math.round(black76(right, forward, strike, YEARS, 0.13, discount) / tick) * tick,
    )
  return { count: strikes.length, strike: Float64Array.from(strikes), call: price('CE'), put: price('PE') }
}

const STRIKES = Array.from({ length: 41 }, (_, k) => 24_000 + 50 * k)

describe('forwardByParity', () => {
  it('finds the forward within the rounding of the prices, with and without a hint', () => {
    fc.assert(
      fc.property(fc.double({ min: 24_300, max: 25_700, noNaN: true }), (forward) => {
        const quotes = chainAround(forward, STRIKES)
        for (const near of [undefined, Number.NaN, forward - 60]) {
          const found = forwardByParity(near === undefined ? quotes : { ...quotes, near }, YEARS, RATE)
          expect(found?.pairs).toBe(8)
          expect(Math.abs((found?.value ?? 0) - forward)).toBeLessThan(0.06)
          expect(found?.residual).toBeLessThan(0.06)
        }
      }),
    )
  })

  it('is not moved by stale quotes, and shows scatter in its residual', () => {
    const quotes = chainAround(25_010, STRIKES)
    quotes.call[20] = 400
    quotes.put[21] = 1
    const found = forwardByParity({ ...quotes, near: 25_010 }, YEARS, RATE)
    expect(Math.abs((found?.value ?? 0) - 25_010)).toBeLessThan(0.1)
    quotes.strike.forEach((_, at) => {
      quotes.call[at] = (quotes.call[at] ?? 0) + 2 * (at % 3)
    })
    expect(forwardByParity({ ...quotes, near: 25_010 }, YEARS, RATE)?.residual).toBeGreaterThan(1)
  })

  it('takes the strikes nearest the money that have both prices', () => {
    const quotes = chainAround(25_010, STRIKES)
    for (let at = 0; at < quotes.count; at++) if (at !== 3 && at !== 36) quotes.put[at] = Number.NaN
    const found = forwardByParity({ ...quotes, near: 25_010 }, YEARS, RATE)
    expect(found?.pairs).toBe(2)
    expect(Math.abs((found?.value ?? 0) - 25_010)).toBeLessThan(0.1)
  })

  it('leaves out the strikes far from the money', () => {
    const quotes = chainAround(25_010, STRIKES)
    quotes.strike.forEach((strike, at) => {
      if (Math.abs(strike - 25_010) > 210) quotes.call[at] = (quotes.call[at] ?? 0) + 50
    })
    const found = forwardByParity({ ...quotes, near: 25_010 }, YEARS, RATE)
    expect(Math.abs((found?.value ?? 0) - 25_010)).toBeLessThan(0.06)
    expect(found?.residual).toBeLessThan(0.06)
  })

  it('takes the median of numbers, not of their spelling', () => {
    const [low, middle, high] = [9_990, 10_000, 10_010]
    const flat = Float64Array.of(100, 100, 100)
    const quotes = { count: 3, strike: Float64Array.of(low, middle, high), call: flat, put: flat, near: 10_000 }
    expect(forwardByParity(quotes, YEARS, RATE)).toEqual({ value: 10_000, pairs: 3, residual: 10, places: [1, 0, 2] })
  })

  it('is null when the pairs disagree too much to tell it', () => {
    const flat = Float64Array.of(100, 100)
    const apart = (step: number) => ({
      count: 2,
      strike: Float64Array.of(10_000, 10_000 + step),
      call: flat,
      put: flat,
    })
    expect(forwardByParity(apart(38), YEARS, RATE)?.value).toBe(10_019)
    expect(forwardByParity(apart(42), YEARS, RATE)).toBeNull()
  })

  it('does not depend on the order of the strikes', () => {
    const forwards = [STRIKES, [...STRIKES].reverse()].map((strikes) =>
      forwardByParity({ ...chainAround(25_012, strikes), near: 25_012 }, YEARS, RATE),
    )
    expect({ ...forwards[0], places: [] }).toEqual({ ...forwards[1], places: [] })
  })

  it('is null with fewer than two pairs', () => {
    const one = chainAround(25_000, [25_000])
    expect(forwardByParity(one, YEARS, RATE)).toBeNull()
    expect(forwardByParity({ ...one, near: 25_000 }, YEARS, RATE)).toBeNull()
    const none = { count: 0, strike: new Float64Array(0), call: new Float64Array(0), put: new Float64Array(0) }
    expect(forwardByParity(none, YEARS, RATE)).toBeNull()
    const zeros = { ...chainAround(25_000, STRIKES), call: new Float64Array(STRIKES.length) }
    expect(forwardByParity(zeros, YEARS, RATE)).toBeNull()
  })
})

describe('spotCarryForward', () => {
  it('grows at the rate, and not backwards in time', () => {
    expect(spotCarryForward(25_000, 1, 0.065)).toBeCloseTo(26_678.97, 1)
    expect(spotCarryForward(25_000, 0, 0.065)).toBe(25_000)
    expect(spotCarryForward(25_000, -1, 0.065)).toBe(25_000)
  })
})
