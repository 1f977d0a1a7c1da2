import { describe, expect, it } from 'vitest'
import { termStructure } from './term-structure.ts'

describe('termStructure', () => {
  it('orders by time, and tells the volatility between expiries', () => {
    const points = termStructure([
      { expiry: '2026-12-29', years: 0.1, iv: 0.15 },
      { expiry: '2026-12-01', years: 0.02, iv: 0.12 },
    ])
    expect(points.map(({ expiry }) => expiry)).toEqual(['2026-12-01', '2026-12-29'])
    expect(points[0]?.forward_iv).toBeCloseTo(0.12, 14)
    expect(points[1]?.forward_iv).toBeCloseTo(Math.sqrt((0.15 ** 2 * 0.1 - 0.12 ** 2 * 0.02) / 0.08), 14)
  })

  it('passes over what has no IV or no time, and says none where total variance falls', () => {
    const points = termStructure([
      { expiry: 'a', years: 0, iv: 0.3 },
      { expiry: 'b', years: 0.02, iv: 0.2 },
      { expiry: 'c', years: 0.03, iv: null },
      { expiry: 'd', years: 0.04, iv: 0.1 },
      { expiry: 'e', years: 0.08, iv: 0.1 },
    ])
    expect(points.map(({ forward_iv: iv }) => iv)).toEqual([null, 0.2, null, null, expect.closeTo(0.1, 12)])
  })
})
