import { describe, expect, it } from 'vitest'
import { createFakeClock } from '../testing/fake-clock.ts'
import { createRequestLimits, type LimitClass } from './limits.ts'

describe('request limits', () => {
  it.each<[LimitClass, number]>([
    ['quote', 1],
    ['historical', 3],
    ['rest', 10],
  ])('lets %s pass %i times in any second', (limitClass, allowed) => {
    const clock = createFakeClock(0)
    const limits = createRequestLimits(clock)
    const burst = () => Array.from({ length: allowed + 5 }, () => limits.allow(limitClass)).filter(Boolean).length
    expect(burst()).toBe(allowed)
    clock.advance(999)
    expect(burst()).toBe(0)
    clock.advance(1)
    expect(burst()).toBe(allowed)
  })

  it('slides: half a burst leaves room for the other half only', () => {
    const clock = createFakeClock(0)
    const limits = createRequestLimits(clock)
    const pass = (count: number) => Array.from({ length: count }, () => limits.allow('rest')).filter(Boolean).length
    expect(pass(5)).toBe(5)
    clock.advance(600)
    expect(pass(20)).toBe(5)
    clock.advance(400)
    expect(pass(20)).toBe(5)
  })

  it('counts classes apart', () => {
    const limits = createRequestLimits(createFakeClock(0))
    expect(limits.allow('quote')).toBe(true)
    expect(limits.allow('quote')).toBe(false)
    expect(limits.allow('rest')).toBe(true)
  })
})
