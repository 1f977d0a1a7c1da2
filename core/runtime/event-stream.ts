import type { StreamTopic } from '../contract/api-schema.ts'
import { EVENT_TOPICS, type EventTopic } from '../contract/events.ts'
import { createSignal } from '../kernel/signal.ts'
import type { BusEvent, EventBus } from '../ports/event-bus.ts'
import type { StreamEvent } from '../ports/monitor-api.ts'

/** Events that are kept for clients that come back, and legs in them: a full chain has hundreds in one event. */
const KEPT = { events: 2_000, legs: 50_000 }
/** While memory is short. */
const SPARING = { events: 200, legs: 5_000 }
/** Twice as much as is kept may wait for one slow client before it is told to read the state anew. */
const WAITING = 2

interface Waiting {
  readonly event: StreamEvent
  readonly legs: number
}

interface Kept extends Waiting {
  readonly topic: StreamTopic
}

/** The bus as server-sent events: ids, resume from a bounded memory, bounded queues for clients. */
export interface EventStream {
  /** Follows the bus; returns what stops it. */
  follow(bus: EventBus): () => void
  /** `legs`: how many the event carries, for what is kept. */
  publish(topic: StreamTopic, event: StreamEvent, legs?: number): void
  /** Keeps a tenth for clients that come back or read slowly; they are told to read the state anew. */
  spare(sparing: boolean): void
  stream(topics: readonly StreamTopic[], lastEventId: string | null, signal: AbortSignal): AsyncIterable<StreamEvent>
}

const RESET: Waiting = {
  event: { id: null, event: 'reset', data: { reason: 'events were missed: read the state anew' } },
  legs: 0,
}

export function createEventStream(): EventStream {
  const kept: Kept[] = []
  let keptLegs = 0
  let most = KEPT
  const published = createSignal<Kept>()
  const forget = () => {
    while (kept.length > most.events || keptLegs > most.legs) keptLegs -= kept.shift()?.legs ?? keptLegs
  }
  const publish: EventStream['publish'] = (topic, event, legs = 0) => {
    const item = { topic, event, legs }
    kept.push(item)
    keptLegs += legs
    forget()
    published.emit(item)
  }
  return {
    publish,
    spare(sparing) {
      most = sparing ? SPARING : KEPT
      forget()
    },
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
      const queue = missedSince(kept, lastEventId, wanted)
      let waiting = queue.reduce((sum, { legs }) => sum + legs, 0)
      let wake: () => void = () => {}
      const unsubscribe = published.subscribe((item) => {
        if (!wanted.has(item.topic)) return
        if (queue.length >= WAITING * most.events || waiting > WAITING * most.legs) {
          queue.splice(0, queue.length, RESET)
          waiting = 0
        }
        queue.push(item)
        waiting += item.legs
        wake()
      })
      const onAbort = () => wake()
      signal.addEventListener('abort', onAbort, { once: true })
      try {
        while (!signal.aborted) {
          const item = queue.shift()
          waiting -= item?.legs ?? 0
          if (item !== undefined) yield item.event
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

function missedSince(kept: readonly Kept[], lastEventId: string | null, wanted: ReadonlySet<StreamTopic>): Waiting[] {
  if (lastEventId === null) return []
  const at = kept.findIndex(({ event }) => event.id === lastEventId)
  if (at < 0) return [RESET]
  return kept.slice(at + 1).filter(({ topic }) => wanted.has(topic))
}
