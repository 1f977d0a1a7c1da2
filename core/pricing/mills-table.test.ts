import { describe, expect, it } from 'vitest'
import { MILLS_LIMIT, tabulatedMills, tabulatedMillsSlope } from './mills-table.ts'
import { mills, millsSlope } from './normal.ts'

describe('tabulatedMills', () => {
  // Expected values from 40-digit arithmetic (mpmath).
  it.each([
    [0, 1.2533141373155003, 1],
    [0.015625, 1.2378408674743553, 0.9806587364457132],
    [1, 0.6556795424187984, 0.3443204575812015],
    [2, 0.4213692292880545, 0.15726154142389104],
    [5.5, 0.1763229857571027, 0.030223578335935124],
    [5.75, 0.1690701504076941, 0.027846635155759063],
  ])('M(%d) and its slope', (z, ratio, slope) => {
    expect(Math.abs(tabulatedMills(z) / ratio - 1)).toBeLessThan(8e-16)
    expect(Math.abs(tabulatedMillsSlope(z) / slope - 1)).toBeLessThan(8e-16)
  })

  it('agrees with the rational approximations everywhere', () => {
    for (let z = 0; z < MILLS_LIMIT; z += 0.00137) {
      expect(Math.abs(tabulatedMills(z) / mills(z) - 1)).toBeLessThan(3e-15)
      expect(Math.abs(tabulatedMillsSlope(z) - millsSlope(z))).toBeLessThan(1e-15)
    }
  })

  it('is NaN beyond its end', () => {
    expect(tabulatedMills(MILLS_LIMIT)).toBeNaN()
    expect(tabulatedMillsSlope(MILLS_LIMIT)).toBeNaN()
  })
})
