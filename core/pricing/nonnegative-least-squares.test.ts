import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type NormalEquations, solveNonnegative } from './nonnegative-least-squares.ts'

/** Normal equations of A x = b; rows of A. */
function equations(rows: readonly (readonly number[])[], values: readonly number[]) {
  const size = rows[0]?.length ?? 0
  const gram = new Float64Array(size * size)
  const right = new Float64Array(size)
  rows.forEach((row, at) => {
    for (let i = 0; i < size; i += 1) {
      right[i] = (right[i] ?? 0) + (row[i] ?? 0) * (values[at] ?? 0)
      for (let j = 0; j < size; j += 1) gram[i * size + j] = (gram[i * size + j] ?? 0) + (row[i] ?? 0) * (row[j] ?? 0)
    }
  })
  return { size, gram, right }
}

/** How much the error falls as one unknown grows. */
function slopeAt({ size, gram, right }: NormalEquations, x: Float64Array, i: number): number {
  return x.reduce((slope, value, j) => slope - (gram[i * size + j] ?? 0) * value, right[i] ?? 0)
}

describe('solveNonnegative', () => {
  it('is the plain solution where that is positive', () => {
    const x = solveNonnegative(
      equations(
        [
          [2, 1],
          [1, 3],
          [0, 1],
        ],
        [4, 7, 2],
      ),
    )
    expect([...x]).toEqual([1, 2].map((value) => expect.closeTo(value, 12)))
  })

  it('holds at 0 what would be negative, and fits the rest anew', () => {
    const x = solveNonnegative(
      equations(
        [
          [1, 1],
          [0, 1],
        ],
        [1, -1],
      ),
    )
    expect(x[1]).toBe(0)
    expect(x[0]).toBeCloseTo(1, 14)
  })

  it('takes one of two equal columns', () => {
    const x = solveNonnegative(
      equations(
        [
          [1, 1],
          [2, 2],
        ],
        [3, 6],
      ),
    )
    expect((x[0] ?? 0) + (x[1] ?? 0)).toBeCloseTo(3, 12)
  })

  it('meets the conditions of the optimum: no negative, no slope where free, none downhill at 0', () => {
    const cell = fc.double({ min: -5, max: 5, noNaN: true })
    const problem = fc.integer({ min: 1, max: 7 }).chain((size) =>
      fc.record({
        rows: fc.array(fc.array(cell, { minLength: size, maxLength: size }), { minLength: size + 2, maxLength: 14 }),
        values: fc.array(cell, { minLength: 14, maxLength: 14 }),
      }),
    )
    fc.assert(
      fc.property(problem, ({ rows, values }) => {
        const size = rows[0]?.length ?? 0
        const ridge = Array.from({ length: size }, (_, i) => Array.from({ length: size }, (_, j) => Number(i === j)))
        const sums = equations([...rows, ...ridge], values.slice(0, rows.length))
        const x = solveNonnegative(sums)
        for (const [i, value] of x.entries()) {
          const slope = slopeAt(sums, x, i)
          expect(value).toBeGreaterThanOrEqual(0)
          expect(slope).toBeLessThan(1e-8)
          if (value > 1e-9) expect(Math.abs(slope)).toBeLessThan(1e-8)
        }
      }),
    )
  })
})
