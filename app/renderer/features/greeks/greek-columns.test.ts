import { describe, expect, it } from 'vitest'
import { greekChain } from '../../../../core/testing/greek-chain.ts'
import { applyMessages } from '../../store/chain-data.ts'
import { largestGreeks, shownValue } from './greek-columns.ts'

const chain = applyMessages(null, [greekChain()])
if (chain === null) throw new Error('no chain')
const [leg] = chain.legs
if (leg == null) throw new Error('no leg')

describe('Greeks as the table shows them', () => {
  it('are those of a lot or of a unit; IV is neither', () => {
    expect(shownValue('theta', { ...leg, theta: -2 }, 65)).toBe(-130)
    expect(shownValue('iv', { ...leg, iv: 0.12 }, 65)).toBe(0.12)
    expect(shownValue('gamma', { ...leg, gamma: null }, 65)).toBeNull()
  })

  it('have bars to the largest in view, rounded up so that they stand still', () => {
    const largest = largestGreeks({ legs: [{ ...leg, theta: -12.34, gamma: 0.00123 }, null] }, 0, 0)
    expect(largest.theta).toBeCloseTo(13, 9)
    expect(largest.gamma).toBeCloseTo(0.0013, 9)
    expect(largest.delta).toBe(1)
    expect(largestGreeks({ legs: [] }, 0, 0).vega).toBe(0)
  })
})
