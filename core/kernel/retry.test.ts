import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createFakeClock } from '../testing/fake-clock.ts'
import { sleep } from './clock.ts'
import { backoffMs, type RetryOptions, retry } from './retry.ts'

const options: RetryOptions = { firstMs: 100, maxMs: 1000, random: () => 0, retries: 3, retryable: () => true }

/** Lets promises that wait for nothing else go on. */
const settle = () => new Promise((resolve) => setImmediate(resolve))

describe('sleep', () => {
  it('resolves after its time, and not before', async () => {
    const clock = createFakeClock(0)
    let done = false
    const sleeping = sleep(clock, 100).then(() => {
      done = true
    })
    clock.advance(99)
    await settle()
    expect(done).toBe(false)
    clock.advance(1)
    await sleeping
    expect(done).toBe(true)
  })

  it('rejects with the reason of the signal, at once or later, and leaves no timer', async () => {
    let timers = 0
    const clock = createFakeClock(0)
    const counted = {
      ...clock,
      after(delayMs: number, run: () => void) {
        timers += 1
        const cancel = clock.after(delayMs, run)
        return () => {
          timers -= 1
          cancel()
        }
      },
    }
    const aborted = new AbortController()
    const sleeping = sleep(counted, 100, aborted.signal)
    expect(timers).toBe(1)
    aborted.abort('enough')
    await expect(sleeping).rejects.toBe('enough')
    expect(timers).toBe(0)
    await expect(sleep(counted, 100, aborted.signal)).rejects.toBe('enough')
    expect(timers).toBe(0)
  })
})

describe('backoff', () => {
  it.each([
    [1, 0, 50],
    [1, 1, 100],
    [2, 0, 100],
    [4, 0.5, 600],
    [5, 1, 1000],
    [50, 1, 1000],
    [5000, 0, 500],
  ])('of attempt %i with chance %d is %d ms', (attempt, chance, expected) => {
    expect(backoffMs(attempt, { firstMs: 100, maxMs: 1000, random: () => chance })).toBe(expected)
  })

  it('lies between half of the ceiling and the ceiling', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2000 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (attempt, chance) => {
          const ms = backoffMs(attempt, { firstMs: 10, maxMs: 5000, random: () => chance })
          const ceiling = Math.min(5000, 10 * 2 ** (attempt - 1))
          expect(ms).toBeGreaterThanOrEqual(ceiling / 2)
          expect(ms).toBeLessThanOrEqual(ceiling)
        },
      ),
    )
  })
})

describe('retry', () => {
  const failing = (times: number) => {
    const state = { calls: 0 }
    const attempt = async () => {
      state.calls += 1
      if (state.calls <= times) throw new Error(`failure ${state.calls}`)
      return 'done'
    }
    return { state, attempt }
  }

  it('tries again after the pause until it succeeds', async () => {
    const clock = createFakeClock(0)
    const { state, attempt } = failing(2)
    const outcome = retry(clock, options, attempt)
    await settle()
    clock.advance(49)
    await settle()
    expect(state.calls).toBe(1)
    clock.advance(1)
    await settle()
    expect(state.calls).toBe(2)
    clock.advance(100)
    expect(await outcome).toBe('done')
    expect(state.calls).toBe(3)
  })

  it('gives up with the last fault when the retries are used up', async () => {
    const clock = createFakeClock(0)
    const { state, attempt } = failing(9)
    const outcome = expect(retry(clock, options, attempt)).rejects.toThrow('failure 4')
    for (let i = 0; i < 5; i += 1) {
      await settle()
      clock.advance(1000)
    }
    await outcome
    expect(state.calls).toBe(4)
  })

  it('does not retry what a retry cannot help', async () => {
    const { state, attempt } = failing(9)
    const hopeless = { ...options, retryable: () => false }
    await expect(retry(createFakeClock(0), hopeless, attempt)).rejects.toThrow('failure 1')
    expect(state.calls).toBe(1)
  })

  it('ends in the pause when it is aborted', async () => {
    const clock = createFakeClock(0)
    const { state, attempt } = failing(9)
    const aborted = new AbortController()
    const outcome = expect(retry(clock, options, attempt, aborted.signal)).rejects.toBe('stop')
    await settle()
    aborted.abort('stop')
    await outcome
    clock.advance(10_000)
    await settle()
    expect(state.calls).toBe(1)
  })
})
