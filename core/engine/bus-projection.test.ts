import { describe, expect, it } from 'vitest'
import { createRecordComposer } from '../contract/leg-record.ts'
import type { BusEvent, EventBus } from '../ports/event-bus.ts'
import { buildRecords } from '../testing/leg-builder.ts'
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
    const records = buildRecords({ seed: 3, count: 40 })
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
