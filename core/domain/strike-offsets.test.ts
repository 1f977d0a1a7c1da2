import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createAtmTracker, nearestStrike, offsetOf, strikeAtOffset } from './strike-offsets.ts'

/** BANKNIFTY: 100 apart near, 500 apart far. */
const UNEVEN = [49000, 49500, 50000, 50100, 50200, 50300, 50800, 51300]

/** Ascending strikes with gaps of their own. */
const grid = fc
  .array(fc.constantFrom(25, 50, 100, 250, 500), { minLength: 1, maxLength: 40 })
  .map((gaps) => [0, ...gaps].map((_, i) => gaps.slice(0, i).reduce((sum, gap) => sum + gap, 20000)))
const fraction = fc.double({ min: 0, max: 1, noNaN: true })
const within = (strikes: readonly number[], part: number) => {
  const low = (strikes[0] ?? 0) - 1000
  return low + part * ((strikes.at(-1) ?? 0) + 1000 - low)
}

describe('nearestStrike', () => {
  it.each([
    [48000, 0],
    [49249.99, 0],
    [49250, 0],
    [49250.01, 1],
    [50149, 3],
    [50550, 5],
    [50551, 6],
    [99999, 7],
  ])('of %d is number %d', (forward, i) => {
    expect(nearestStrike(UNEVEN, forward)).toBe(i)
  })

  it('refuses an empty list and a forward that is no price', () => {
    expect(() => nearestStrike([], 100)).toThrow(RangeError)
    expect(() => nearestStrike(UNEVEN, Number.NaN)).toThrow(RangeError)
    expect(() => createAtmTracker().update([], 100)).toThrow(RangeError)
  })

  it('finds what a search of the whole list finds', () => {
    fc.assert(
      fc.property(grid, fraction, (strikes, part) => {
        const forward = within(strikes, part)
        const distances = strikes.map((strike) => Math.abs(strike - forward))
        expect(nearestStrike(strikes, forward)).toBe(distances.indexOf(Math.min(...distances)))
      }),
    )
  })
})

describe('createAtmTracker', () => {
  it('starts at the nearest strike and moves a tenth of the gap after the middle', () => {
    const atm = createAtmTracker()
    expect(atm.update(UNEVEN, 50040)).toBe(50000)
    expect(atm.update(UNEVEN, 50060)).toBe(50000)
    expect(atm.update(UNEVEN, 50060.01)).toBe(50100)
    expect(atm.update(UNEVEN, 50040)).toBe(50100)
    expect(atm.update(UNEVEN, 50039.99)).toBe(50000)
  })

  it('has a border as wide as each gap', () => {
    const atm = createAtmTracker()
    expect(atm.update(UNEVEN, 50310)).toBe(50300)
    expect(atm.update(UNEVEN, 50600)).toBe(50300)
    expect(atm.update(UNEVEN, 50600.01)).toBe(50800)
    expect(atm.update(UNEVEN, 50500)).toBe(50800)
    expect(atm.update(UNEVEN, 50499)).toBe(50300)
  })

  it('takes a nearer strike in between even when the gap behind it is wide', () => {
    const strikes = [100, 110, 210]
    const atm = createAtmTracker()
    expect(atm.update(strikes, 100)).toBe(100)
    expect(atm.update(strikes, 161)).toBe(110)
  })

  it('follows a jump over many strikes at once, to both ends', () => {
    const atm = createAtmTracker()
    atm.update(UNEVEN, 49000)
    expect(atm.update(UNEVEN, 90000)).toBe(51300)
    expect(atm.update(UNEVEN, 1)).toBe(49000)
  })

  it('goes on with a list that gained strikes, and starts anew when its strike is gone', () => {
    const atm = createAtmTracker()
    expect(atm.update([100, 200, 300], 210)).toBe(200)
    expect(atm.update([100, 150, 200, 250, 300], 226)).toBe(200)
    expect(atm.update([100, 150, 200, 250, 300], 231)).toBe(250)
    expect(atm.update([100, 200, 300], 249)).toBe(200)
  })

  it('never flaps under noise around the middle of two strikes', () => {
    fc.assert(
      fc.property(
        grid,
        fc.nat(),
        fc.array(fc.double({ min: -0.099, max: 0.099, noNaN: true }), { minLength: 2, maxLength: 50 }),
        (strikes, pick, noise) => {
          const i = pick % (strikes.length - 1)
          const [lower, upper] = [strikes[i] ?? 0, strikes[i + 1] ?? 0]
          const atm = createAtmTracker()
          const seen = noise.map((part) => atm.update(strikes, (lower + upper) / 2 + part * (upper - lower)))
          expect(new Set(seen).size).toBe(1)
        },
      ),
    )
  })

  it('settles in one update, no farther from the nearest strike than the hysteresis allows', () => {
    fc.assert(
      fc.property(grid, fraction, fraction, (strikes, start, end) => {
        const atm = createAtmTracker()
        atm.update(strikes, within(strikes, start))
        const forward = within(strikes, end)
        const settled = atm.update(strikes, forward)
        expect(atm.update(strikes, forward)).toBe(settled)
        const at = strikes.indexOf(settled)
        for (const neighbour of [strikes[at - 1], strikes[at + 1]]) {
          if (neighbour === undefined) continue
          const nearerBy = Math.abs(forward - settled) - Math.abs(forward - neighbour)
          expect(nearerBy).toBeLessThanOrEqual(0.2 * Math.abs(neighbour - settled))
        }
        expect(Math.abs(at - nearestStrike(strikes, forward))).toBeLessThanOrEqual(1)
      }),
    )
  })

  it('is the nearest strike without hysteresis', () => {
    fc.assert(
      fc.property(grid, fc.array(fraction, { minLength: 1, maxLength: 20 }), (strikes, parts) => {
        const atm = createAtmTracker(0)
        for (const part of parts) {
          const forward = within(strikes, part)
          const nearest = strikes[nearestStrike(strikes, forward)] ?? 0
          expect(Math.abs(atm.update(strikes, forward) - forward)).toBe(Math.abs(nearest - forward))
        }
      }),
    )
  })
})

describe('offsets', () => {
  it('count listed strikes, not rupees', () => {
    expect(strikeAtOffset(UNEVEN, 50200, 0)).toBe(50200)
    expect(strikeAtOffset(UNEVEN, 50200, 2)).toBe(50800)
    expect(strikeAtOffset(UNEVEN, 50200, -3)).toBe(49500)
    expect(offsetOf(UNEVEN, 50200, 50800)).toBe(2)
    expect(offsetOf(UNEVEN, 50200, 49500)).toBe(-3)
  })

  it('are null outside the list', () => {
    expect(strikeAtOffset(UNEVEN, 50200, 4)).toBeNull()
    expect(strikeAtOffset(UNEVEN, 49000, -1)).toBeNull()
    expect(strikeAtOffset(UNEVEN, 50250, 0)).toBeNull()
    expect(offsetOf(UNEVEN, 50200, 50250)).toBeNull()
    expect(offsetOf(UNEVEN, 50250, 50200)).toBeNull()
    expect(offsetOf([], 50250, 50250)).toBeNull()
  })

  it('are each other back', () => {
    fc.assert(
      fc.property(grid, fc.nat(), fc.integer({ min: -45, max: 45 }), (strikes, pick, offset) => {
        const atm = strikes[pick % strikes.length] ?? 0
        const strike = strikeAtOffset(strikes, atm, offset)
        if (strike !== null) expect(offsetOf(strikes, atm, strike)).toBe(offset)
        else expect(strikes[strikes.indexOf(atm) + offset]).toBeUndefined()
      }),
    )
  })
})
