import { portEventSchema, portMessageSchema } from '../../../core/contract/desktop.ts'
import { ACKNOWLEDGED, type DesktopBridge, STREAM_ENDED } from '../../../core/contract/desktop-bridge.ts'
import { readResult } from '../../../core/contract/monitor-calls.ts'
import { opened } from './desktop-client.ts'
import { type FollowDeps, follow, type ServerEvent } from './follow.ts'
import type { MonitorClient } from './monitor-client.ts'

/** Of the window what brings the ports of streams. */
export type PortSource = Pick<Window, 'addEventListener' | 'removeEventListener'>

/** The monitor of the process behind the desktop window. */
export function createIpcClient(deps: FollowDeps, bridge: DesktopBridge, ports: PortSource): MonitorClient {
  let streams = 0
  return {
    async ask(name, input) {
      return readResult(name, opened(await bridge.calls[name](input)))
    },
    follow: (topics, listener) =>
      follow(
        deps,
        (signal, onSign) => {
          streams += 1
          return connect(bridge, ports, `${streams}`, topics, signal, onSign)
        },
        listener,
      ),
  }
}

/** One stream through a port of its own. Each message is acknowledged once it was taken: main sends only so many ahead. */
async function* connect(
  bridge: DesktopBridge,
  ports: PortSource,
  id: string,
  topics: readonly string[],
  signal: AbortSignal,
  onSign: () => void,
): AsyncIterable<ServerEvent> {
  const arrived: unknown[] = []
  let wake: () => void = () => {}
  const onAbort = () => wake()
  signal.addEventListener('abort', onAbort, { once: true })
  const coming = portOf(ports, id, signal)
  bridge.follow(id, topics)
  const port = await coming
  if (port === null) return
  port.onmessage = ({ data }: MessageEvent<unknown>) => {
    arrived.push(data)
    wake()
  }
  try {
    while (!signal.aborted) {
      if (arrived.length === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
        continue
      }
      const event = portEventSchema.parse(arrived.shift())
      onSign()
      if (event.event === STREAM_ENDED) return
      yield event
      port.postMessage(ACKNOWLEDGED)
    }
  } finally {
    signal.removeEventListener('abort', onAbort)
    port.close()
  }
}

/** The port that the preload script sends under this id; null when the signal aborts before. */
function portOf(ports: PortSource, id: string, signal: AbortSignal): Promise<MessagePort | null> {
  return new Promise((resolve) => {
    const end = (port: MessagePort | null) => {
      ports.removeEventListener('message', onMessage)
      signal.removeEventListener('abort', onAbort)
      resolve(port)
    }
    const onAbort = () => end(null)
    const onMessage = ({ data, ports: [port] }: MessageEvent<unknown>) => {
      const message = portMessageSchema.safeParse(data)
      if (message.success && message.data.optradeStream === id && port !== undefined) end(port)
    }
    ports.addEventListener('message', onMessage)
    signal.addEventListener('abort', onAbort, { once: true })
  })
}
