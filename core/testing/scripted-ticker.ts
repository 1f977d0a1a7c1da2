import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'

export interface ScriptedSocket {
  readonly socket: WebSocket
  readonly query: URLSearchParams
  /** Text messages of the client, parsed. */
  readonly messages: { a: string; v: unknown }[]
}

export interface ScriptedTicker {
  readonly root: string
  /** Query of every upgrade, refused ones too. */
  readonly upgrades: URLSearchParams[]
  /** Every socket that was accepted, oldest first. */
  readonly sockets: ScriptedSocket[]
  openSockets(): number
  /** What the next upgrades get: `accept`, an HTTP status, or no answer at all. */
  answer(how: 'accept' | 'hang' | number): void
  /** Whether the answers to upgrades say from now on that the exchange is simulated. */
  saySimulated(simulated: boolean): void
  /** Resolves when what clients sent before has been seen. */
  settled(): Promise<void>
  stop(): Promise<void>
}

const REST_OF_HEAD = 'Content-Length: 0\r\nConnection: close\r\n\r\n'

/** A WebSocket server that does what a test tells it and nothing else. */
export async function startScriptedTicker(): Promise<ScriptedTicker> {
  const http = createServer((_, response) => response.end())
  const webSockets = new WebSocketServer({ noServer: true })
  const sockets: ScriptedSocket[] = []
  const upgrades: URLSearchParams[] = []
  const raw = new Set<Duplex>()
  let simulated = false
  let how: 'accept' | 'hang' | number = 'accept'

  webSockets.on('headers', (headers) => {
    if (simulated) headers.push('X-OP-Simulated: 1')
  })

  function accept(socket: WebSocket, query: URLSearchParams): void {
    const messages: ScriptedSocket['messages'] = []
    socket.on('message', (data) => messages.push(JSON.parse(data.toString())))
    sockets.push({ socket, query, messages })
  }

  http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    raw.add(socket)
    socket.on('close', () => raw.delete(socket))
    socket.on('error', () => socket.destroy())
    const query = new URL(request.url ?? '/', 'ws://localhost').searchParams
    upgrades.push(query)
    // Read on, or the end of the client's side would go unnoticed; the server's side stays open by itself.
    if (how === 'hang') socket.resume().on('end', () => socket.destroy())
    else if (how === 'accept') webSockets.handleUpgrade(request, socket, head, (opened) => accept(opened, query))
    else socket.end(`HTTP/1.1 ${how} Refused\r\n${simulated ? 'X-OP-Simulated: 1\r\n' : ''}${REST_OF_HEAD}`)
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const { port } = http.address() as AddressInfo
  return {
    root: `ws://127.0.0.1:${port}`,
    upgrades,
    sockets,
    openSockets: () => raw.size,
    answer(next) {
      how = next
    },
    saySimulated(next) {
      simulated = next
    },
    async settled() {
      await (await fetch(`http://127.0.0.1:${port}`)).text()
    },
    async stop() {
      for (const socket of raw) socket.destroy()
      http.closeAllConnections()
      await new Promise((resolve) => http.close(resolve))
    },
  }
}
