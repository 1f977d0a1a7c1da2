import { describe, expect, it } from 'vitest'
import { createRecordComposer } from '../contract/leg-record.ts'
import type { BusEvent, EventBus } from '../ports/event-bus.ts'
import { buildAnalytics, buildRecords, createRandom } from '../testing/leg-builder.ts'
import { createBusProjection } from './bus-projection.ts'

function createRig() {
  const published: { topic: string; event: BusEvent }[] = []
  const bus: EventBus = {
    name: 'bus',
    async start() {},
    async stop() {},
    async publish(topic, event) {
      published.push({ topic, event })
    },
    subscribe: () => () => {},
  }
  return { bus, published }
}

describe('bus projection', () => {
  it("publishes each batch with the contract's envelope and its legs", async () => {
    const { bus, published } = createRig()
    const records = buildRecords({ seed: 3, count: 40 }).filter(({ entry }) => entry.kind !== 'analytics')
    const projection = createBusProjection(bus, createRecordComposer(), () => null)
    await projection.apply(records)
    const composer = createRecordComposer()
    const expected = records.flatMap(({ position, entry }) => {
      if (entry.kind !== 'batch') return []
      const batch = `${position.epoch}-${position.seq}`
      const envelope = {
        event_id: `${batch}:legs_collected`,
        event_type: 'legs_collected',
        index: entry.index,
        bucket: entry.bucket,
        count: entry.rows.length,
        timestamp: entry.ts,
        batch,
        trace_id: entry.trace,
        schema: 1,
      }
      return [{ topic: 'data_events', event: { envelope, legs: composer.legsOf(entry, batch) } }]
    })
    expect(published).toEqual(expected)
    expect(expected.length).toBeGreaterThan(10)
    expect(projection.position()).toEqual(records.at(-1)?.position)
  })

  it('publishes each sample under an id of its own, also of those that share the number of a batch', async () => {
    const { bus, published } = createRig()
    const random = createRandom(1)
    const shapes = [{ ts: 1000 }, { ts: 1000, index: 'SENSEX' as const }, { ts: 6000 }]
    const records = shapes.map((shape, k) => ({
      position: { epoch: 2, seq: 9, crc: k },
      entry: buildAnalytics(random, { ...shape, buckets: ['this_week', 'this_month'] }),
      legs: null,
    }))
    const projection = createBusProjection(bus, createRecordComposer(), () => null)
    await projection.apply(records)
    expect(published[0]).toEqual({
      topic: 'data_events',
      event: {
        envelope: {
          event_id: '2-9:analytics_updated:NIFTY:this_week:1000',
          event_type: 'analytics_updated',
          index: 'NIFTY',
          bucket: 'this_week',
          count: 1,
          timestamp: 1000,
          batch: '2-9',
          trace_id: 'trace-1000',
          schema: 1,
        },
        legs: null,
      },
    })
    expect(new Set(published.map(({ event }) => event.envelope.event_id)).size).toBe(3)
    expect(projection.position()).toEqual(records.at(-1)?.position)
  })

  it('begins at the end of the record, though nobody starts it', () => {
    const { bus } = createRig()
    let end = { epoch: 1, seq: 7, crc: 7 }
    const projection = createBusProjection(bus, createRecordComposer(), () => end)
    expect(projection.position()).toEqual(end)
    end = { epoch: 2, seq: 1, crc: 1 }
    expect(projection.position()).toEqual({ epoch: 1, seq: 7, crc: 7 })
  })

  it('stays before a batch that the bus did not take', async () => {
    const { bus, published } = createRig()
    const records = buildRecords({ seed: 5, count: 6, others: 0 })
    let failing = true
    const projection = createBusProjection(
      {
        ...bus,
        async publish(topic, event) {
          if (failing && event.envelope.batch === '1-3') throw new Error('full')
          await bus.publish(topic, event)
        },
      },
      createRecordComposer(),
      () => null,
    )
    await expect(projection.apply(records)).rejects.toThrow('full')
    expect(projection.position()).toEqual(records[1]?.position)
    failing = false
    await projection.apply(records)
    expect(published.map(({ event }) => event.envelope.batch)).toEqual([
      '1-1',
      '1-2',
      '1-1',
      '1-2',
      '1-3',
      '1-4',
      '1-5',
      '1-6',
    ])
  })
})
