import { request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { createDoor, type DoorOptions } from '../http/door.ts'
import { createApiServer, createMetricsServer, type HttpOptions } from '../http/server.ts'
import type { Logger } from '../kernel/logger.ts'
import { createPrometheusMetrics } from '../metrics/prometheus-metrics.ts'
import { createFakeMonitorApi } from './fake-monitor-api.ts'
import { realClock } from './real-clock.ts'
import { silentLogger } from './silent-logger.ts'

export interface Reply {
  readonly status: number
  readonly type: string
  readonly headers: NodeJS.Dict<string | string[]>
  readonly text: string
}

const OPTIONS: DoorOptions & HttpOptions = {
  name: 'api',
  host: '127.0.0.1',
  port: 0,
  portSetting: 'API_PORT',
  allowedHosts: [],
  metricsToken: null,
  version: '1.2.3',
  pageFolder: null,
}

/** Servers on real sockets, with a built market behind them. */
export async function startHttp(change: Partial<DoorOptions & HttpOptions> = {}, logger: Logger = silentLogger) {
  const api = await createFakeMonitorApi()
  const metrics = createPrometheusMetrics()
  let traces = 0
  const newTrace = () => {
    traces += 1
    return `trace-${traces}`
  }
  const deps = { clock: realClock, logger, metrics, newTrace }
  const started = async (make: typeof createMetricsServer, options: DoorOptions & HttpOptions) => {
    const door = createDoor(options)
    await door.start()
    const server = make(deps, door, options)
    await server.start()
    return { port: door.port, stop: server.stop }
  }
  const server = await started((...given) => createApiServer(given[0], api, given[1], given[2]), {
    ...OPTIONS,
    ...change,
  })
  const startMetrics = () =>
    started(createMetricsServer, { ...OPTIONS, ...change, name: 'metrics', portSetting: 'METRICS_PORT' })
  const get = (path: string, headers: Readonly<Record<string, string>> = {}) => send(server.port(), path, headers)
  return { api, metrics, server, startMetrics, get, deps }
}

/** A GET with exactly these headers; `fetch` would not let a Host be forged. */
export function send(port: number, path: string, headers: Readonly<Record<string, string>> = {}): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, headers, agent: false }, (reply) => {
      let text = ''
      reply.setEncoding('utf8')
      reply.on('data', (part: string) => {
        text += part
      })
      reply.on('error', reject)
      reply.on('end', () => {
        const type = reply.headers['content-type'] ?? ''
        resolve({ status: reply.statusCode ?? 0, type, headers: reply.headers, text })
      })
    })
    sent.on('error', reject)
    sent.end()
  })
}

/** A port that is in use until it is released. */
export async function takePort(): Promise<{ readonly port: number; release(): Promise<void> }> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { port, release: () => new Promise((resolve) => server.close(() => resolve())) }
}

export interface StreamClient {
  /** Complete events so far. */
  readonly events: { readonly id: string | null; readonly event: string; readonly data: unknown }[]
  readonly status: number
  readonly type: string
  /** Over, well or not. */
  readonly ended: () => boolean
  /** Over, and whole: the server ended it. */
  readonly complete: () => boolean
  close(): void
}

/** A reader of server-sent events. */
export function openStream(
  port: number,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<StreamClient> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, headers, agent: false }, (reply) => {
      const events: StreamClient['events'] = []
      let rest = ''
      let ended = false
      reply.setEncoding('utf8')
      reply.on('data', (part: string) => {
        const blocks = (rest + part).split('\n\n')
        rest = blocks.pop() ?? ''
        for (const block of blocks) if (!block.startsWith(':')) events.push(parseEvent(block))
      })
      const end = () => {
        ended = true
      }
      reply.on('end', end).on('error', end).on('close', end)
      const type = reply.headers['content-type'] ?? ''
      const close = () => sent.destroy()
      resolve({
        events,
        status: reply.statusCode ?? 0,
        type,
        ended: () => ended,
        complete: () => reply.complete,
        close,
      })
    })
    sent.on('error', reject)
    sent.end()
  })
}

function parseEvent(block: string): StreamClient['events'][number] {
  const field = (name: string) =>
    block
      .split('\n')
      .find((line) => line.startsWith(`${name}: `))
      ?.slice(name.length + 2) ?? null
  return { id: field('id'), event: field('event') ?? '', data: JSON.parse(field('data') ?? 'null') }
}
