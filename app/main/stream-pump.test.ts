import { EventEmitter } from 'node:events'
import { describe, expect, it } from 'vitest'
import type { PortEvent } from '../../core/contract/desktop.ts'
import { ACKNOWLEDGED, STREAM_ENDED } from '../../core/contract/desktop-bridge.ts'
import { eventually } from '../../core/testing/eventually.ts'
import { pumpStream, type StreamPort } from './stream-pump.ts'

/** A stream that counts how often it is asked, and a port whose page the test plays. */
function begin(count = Number.POSITIVE_INFINITY, pauseMs = 0) {
  const page = new EventEmitter()
  const sent: PortEvent[] = []
  const pauses: number[] = []
  const state = { asked: 0, closed: false, left: false }
  const port: StreamPort = {
    postMessage: (message) => void sent.push(message as PortEvent),
    on: (event: string, listener: (message: { readonly data: unknown }) => void) => page.on(event, listener),
    start: () => {},
    close: () => {
      state.closed = true
    },
  }
  async function* open(signal: AbortSignal): AsyncIterable<PortEvent> {
    try {
      for (let n = 0; n < count && !signal.aborted; n += 1) {
        state.asked += 1
        yield { event: 'chain', data: n }
      }
    } finally {
      state.left = true
    }
  }
  const done = pumpStream(port, {
    open,
    pauseMs: () => pauseMs,
    sleep: async (delayMs) => void pauses.push(delayMs),
  })
  const acknowledge = () => page.emit('message', { data: ACKNOWLEDGED })
  return { page, sent, state, pauses, done, acknowledge }
}

describe('the stream to the page', () => {
  it('has four messages under way, and asks for no more until one is acknowledged', async () => {
    const { sent, state, acknowledge, page, done } = begin()
    await eventually(() => expect(sent).toHaveLength(4))
    acknowledge()
    await eventually(() => expect(sent).toHaveLength(5))
    expect(state.asked).toBe(5)
    page.emit('message', { data: 'nonsense' })
    acknowledge()
    acknowledge()
    await eventually(() => expect(sent).toHaveLength(7))
    expect(state.asked).toBe(7)
    page.emit('close')
    await done
  })

  it('is left when the page goes, wherever it stands', async () => {
    const { page, state, done, sent } = begin()
    await eventually(() => expect(sent).toHaveLength(4))
    page.emit('close')
    await done
    expect(state).toEqual({ asked: 4, closed: true, left: true })
  })

  it('says that it ended', async () => {
    const { sent, state, done } = begin(2)
    await done
    expect(sent.map(({ event }) => event)).toEqual(['chain', 'chain', STREAM_ENDED])
    expect(state.closed).toBe(true)
  })

  it('waits after each message for a window that nobody sees', async () => {
    const { pauses, done } = begin(3, 1_000)
    await done
    expect(pauses).toEqual([1_000, 1_000, 1_000])
  })
})
