import { describe, expect, it } from 'vitest'
import { createFakeClock } from '../testing/fake-clock.ts'
import { createRateLimiter, type LimitClass } from './rate-limiter.ts'

function setup(clock = createFakeClock(0)) {
  const limiter = createRateLimiter({ clock })
  const granted: { name: string; at: number }[] = []
  const ask = (limit: LimitClass, name: string, signal?: AbortSignal) =>
    limiter.take(limit, signal).then(() => {
      granted.push({ name, at: clock.monotonicMs() })
    })
  /** Moves the clock in small steps and lets promises settle in between. */
  const run = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 10) {
      clock.advance(10)
      await Promise.resolve()
      await Promise.resolve()
    }
  }
  return { limiter, granted, ask, run }
}

describe('createRateLimiter', () => {
  it.each([
    ['quote', 1],
    ['historical', 3],
    ['rest', 10],
  ] as const)('grants %s requests at most %i times in any second, in order', async (limit, perSecond) => {
    const { granted, ask, run } = setup()
    const asked = Array.from({ length: perSecond * 4 }, (_, i) => ask(limit, String(i)))
    await run(5_000)
    await Promise.all(asked)
    expect(granted.map(({ name }) => Number(name))).toEqual(asked.map((_, i) => i))
    const busiest = Math.max(...granted.map(({ at }) => granted.filter((g) => g.at >= at && g.at <= at + 1_000).length))
    expect(busiest).toBe(perSecond)
  })

  it('lets nobody overtake, not even at the moment when a token is free', async () => {
    const clock = createFakeClock(0)
    const { granted, ask, run } = setup(clock)
    await ask('quote', 'first')
    const late: Promise<void>[] = []
    // Due at the same moment as the next token, and before it.
    clock.after(1_050, () => late.push(ask('quote', 'third')))
    const second = ask('quote', 'second')
    await run(3_000)
    await Promise.all([second, ...late])
    expect(granted.map(({ name }) => name)).toEqual(['first', 'second', 'third'])
  })

  it('does not let one class wait for another', async () => {
    const { granted, ask } = setup()
    await Promise.all([ask('quote', 'a'), ask('historical', 'b'), ask('rest', 'c')])
    expect(granted.map(({ at }) => at)).toEqual([0, 0, 0])
  })

  it('gives the place of an aborted request to the next', async () => {
    const { granted, ask, run } = setup()
    const controller = new AbortController()
    await ask('quote', 'first')
    const second = ask('quote', 'second', controller.signal)
    const third = ask('quote', 'third')
    const refused = expect(second).rejects.toThrow('no longer wanted')
    controller.abort(new Error('no longer wanted'))
    await refused
    await run(1_100)
    await third
    expect(granted.map(({ name }) => name)).toEqual(['first', 'third'])
    await expect(ask('rest', 'late', controller.signal)).rejects.toThrow('no longer wanted')
  })

  it('refuses when too many wait', async () => {
    const { limiter } = setup()
    const waiting = Array.from({ length: 201 }, () => limiter.take('quote'))
    await expect(limiter.take('quote')).rejects.toMatchObject({ code: 'rate_limited' })
    await expect(waiting[0]).resolves.toBeUndefined()
  })
})
