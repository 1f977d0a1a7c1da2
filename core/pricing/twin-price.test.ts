import { describe, expect, it } from 'vitest'
import { priceFromTwin } from './twin-price.ts'

const LAST = Number.NaN
const NONE = Number.NaN

describe('priceFromTwin', () => {
  it('leaves a leg its own mid while the spread is at most a quarter of its time value', () => {
    expect(priceFromTwin(108, 2, 8, 100)).toBeNaN()
    expect(priceFromTwin(108, 2.1, 8, 100)).toBe(108)
    expect(priceFromTwin(1010, 40, 9, 1000)).toBe(1009)
  })

  it('leaves it a last trade that agrees with the twin to a quarter, or four ticks', () => {
    expect(priceFromTwin(110, LAST, 8.1, 100)).toBeNaN()
    expect(priceFromTwin(110, LAST, 7.9, 100)).toBe(107.9)
    expect(priceFromTwin(100.3, LAST, 0.1, 100)).toBeNaN()
    expect(priceFromTwin(100.35, LAST, 0.1, 100)).toBe(100.1)
  })

  it.each([100, 99.5, NONE])('takes the twin where the own price is %f against an intrinsic value of 100', (price) => {
    expect(priceFromTwin(price, 0.05, 3, 100)).toBe(103)
    expect(priceFromTwin(price, LAST, 3, 100)).toBe(103)
  })

  it.each([NONE, 0, -1])('has nothing to offer when the twin costs %f', (twin) => {
    expect(priceFromTwin(99, 0.05, twin, 100)).toBeNaN()
    expect(priceFromTwin(108, 50, twin, 100)).toBeNaN()
  })
})
