import type { IncomingMessage } from 'node:http'
import { WebSocket } from 'ws'

/** How a socket ended, or why it never opened. */
export type SocketEnd =
  /** The server answered the upgrade with an HTTP status. */
  | { readonly kind: 'refused'; readonly status: number }
  /** The answer to the upgrade says that the exchange is simulated, and it was to be a live one. */
  | { readonly kind: 'simulated' }
  /** No answer to the upgrade. */
  | { readonly kind: 'unreachable'; readonly reason: string }
  /** It was open. */
  | { readonly kind: 'closed'; readonly reason: string }

export interface SocketHandlers {
  opened(): void
  binary(bytes: Uint8Array): void
  text(text: string): void
  /** Anything at all arrived, a ping too. Called before `binary` and `text`. */
  pulse(): void
  /** Exactly once. Messages may still follow a `terminate`: those that were already in the process. */
  ended(end: SocketEnd): void
}

export interface Socket {
  send(text: string): void
  /** Drops the connection without a closing handshake: a half-open peer would keep it for half a minute. */
  terminate(): void
  /** Resolves when the handle is released. */
  readonly released: Promise<void>
}

export interface SocketOptions {
  /** Refuses a server that says of itself that it is simulated: nothing of it is read. */
  readonly live: boolean
}

/** What the simulated exchange puts on every answer. */
const SIMULATED_HEADER = 'x-op-simulated'
/** The longest frame is that of 3000 full packets, 558 kB. */
const MAX_MESSAGE_BYTES = 1_048_576

function reasonOf(fault: Error): string {
  const code = 'code' in fault && typeof fault.code === 'string' ? fault.code : ''
  return code === '' ? fault.message : code
}

/** Opens a WebSocket. Failures come through `handlers.ended`, never as an exception. */
export function openSocket(url: URL, handlers: SocketHandlers, options: SocketOptions): Socket {
  const socket = new WebSocket(url, {
    maxPayload: MAX_MESSAGE_BYTES,
    headers: { 'X-Kite-Version': '3' },
    // A text that is no text must not cost the connection and its market data; it is counted as broken instead.
    skipUTF8Validation: true,
  })
  let wasOpen = false
  let ended = false
  let fault: string | null = null
  const end = (outcome: SocketEnd) => {
    if (ended) return
    ended = true
    handlers.ended(outcome)
  }
  const released = new Promise<void>((resolve) => {
    socket.once('close', (code) => {
      const reason = fault ?? `closed with code ${code}`
      end(wasOpen ? { kind: 'closed', reason } : { kind: 'unreachable', reason })
      resolve()
    })
  })
  const isSimulated = (response: IncomingMessage) => options.live && response.headers[SIMULATED_HEADER] !== undefined
  // Before the first frame is read: after `terminate` none is.
  socket.on('upgrade', (response) => {
    if (!isSimulated(response)) return
    end({ kind: 'simulated' })
    socket.terminate()
    response.socket.destroy()
  })
  socket.on('open', () => {
    wasOpen = true
    handlers.pulse()
    handlers.opened()
  })
  socket.on('unexpected-response', (request, response) => {
    end(isSimulated(response) ? { kind: 'simulated' } : { kind: 'refused', status: response.statusCode ?? 0 })
    response.destroy()
    request.destroy()
    socket.terminate()
  })
  // `close` always follows; the listener stays, because terminating an unopened socket is an error event too.
  socket.on('error', (error) => {
    fault ??= reasonOf(error)
  })
  socket.on('ping', () => handlers.pulse())
  socket.on('message', (data, isBinary) => {
    handlers.pulse()
    // With the default binary type the data of a message is always one Buffer.
    if (!Buffer.isBuffer(data)) return
    if (isBinary) handlers.binary(data)
    else handlers.text(data.toString('utf8'))
  })
  return {
    send(text) {
      if (socket.readyState === WebSocket.OPEN) socket.send(text)
    },
    terminate: () => socket.terminate(),
    released,
  }
}
