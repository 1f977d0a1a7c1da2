import { describe, expect, it } from 'vitest'
import { EMPTY_SPREAD, spreadTokens } from './token-spread.ts'

const lists = (spread: typeof EMPTY_SPREAD) => spread.connections.map((tokens) => [...tokens])

describe('spreadTokens', () => {
  it('uses no more connections than needed, and no token twice', () => {
    expect(lists(spreadTokens(EMPTY_SPREAD, [1, 2, 3, 2, 1], 2))).toEqual([[1, 2], [3], []])
  })

  it('leaves tokens where they are and fills what became free', () => {
    const first = spreadTokens(EMPTY_SPREAD, [1, 2, 3, 4, 5], 2)
    const second = spreadTokens(first, [5, 6, 4, 2], 2)
    expect(lists(second)).toEqual([[2, 6], [4], [5]])
    expect(second.leftOut).toBe(0)
    expect(lists(first)).toEqual([[1, 2], [3, 4], [5]])
  })

  it('counts what does not fit', () => {
    const spread = spreadTokens(EMPTY_SPREAD, [1, 2, 3, 4, 5, 6, 7, 8], 2)
    expect(lists(spread)).toEqual([
      [1, 2],
      [3, 4],
      [5, 6],
    ])
    expect(spread.leftOut).toBe(2)
  })
})
