import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { BusEvent, EventBus } from '../ports/event-bus.ts'
import { eventually } from './eventually.ts'

export interface EventBusRig {
  readonly bus: EventBus
  /** Events that may wait for one group. */
  readonly capacity: number
}

/** An event of the topic `data_events` whose content follows from `n`. */
export function busEvent(n: number): BusEvent {
  const batch = `1-${n}`
  const envelope = {
    event_id: `${batch}:legs_collected`,
    event_type: 'legs_collected',
    index: 'NIFTY',
    bucket: 'this_week',
    count: 0,
    timestamp: n,
    batch,
    trace_id: `trace-${n}`,
    schema: 1,
  } as const
  return { envelope, legs: [] }
}

/** A handler that waits at each event until it is let go. */
function createGate() {
  const seen: number[] = []
  let open = false
  let wake: () => void = () => {}
  return {
    seen,
    handler: async ({ envelope }: BusEvent) => {
      seen.push(envelope.timestamp)
      if (!open) await new Promise<void>((resolve) => (wake = resolve))
    },
    release() {
      open = true
      wake()
    },
  }
}

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1)

/** What every EventBus keeps (core/ports/event-bus.ts), whatever carries its events. */
export function describeEventBus(name: string, make: () => Promise<EventBusRig>): void {
  describe(`event bus: ${name}`, () => {
    let rig: EventBusRig
    const send = (n: number) => rig.bus.publish('data_events', busEvent(n))

    beforeEach(async () => {
      rig = await make()
      await rig.bus.start()
    })
    afterEach(() => rig.bus.stop())

    it('gives every group every event of its topic, in order', async () => {
      const [first, second, other]: [number[], number[], number[]] = [[], [], []]
      rig.bus.subscribe('data_events', 'first', ({ envelope }) => void first.push(envelope.timestamp))
      rig.bus.subscribe('data_events', 'second', async ({ envelope }) => {
        await Promise.resolve()
        second.push(envelope.timestamp)
      })
      rig.bus.subscribe('system_events', 'other', ({ envelope }) => void other.push(envelope.timestamp))
      for (const n of upTo(200)) await send(n)
      await eventually(() => expect([first, second]).toEqual([upTo(200), upTo(200)]))
      expect(other).toEqual([])
    })

    it('keeps the order of events that were published without waiting', async () => {
      const seen: number[] = []
      rig.bus.subscribe('data_events', 'group', async ({ envelope }) => {
        await Promise.resolve()
        seen.push(envelope.timestamp)
      })
      await Promise.all(upTo(3 * rig.capacity).map(send))
      await eventually(() => expect(seen).toEqual(upTo(3 * rig.capacity)))
    })

    it('carries envelope and legs as they are', async () => {
      const seen: BusEvent[] = []
      rig.bus.subscribe('data_events', 'group', (event) => void seen.push(event))
      await send(7)
      await eventually(() => expect(seen).toEqual([busEvent(7)]))
    })

    it('gives an event again until the handler takes it, and then the next', async () => {
      const seen: number[] = []
      let failures = 2
      rig.bus.subscribe('data_events', 'group', ({ envelope }) => {
        seen.push(envelope.timestamp)
        if (envelope.timestamp === 2 && failures-- > 0) throw new Error('not now')
      })
      for (const n of upTo(3)) await send(n)
      await eventually(() => expect(seen).toEqual([1, 2, 2, 2, 3]))
    })

    it('lets publishers wait for a group that is full, and loses nothing', async () => {
      const gate = createGate()
      rig.bus.subscribe('data_events', 'slow', gate.handler)
      const total = rig.capacity + 5
      let published = 0
      const publishing = (async () => {
        for (const n of upTo(total)) {
          await send(n)
          published = n
        }
      })()
      await eventually(() => expect(published).toBeGreaterThanOrEqual(rig.capacity))
      expect(published).toBeLessThan(total)
      gate.release()
      await publishing
      await eventually(() => expect(gate.seen).toEqual(upTo(total)))
    })

    it('lets a group go on while another is stuck', async () => {
      const gate = createGate()
      const seen: number[] = []
      rig.bus.subscribe('data_events', 'stuck', gate.handler)
      rig.bus.subscribe('data_events', 'quick', ({ envelope }) => void seen.push(envelope.timestamp))
      for (const n of upTo(rig.capacity)) await send(n)
      await eventually(() => expect(seen).toEqual(upTo(rig.capacity)))
      expect(gate.seen).toEqual([1])
      gate.release()
    })

    it('releases publishers when the group that they wait for leaves', async () => {
      const gate = createGate()
      const leave = rig.bus.subscribe('data_events', 'slow', gate.handler)
      const publishing = Promise.all(upTo(rig.capacity + 5).map(send))
      await eventually(() => expect(gate.seen).toEqual([1]))
      leave()
      await publishing
      gate.release()
      await send(99)
      expect(gate.seen).toEqual([1])
    })

    it('releases publishers when it stops, and may stop twice', async () => {
      const gate = createGate()
      rig.bus.subscribe('data_events', 'slow', gate.handler)
      const publishing = Promise.all(upTo(rig.capacity + 5).map(send))
      await eventually(() => expect(gate.seen).toEqual([1]))
      await rig.bus.stop()
      await publishing
      await rig.bus.stop()
      gate.release()
    })

    it('takes events that nobody wants', async () => {
      await expect(send(1)).resolves.toBeUndefined()
    })
  })
}
