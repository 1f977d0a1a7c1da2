import type { EventEnvelope } from '../contract/events.ts'
import type { RecordComposer } from '../contract/leg-record.ts'
import type { AnalyticsEntry, BatchEntry } from '../domain/journal-entry.ts'
import type { EventBus } from '../ports/event-bus.ts'
import type { JournalRecord, Position } from '../ports/journal.ts'
import type { Projection } from '../ports/projection.ts'

/** `<epoch>-<seq>` of a position. */
export function batchOf(position: Position): string {
  return `${position.epoch}-${position.seq}`
}

/** The contract's envelope of a batch. */
function dataEvent(type: 'legs_collected' | 'data_processed', entry: BatchEntry, batch: string): EventEnvelope {
  return {
    event_id: `${batch}:${type}`,
    event_type: type,
    index: entry.index,
    bucket: entry.bucket,
    count: entry.rows.length,
    timestamp: entry.ts,
    batch,
    trace_id: entry.trace,
    schema: 1,
  }
}

/** Samples take no number of their own: chain and instant tell apart those that share the number of a batch. */
function analyticsEvent(entry: AnalyticsEntry, batch: string): EventEnvelope {
  const { index, buckets, ts, trace } = entry
  const [bucket = null] = buckets
  return {
    event_id: `${batch}:analytics_updated:${index}:${bucket}:${ts}`,
    event_type: 'analytics_updated',
    index,
    bucket,
    count: 1,
    timestamp: ts,
    batch,
    trace_id: trace,
    schema: 1,
  }
}

/**
 * Publishes each durable batch on the in-process bus as `legs_collected`, each sample as `analytics_updated`. The bus dies with the process, so it starts
 * at the end of the record and keeps no cursor; its back-pressure is the relay's.
 */
export function createBusProjection(
  bus: EventBus,
  composer: RecordComposer,
  startAt: () => Position | null,
): Projection {
  let place: { readonly at: Position | null } | null = null
  const current = () => {
    place ??= { at: startAt() }
    return place.at
  }
  const publish = async (record: JournalRecord) => {
    const batch = batchOf(record.position)
    if (record.entry.kind === 'analytics')
      await bus.publish('data_events', { envelope: analyticsEvent(record.entry, batch), legs: null })
    if (record.entry.kind !== 'batch') return
    const legs = record.legs ?? composer.legsOf(record.entry, batch)
    await bus.publish('data_events', { envelope: dataEvent('legs_collected', record.entry, batch), legs })
  }
  return {
    name: 'bus',
    async start() {
      current()
    },
    async stop() {},
    position: current,
    async apply(records) {
      for (const record of records) {
        await publish(record)
        place = { at: record.position }
      }
    },
    async flush() {},
  }
}
