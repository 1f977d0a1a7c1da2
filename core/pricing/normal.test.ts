import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { erfc, mills, millsSlope, normalCdf, normalPdf } from './normal.ts'

function relativeError(actual: number, expected: number): number {
  return Math.abs(actual / expected - 1)
}

// Expected values from 50-digit arithmetic (mpmath).
describe('normalCdf', () => {
  it.each([
    [-37.5, 4.605353009581955e-308],
    [-20, 2.7536241186062337e-89],
    [-10, 7.619853024160525e-24],
    [-5.75, 4.462172453901612e-9],
    [-3, 0.0013498980316300946],
    [-1, 0.15865525393145705],
    [-0.5, 0.3085375387259869],
    [-0.125, 0.45026177516988714],
    [0.25, 0.5987063256829237],
    [1, 0.8413447460685429],
    [2.5, 0.993790334674224],
  ])('N(%d) to full precision', (z, expected) => {
    expect(relativeError(normalCdf(z), expected)).toBeLessThan(2e-15)
  })

  it('has its limits', () => {
    expect(normalCdf(0)).toBe(0.5)
    expect(normalCdf(-50)).toBe(0)
    expect(normalCdf(Number.NEGATIVE_INFINITY)).toBe(0)
    expect(normalCdf(50)).toBe(1)
    expect(normalCdf(Number.POSITIVE_INFINITY)).toBe(1)
    expect(normalCdf(Number.NaN)).toBeNaN()
  })

  it('is symmetric and never falls', () => {
    const z = fc.double({ min: -40, max: 40, noNaN: true })
    fc.assert(
      fc.property(z, fc.double({ min: 1e-6, max: 5, noNaN: true }), (at, step) => {
        expect(normalCdf(at) + normalCdf(-at)).toBeCloseTo(1, 14)
        expect(normalCdf(at + step)).toBeGreaterThanOrEqual(normalCdf(at))
      }),
    )
  })

  it('has the density as its slope', () => {
    for (let z = -6; z <= 6; z += 0.37) {
      const slope = (normalCdf(z + 1e-4) - normalCdf(z - 1e-4)) / 2e-4
      expect(Math.abs(slope - normalPdf(z))).toBeLessThan(1e-8)
    }
  })
})

describe('mills', () => {
  it.each([
    [0, 1.2533141373155003, 1],
    [0.25, 1.0378245758537268, 0.7405438560365682],
    [0.6875, 0.7806492378708634, 0.46330364896378146],
    [2, 0.4213692292880545, 0.15726154142389104],
    [5.5, 0.1763229857571027, 0.030223578335935124],
    [5.75, 0.1690701504076941, 0.027846635155759063],
    [12, 0.08276628650136918, 0.006804561983569873],
    [40, 0.02498440420572057, 0.0006238317711771541],
    [1e4, 9.999999900000004e-5, 9.999999700000015e-9],
  ])('M(%d) and its slope', (z, ratio, slope) => {
    expect(relativeError(mills(z), ratio)).toBeLessThan(2e-15)
    expect(relativeError(millsSlope(z), slope)).toBeLessThan(1e-14)
  })

  it('joins without a step where the approximations meet', () => {
    for (const border of [0.46875 * Math.SQRT2, 4 * Math.SQRT2]) {
      const below = border * (1 - 1e-15)
      const above = border * (1 + 1e-15)
      expect(relativeError(mills(below), mills(above))).toBeLessThan(1e-14)
      expect(relativeError(millsSlope(below), millsSlope(above))).toBeLessThan(1e-13)
    }
  })
})

describe('erfc', () => {
  it.each([
    [-1, 1.8427007929497148],
    [0.25, 0.7236736098317631],
    [1, 0.15729920705028513],
    [4, 1.541725790028002e-8],
    [10, 2.088487583762545e-45],
    [25, 8.300172571196523e-274],
  ])('erfc(%d)', (y, expected) => {
    expect(relativeError(erfc(y), expected)).toBeLessThan(1e-13)
  })
})
