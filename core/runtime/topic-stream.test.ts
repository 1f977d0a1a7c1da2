import { describe, expect, it } from 'vitest'
import type { Topic } from '../contract/api-schema.ts'
import type { LiveStream } from '../engine/live-stream.ts'
import { createEventStream } from './event-stream.ts'
import { topicStream } from './topic-stream.ts'

/** Live chains that say their topic and a number, as fast as they are asked. */
function endless(asked: string[]): LiveStream {
  return {
    async *follow(topic, signal) {
      for (let n = 0; !signal.aborted; n += 1) {
        asked.push(topic)
        yield { id: null, event: 'chain', data: `${topic} ${n}` }
      }
    },
  }
}

function build(topics: readonly Topic[]) {
  const asked: string[] = []
  const events = createEventStream()
  const ended = new AbortController()
  const iterator = topicStream(events, endless(asked))(topics, null, ended.signal)[Symbol.asyncIterator]()
  return { asked, events, ended, iterator }
}

const event = { id: null, event: 'health', data: 'well' }

describe('topics of one client', () => {
  it('come as they are, each source asked for its next only when its last was taken', async () => {
    const { iterator, asked, ended } = build(['chain:NIFTY:this_week', 'chain:SENSEX:this_week'])
    const seen = [await iterator.next(), await iterator.next(), await iterator.next()].map(({ value }) => value?.data)
    expect(seen).toContain('chain:NIFTY:this_week 0')
    expect(seen).toContain('chain:SENSEX:this_week 0')
    expect(asked.length).toBeLessThanOrEqual(5)
    ended.abort()
  })

  it('let a quiet topic through beside a busy one', async () => {
    const { iterator, events, ended } = build(['chain:NIFTY:this_week', 'health'])
    await iterator.next()
    events.publish('health', event)
    const seen = []
    for (let n = 0; n < 4; n += 1) seen.push((await iterator.next()).value)
    expect(seen).toContainEqual(event)
    ended.abort()
  })

  it('end with the client', async () => {
    const { iterator, ended } = build(['health', 'legs'])
    const waiting = iterator.next()
    ended.abort()
    expect((await waiting).done).toBe(true)
  })
})
