import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { priceToUse, statusOfOwn } from './leg-price.ts'

describe('priceToUse', () => {
  it('takes the mid of a sane market, also when a last trade exists', () => {
    expect(priceToUse({ bid: 100, ask: 101, last: 90 })).toEqual({ price: 100.5, used: 'mid', wide: false })
    expect(priceToUse({ bid: 100, ask: 100, last: null })).toEqual({ price: 100, used: 'mid', wide: false })
  })

  it.each([
    { bid: null, ask: 101, last: 90 },
    { bid: 0, ask: 101, last: 90 },
    { bid: 100, ask: null, last: 90 },
    { bid: 102, ask: 101, last: 90 },
  ])('takes the last trade of a one-sided or crossed market: %o', (quote) => {
    expect(priceToUse(quote)).toEqual({ price: 90, used: 'last', wide: false })
  })

  it('says that a spread is too wide, with and without a last trade', () => {
    expect(priceToUse({ bid: 10, ask: 14, last: 11 })).toEqual({ price: 11, used: 'last', wide: true })
    expect(priceToUse({ bid: 10, ask: 14, last: null })).toEqual({ price: null, used: null, wide: true })
  })

  it('allows a quarter of the mid, or four ticks', () => {
    expect(priceToUse({ bid: 7, ask: 9, last: null }).used).toBe('mid')
    expect(priceToUse({ bid: 7, ask: 9.1, last: null }).wide).toBe(true)
    expect(priceToUse({ bid: 0.05, ask: 0.25, last: null }).used).toBe('mid')
    expect(priceToUse({ bid: 0.35, ask: 0.55, last: null }).used).toBe('mid')
    expect(priceToUse({ bid: 0.05, ask: 0.3, last: null }).wide).toBe(true)
    expect(priceToUse({ bid: 1, ask: 5, last: null, tickSize: 1 }).used).toBe('mid')
  })

  it('has no price where there is none', () => {
    const none = { price: null, used: null, wide: false }
    expect(priceToUse({ bid: null, ask: null, last: null })).toEqual(none)
    expect(priceToUse({ bid: 0, ask: 0, last: 0 })).toEqual(none)
    expect(priceToUse({ bid: Number.NaN, ask: Number.NaN, last: Number.NaN })).toEqual(none)
  })

  it('never gives a price that is not positive, and says where each came from', () => {
    const side = fc.option(fc.double({ min: -5, max: 1000 }), { nil: null })
    fc.assert(
      fc.property(side, side, side, (bid, ask, last) => {
        const { price, used } = priceToUse({ bid, ask, last })
        expect(price === null).toBe(used === null)
        if (price !== null) expect(price).toBeGreaterThan(0)
        if (used === 'last') expect(price).toBe(last)
      }),
    )
  })
})

describe('statusOfOwn', () => {
  const sane = { wide: false, stale: false }

  it('says why a price that could be solved is not to be trusted', () => {
    expect(statusOfOwn('ok', sane)).toBe('ok')
    expect(statusOfOwn('ok', { wide: true, stale: true })).toBe('wide_spread')
    expect(statusOfOwn('no_price', { wide: true, stale: false })).toBe('wide_spread')
    expect(statusOfOwn('ok', { wide: false, stale: true })).toBe('stale')
  })

  it.each(['below_intrinsic', 'above_maximum', 'no_forward', 'expired'] as const)('leaves %s as it is', (status) => {
    expect(statusOfOwn(status, { wide: true, stale: true })).toBe(status)
    expect(statusOfOwn(status, sane)).toBe(status)
  })
})
