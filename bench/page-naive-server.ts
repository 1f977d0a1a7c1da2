import { createServer, type ServerResponse } from 'node:http'
import { BlackScholes } from '@uqee/black-scholes'
import { WebSocket } from 'ws'
import { z } from 'zod'
import { createOfficialParser, type OfficialTick } from './official-parser.ts'

/**
 * The monitor as it is written first, as a program: parser of the official client, an object a tick, one IV package,
 * and with each frame the whole chain as JSON to every page. Takes the ticker's address and the contracts as
 * arguments, and prints its port.
 */

const contractsSchema = z.object({
  spot: z.number(),
  strikes: z.array(z.number()),
  /** By slot. */
  tokens: z.array(z.number()),
})

const [, , ticker = '', given = '{}'] = process.argv
const { spot, strikes, tokens } = contractsSchema.parse(JSON.parse(given))
const slots = new Map(tokens.map((token, slot) => [token, slot]))
const legs: (readonly (number | null)[])[] = tokens.map(() => [])
const pages = new Set<ServerResponse>()
const parse = createOfficialParser()
const model = new BlackScholes()

/** The ten numbers of a leg that the page draws. */
function numbersOf(tick: OfficialTick, slot: number): readonly (number | null)[] {
  const { last_price: price, ohlc, depth, volume_traded: volume, oi } = tick
  const strike = strikes[slot >> 1] ?? 0
  const terms = { rate: 0.065, strike, time: 8 / 365, type: slot % 2 === 0 ? 'call' : 'put', underlying: spot } as const
  const sigma = model.sigma({ ...terms, price })
  const { delta, theta, vega } = model.option({ ...terms, sigma })
  const [bid, ask] = [depth?.buy[0]?.price ?? null, depth?.sell[0]?.price ?? null]
  const numbers = [price - ohlc.close, bid, price, ask, volume, oi, sigma, delta, theta, vega]
  return numbers.map((value) => (value === null || Number.isFinite(value) ? value : null))
}

const socket = new WebSocket(ticker)
socket.binaryType = 'arraybuffer'
socket.on('open', () => {
  socket.send(JSON.stringify({ a: 'subscribe', v: tokens }))
  socket.send(JSON.stringify({ a: 'mode', v: ['full', tokens] }))
})
socket.on('message', (data) => {
  if (!(data instanceof ArrayBuffer) || data.byteLength < 4) return
  let isNews = false
  for (const tick of parse(data)) {
    const slot = slots.get(tick.instrument_token)
    if (slot === undefined) continue
    legs[slot] = numbersOf(tick, slot)
    isNews = true
  }
  if (!isNews) return
  for (const page of pages) page.write(`data: ${JSON.stringify({ strikes, legs })}\n\n`)
})

const server = createServer((_request, reply) => {
  reply.writeHead(200, { 'content-type': 'text/event-stream', 'access-control-allow-origin': '*' })
  pages.add(reply)
  reply.on('close', () => pages.delete(reply))
})
server.listen(0, '127.0.0.1', () => {
  const bound = server.address()
  if (bound !== null && typeof bound !== 'string') console.log(`port ${bound.port}`)
})
