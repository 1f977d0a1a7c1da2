import { createServer, type IncomingMessage, type Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'

/** An answer in place of the exchange's. */
export interface StandInReply {
  readonly status: number
  readonly type: string
  readonly body: string
}

/** Stands for the live Kite: hands everything on to a simulated exchange, and does not say that it is simulated. */
export interface StandIn {
  readonly root: string
  /** Paths that were asked for over REST, in order, with the status of the answer. */
  readonly requests: readonly { readonly path: string; readonly status: number }[]
  /** Statuses with which upgrades ended, in order. */
  readonly upgrades: readonly number[]
  /** Answers itself what this gives an answer for. */
  intercept(answer: (path: string) => StandInReply | null): void
  /** Cuts every WebSocket. */
  cut(): void
  close(): Promise<void>
}

/** A port that nothing listens on; it stays free as long as nobody else happens to be given it. */
export async function freePort(): Promise<number> {
  const server = createServer()
  const port = await listen(server, 0)
  await new Promise((resolve) => server.close(resolve))
  return port
}

export async function startStandIn(upstream: string, wantedPort = 0): Promise<StandIn> {
  const requests: { path: string; status: number }[] = []
  const upgrades: number[] = []
  const sockets = new Set<Socket>()
  let answer: (path: string) => StandInReply | null = () => null

  const server = createServer((request, response) => {
    const [path = '/'] = (request.url ?? '/').split('?')
    void reply(upstream, request, path.startsWith('/sim/') ? NOT_FOUND : answer(path)).then(
      ({ status, type, body }) => {
        requests.push({ path, status })
        response.writeHead(status, { 'content-type': type }).end(body)
      },
    )
  })
  server.on('upgrade', (request, client: Socket) => {
    const { hostname, port, host } = new URL(upstream)
    const exchange = connect(Number(port), hostname)
    for (const socket of [client, exchange]) {
      sockets.add(socket)
      socket.on('error', () => socket.destroy())
      socket.on('close', () => sockets.delete(socket))
    }
    exchange.once('data', (bytes) => {
      // The head of the answer is ASCII and comes in one piece; frames may follow it.
      const head = bytes.toString('latin1')
      upgrades.push(Number(head.slice(9, 12)))
      client.write(head.replace(/x-op-simulated: .*\r\n/i, ''), 'latin1')
      exchange.pipe(client)
    })
    exchange.write(requestHead(request, host))
    client.pipe(exchange)
  })
  const port = await listen(server, wantedPort)
  return {
    root: `http://127.0.0.1:${port}`,
    requests,
    upgrades,
    intercept(next) {
      answer = next
    },
    cut() {
      for (const socket of sockets) socket.destroy()
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      for (const socket of sockets) socket.destroy()
      server.closeAllConnections()
      await closed
    },
  }
}

const NOT_FOUND: StandInReply = { status: 404, type: 'application/json', body: '{"status":"error"}' }

async function reply(upstream: string, request: IncomingMessage, own: StandInReply | null): Promise<StandInReply> {
  if (own !== null) return own
  const { authorization = '' } = request.headers
  const init = { method: request.method ?? 'GET', headers: { authorization, 'X-Kite-Version': '3' } }
  const body = request.method === 'POST' ? { body: await text(request) } : {}
  const answer = await fetch(`${upstream}${request.url}`, { ...init, ...body })
  return { status: answer.status, type: answer.headers.get('content-type') ?? '', body: await answer.text() }
}

function requestHead(request: IncomingMessage, host: string): string {
  const headers = Object.entries({ ...request.headers, host }).map(([name, value]) => `${name}: ${value}`)
  return `GET ${request.url} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      const address: AddressInfo | string | null = server.address()
      if (typeof address === 'object' && address !== null) resolve(address.port)
    })
  })
}
