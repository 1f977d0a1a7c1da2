import { createReadStream, existsSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import { extname, join, normalize } from 'node:path'
import { build } from 'vite'

const ROOT = join(import.meta.dirname, '..')
const CACHE = join(ROOT, 'node_modules/.cache/bench-page')
const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' }
const NAIVE_HTML = `<!doctype html><meta charset="utf-8"><title>naive</title><style>
td,th { padding: 0 6px; font: 12.5px system-ui; font-variant-numeric: tabular-nums; white-space: nowrap; }
</style><div id="root"></div><script type="module" src="naive.js"></script>`

/** What the product's page is told to show: as many columns as the naive one has. */
export const COLUMN_IDS = [
  'ltp',
  'change',
  'change_percent',
  'bid',
  'ask',
  'bid_qty',
  'ask_qty',
  'spread',
  'volume',
  'oi',
  'oi_change',
  'oi_change_percent',
  'oi_day_high',
  'oi_day_low',
  'open',
  'high',
  'low',
  'close',
  'iv',
  'delta',
  'gamma',
  'theta',
  'vega',
  'rho',
  'intrinsic',
  'time_value',
  'age',
] as const

/** Serves the product's page at `/`, the naive one at `/naive/`, and to both a stream that the benchmark writes. */
export interface PageServer {
  readonly address: string
  /** Called with each stream that a page opens. */
  onStream: (write: (event: string, data: unknown) => void) => void
  close(): Promise<void>
}

/** Bundles a naive page as the product's is, minified and for production. */
export async function buildNaivePage(entry: 'page-naive' | 'charts-naive' = 'page-naive'): Promise<void> {
  await build({
    configFile: false,
    root: import.meta.dirname,
    logLevel: 'warn',
    mode: 'production',
    build: {
      outDir: CACHE,
      emptyOutDir: true,
      rolldownOptions: { input: join(import.meta.dirname, `${entry}.ts`), output: { entryFileNames: 'naive.js' } },
    },
  })
}

function serveFile(path: string, reply: ServerResponse): void {
  const file = path.startsWith('/naive/')
    ? join(CACHE, normalize(path.slice('/naive'.length)))
    : join(ROOT, 'out/page', normalize(path === '/' ? '/index.html' : path))
  if (!existsSync(file)) {
    reply.writeHead(404).end()
    return
  }
  reply.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' })
  createReadStream(file).pipe(reply)
}

export async function startPageServer(): Promise<PageServer> {
  const server = createServer((request, reply) => {
    const { pathname } = new URL(request.url ?? '/', 'http://bench')
    if (pathname === '/naive/') reply.writeHead(200, { 'content-type': 'text/html' }).end(NAIVE_HTML)
    else if (pathname.endsWith('/stream')) {
      reply.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
      pages.onStream((event, data) => reply.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`))
    } else serveFile(pathname, reply)
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const bound = server.address()
  if (bound === null || typeof bound === 'string') throw new RangeError('no port')
  const pages: PageServer = {
    address: `http://127.0.0.1:${bound.port}`,
    onStream: () => {},
    close() {
      server.closeAllConnections()
      return new Promise((resolve) => void server.close(() => resolve()))
    },
  }
  return pages
}
