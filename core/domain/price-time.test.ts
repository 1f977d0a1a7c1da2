import { describe, expect, it } from 'vitest'
import { pricedFrom, priceTime } from './price-time.ts'

const FRIDAY = Date.parse('2026-12-04T15:40:00+05:30')
const SUNDAY = Date.parse('2026-12-06T22:00:00+05:30')

describe('the time of a price', () => {
  it('is its receipt, however the clocks differ by seconds', () => {
    expect(priceTime(FRIDAY + 900, FRIDAY)).toBe(FRIDAY + 900)
    expect(priceTime(FRIDAY, FRIDAY + 900)).toBe(FRIDAY)
    expect(priceTime(FRIDAY, null)).toBe(FRIDAY)
    expect(priceTime(FRIDAY, Number.NaN)).toBe(FRIDAY)
  })

  it('is the time of the exchange where the price was sent again', () => {
    expect(priceTime(SUNDAY, FRIDAY)).toBe(FRIDAY)
  })
})

describe('the life that a price has left', () => {
  it('is counted from the time of the price, and is over at the settlement', () => {
    expect(pricedFrom(SUNDAY, FRIDAY, SUNDAY + 1)).toBe(FRIDAY)
    expect(pricedFrom(SUNDAY, FRIDAY, SUNDAY)).toBe(SUNDAY)
  })
})
