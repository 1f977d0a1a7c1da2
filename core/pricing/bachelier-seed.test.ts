import { describe, expect, it } from 'vitest'
import { bachelierSeed, SEED_LIMIT } from './bachelier-seed.ts'
import { normalisedBlack } from './normalised-black.ts'

function seedOf(x: number, price: number): number {
  const u = 1 - x / price
  return bachelierSeed(price, u, new DataView(Float64Array.of(u).buffer).getInt32(4, true))
}

/** What one Householder step of order four leaves of an error of 1e-4 is under a rounding. */
describe('bachelierSeed', () => {
  it.each([
    [1e-7, 1e-6],
    [0.01, 1e-6],
    [0.1, 1e-6],
    [0.2, 1e-5],
    [0.3, 4e-5],
    [0.4, 1.2e-4],
  ])('is good at s = %d to %d, wherever the batches use it', (s, most) => {
    let tried = 0
    for (let z = 0; z * s <= 1.5 && z < 7; z += 0.013) {
      const price = normalisedBlack(-z * s, s)
      if (1 + (z * s) / price >= SEED_LIMIT) break
      expect(Math.abs(seedOf(-z * s, price) / s - 1)).toBeLessThan(most)
      tried++
    }
    expect(tried).toBeGreaterThan(250)
  })
})
