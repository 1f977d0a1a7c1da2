import { describe, expect, it } from 'vitest'
import { changedLegs, legRow, wholeChain } from '../../../core/testing/chain-messages.ts'
import { applyMessages } from './chain-data.ts'

const whole = wholeChain([legRow(0, 100), legRow(3, 50)])

describe('a chain from messages', () => {
  it('has a leg in each slot that was told of, and null in the others', () => {
    const chain = applyMessages(null, [whole])
    expect(chain?.legs.map((leg) => leg?.ltp ?? null)).toEqual([100, null, null, 50, null, null])
    expect(chain).toMatchObject({ lotSize: 65, strikes: [24_000, 24_050, 24_100], head: { atm: 24_050 } })
  })

  it('keeps the objects of legs that did not change', () => {
    const before = applyMessages(null, [whole])
    const after = applyMessages(before, [changedLegs([legRow(3, 51)])])
    expect(after?.legs[0]).toBe(before?.legs[0])
    expect(after?.legs[3]?.ltp).toBe(51)
  })

  it('knows the direction of the latest change of a price, and how often it changed', () => {
    const prices = [51, 51, 49, null, 49]
    const messages = prices.map((ltp, n) => changedLegs([legRow(3, ltp)], n + 1))
    const legAfter = (count: number) => applyMessages(null, [whole, ...messages.slice(0, count)])?.legs[3]
    expect([0, 1, 2, 3, 4, 5].map((count) => [legAfter(count)?.move, legAfter(count)?.moves])).toEqual([
      [0, 0],
      [1, 1],
      [1, 1],
      [-1, 2],
      [-1, 2],
      [-1, 2],
    ])
  })

  it('goes on from what was shown when the same chain comes whole again', () => {
    const before = applyMessages(null, [whole, changedLegs([legRow(0, 101)])])
    const after = applyMessages(before, [wholeChain([legRow(0, 99), legRow(3, 50)])])
    expect(after?.legs[0]).toMatchObject({ ltp: 99, move: -1, moves: 2 })
  })

  it('takes no change of another chain', () => {
    const before = applyMessages(null, [whole])
    const other = 'chain:NIFTY:next_week'
    expect(applyMessages(before, [changedLegs([legRow(0, 1)], 1, other)])).toBe(before)
    expect(applyMessages(null, [changedLegs([legRow(0, 1)])])).toBeNull()
    expect(applyMessages(before, [wholeChain([legRow(1, 7)], other)])?.legs[0]).toBeNull()
  })
})
