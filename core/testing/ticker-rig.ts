import { expect, onTestFinished } from 'vitest'
import type { WebSocket } from 'ws'
import { encodeFrame, encodeLtp } from '../contract/kite-encode.ts'
import type { LogFields, Logger } from '../kernel/logger.ts'
import { createKiteTicker } from '../kite/ticker.ts'
import type { FeedEvent } from '../ports/market-feed.ts'
import { eventually } from './eventually.ts'
import { createFakeClock } from './fake-clock.ts'
import { type ScriptedTicker, startScriptedTicker } from './scripted-ticker.ts'

export const TOKEN = (1234 << 8) | 2
export const ALERT = (99 << 8) | 2
export const SECRET = 'a+b/c&d=é secret'
export const HEARTBEAT = Uint8Array.of(0)

/** A frame of one packet whose price says which one it is. */
export const frameOf = (price: number, token = TOKEN) => encodeFrame([encodeLtp({ token, lastPrice: price })])

export interface Line {
  readonly level: string
  readonly message: string
  readonly fields: LogFields
}

export function recordingLogger(lines: Line[]): Logger {
  const at =
    (level: string) =>
    (message: string, fields: LogFields = {}) => {
      lines.push({ level, message, fields })
    }
  const logger: Logger = {
    debug: at('debug'),
    info: at('info'),
    warning: at('warning'),
    error: at('error'),
    critical: at('critical'),
    child: () => logger,
  }
  return logger
}

/** A ticker of Kite's on a scripted server and a clock that stands still, all of which ends with the test. */
export async function setupTicker(
  options: { token?: string | null; chunk?: number; tokens?: readonly number[]; live?: boolean } = {},
) {
  const server = await startScriptedTicker()
  const clock = createFakeClock(Date.parse('2026-11-23T04:30:00Z'))
  const lines: Line[] = []
  const login = { token: options.token === undefined ? SECRET : options.token }
  const feed = createKiteTicker(
    { clock, logger: recordingLogger(lines), tokens: { apiKey: 'key', current: () => login.token }, random: () => 0.5 },
    {
      root: server.root,
      live: options.live ?? false,
      ...(options.chunk === undefined ? {} : { chunk: options.chunk }),
    },
  )
  const events: FeedEvent[] = []
  const prices: number[] = []
  feed.onEvent((event) => events.push(event))
  feed.onFrame(({ frame }) => {
    for (let i = 0; i < frame.count; i += 1) prices.push(frame.lastPrice[i] ?? Number.NaN)
  })
  onTestFinished(async () => {
    await feed.stop()
    await server.stop()
  })
  feed.subscribe(options.tokens ?? [TOKEN])
  await feed.start()
  return { server, clock, lines, login, feed, events, prices }
}

/** The `index`-th socket that the server accepted, once it is there and the client has subscribed on it. */
export function socketOf(server: ScriptedTicker, index: number) {
  return eventually(() => {
    const socket = server.sockets[index]
    if (socket === undefined || socket.messages.length === 0) throw new Error(`no socket ${index} with a subscription`)
    return socket
  })
}

/** So many tokens that two connections are needed. */
export const FOR_TWO = Array.from({ length: 3_001 }, (_, i) => ((i + 1) << 8) | 2)

/** A pong tells that the client has read everything that was sent before. */
export async function readAll(sockets: readonly { readonly socket: WebSocket }[]): Promise<void> {
  await Promise.all(
    sockets.map(
      ({ socket }) =>
        new Promise<void>((resolve) => {
          socket.once('pong', () => resolve())
          socket.ping()
        }),
    ),
  )
}

/** Two connections in the order of their numbers, and which of its tokens each one subscribed. */
export async function setupTwoConnections() {
  const rig = await setupTicker({ tokens: FOR_TWO })
  await eventually(() => expect(kinds(rig.events)).toEqual(['connected', 'connected']))
  const first = rig.feed.tokensOf(1)
  const opened = [await socketOf(rig.server, 0), await socketOf(rig.server, 1)]
  const isFirst = ({ messages }: (typeof opened)[number]) => first.has(Number([messages[0]?.v].flat()[0]))
  return { ...rig, sockets: opened.sort((a, b) => Number(isFirst(b)) - Number(isFirst(a))) }
}

export const kinds = (events: readonly FeedEvent[]) => events.map(({ kind }) => kind)
