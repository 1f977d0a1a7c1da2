import type { StreamTopic, Topic } from '../contract/api-schema.ts'
import { type ChainTopic, chainTopicSchema } from '../contract/chain-stream.ts'
import type { LiveStream } from '../engine/live-stream.ts'
import type { MonitorApi, StreamEvent } from '../ports/monitor-api.ts'
import type { EventStream } from './event-stream.ts'

/** Events of the bus and live chains as one stream of a client. */
export function topicStream(events: EventStream, live: LiveStream): MonitorApi['stream'] {
  return (topics, lastEventId, signal) => {
    const chains = new Set(topics.filter(isChainTopic))
    const others = topics.filter((topic): topic is StreamTopic => !isChainTopic(topic))
    const sources = [...chains].map((topic) => live.follow(topic, signal))
    if (others.length > 0) sources.push(events.stream(others, lastEventId, signal))
    return merged(sources)
  }
}

function isChainTopic(topic: Topic): topic is ChainTopic {
  return chainTopicSchema.safeParse(topic).success
}

interface Arrival {
  readonly source: AsyncIterator<StreamEvent>
  readonly result: IteratorResult<StreamEvent>
}

/** All sources as they come. The next of a source is asked for only when its last was taken: back-pressure passes. */
async function* merged(sources: readonly AsyncIterable<StreamEvent>[]): AsyncIterable<StreamEvent> {
  const arrived: Arrival[] = []
  const faults: unknown[] = []
  let wake: () => void = () => {}
  const ask = (source: AsyncIterator<StreamEvent>) => {
    const taken = (result: IteratorResult<StreamEvent>) => void arrived.push({ source, result })
    void source
      .next()
      .then(taken, (fault: unknown) => void faults.push(fault))
      .finally(() => wake())
  }
  const iterators = sources.map((source) => source[Symbol.asyncIterator]())
  let open = iterators.length
  for (const iterator of iterators) ask(iterator)
  while (open > 0) {
    if (faults.length > 0) throw faults[0]
    const arrival = arrived.shift()
    if (arrival === undefined) {
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    } else if (arrival.result.done === true) open -= 1
    else {
      yield arrival.result.value
      ask(arrival.source)
    }
  }
}
