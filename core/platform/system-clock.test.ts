import { describe, expect, it } from 'vitest'
import { createSystemClock } from './system-clock.ts'

describe('system clock', () => {
  it("takes the market's time from its source, in whole milliseconds, and the wall's from the machine", () => {
    const clock = createSystemClock(() => 1_795_408_200_123.9)
    expect(clock.now()).toBe(1_795_408_200_123)
    const before = Date.now()
    expect(clock.wallNow()).toBeGreaterThanOrEqual(before)
    expect(clock.wallNow()).toBeLessThanOrEqual(Date.now())
  })

  it('never goes back', () => {
    const clock = createSystemClock()
    const instants = Array.from({ length: 1000 }, () => clock.monotonicMs())
    expect(instants).toEqual([...instants].sort((a, b) => a - b))
  })

  it('runs once or again and again, until it is told to stop', async () => {
    const clock = createSystemClock()
    const ran: string[] = []
    const cancel = clock.after(0, () => ran.push('cancelled'))
    cancel()
    await new Promise<void>((resolve) => {
      const stop = clock.every(1, () => {
        ran.push('every')
        if (ran.length < 3) return
        stop()
        clock.after(5, resolve)
      })
    })
    expect(ran).toEqual(['every', 'every', 'every'])
  })
})
