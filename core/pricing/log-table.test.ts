import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { takeLogarithms } from './log-table.ts'

function logarithm(x: number): number {
  const column = Float64Array.of(x)
  takeLogarithms(column, new Int32Array(column.buffer), 1)
  return column[0] ?? Number.NaN
}

describe('takeLogarithms', () => {
  it('agrees with Math.log to about a rounding', () => {
    fc.assert(
      fc.property(fc.double({ min: -0.69, max: 22.1, noNaN: true }), (exponent) => {
        const x = Math.exp(exponent)
        expect(Math.abs(logarithm(x) - Math.log(x))).toBeLessThanOrEqual(2.3e-16 * Math.max(1, Math.log(x)))
      }),
      { numRuns: 5000 },
    )
  })

  it.each([0.5, 1, 1 + Number.EPSILON, 1.0078125, 2, 3, 2 ** 31])('of %d', (x) => {
    expect(Math.abs(logarithm(x) - Math.log(x))).toBeLessThanOrEqual(2.3e-16 * Math.max(1, Math.log(x)))
  })

  it('leaves alone what lies behind the count', () => {
    const column = Float64Array.of(Math.E, 5)
    takeLogarithms(column, new Int32Array(column.buffer), 1)
    expect(column[1]).toBe(5)
  })
})
