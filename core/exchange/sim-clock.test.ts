import { expect, it } from 'vitest'
import { createSimClock } from './sim-clock.ts'

it('runs from its start at its speed, whatever the origin of the monotonic clock', () => {
  let monotonic = 123_456.25
  const clock = createSimClock({ monotonicMs: () => monotonic }, { startMs: 1_795_000_000_000, speed: 60 })
  expect(clock.now()).toBe(1_795_000_000_000)
  monotonic += 1_500
  expect(clock.now()).toBe(1_795_000_090_000)
  expect(clock.speed).toBe(60)
})
