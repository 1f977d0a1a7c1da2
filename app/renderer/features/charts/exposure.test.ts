import { describe, expect, it } from 'vitest'
import { summariseChain } from '../../../../core/pricing/chain-summary.ts'
import { yearsTo } from '../../../../core/pricing/time.ts'
import { greekChain } from '../../../../core/testing/greek-chain.ts'
import { applyMessages } from '../../store/chain-data.ts'
import { gammaFlip, gexProfile, netExposure, strikeGex } from './exposure.ts'
import { strikesInReach } from './strike-rows.ts'

const applied = applyMessages(null, [greekChain()])
if (applied === null) throw new Error('no chain')
const chain = applied
const spot = chain.head.spot ?? 0

describe('exposure of a chain', () => {
  it('is what the summary of the same chain says', () => {
    const summary = summariseChain({
      strikes: strikesInReach(chain, 'all'),
      forward: chain.head.forward.value,
      spot,
      years: yearsTo(chain.settlesAt, chain.head.time),
      rate: chain.metrics?.rate ?? 0,
      atmStrike: chain.head.atm,
    })
    const { gex, dex } = netExposure(chain)
    expect(gex).toBeCloseTo(summary.gex ?? Number.NaN, -3)
    expect(dex).toBeCloseTo(summary.dex ?? Number.NaN, -3)
    expect(dex).not.toBe(0)
  })

  it('is unknown where only a window of the chain is known', () => {
    const middle = chain.legs.length / 2
    const legs = chain.legs.map((leg, slot) => (Math.abs(slot - middle) < middle / 3 ? leg : null))
    expect(netExposure({ ...chain, legs })).toEqual({ gex: null, dex: null })
    expect(gexProfile({ ...chain, legs }, [spot])).toEqual([])
  })

  it('sums up from its strikes, calls positive and puts negative', () => {
    const rows = strikesInReach(chain, 'all')
    const sum = rows.reduce((total, row) => total + (strikeGex(row, spot) ?? 0), 0)
    expect(sum).toBeCloseTo(netExposure(chain).gex ?? Number.NaN, -3)
    const [low] = rows
    const high = rows.at(-1)
    expect(low === undefined ? 0 : strikeGex({ ...low, call: null }, spot)).toBeLessThan(0)
    expect(high === undefined ? 0 : strikeGex({ ...high, put: null }, spot)).toBeGreaterThan(0)
    expect(strikeGex({ strike: 1, call: null, put: null }, spot)).toBeNull()
  })

  it('at the spot of now is what it is now, and elsewhere what repricing gives', () => {
    const [here, above] = gexProfile(chain, [spot, spot * 1.02])
    const now = netExposure(chain).gex ?? Number.NaN
    // The legs' own Greeks are rounded for the screen.
    expect((here?.gex ?? 0) / now).toBeCloseTo(1, 2)
    expect(above?.gex).toBeGreaterThan(now)
  })

  it('says nothing without a spot, and flips where its profile does', () => {
    expect(gexProfile({ ...chain, head: { ...chain.head, spot: null } }, [1])).toEqual([])
    const profile = [
      { spot: 100, gex: -2 },
      { spot: 110, gex: 2 },
      { spot: 120, gex: 1 },
      { spot: 130, gex: -1 },
    ]
    expect(gammaFlip(profile, 104)).toBe(105)
    expect(gammaFlip(profile, 124)).toBe(125)
    expect(gammaFlip(profile.slice(1, 3), 115)).toBeNull()
  })
})
