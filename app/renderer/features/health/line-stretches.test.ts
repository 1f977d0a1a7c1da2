import { expect, it } from 'vitest'
import { stretchesOf } from './line-stretches.ts'

const ends = (points: Parameters<typeof stretchesOf>[0]) =>
  stretchesOf(points).map((stretch) => [stretch[0]?.at, stretch.at(-1)?.at])

it('breaks a line where nothing is known, and where nothing came for long', () => {
  const points = [0, 1, 2, 3, 4].map((second) => ({ at: 1_000 * second, value: second === 2 ? null : 1 }))
  expect(ends(points)).toEqual([
    [0, 1_000],
    [3_000, 4_000],
  ])
  expect(ends([...points.slice(0, 2), { at: 60_000, value: 5 }])).toEqual([
    [0, 1_000],
    [60_000, 60_000],
  ])
  expect(ends([{ at: 0, value: null }])).toEqual([])
})
