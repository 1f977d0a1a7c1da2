import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { OpError, toOpError } from '../kernel/errors.ts'
import type { Logger } from '../kernel/logger.ts'
import { failure, inputFailure, proxyFailure, type RestReply } from './rest-reply.ts'
import type { RestRoutes } from './rest-routes.ts'
import type { Sessions } from './session.ts'
import type { SocketHub } from './socket-hub.ts'

/** A thousand symbols in one query make 31 kB; Node's default is 16 KiB. */
const MAX_HEADER_BYTES = 131_072
const MAX_BODY_BYTES = 65_536
/** A subscription to 3000 instruments is about 30 kB. */
const MAX_MESSAGE_BYTES = 262_144
const MAX_TCP_CONNECTIONS = 256
const SIMULATED = { 'x-op-simulated': '1' } as const

export interface ExchangeServer {
  /** Listens and returns the port. Throws `port_taken`. */
  listen(host: string, port: number): Promise<number>
  /** Closes every connection. */
  close(): Promise<void>
}

export interface ExchangeServerDeps {
  readonly logger: Logger
  readonly routes: RestRoutes
  readonly sessions: Sessions
  readonly hub: SocketHub
  /** The scripted fault that REST must answer with now. */
  readonly httpFault: () => { readonly status: number; readonly html: boolean } | null
  /** Status with which upgrades must be refused now. */
  readonly upgradeFault: () => number | null
  readonly deflate: boolean
}

/** One port for REST and WebSocket. Only requests that name this host exactly are served: no page can rebind to it. */
export function createExchangeServer(deps: ExchangeServerDeps): ExchangeServer {
  let allowedHosts: readonly string[] = []
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: deps.deflate,
  })
  sockets.on('headers', (headers) => headers.push('X-OP-Simulated: 1'))

  const hostAllowed = (request: IncomingMessage) => allowedHosts.includes(request.headers.host ?? '')
  const http = createServer({ maxHeaderSize: MAX_HEADER_BYTES }, (request, response) => {
    answer(deps, hostAllowed(request), request)
      .then((reply) => write(response, reply))
      .catch((fault: unknown) => {
        const error = toOpError(fault).message
        if (request.complete) deps.logger.error('a request to the simulated exchange failed', { error })
        else deps.logger.debug('a client left in the middle of its request', { error })
        response.destroy()
      })
  })
  http.maxConnections = MAX_TCP_CONNECTIONS
  http.on('upgrade', (request, socket, head) => {
    // Until the handshake is over a reset would otherwise be an uncaught error.
    const ignoreReset = () => socket.destroy()
    socket.on('error', ignoreReset)
    const reply = hostAllowed(request) ? refuseUpgrade(deps, request) : wrongHost()
    if (reply !== null) return writeRaw(socket, reply)
    sockets.handleUpgrade(request, socket, head, (client) => {
      socket.off('error', ignoreReset)
      deps.hub.add(client)
    })
  })

  return {
    async listen(host, port) {
      await listening(http, host, port)
      const taken = portOf(http)
      allowedHosts = [`127.0.0.1:${taken}`, `localhost:${taken}`]
      return taken
    },
    async close() {
      deps.hub.close()
      sockets.close()
      if (!http.listening) return
      const closed = new Promise<void>((resolve) => http.close(() => resolve()))
      http.closeAllConnections()
      await closed
    },
  }
}

async function answer(deps: ExchangeServerDeps, hostAllowed: boolean, request: IncomingMessage): Promise<RestReply> {
  if (!hostAllowed) return wrongHost()
  const { path, query } = targetOf(request)
  const fault = deps.routes.isApi(path) ? deps.httpFault() : null
  if (fault !== null) return faultReply(fault)
  const body = await readBody(request)
  if (body === null) return tooLarge()
  return deps.routes.answer({
    method: request.method ?? 'GET',
    path,
    query,
    form: new URLSearchParams(body),
    authorization: request.headers.authorization ?? '',
    acceptsGzip: /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? '')),
  })
}

/** A refused handshake, null when the connection may be opened. Statuses as seen at Kite: 400 key, 403 token, 429 too many. */
function refuseUpgrade(deps: ExchangeServerDeps, request: IncomingMessage): RestReply | null {
  const { path, query } = targetOf(request)
  if (path !== '/') return failure(404, 'GeneralException', 'Route not found')
  const status = deps.upgradeFault()
  if (status !== null) return faultReply({ status, html: false })
  const outcome = deps.sessions.check(query.get('api_key') ?? '', query.get('access_token') ?? '')
  if (outcome === 'unknown_key') return inputFailure('Invalid `api_key`.')
  if (outcome !== 'ok') return failure(403, 'TokenException', 'Incorrect `api_key` or `access_token`.')
  return deps.hub.hasRoom() ? null : failure(429, 'NetworkException', 'Too many requests')
}

/** Path and query of a request line, whatever it holds: URL throws for some of what clients can send. */
function targetOf(request: IncomingMessage): { readonly path: string; readonly query: URLSearchParams } {
  const [path = '/', ...query] = (request.url ?? '/').split('?')
  return { path, query: new URLSearchParams(query.join('?')) }
}

function tooLarge(): RestReply {
  const reply = inputFailure('The body is too large')
  return { ...reply, headers: { ...reply.headers, connection: 'close' } }
}

function wrongHost(): RestReply {
  return failure(403, 'GeneralException', 'Unknown host')
}

/** A scripted fault in the words in which Kite would say it. */
function faultReply({ status, html }: { readonly status: number; readonly html: boolean }): RestReply {
  if (html) return proxyFailure(status)
  switch (status) {
    case 400:
      return inputFailure('Invalid request')
    case 403:
      return failure(403, 'TokenException', 'Incorrect `api_key` or `access_token`.')
    case 429:
      return failure(429, 'NetworkException', 'Too many requests')
    case 502:
      return failure(502, 'DataException', 'Bad response from the order system')
    case 503:
    case 504:
      return failure(status, 'NetworkException', 'Gateway is not available')
    default:
      return failure(status, 'GeneralException', 'Something went wrong')
  }
}

/** The body as text, null when it is larger than any call of Kite's needs. */
async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Uint8Array[] = []
  let size = 0
  // Leaving the loop must not destroy the request: its answer goes out on the same socket.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    const bytes = Buffer.from(chunk)
    size += bytes.length
    if (size > MAX_BODY_BYTES) return null
    chunks.push(bytes)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function write(response: ServerResponse, reply: RestReply): void {
  response.writeHead(reply.status, {
    ...SIMULATED,
    'x-content-type-options': 'nosniff',
    'content-length': Buffer.byteLength(reply.body),
    ...reply.headers,
  })
  response.end(reply.body)
}

/** Answers on a socket that asked for an upgrade and does not get it. */
function writeRaw(socket: Duplex, reply: RestReply): void {
  const headers = {
    connection: 'close',
    date: new Date().toUTCString(),
    'content-length': Buffer.byteLength(reply.body),
    ...SIMULATED,
    ...reply.headers,
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  socket.end(
    `HTTP/1.1 ${reply.status} ${REASONS[reply.status] ?? 'Refused'}\r\n${lines.join('\r\n')}\r\n\r\n${reply.body}`,
    // The server no longer tracks this socket: left to the client it could stay half open and hold up a stop.
    () => socket.destroy(),
  )
}

const REASONS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  429: 'Too Many Requests',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
}

function listening(http: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (fault: Error & { code?: string }) =>
      reject(
        fault.code === 'EADDRINUSE'
          ? new OpError('port_taken', { host, port, setting: '--port' }, { cause: fault })
          : fault,
      )
    http.once('error', failed)
    http.listen(port, host, () => {
      http.off('error', failed)
      resolve()
    })
  })
}

function portOf(http: Server): number {
  const address: AddressInfo | string | null = http.address()
  if (address === null || typeof address === 'string')
    throw new OpError('internal', { reason: 'the server has no port' })
  return address.port
}
