import type { PortEvent } from '../../core/contract/desktop.ts'
import { ACKNOWLEDGED, STREAM_ENDED } from '../../core/contract/desktop-bridge.ts'

/** Messages that the page has not acknowledged yet; the next is not even asked for before. */
const MOST_IN_FLIGHT = 4

/** Of Electron's MessagePortMain what is used. */
export interface StreamPort {
  postMessage(message: unknown): void
  on(event: 'message', listener: (message: { readonly data: unknown }) => void): unknown
  on(event: 'close', listener: () => void): unknown
  start(): void
  close(): void
}

export interface PumpOptions {
  /** Begins the stream; it ends when the signal aborts. */
  readonly open: (signal: AbortSignal) => AsyncIterable<PortEvent>
  /** Milliseconds to wait after a message: 0 for a page that is seen. */
  readonly pauseMs: () => number
  readonly sleep: (delayMs: number) => Promise<void>
}

/**
 * Hands a stream to the page until either ends. At most `MOST_IN_FLIGHT` messages are under way: a page that is slow or
 * hangs stops the stream at its source, which then puts more into each message (ADR 9), and nothing is queued.
 */
export async function pumpStream(port: StreamPort, { open, pauseMs, sleep }: PumpOptions): Promise<void> {
  const closed = new AbortController()
  let inFlight = 0
  let wake: () => void = () => {}
  port.on('message', ({ data }) => {
    if (data === ACKNOWLEDGED) inFlight = Math.max(0, inFlight - 1)
    wake()
  })
  port.on('close', () => {
    closed.abort()
    wake()
  })
  port.start()
  try {
    for await (const { event, data } of open(closed.signal)) {
      if (closed.signal.aborted) return
      port.postMessage({ event, data } satisfies PortEvent)
      inFlight += 1
      const pause = pauseMs()
      if (pause > 0) await sleep(pause)
      while (inFlight >= MOST_IN_FLIGHT && !closed.signal.aborted) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    }
  } finally {
    closed.abort()
    port.postMessage({ event: STREAM_ENDED, data: null } satisfies PortEvent)
    port.close()
  }
}
