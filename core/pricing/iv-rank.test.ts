import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ivStanding } from './iv-rank.ts'

describe('ivStanding', () => {
  it('tells the place between the extremes, and the share of days below', () => {
    expect(ivStanding(0.15, [0.1, 0.11, 0.12, 0.2])).toEqual({ rank: expect.closeTo(0.5, 12), percentile: 0.75 })
    expect(ivStanding(0.3, [0.1, null, 0.2])).toEqual({ rank: 1, percentile: 1 })
    expect(ivStanding(0.05, [0.1, 0.2])).toEqual({ rank: 0, percentile: 0 })
  })

  it('tells only what the past tells', () => {
    expect(ivStanding(null, [0.1, 0.2])).toEqual({ rank: null, percentile: null })
    expect(ivStanding(0.1, [])).toEqual({ rank: null, percentile: null })
    expect(ivStanding(0.1, [null])).toEqual({ rank: null, percentile: null })
    expect(ivStanding(0.2, [0.1, 0.1])).toEqual({ rank: null, percentile: 1 })
  })

  it('does not depend on the order or the unit', () => {
    const iv = fc.integer({ min: 1, max: 500 })
    fc.assert(
      fc.property(iv, fc.array(iv, { minLength: 1, maxLength: 40 }), (current, past) => {
        const standing = ivStanding(current, past)
        expect(ivStanding(current, past.toReversed())).toEqual(standing)
        expect(
          ivStanding(
            current * 8,
            past.map((one) => one * 8),
          ),
        ).toEqual(standing)
      }),
    )
  })
})
