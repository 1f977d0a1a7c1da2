import { expect, it } from 'vitest'
import { createFakeClock } from '../testing/fake-clock.ts'
import { createRecordedMetrics } from '../testing/recorded-metrics.ts'
import { createStallCount } from './stall-count.ts'

const START = 1_795_494_600_000

/** A clock whose main thread can be held up: the next timer comes that much later. */
async function createRig() {
  const fake = createFakeClock(START)
  let held = 0
  const clock = {
    ...fake,
    monotonicMs: () => fake.monotonicMs() + held,
    wallNow: () => fake.wallNow() + held,
  }
  const metrics = createRecordedMetrics()
  const stalls = createStallCount({ clock, metrics })
  await stalls.start()
  const hold = (ms: number) => {
    held += ms
    fake.advance(50)
  }
  return { fake, stalls, metrics, hold }
}

it('counts what holds the main thread for more than 250 ms, and says when it was last', async () => {
  const { fake, stalls, metrics, hold } = await createRig()
  fake.advance(1_000)
  hold(250)
  expect([stalls.count(), stalls.lastAt()]).toEqual([0, null])
  hold(251)
  expect([stalls.count(), stalls.lastAt()]).toEqual([1, START + 1_100 + 501])
  fake.advance(1_000)
  hold(3_000)
  expect(stalls.count()).toBe(2)
  expect(metrics.value('op_main_thread_stalls_total', {})).toBe(2)
})

it('takes no sleep of the machine for a stall, and rests once it is stopped', async () => {
  const { stalls, hold } = await createRig()
  hold(60_000)
  expect(stalls.count()).toBe(0)
  await stalls.stop()
  hold(1_000)
  expect(stalls.count()).toBe(0)
})
