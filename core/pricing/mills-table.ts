import { mills } from './normal.ts'

/**
 * The Mills ratio M(z) = N(-z)/n(z) for 0 <= z < MILLS_LIMIT from Taylor polynomials about the middles of intervals of
 * 1/32: eight coefficients leave |z - middle|⁸ M⁽⁸⁾/8! < 2e-17. From M' = zM - 1 follows n m[n] = c m[n-1] + m[n-2] for
 * the coefficients m[n] = M⁽ⁿ⁾(c)/n!, so the table needs no fitted numbers: it is made from `mills` when the module
 * loads (0.1 ms, 13 kB). A look-up costs a fraction of a rational approximation and has no branches.
 */

const PER_UNIT = 32
const TERMS = 8

/** Deviations out of the money that the table reaches. */
export const MILLS_LIMIT = 6.25

const TABLE = taylorTable()

function taylorTable(): Float64Array {
  const intervals = MILLS_LIMIT * PER_UNIT
  const table = new Float64Array(intervals * TERMS)
  for (let interval = 0; interval < intervals; interval++) {
    const centre = (interval + 0.5) / PER_UNIT
    let before = mills(centre)
    let last = centre * before - 1
    table[interval * TERMS] = before
    table[interval * TERMS + 1] = last
    for (let n = 2; n < TERMS; n++) {
      const next = (centre * last + before) / n
      table[interval * TERMS + n] = next
      before = last
      last = next
    }
  }
  return table
}

/** M(z) for 0 <= z < MILLS_LIMIT to about one rounding; NaN beyond. */
export function tabulatedMills(z: number): number {
  const interval = (z * PER_UNIT) | 0
  const d = z - (interval + 0.5) / PER_UNIT
  const at = interval * TERMS
  const low =
    (TABLE[at] ?? Number.NaN) + d * ((TABLE[at + 1] ?? 0) + d * ((TABLE[at + 2] ?? 0) + d * (TABLE[at + 3] ?? 0)))
  const high = (TABLE[at + 4] ?? 0) + d * ((TABLE[at + 5] ?? 0) + d * ((TABLE[at + 6] ?? 0) + d * (TABLE[at + 7] ?? 0)))
  const squared = d * d
  return low + squared * squared * high
}
