import { describe, expect, it } from 'vitest'
import { buildUp, oiChange } from './build-up.ts'

describe('buildUp', () => {
  it.each([
    [2, 100, 'long'],
    [-2, 100, 'short'],
    [2, -100, 'covering'],
    [-2, -100, 'unwinding'],
    [1e-300, 1e-300, 'long'],
  ] as const)('price %f and interest %f are %s', (price, interest, expected) => {
    expect(buildUp(price, interest)).toBe(expected)
  })

  it('is none without both baselines, or without a change', () => {
    for (const [price, interest] of [
      [null, 100],
      [2, null],
      [0, 100],
      [2, 0],
    ] as const) {
      expect(buildUp(price, interest)).toBeNull()
    }
  })
})

describe('change of open interest', () => {
  it('is none without a baseline: it would be the interest itself', () => {
    expect(oiChange(500, null)).toBeNull()
    expect(oiChange(null, 500)).toBeNull()
    expect(oiChange(500, 700)).toBe(-200)
    expect(oiChange(500, 0)).toBe(500)
  })
})
