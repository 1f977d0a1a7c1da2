import { describe, expect, it } from 'vitest'
import { greekChain } from '../../../../core/testing/greek-chain.ts'
import { applyMessages } from '../../store/chain-data.ts'
import { pairRows, smileRange, smileRows, strikesInReach } from './strike-rows.ts'

const chain = applyMessages(null, [greekChain()])
if (chain === null) throw new Error('no chain')

describe('strikes of a chart', () => {
  it('are those around the ATM, fewer at the edge, or all', () => {
    const around = strikesInReach(chain, 10)
    expect(around.map(({ strike }) => strike).slice(0, 1)).toEqual([23_550])
    expect(around).toHaveLength(21)
    expect(around[10]?.call?.slot).toBe(40)
    expect(strikesInReach(chain, 'all')).toHaveLength(41)
    const atEdge = { ...chain, head: { ...chain.head, atm: 23_100 } }
    expect(strikesInReach(atEdge, 10).map(({ strike }) => strike)[0]).toBe(23_050)
    expect(strikesInReach(atEdge, 10)).toHaveLength(12)
  })

  it('give one value of both sides, in the unit asked for', () => {
    const [row] = pairRows(strikesInReach(chain, 10), (leg) => leg.oi_change, 1 / 65)
    expect(row).toEqual({ strike: 23_550, ce: 1, pe: 1 })
    const [missing] = pairRows([{ strike: 1, call: null, put: null }], (leg) => leg.oi)
    expect(missing).toEqual({ strike: 1, ce: null, pe: null })
  })
})

describe('a smile by strike', () => {
  const strikes = strikesInReach(chain, 10)
  const rows = smileRows(strikes, 24_060, [{ strike: 24_050, iv: 0.121 }], [{ strike: 23_550, iv: 0.13 }])

  it('tells what is out of the money from what is in it', () => {
    const low = rows[0]
    expect(low).toMatchObject({ ceOut: null, peIn: null, before: 13 })
    expect(low?.peOut).toBeCloseTo(13.24, 2)
    expect(low?.ceIn).toBeCloseTo(13.24, 2)
    expect(rows.find(({ strike }) => strike === 24_050)?.fit).toBe(12.1)
    expect(rows.at(-1)?.peOut).toBeNull()
  })

  it('is scaled to what is out of the money, whatever is in it', () => {
    const range = smileRange(rows.map((row) => ({ ...row, ceIn: 400 })))
    expect(range?.[1]).toBeLessThan(14)
    expect(range?.[0]).toBeLessThan(12)
    expect(smileRange(rows.map((row) => ({ ...row, before: 5 })))?.[0]).toBeLessThan(5)
    expect(smileRange(rows.map((row) => ({ ...row, ceOut: null, peOut: null, fit: null, before: 5 })))).toBeNull()
    expect(smileRange([])).toBeNull()
  })
})
