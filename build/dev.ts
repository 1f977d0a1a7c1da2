import { spawn } from 'node:child_process'
import { join } from 'node:path'
import react from '@vitejs/plugin-react'
import { createServer, type ViteDevServer } from 'vite'
import { MONITOR_CALLS } from '../core/contract/monitor-calls.ts'

/**
 * `npm run dev`: the product, started anew when one of its sources changes, and beside it the page from its sources,
 * which takes up a change without being loaded anew. What the page asks goes on to the product.
 */

const root = join(import.meta.dirname, '..')
const ADDRESS = /the API answers at (http:\/\/[\d.]+:\d+)/
/** What has no row in the table of calls. */
const OTHER_ROUTES = ['/stream', '/legs', '/option-chain', '/docs', '/openapi.json', '/metrics']

/** `/health`, `/analytics`, …: where routes begin. */
function apiPrefixes(): readonly string[] {
  const paths = [...Object.values(MONITOR_CALLS).map(({ path }) => path), ...OTHER_ROUTES]
  return [...new Set(paths.map((path) => path.split('/', 2).join('/')))]
}

async function servePage(target: string): Promise<ViteDevServer> {
  // The product answers no other origin than its own.
  const route = { target, changeOrigin: true, headers: { origin: target } }
  const server = await createServer({
    configFile: false,
    root: join(root, 'app/renderer'),
    cacheDir: join(root, 'node_modules/.cache/vite-dev'),
    plugins: [react()],
    server: {
      host: '127.0.0.1',
      fs: { allow: [root] },
      proxy: Object.fromEntries(apiPrefixes().map((prefix) => [`^${prefix}([/?]|$)`, route])),
    },
  })
  await server.listen()
  // Vite would end this process before the product has stopped.
  for (const listener of process.listeners('SIGTERM')) if (listener !== stop) process.off('SIGTERM', listener)
  console.log(`the page with hot reload is at ${server.resolvedUrls?.local[0] ?? '?'}`)
  return server
}

const product = spawn(process.execPath, ['--watch', 'core/cli/main.ts', 'run', ...process.argv.slice(2)], {
  cwd: root,
  stdio: ['inherit', 'pipe', 'inherit'],
})
let isWanted = true
const stop = () => {
  isWanted = false
  product.kill('SIGTERM')
}
process.on('SIGINT', stop)
process.on('SIGTERM', stop)
let page: Promise<ViteDevServer> | null = null
let said = ''
product.stdout.on('data', (part: Buffer) => {
  process.stdout.write(part)
  if (page !== null) return
  said += String(part)
  const address = ADDRESS.exec(said)?.[1]
  if (address === undefined) return
  page = servePage(address)
  page.catch((fault: unknown) => {
    console.error(`the page cannot be served: ${String(fault)}`)
    product.kill('SIGTERM')
  })
})
product.on('exit', (status) => {
  const ended = async () => {
    await (await page)?.close()
    process.exit(isWanted ? (status ?? 1) : 0)
  }
  void ended()
})
