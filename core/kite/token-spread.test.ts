import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EMPTY_SPREAD, MAX_TOKENS, type Spread, spreadTokens } from './token-spread.ts'

const lists = (spread: Spread) => spread.connections.map((tokens) => [...tokens])
const sizes = (spread: Spread) => spread.connections.map((tokens) => tokens.size)
const upTo = (count: number, first = 0) => Array.from({ length: count }, (_, i) => first + i)
const firstTwenty = (tokens: ReadonlySet<number> | undefined) => [...(tokens ?? [])].filter((token) => token < 20)

describe('spreadTokens', () => {
  it('uses no more connections than needed, and no token twice', () => {
    expect(lists(spreadTokens(EMPTY_SPREAD, [1, 2, 3, 2, 1], 2))).toEqual([[1, 3], [2], []])
    expect(sizes(spreadTokens(EMPTY_SPREAD, upTo(3_000)))).toEqual([3_000, 0, 0])
  })

  it('deals the tokens out in their order, so that each connection has near ones', () => {
    const spread = spreadTokens(EMPTY_SPREAD, upTo(4_001))
    expect(sizes(spread)).toEqual([2_001, 2_000, 0])
    expect(lists(spread)[0]).toEqual(upTo(4_001).filter((token) => token % 2 === 0))
  })

  it('leaves tokens where they are and fills what became free', () => {
    const first = spreadTokens(EMPTY_SPREAD, [1, 2, 3, 4, 5], 2)
    expect(lists(first)).toEqual([[1, 4], [2, 5], [3]])
    const second = spreadTokens(first, [5, 6, 4, 2], 2)
    expect(lists(second)).toEqual([[4, 6], [2, 5], []])
    expect(second.leftOut).toBe(0)
    expect(lists(first)).toEqual([[1, 4], [2, 5], [3]])
  })

  it('gives a connection that was not needed before some of the most traded, and moves nothing else', () => {
    const first = spreadTokens(EMPTY_SPREAD, upTo(2_990))
    const second = spreadTokens(first, upTo(3_100))
    expect(sizes(second)).toEqual([2_980, 120, 0])
    expect(second.connections.map((tokens) => firstTwenty(tokens).length)).toEqual([10, 10, 0])
    expect(spreadTokens(second, upTo(3_100))).toEqual(second)
  })

  it('makes room for the most traded on a full connection', () => {
    const first = spreadTokens(EMPTY_SPREAD, upTo(3_000, 100))
    const second = spreadTokens(first, [...upTo(20), ...upTo(3_000, 100)])
    expect(second.connections.map((tokens) => firstTwenty(tokens).length)).toEqual([10, 10, 0])
    expect(sizes(second)).toEqual([3_000, 20, 0])
  })

  it('counts what does not fit', () => {
    const spread = spreadTokens(EMPTY_SPREAD, [1, 2, 3, 4, 5, 6, 7, 8], 2)
    expect(lists(spread)).toEqual([
      [1, 4],
      [2, 5],
      [3, 6],
    ])
    expect(spread.leftOut).toBe(2)
  })

  it('loses, repeats and crowds nothing, whatever was before', () => {
    const tokens = fc.uniqueArray(fc.integer({ min: 0, max: 80 }), { maxLength: 70 })
    fc.assert(
      fc.property(tokens, tokens, fc.integer({ min: 1, max: 30 }), (before, wanted, capacity) => {
        const spread = spreadTokens(spreadTokens(EMPTY_SPREAD, before, capacity), wanted, capacity)
        const all = lists(spread).flat()
        expect(new Set(all).size).toBe(all.length)
        expect(all.length + spread.leftOut).toBe(wanted.length)
        expect(spread.leftOut).toBe(Math.max(0, wanted.length - 3 * capacity))
        expect(Math.max(...sizes(spread))).toBeLessThanOrEqual(capacity)
        expect(all.every((token) => wanted.includes(token))).toBe(true)
      }),
    )
    expect(MAX_TOKENS).toBe(3_000)
  })
})
