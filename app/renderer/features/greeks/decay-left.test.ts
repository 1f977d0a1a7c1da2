import { describe, expect, it } from 'vitest'
import { greekChain } from '../../../../core/testing/greek-chain.ts'
import { applyMessages } from '../../store/chain-data.ts'
import { decayLeft, isLastDay } from './decay-left.ts'
import { straddleDecay } from './straddle.ts'

const chain = applyMessages(null, [greekChain()])
if (chain === null) throw new Error('no chain')
const HOUR_MS = 3_600_000
/** The same chain so many hours before its settlement. */
const hoursBefore = (hours: number) => ({
  ...chain,
  head: { ...chain.head, time: chain.settlesAt - hours * HOUR_MS },
})

describe('what is left to decay', () => {
  it('matters on the last day, until the settlement', () => {
    expect([25, 23.9, 0.01, 0].map((hours) => isLastDay(hoursBefore(hours)))).toEqual([false, true, true, false])
    expect(isLastDay(null)).toBe(false)
  })

  it('is the time value, which is less than theta says where little time is left', () => {
    const last = hoursBefore(2)
    const place = chain.strikes.indexOf(24_050)
    const [call, put] = [decayLeft(last, 2 * place), decayLeft(last, 2 * place + 1)]
    // The ATM straddle at the IV of its strike; the chain's ATM IV is a little off it.
    const decay = straddleDecay(last)
    const whole = (decay[0]?.value ?? 0) - (decay.at(-1)?.value ?? 0)
    expect((call ?? 0) + (put ?? 0)).toBeCloseTo(whole, 0)
    expect(call).toBeGreaterThan(10)
    expect(decayLeft(last, 0)).toBeCloseTo(0, 0)
  })

  it('is unknown where the leg has no IV, or the chain no forward', () => {
    expect(decayLeft({ ...chain, legs: [] }, 0)).toBeNull()
    expect(decayLeft({ ...chain, metrics: null }, 0)).toBeNull()
    const head = { ...chain.head, forward: { value: null, method: null, age_ms: null } } as const
    expect(decayLeft({ ...chain, head }, 0)).toBeNull()
  })
})
