import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { istInstant } from '../domain/ist.ts'
import { createExchange, type Exchange, type ExchangeOptions } from '../exchange/exchange.ts'
import type { Market } from '../exchange/market.ts'
import { createSimClock } from '../exchange/sim-clock.ts'
import { createSystemClock } from '../platform/system-clock.ts'
import { createFakeMarket, type FakeMarket } from './fake-market.ts'
import { silentLogger } from './silent-logger.ts'

export const START_MS = istInstant('2026-11-23', '10:00')

export interface HarnessOptions extends Partial<ExchangeOptions> {
  readonly speed?: number
}

/** An exchange on a free port, stopped when the test ends. */
export async function startExchange<M extends Market = FakeMarket>(
  options: HarnessOptions = {},
  given?: M,
): Promise<{ exchange: Exchange; market: M | FakeMarket }> {
  const { speed = 1, startMs = START_MS, ...rest } = options
  const market = given ?? createFakeMarket()
  const clock = createSystemClock()
  const marketClock = createSimClock(clock, { startMs, speed })
  const exchange = createExchange(
    { clock, logger: silentLogger, market, marketClock, random: Math.random },
    { host: '127.0.0.1', port: 0, startMs, ...rest },
  )
  onTestFinished(() => exchange.stop())
  await exchange.start()
  return { exchange, market }
}

export interface TestSocket {
  readonly socket: WebSocket
  /** Binary messages, heartbeats included, oldest first. */
  readonly frames: Uint8Array[]
  readonly texts: unknown[]
  readonly closed: () => number | null
  say(message: unknown): void
}

/** Resolves with an open socket, or with the status with which the upgrade was refused. */
export function openSocket(
  exchange: Exchange,
  options: { readonly query?: string; readonly headers?: Record<string, string>; readonly deflate?: boolean } = {},
): Promise<TestSocket | number> {
  const query = options.query ?? `api_key=${exchange.apiKey}&access_token=${exchange.accessToken()}`
  const socket = new WebSocket(`ws://127.0.0.1:${exchange.port}/?${query}`, {
    headers: options.headers ?? {},
    perMessageDeflate: options.deflate ?? false,
  })
  onTestFinished(() => socket.terminate())
  const frames: Uint8Array[] = []
  const texts: unknown[] = []
  let closed: number | null = null
  socket.on('message', (data: Buffer, isBinary) => {
    if (isBinary) frames.push(new Uint8Array(data))
    else texts.push(JSON.parse(data.toString('utf8')))
  })
  socket.on('close', (code) => {
    closed = code
  })
  return new Promise((resolve) => {
    socket.on('error', () => {})
    socket.on('unexpected-response', (_, response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    socket.on('open', () =>
      resolve({ socket, frames, texts, closed: () => closed, say: (message) => socket.send(JSON.stringify(message)) }),
    )
  })
}

/** As `openSocket`, for a test in which the upgrade must succeed. */
export async function connectSocket(...parameters: Parameters<typeof openSocket>): Promise<TestSocket> {
  const opened = await openSocket(...parameters)
  if (typeof opened === 'number') throw new Error(`the upgrade was refused with ${opened}`)
  return opened
}
