import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { keptPlaces } from './decimate.ts'

const value = fc.option(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { freq: 8 })
const columns = fc
  .tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 0, max: 800 }))
  .chain(([count, length]) =>
    fc.array(fc.array(value, { minLength: length, maxLength: length }), { minLength: count, maxLength: count }),
  )

const known = (column: readonly (number | null)[]) => column.filter((one) => one !== null)

describe('what is drawn of a long series', () => {
  it('is everything when there is room', () => {
    expect(keptPlaces([[3, null, 1]], 3)).toEqual([0, 1, 2])
    expect(keptPlaces([[]], 100)).toEqual([])
  })

  it('never loses a lowest, a highest or a hole, and keeps to its room and its order', () => {
    fc.assert(
      fc.property(columns, fc.integer({ min: 20, max: 400 }), (given, most) => {
        const places = keptPlaces(given, most)
        expect(places.length).toBeLessThanOrEqual(most)
        expect(places).toEqual([...new Set(places)].sort((a, b) => a - b))
        for (const column of given) {
          const all = known(column)
          const kept = known(places.map((place) => column[place] ?? null))
          expect(Math.min(...kept)).toBe(Math.min(...all))
          expect(Math.max(...kept)).toBe(Math.max(...all))
          const hasHole = column.includes(null)
          expect(places.some((place) => column[place] === null)).toBe(hasHole)
        }
      }),
    )
  })

  it('keeps a spike of one point and a hole of one point in a day of seconds', () => {
    const calm: (number | null)[] = Array.from({ length: 22_500 }, () => 100)
    calm[12_345] = 180
    calm[20_001] = null
    const places = keptPlaces([calm], 600)
    expect(places).toContain(12_345)
    expect(places).toContain(20_001)
    expect(places).toContain(0)
    expect(places).toContain(22_499)
  })
})
