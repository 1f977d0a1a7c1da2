import { existsSync, readdirSync } from 'node:fs'
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { send } from '@fastify/send'
import { OpError } from '../kernel/errors.ts'
import { type Component, once } from '../kernel/lifecycle.ts'
import { isOurs } from './host-check.ts'

export interface DoorOptions {
  readonly name: string
  readonly host: string
  readonly port: number
  /** Setting that chose the port: named when the port is taken. */
  readonly portSetting: string
  readonly allowedHosts: readonly string[]
  /** Where the build of the page lies; null = no page. */
  readonly pageFolder: string | null
}

/**
 * A port that answers from the first moment of a start: with the page, whose files need nothing else. Every other
 * request waits until there is somebody who answers it.
 */
export interface Door extends Component {
  readonly server: Server
  /** The port it listens on; valid once started. */
  port(): number
  /** Whether it has a page at `/`. */
  readonly hasPage: boolean
  /** Whoever waits is let in, and whoever comes. */
  open(listener: RequestListener): void
  /** Resolves when no file of the page is on its way to anybody. */
  calm(): Promise<void>
}

/** Scripts, styles and data of our own origin and nothing else; nobody may put the page into a frame. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** Longer than proxies keep theirs: it is not we who end a connection that is being used. */
const KEEP_ALIVE_MS = 72_000

/** `start` throws `port_taken` and `port_refused`. */
export function createDoor(options: DoorOptions): Door {
  const files = filesOf(options.pageFolder)
  const waiting: [IncomingMessage, ServerResponse][] = []
  const sending = new Set<Promise<void>>()
  let listener: RequestListener = (...visit) => void waiting.push(visit)
  let boundPort = options.port
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    const path = request.url?.split('?', 1)[0] ?? ''
    const isPage = (request.method === 'GET' || request.method === 'HEAD') && files.has(path)
    if (!isPage || !isOurs(request.headers, boundPort, options.allowedHosts)) return listener(request, response)
    const sent = sendFile(request, response, path).finally(() => sending.delete(sent))
    sending.add(sent)
  })

  /** The files of `assets/` carry a hash in their names and may be kept for ever; the page that names them may not. */
  async function sendFile(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    const { statusCode, headers, stream } = await send(request, path, {
      root: options.pageFolder ?? '',
      cacheControl: false,
    })
    response.writeHead(statusCode, {
      ...headers,
      'cache-control': path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-store',
      'content-security-policy': POLICY,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    })
    // Who leaves before the end gets no end.
    await pipeline(stream, response).catch(() => response.destroy())
  }

  return {
    name: options.name,
    server,
    hasPage: files.size > 0,
    port: () => boundPort,
    open(given) {
      listener = given
      for (const [request, response] of waiting.splice(0)) listener(request, response)
    },
    async calm() {
      while (sending.size > 0) await Promise.all(sending)
    },
    async start() {
      boundPort = await listen(server, options)
    },
    stop: once(
      () =>
        new Promise((resolve) => {
          server.close(() => resolve())
          server.closeAllConnections()
        }),
    ),
  }
}

/** Paths of the page's files, those of a build that is not whole left out. */
function filesOf(folder: string | null): ReadonlySet<string> {
  if (folder === null || !existsSync(join(folder, 'index.html'))) return new Set()
  return new Set(['/', ...pathsBelow(folder)])
}

/** Folder by folder: inside the archive of a packed application nothing is read recursively. */
const pathsBelow = (folder: string): readonly string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = `/${entry.name}`
    return entry.isDirectory() ? pathsBelow(join(folder, entry.name)).map((below) => path + below) : [path]
  })

/** Resolves with the port. */
function listen(server: Server, { host, port, portSetting: setting }: DoorOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (fault: NodeJS.ErrnoException) => {
      const { code = '' } = fault
      if (code === 'EADDRINUSE') reject(new OpError('port_taken', { host, port, setting }, { cause: fault }))
      else if (REFUSED.includes(code))
        reject(new OpError('port_refused', { host, port, setting, reason: code }, { cause: fault }))
      else reject(fault)
    })
    server.listen({ host, port }, () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : port)
    })
  })
}

const REFUSED = ['EACCES', 'EADDRNOTAVAIL', 'ENOTFOUND']
