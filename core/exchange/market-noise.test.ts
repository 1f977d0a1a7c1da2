import { expect, it } from 'vitest'
import { BRIDGE_STEPS, brownianBridge, gaussian, uniform, valueNoise } from './market-noise.ts'

const MANY = 20_000

function moments(draw: (n: number) => number) {
  const values = Array.from({ length: MANY }, (_, n) => draw(n))
  const mean = values.reduce((sum, value) => sum + value, 0) / MANY
  return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / MANY }
}

it('draws uniform and normal numbers', () => {
  const flat = moments((n) => uniform(7, n))
  expect(flat.mean).toBeCloseTo(0.5, 1)
  expect(flat.variance).toBeCloseTo(1 / 12, 2)
  const normal = moments((n) => gaussian(7, 3, n))
  expect(Math.abs(normal.mean)).toBeLessThan(0.03)
  expect(Math.abs(normal.variance - 1)).toBeLessThan(0.05)
})

it('bridges from zero to zero with the variance of a Brownian path', () => {
  const path = brownianBridge(1, 2, 3)
  expect([path[0], path[BRIDGE_STEPS]]).toEqual([0, 0])
  const squares = path.reduce((sum, value, step) => sum + (value - (path[step - 1] ?? 0)) ** 2, 0)
  expect(Math.abs(squares - 1)).toBeLessThan(0.05)
  const middles = Array.from({ length: 60 }, (_, n) => brownianBridge(n, 0, 0)[BRIDGE_STEPS / 2] ?? 0)
  const variance = middles.reduce((sum, value) => sum + value * value, 0) / middles.length
  expect(variance).toBeGreaterThan(0.12)
  expect(variance).toBeLessThan(0.45)
})

it('is smooth and bounded between its knots', () => {
  for (let position = 0; position < 20; position += 0.01) {
    const here = valueNoise(5, 1, position)
    expect(Math.abs(here)).toBeLessThanOrEqual(1)
    expect(Math.abs(here - valueNoise(5, 1, position + 0.01))).toBeLessThan(0.05)
  }
})
