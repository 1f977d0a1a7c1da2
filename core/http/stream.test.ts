import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { chainMessageSchema, chainUnavailableSchema } from '../contract/chain-stream.ts'
import { formatIst } from '../domain/ist.ts'
import { eventually } from '../testing/eventually.ts'
import { openStream, send, startHttp } from '../testing/http-rig.ts'

const closing: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function open() {
  const rig = await startHttp()
  closing.push(rig.server.stop)
  const follow = async (path = '/stream', headers: Readonly<Record<string, string>> = {}) => {
    const client = await openStream(rig.server.port(), path, headers)
    closing.push(client.close)
    return client
  }
  const publish = (from: number, to = from) => {
    for (let n = from; n <= to; n += 1) rig.api.events.publish('data_events', event(n))
  }
  return { ...rig, follow, publish }
}

const event = (n: number) => ({ id: `1-${n}:legs_collected`, event: 'legs_collected', data: { n } })
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => event(from + i))

describe('server-sent events', () => {
  it('come with ids, in order, of the topics that were asked for', async () => {
    const { follow, publish, api } = await open()
    const data = await follow()
    const system = await follow('/stream?topics=system_events,legs')
    expect([data.status, data.type]).toEqual([200, 'text/event-stream; charset=utf-8'])
    publish(1, 3)
    const alert = { id: 'a-1', event: 'alert', data: { text: 'two\nlines' } }
    api.events.publish('system_events', alert)
    await eventually(() => {
      expect(data.events).toEqual(range(1, 3))
      expect(system.events).toEqual([alert])
    })
  })

  it('resume behind the last that was seen', async () => {
    const { follow, publish } = await open()
    publish(1, 5)
    const client = await follow('/stream', { 'last-event-id': event(2).id })
    publish(6)
    await eventually(() => expect(client.events).toEqual(range(3, 6)))
  })

  it('tell a client whose last event is forgotten to read the state anew, and go on', async () => {
    const { follow, publish } = await open()
    publish(1, 3)
    const client = await follow('/stream', { 'last-event-id': '0-9:legs_collected' })
    publish(4)
    await eventually(() => expect(client.events.map(({ event: name }) => name)).toEqual(['reset', 'legs_collected']))
    expect(client.events[0]?.id).toBeNull()
    expect(client.events[1]).toEqual(event(4))
  })

  it('bring a whole chain that says what the option chain says, beside other topics', async () => {
    const { follow, publish, api } = await open()
    const client = await follow('/stream?topics=chain:NIFTY:this_week,data_events')
    publish(1)
    const message = await eventually(() => {
      expect(client.events).toContainEqual(event(1))
      return chainMessageSchema.parse(client.events.find((each) => each.event === 'chain')?.data)
    })
    const chain = api.optionChain('NIFTY', 'this_week')
    if (!message.full) throw new Error('the first message is not whole')
    const { expiry, lot_size, head, strikes, symbols, legs } = message
    expect({ expiry, lot_size, strikes }).toEqual({
      expiry: chain.expiry,
      lot_size: chain.lot_size,
      strikes: chain.rows.map(({ strike }) => strike),
    })
    expect(head).toMatchObject({ spot: chain.spot, atm: chain.atm, stale: chain.stale })
    const expected = chain.rows.flatMap(({ call, put }) => [call, put])
    expect(legs.length).toBe(expected.filter((leg) => leg !== null).length)
    for (const [slot, ts, , ltp, close, bid, ask] of legs) {
      const leg = expected[slot]
      expect({ ltp, close, bid, ask, ts: formatIst(ts), symbol: symbols[slot] }).toEqual({
        ltp: leg?.ltp,
        close: leg?.close,
        bid: leg?.bid,
        ask: leg?.ask,
        ts: leg?.ts,
        symbol: leg?.symbol,
      })
    }
    const solved = legs.filter((row) => row[24] === 'ok')
    expect(solved.length).toBeGreaterThan(5)
    for (const row of solved) expect(row[17]).toBeCloseTo(expected[row[0]]?.iv ?? Number.NaN, 5)
    for (const row of solved) expect(row[18]).toBeCloseTo(expected[row[0]]?.delta ?? Number.NaN, 3)
  })

  it('say why a chain cannot be had', async () => {
    const { follow } = await open()
    const client = await follow('/stream?topics=chain:NIFTY:next_month')
    await eventually(() => expect(client.events[0]).toMatchObject({ event: 'chain_unavailable' }))
    expect(chainUnavailableSchema.parse(client.events[0]?.data).code).toBe('bucket_not_listed')
  })

  it('do not pile up for a client that reads nothing', async () => {
    const { server, api, follow, publish } = await open()
    const socket = connect(server.port(), '127.0.0.1')
    closing.push(() => void socket.destroy())
    socket.pause()
    socket.write(`GET /stream HTTP/1.1\r\nHost: 127.0.0.1:${server.port()}\r\n\r\n`)
    const quick = await follow()
    const large = 'x'.repeat(10_000)
    for (let n = 0; n < 10_000; n += 1) {
      api.events.publish('data_events', { id: `b-${n}`, event: 'legs_collected', data: large })
      if (n % 500 === 0) await eventually(() => expect(quick.events.length).toBeGreaterThanOrEqual(n))
    }
    let text = ''
    socket.setEncoding('utf8').on('data', (part: string) => {
      text += part
    })
    socket.resume()
    publish(1)
    await eventually(() => expect(text).toContain(`id: ${event(1).id}`))
    expect(text.match(/^event: reset$/gm)).toHaveLength(1)
    expect(text.match(/^event: legs_collected$/gm)?.length).toBeLessThan(9_000)
    expect(quick.events.some(({ event: name }) => name === 'reset')).toBe(false)
  })

  it('end promptly when the server stops', async () => {
    const { server, follow, publish } = await open()
    const clients = await Promise.all([follow(), follow(), follow()])
    publish(1)
    await eventually(() => expect(clients.map(({ events }) => events.length)).toEqual([1, 1, 1]))
    await server.stop()
    await eventually(() => expect(clients.map((client) => client.ended())).toEqual([true, true, true]))
    expect(clients.map((client) => client.complete())).toEqual([true, true, true])
  })

  it('leave nothing behind when the client goes', async () => {
    const { server, api, follow } = await open()
    let open_ = 0
    const { stream } = api
    api.stream = (topics, lastEventId, signal) => {
      open_ += 1
      signal.addEventListener('abort', () => {
        open_ -= 1
      })
      return stream(topics, lastEventId, signal)
    }
    const client = await follow()
    await eventually(() => expect(open_).toBe(1))
    client.close()
    await eventually(() => expect(open_).toBe(0))
    expect((await send(server.port(), '/health/live')).status).toBe(200)
  })

  it('are counted as requests, and are no latency', async () => {
    const { follow, get } = await open()
    const client = await follow()
    client.close()
    await eventually(async () => {
      const { text } = await get('/metrics')
      expect(text).toContain('api_requests_total{method="GET",endpoint="/stream",status="success",code="200"} 1')
    })
    expect((await get('/metrics')).text).not.toContain(
      'api_request_duration_seconds_count{method="GET",endpoint="/stream"}',
    )
  })
})
