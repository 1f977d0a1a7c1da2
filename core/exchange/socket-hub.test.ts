import { connect } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { createRejects, decodeFrame, isHeartbeat } from '../contract/kite-wire.ts'
import { createTickFrame, PACKET_KIND } from '../contract/tick-frame.ts'
import { eventually } from '../testing/eventually.ts'
import { connectSocket, openSocket, START_MS, startExchange, type TestSocket } from '../testing/exchange-harness.ts'
import { createFakeMarket, FUTURE_TOKEN, NIFTY_TOKEN, optionToken } from '../testing/fake-market.ts'

interface Packet {
  readonly token: number
  readonly kind: number
  readonly lastPrice: number
}

/** Every packet of what arrived, and what was refused. */
function decode(frames: readonly Uint8Array[]): { packets: Packet[]; rejected: number; largestFrame: number } {
  const into = createTickFrame()
  const rejects = createRejects()
  const packets: Packet[] = []
  let largestFrame = 0
  for (const frame of frames) {
    decodeFrame(frame, into, rejects)
    largestFrame = Math.max(largestFrame, into.count)
    for (let i = 0; i < into.count; i += 1)
      packets.push({ token: into.token[i] ?? 0, kind: into.kind[i] ?? -1, lastPrice: into.lastPrice[i] ?? 0 })
  }
  return { packets, rejected: Object.values(rejects).reduce((sum, count) => sum + count, 0), largestFrame }
}

const received = (client: TestSocket) => decode(client.frames).packets
const tokens = (count: number) => Array.from({ length: count }, (_, i) => optionToken(i))

describe('upgrade', () => {
  it('checks key and token, and keeps to three connections', async () => {
    const { exchange } = await startExchange()
    expect(await openSocket(exchange, { query: '' })).toBe(400)
    expect(await openSocket(exchange, { query: 'api_key=other&access_token=x' })).toBe(400)
    expect(await openSocket(exchange, { query: 'api_key=sim_key&access_token=x' })).toBe(403)
    expect(await openSocket(exchange, { query: 'api_key=sim_key' })).toBe(403)
    const first = await connectSocket(exchange)
    await connectSocket(exchange)
    await connectSocket(exchange)
    expect(await openSocket(exchange)).toBe(429)
    first.socket.close()
    await eventually(async () => expect(await openSocket(exchange)).toBeTypeOf('object'))
  })

  it('refuses other paths, and survives a broken address', async () => {
    const { exchange } = await startExchange()
    const query = `api_key=sim_key&access_token=${exchange.accessToken()}`
    for (const path of ['/ticker?', '//?', '/%?']) {
      const socket = new WebSocket(`ws://127.0.0.1:${exchange.port}${path}${query}`)
      const status = await new Promise((resolve) => {
        socket.on('error', () => {})
        socket.on('open', () => resolve('open'))
        socket.on('unexpected-response', (_, response) => resolve(response.statusCode))
      })
      expect(status).toBe(404)
    }
    await connectSocket(exchange)
  })

  it('lets go of a refused client that keeps its side open', async () => {
    const { exchange } = await startExchange()
    const socket = connect({ host: '127.0.0.1', port: exchange.port, allowHalfOpen: true })
    onTestFinished(() => {
      socket.destroy()
    })
    const host = `Host: 127.0.0.1:${exchange.port}`
    const upgrade = 'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13'
    socket.write(
      `GET /?api_key=other HTTP/1.1\r\n${host}\r\n${upgrade}\r\nSec-WebSocket-Key: ${'A'.repeat(22)}==\r\n\r\n`,
    )
    const head = await new Promise<string>((resolve) => socket.once('data', (data) => resolve(data.toString())))
    expect(head).toMatch(/^HTTP\/1.1 400 Bad Request\r\n/)
    expect(head).toContain('InputException')
    await exchange.stop()
    await expect(fetch(exchange.origin)).rejects.toThrow()
  })

  it('can be made to refuse', async () => {
    const { exchange } = await startExchange({ fault: 'reject_upgrade 429 for 3s' })
    expect(await openSocket(exchange)).toBe(429)
    await eventually(async () => expect(await openSocket(exchange)).toBeTypeOf('object'))
  })
})

describe('packets', () => {
  it('sends a snapshot in mode quote, then in each new mode', async () => {
    const { exchange } = await startExchange()
    const client = await connectSocket(exchange)
    client.say({ a: 'subscribe', v: [optionToken(0), NIFTY_TOKEN, 999] })
    client.say({ a: 'mode', v: ['full', [optionToken(0), NIFTY_TOKEN]] })
    client.say({ a: 'mode', v: ['ltp', [NIFTY_TOKEN]] })
    await eventually(() =>
      expect(received(client).map((one) => [one.token, one.kind])).toEqual([
        [optionToken(0), PACKET_KIND.quote],
        [NIFTY_TOKEN, PACKET_KIND.indexQuote],
        [optionToken(0), PACKET_KIND.full],
        [NIFTY_TOKEN, PACKET_KIND.indexFull],
        [NIFTY_TOKEN, PACKET_KIND.ltp],
      ]),
    )
  })

  it('sends what changes, to those who subscribed it, and accounts for it', async () => {
    const { exchange, market } = await startExchange({}, createFakeMarket())
    const clients = [await connectSocket(exchange), await connectSocket(exchange)]
    const [first, second] = clients
    first?.say({ a: 'subscribe', v: [optionToken(0), FUTURE_TOKEN] })
    second?.say({ a: 'subscribe', v: [optionToken(1), NIFTY_TOKEN] })
    second?.say({ a: 'mode', v: ['full', [optionToken(1)]] })
    await eventually(() => expect(exchange.counts().packets.total).toBe(5))
    market.set({ token: optionToken(0), lastPrice: 111 })
    market.set({ token: optionToken(1), lastPrice: 222 })
    market.set({ token: optionToken(2), lastPrice: 333 })
    await eventually(() => {
      expect(first && received(first).at(-1)).toMatchObject({ token: optionToken(0), lastPrice: 111 })
      expect(second && received(second).at(-1)).toMatchObject({ token: optionToken(1), lastPrice: 222 })
    })
    const counts = exchange.counts()
    expect(counts.packets).toEqual({
      total: 7,
      byClass: { options: 5, futures: 1, indices: 1, others: 0 },
      byMode: { ltp: 0, quote: 5, full: 2 },
    })
    expect(counts.connections.map((one) => one.packets.total)).toEqual([3, 4])
    expect(clients.flatMap(received)).toHaveLength(counts.packets.total)
  })

  it('cuts large steps into frames of at most 200 packets', async () => {
    const { exchange } = await startExchange({}, createFakeMarket({ options: 901 }))
    const client = await connectSocket(exchange)
    client.say({ a: 'subscribe', v: tokens(901) })
    await eventually(() => expect(received(client)).toHaveLength(901))
    expect(decode(client.frames).largestFrame).toBe(200)
    expect(exchange.counts().frames).toBe(5)
  })

  it('refuses the 3001st instrument with a text, and serves the others', async () => {
    const { exchange } = await startExchange({}, createFakeMarket({ options: 3001 }))
    const client = await connectSocket(exchange)
    client.say({ a: 'subscribe', v: tokens(3000) })
    client.say({ a: 'subscribe', v: [optionToken(3000)] })
    const data = "Can't subscribe to more than 3000 instruments"
    await eventually(() => expect(client.texts).toEqual([{ type: 'error', data }]))
    await eventually(() => expect(received(client)).toHaveLength(3000))
    expect(received(client).map((one) => one.token)).not.toContain(optionToken(3000))
  })

  it('answers nonsense with a text and goes on', async () => {
    const { exchange } = await startExchange()
    const client = await connectSocket(exchange)
    client.socket.send('{"a":')
    client.socket.send(new Uint8Array([1, 2, 3]))
    client.say({ a: 'subscribe', v: [optionToken(0)] })
    await eventually(() => expect(received(client)).toHaveLength(1))
    expect(client.texts).toHaveLength(2)
  })

  it('beats while there is nothing to say', async () => {
    const { exchange } = await startExchange()
    const client = await connectSocket(exchange)
    await eventually(() => expect(client.frames.filter(isHeartbeat)).toHaveLength(2))
    expect(received(client)).toEqual([])
    expect(exchange.counts().heartbeats).toBeGreaterThanOrEqual(2)
  })

  it('compresses for clients that ask for it', async () => {
    const { exchange } = await startExchange({ deflate: true }, createFakeMarket({ options: 400 }))
    const client = await connectSocket(exchange, { deflate: true })
    expect(client.socket.extensions).toContain('permessage-deflate')
    client.say({ a: 'subscribe', v: tokens(400) })
    await eventually(() => expect(received(client)).toHaveLength(400))
  })
})

describe('a client that does not read', () => {
  it('is dropped before it fills the memory', async () => {
    const { exchange, market } = await startExchange({ speed: 1 }, createFakeMarket({ options: 3000 }))
    const client = await connectSocket(exchange)
    const all = tokens(3000)
    client.socket.pause()
    // Each pair of modes asks for 3000 packets of 184 and of 44 bytes.
    for (let i = 0; i < 60; i += 1) {
      client.say({ a: i === 0 ? 'subscribe' : 'mode', v: i === 0 ? all : [i % 2 === 0 ? 'quote' : 'full', all] })
    }
    await eventually(() => expect(exchange.counts().slowDropped).toBe(1))
    const sent = exchange.counts().packets.total
    market.set({ token: optionToken(0), lastPrice: 1 })
    client.socket.resume()
    await eventually(() => expect(client.closed()).toBe(1013))
    expect(exchange.counts().packets.total).toBe(sent)
    expect(exchange.counts().connections[0]?.open).toBe(false)
  })
})

describe('scripted faults', () => {
  it('disconnects', async () => {
    const { exchange } = await startExchange({ fault: 'after=1s disconnect' })
    const client = await connectSocket(exchange)
    await eventually(() => expect(client.closed()).toBe(1008))
    await connectSocket(exchange)
  })

  it('lets the token expire', async () => {
    const { exchange } = await startExchange({ fault: 'after=1s token_expire' })
    const token = exchange.accessToken()
    const client = await connectSocket(exchange)
    await eventually(() => expect(client.closed()).toBe(1008))
    expect(await openSocket(exchange, { query: `api_key=sim_key&access_token=${token}` })).toBe(403)
  })

  it('mutes everything for a while', async () => {
    const { exchange } = await startExchange({ fault: 'mute 3s' })
    const client = await connectSocket(exchange)
    client.say({ a: 'subscribe', v: [optionToken(0)] })
    await eventually(() => expect(exchange.counts().connections[0]?.subscribed).toBe(1))
    expect(client.frames).toEqual([])
    await eventually(() => expect(client.frames).not.toEqual([]))
    expect(exchange.counts().packets.total).toBe(0)
  })

  it('spoils frames so that every packet is received or refused', async () => {
    const { exchange } = await startExchange({ fault: 'corrupt_frame 2' }, createFakeMarket({ options: 500 }))
    const client = await connectSocket(exchange)
    client.say({ a: 'subscribe', v: tokens(500) })
    await eventually(() => expect(client.frames.filter((frame) => !isHeartbeat(frame))).toHaveLength(3))
    const { packets, rejected } = decode(client.frames)
    expect(exchange.counts().corruptedFrames).toBe(2)
    expect(rejected).toBe(2)
    expect(packets.length + rejected).toBe(exchange.counts().packets.total)
  })

  it('goes silent without closing, by the time of the market, and comes back', async () => {
    const { exchange, market } = await startExchange({ fault: 'at=10:00:02 half_open 2s' }, createFakeMarket())
    const client = await connectSocket(exchange)
    const pongs: number[] = []
    client.socket.on('pong', () => pongs.push(exchange.marketNow()))
    await eventually(() => expect(exchange.marketNow()).toBeGreaterThan(START_MS + 2400))
    client.socket.ping()
    client.say({ a: 'subscribe', v: [optionToken(0)] })
    market.set({ token: optionToken(0), lastPrice: 4321 })
    await eventually(() => expect(received(client)).toHaveLength(1))
    expect(exchange.marketNow()).toBeGreaterThan(START_MS + 4000)
    expect(pongs.every((at) => at >= START_MS + 4000)).toBe(true)
    expect(client.closed()).toBeNull()
  })
})
