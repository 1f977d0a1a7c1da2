import { describe, expect, it } from 'vitest'
import { greekChain } from '../../../../core/testing/greek-chain.ts'
import { applyMessages } from '../../store/chain-data.ts'
import { straddleDecay, straddleGreeks } from './straddle.ts'

const chain = applyMessages(null, [greekChain()])
if (chain === null) throw new Error('no chain')

describe('the ATM straddle', () => {
  it('has the Greeks of both legs, gamma per percent of the spot', () => {
    const greeks = straddleGreeks(chain)
    const place = chain.strikes.indexOf(24_050)
    const [call, put] = [chain.legs[2 * place], chain.legs[2 * place + 1]]
    expect(greeks?.strike).toBe(24_050)
    expect(greeks?.delta).toBeCloseTo((call?.delta ?? 9) + (put?.delta ?? 9), 12)
    expect(Math.abs(greeks?.delta ?? 9)).toBeLessThan(0.2)
    expect(greeks?.gammaPercent).toBeCloseTo(2 * (call?.gamma ?? 0) * 240.55, 6)
    expect(greeks?.theta).toBeLessThan(0)
  })

  it('is unknown without an ATM, and in part without a leg', () => {
    expect(straddleGreeks({ ...chain, head: { ...chain.head, atm: null } })).toBeNull()
    const legs = chain.legs.map((leg) => (leg?.slot === 2 * chain.strikes.indexOf(24_050) ? null : leg))
    expect(straddleGreeks({ ...chain, legs })).toMatchObject({ delta: null, theta: null })
  })

  it('decays to what it is worth at the settlement, never rising', () => {
    const decay = straddleDecay(chain)
    expect(decay[0]?.time).toBe(chain.head.time)
    expect(decay.at(-1)).toEqual({ time: chain.settlesAt, value: 10 })
    for (const [place, point] of decay.entries()) {
      if (place > 0) expect(point.value).toBeLessThanOrEqual((decay[place - 1]?.value ?? 0) + 1e-9)
    }
    // The first day's decay is what the legs' theta says.
    const theta = straddleGreeks(chain)?.theta ?? 0
    const [first, second] = decay
    const days = ((second?.time ?? 0) - (first?.time ?? 0)) / 86_400_000
    expect(((second?.value ?? 0) - (first?.value ?? 0)) / days / theta).toBeCloseTo(1, 1)
  })

  it('has no future after its settlement or without an IV', () => {
    expect(straddleDecay({ ...chain, settlesAt: chain.head.time })).toEqual([])
    expect(straddleDecay({ ...chain, metrics: null })).toEqual([])
  })
})
