import { describe, expect, it } from 'vitest'
import { busEvent, describeEventBus } from '../testing/event-bus-suite.ts'
import { eventually } from '../testing/eventually.ts'
import { createFakeClock } from '../testing/fake-clock.ts'
import { realClock } from '../testing/real-clock.ts'
import { silentLogger } from '../testing/silent-logger.ts'
import { createMemoryBus } from './memory-bus.ts'

const capacity = 16

describeEventBus('memory', async () => {
  const deps = { clock: realClock, logger: silentLogger, random: () => 0 }
  return { bus: createMemoryBus(deps, { capacity }), capacity }
})

describe('memory bus', () => {
  it('waits longer after each failure and logs the event once', async () => {
    const clock = createFakeClock(0)
    const errors: string[] = []
    const logger = { ...silentLogger, error: (message: string) => void errors.push(message) }
    const bus = createMemoryBus({ clock, logger, random: () => 0 }, { capacity })
    let calls = 0
    bus.subscribe('data_events', 'group', () => {
      calls += 1
      throw new Error('never')
    })
    await bus.publish('data_events', busEvent(1))
    const callsAfter = async (ms: number) => {
      await eventually(() => expect(calls).toBeGreaterThan(0))
      clock.advance(ms)
      for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
      return calls
    }
    expect(await callsAfter(24)).toBe(1)
    expect(await callsAfter(1)).toBe(2)
    expect(await callsAfter(49)).toBe(2)
    expect(await callsAfter(1)).toBe(3)
    expect(errors).toHaveLength(1)
    await bus.stop()
    expect(await callsAfter(60_000)).toBe(3)
  })
})
