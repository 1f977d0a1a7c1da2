import { describe, expect, it } from 'vitest'
import { yearsTo } from './time.ts'

const FIX = Date.parse('2026-11-23T15:35:00+05:30')

describe('yearsTo', () => {
  it('counts seconds against a year of 365 days', () => {
    expect(yearsTo(FIX, FIX - 365 * 86_400_000)).toBe(1)
    expect(yearsTo(FIX, FIX - 86_400_000)).toBe(1 / 365)
    expect(yearsTo(FIX, FIX - 10_000)).toBe(10 / 31_536_000)
  })

  it('has no floor on expiry day', () => {
    expect(yearsTo(FIX, FIX - 1)).toBeGreaterThan(0)
    expect(yearsTo(FIX, FIX - 1)).toBeLessThan(1e-10)
  })

  it('is 0 from the fix on', () => {
    expect(yearsTo(FIX, FIX)).toBe(0)
    expect(yearsTo(FIX, FIX + 1)).toBe(0)
  })
})
