import { describe, expect, it } from 'vitest'
import { createMemoryBus } from '../bus/memory-bus.ts'
import type { StreamTopic } from '../contract/api-schema.ts'
import { createRecordComposer } from '../contract/leg-record.ts'
import { createBusProjection } from '../engine/bus-projection.ts'
import type { StreamEvent } from '../ports/monitor-api.ts'
import { eventually } from '../testing/eventually.ts'
import { buildRecords } from '../testing/leg-builder.ts'
import { realClock } from '../testing/real-clock.ts'
import { silentLogger } from '../testing/silent-logger.ts'
import { createEventStream, type EventStream } from './event-stream.ts'

const event = (n: number): StreamEvent => ({ id: `1-${n}`, event: 'legs_collected', data: n })
const publish = (stream: EventStream, from: number, to: number) => {
  for (let n = from; n <= to; n += 1) stream.publish('data_events', event(n))
}

/** A reader that may be stopped in between. */
function follow(stream: EventStream, last: string | null = null, topics: readonly StreamTopic[] = ['data_events']) {
  const ended = new AbortController()
  const iterator = stream.stream(topics, last, ended.signal)[Symbol.asyncIterator]()
  const read = async (count: number) => {
    const events: StreamEvent[] = []
    for (let i = 0; i < count; i += 1) {
      const next = await iterator.next()
      if (next.done === true) break
      events.push(next.value)
    }
    return events
  }
  return { iterator, read, abort: () => ended.abort() }
}

const names = (events: readonly StreamEvent[]) =>
  events.map(({ event: name, data }) => (name === 'reset' ? name : data))

describe('event stream', () => {
  it('gives what comes from now on', async () => {
    const stream = createEventStream()
    publish(stream, 1, 2)
    const reader = follow(stream)
    const reading = reader.read(3)
    publish(stream, 3, 5)
    expect(names(await reading)).toEqual([3, 4, 5])
  })

  it('goes on behind the last event that the client saw, of its topics only', async () => {
    const stream = createEventStream()
    publish(stream, 1, 2)
    stream.publish('legs', { id: '1-2:legs', event: 'legs', data: 'legs' })
    publish(stream, 3, 3)
    expect(names(await follow(stream, '1-1').read(2))).toEqual([2, 3])
  })

  it('resumes everything that is kept, while more comes', async () => {
    const stream = createEventStream()
    publish(stream, 1, 1990)
    const reader = follow(stream, '1-1')
    const [first] = await reader.read(1)
    publish(stream, 1991, 2100)
    expect(names([first ?? event(0), ...(await reader.read(2098))])).toEqual(
      Array.from({ length: 2099 }, (_, i) => i + 2),
    )
  })

  it('begins with a reset when the last event is forgotten', async () => {
    const stream = createEventStream()
    publish(stream, 1, 2001)
    const reader = follow(stream, '1-1')
    const reading = reader.read(2)
    publish(stream, 2002, 2002)
    const events = await reading
    expect(names(events)).toEqual(['reset', 2002])
    expect(events[0]?.id).toBeNull()
    expect(names(await follow(stream, '1-3').read(1))).toEqual([4])
  })

  it('keeps less of what carries many legs', async () => {
    const stream = createEventStream()
    for (let n = 1; n <= 300; n += 1) stream.publish('legs', event(n), 500)
    expect(names(await follow(stream, '1-200').read(1))).toEqual(['reset'])
    const kept = follow(stream, '1-201', ['legs'])
    expect(names(await kept.read(1))).toEqual([202])
  })

  it('forgets the queue of a client that does not read, tells it, and goes on', async () => {
    const stream = createEventStream()
    const reader = follow(stream)
    const first = reader.read(1)
    publish(stream, 1, 1)
    await first
    publish(stream, 2, 4002)
    const events = await reader.read(2)
    expect(names(events)).toEqual(['reset', 4002])
  })

  it('bounds the legs that wait for a client that does not read', async () => {
    const stream = createEventStream()
    const reader = follow(stream)
    const first = reader.read(1)
    publish(stream, 1, 1)
    await first
    for (let n = 2; n <= 300; n += 1) stream.publish('data_events', event(n), 500)
    expect(names(await reader.read(2))).toEqual(['reset', 203])
  })

  it('keeps and lets wait a tenth while memory is short', async () => {
    const stream = createEventStream()
    publish(stream, 1, 1_000)
    const reader = follow(stream)
    const first = reader.read(1)
    publish(stream, 1_001, 1_001)
    await first
    stream.spare(true)
    expect(names(await follow(stream, '1-800').read(1))).toEqual(['reset'])
    expect(names(await follow(stream, '1-802').read(1))).toEqual([803])
    publish(stream, 1_002, 1_402)
    expect(names(await reader.read(2))).toEqual(['reset', 1_402])

    stream.spare(false)
    publish(stream, 1_403, 3_202)
    expect(names(await follow(stream, '1-1203').read(1))).toEqual([1_204])
  })

  it('ends when it is aborted, waiting or not', async () => {
    const stream = createEventStream()
    const waiting = follow(stream)
    const end = waiting.iterator.next()
    waiting.abort()
    expect(await end).toEqual({ done: true, value: undefined })
    publish(stream, 1, 3)
    const behind = follow(stream, '1-1')
    behind.abort()
    expect(await behind.read(5)).toEqual([])
  })

  it('shows each batch of the bus as its envelope, then its legs', async () => {
    const bus = createMemoryBus({ clock: realClock, logger: silentLogger, random: () => 0 })
    const stream = createEventStream()
    const leave = stream.follow(bus)
    const seen: StreamEvent[] = []
    const ended = new AbortController()
    const reading = (async () => {
      for await (const one of stream.stream(['data_events', 'legs'], null, ended.signal)) seen.push(one)
    })()
    const records = buildRecords({ seed: 11, count: 3, others: 0 })
    const projection = createBusProjection(bus, createRecordComposer(), () => null)
    await projection.apply(records)
    await eventually(() => expect(seen).toHaveLength(6))
    expect(seen.map(({ id }) => id)).toEqual([1, 2, 3].flatMap((seq) => [`1-${seq}:legs_collected`, `1-${seq}:legs`]))
    const [batch] = records
    if (batch?.entry.kind !== 'batch') throw new Error('the record is no batch')
    expect(seen[1]?.data).toMatchObject({
      batch: '1-1',
      index: batch.entry.index,
      bucket: batch.entry.bucket,
      timestamp: batch.entry.ts,
      legs: createRecordComposer().legsOf(batch.entry, '1-1'),
    })
    leave()
    await projection.apply(records)
    await bus.stop()
    ended.abort()
    await reading
    expect(seen).toHaveLength(6)
  })
})
