import type { StreamTopic } from '../contract/api-schema.ts'
import { EVENT_TOPICS, type EventTopic } from '../contract/events.ts'
import { createSignal } from '../kernel/signal.ts'
import type { BusEvent, EventBus } from '../ports/event-bus.ts'
import type { StreamEvent } from '../ports/monitor-api.ts'

/** Events that are kept for clients that come back. */
const KEPT = 2_000
/** Legs in the events that are kept: a full chain has hundreds in one event. */
const KEPT_LEGS = 50_000
/** Events that may wait for one slow client before it is told to read the state anew. */
const MOST_WAITING = 2 * KEPT

interface Kept {
  readonly topic: StreamTopic
  readonly event: StreamEvent
  readonly legs: number
}

/** The bus as server-sent events: ids, resume from a bounded memory, bounded queues for clients. */
export interface EventStream {
  /** Follows the bus; returns what stops it. */
  follow(bus: EventBus): () => void
  /** `legs`: how many the event carries, for what is kept. */
  publish(topic: StreamTopic, event: StreamEvent, legs?: number): void
  stream(topics: readonly StreamTopic[], lastEventId: string | null, signal: AbortSignal): AsyncIterable<StreamEvent>
}

const RESET: StreamEvent = { id: null, event: 'reset', data: { reason: 'events were missed: read the state anew' } }

export function createEventStream(): EventStream {
  const kept: Kept[] = []
  let keptLegs = 0
  const published = createSignal<Kept>()
  const keep = (item: Kept) => {
    kept.push(item)
    keptLegs += item.legs
    while (kept.length > KEPT || keptLegs > KEPT_LEGS) keptLegs -= kept.shift()?.legs ?? keptLegs
  }
  const publish: EventStream['publish'] = (topic, event, legs = 0) => {
    const item = { topic, event, legs }
    keep(item)
    published.emit(item)
  }
  return {
    publish,
    follow(bus) {
      const unsubscribes = EVENT_TOPICS.map((topic) =>
        bus.subscribe(topic, 'stream', (event) => relay(publish, topic, event)),
      )
      return () => {
        for (const unsubscribe of unsubscribes) unsubscribe()
      }
    },
    async *stream(topics, lastEventId, signal) {
      const wanted = new Set(topics)
      let queue = missedSince(kept, lastEventId, wanted)
      let wake: () => void = () => {}
      const unsubscribe = published.subscribe((item) => {
        if (!wanted.has(item.topic)) return
        if (queue.length >= MOST_WAITING) queue = [RESET]
        queue.push(item.event)
        wake()
      })
      const onAbort = () => wake()
      signal.addEventListener('abort', onAbort, { once: true })
      try {
        while (!signal.aborted) {
          const event = queue.shift()
          if (event !== undefined) yield event
          else
            await new Promise<void>((resolve) => {
              wake = resolve
            })
        }
      } finally {
        unsubscribe()
        signal.removeEventListener('abort', onAbort)
      }
    },
  }
}

/** A bus event as its envelope, and the legs of a batch as an event of their own. */
function relay(publish: EventStream['publish'], topic: EventTopic, { envelope, legs }: BusEvent): void {
  publish(topic, { id: envelope.event_id, event: envelope.event_type, data: envelope })
  if (legs === null || envelope.event_type !== 'legs_collected') return
  const { batch, index, bucket, timestamp } = envelope
  const data = { batch, index, bucket, timestamp, legs }
  publish('legs', { id: `${batch}:legs`, event: 'legs', data }, legs.length)
}

function missedSince(
  kept: readonly Kept[],
  lastEventId: string | null,
  wanted: ReadonlySet<StreamTopic>,
): StreamEvent[] {
  if (lastEventId === null) return []
  const at = kept.findIndex(({ event }) => event.id === lastEventId)
  if (at < 0) return [RESET]
  return kept.slice(at + 1).flatMap(({ topic, event }) => (wanted.has(topic) ? [event] : []))
}
