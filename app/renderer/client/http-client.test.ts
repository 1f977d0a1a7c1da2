import { createServer, type Server, type ServerResponse } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { changedLegs, legRow, wholeChain } from '../../../core/testing/chain-messages.ts'
import { eventually } from '../../../core/testing/eventually.ts'
import { startHttp } from '../../../core/testing/http-rig.ts'
import { createHttpClient } from './http-client.ts'
import type { StreamListener } from './monitor-client.ts'

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

/** A server whose streams the test writes. */
async function serve() {
  const streams: { url: string; reply: ServerResponse }[] = []
  const server: Server = createServer((request, reply) => {
    if (request.url === '/indices') return void reply.end('{"date":null,"source":"sim","indices":[]}')
    if (request.url === '/expiries/NIFTY') return void reply.writeHead(503).end('{}')
    reply.writeHead(200, { 'content-type': 'text/event-stream' }).write(': connected\n\n')
    streams.push({ url: request.url ?? '', reply })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : 0
  const send = (event: string, data: unknown, at = -1) =>
    streams.at(at)?.reply.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
  return { base: `http://127.0.0.1:${port}`, streams, send }
}

/** Timers by hand: what is due runs when the test says so. */
function timers() {
  const waiting = new Map<() => void, number>()
  return {
    after(delayMs: number, run: () => void) {
      waiting.set(run, delayMs)
      return () => void waiting.delete(run)
    },
    /** Runs what waits at least this long. */
    pass(least: number) {
      for (const [run, delayMs] of [...waiting]) {
        if (delayMs < least) continue
        waiting.delete(run)
        run()
      }
    },
    count: () => waiting.size,
  }
}

async function follow() {
  const server = await serve()
  const clock = timers()
  const client = createHttpClient({ fetch, random: () => 0.5, after: clock.after }, server.base)
  const seen: string[] = []
  const listener: StreamListener = {
    onLink: (link) => void seen.push(link),
    onChain: (message) => void seen.push(`${message.full ? 'whole' : 'changed'} ${message.seq}`),
    onUnavailable: ({ code }) => void seen.push(code),
    onHealth: ({ status }) => void seen.push(status),
    onAlert: ({ id }) => void seen.push(id),
  }
  const stop = client.follow(['chain:NIFTY:this_week', 'health'], listener)
  closing.push(stop)
  await eventually(() => expect(server.streams).toHaveLength(1))
  return { ...server, clock, client, seen, stop }
}

const whole = wholeChain([legRow(0, 1)])

describe('the monitor over HTTP', () => {
  it('hands on what the stream says, in order', async () => {
    const { streams, send, seen } = await follow()
    expect(streams[0]?.url).toBe('/stream?topics=chain:NIFTY:this_week,health')
    send('chain_unavailable', { topic: 'chain:NIFTY:this_week', code: 'universe_unknown', message: 'm' })
    send('chain', { ...whole, seq: 1 })
    send('unheard_of', {})
    send('chain', changedLegs([legRow(0, 2)], 2))
    await eventually(() => expect(seen).toEqual(['connecting', 'live', 'universe_unknown', 'whole 1', 'changed 2']))
  })

  it('reads faults of settings as the answer that they are', async () => {
    const { server } = await startHttp()
    closing.push(() => void server.stop())
    const client = createHttpClient(
      { fetch, random: () => 0.5, after: timers().after },
      `http://127.0.0.1:${server.port()}`,
    )
    const { faults } = await client.ask('changeSettings', { changes: { SIM_SPEED: '-1' } })
    expect(faults.SIM_SPEED).toMatch(/^Must be a number above 0/)
    await expect(client.ask('deleteAlertRule', { id: 'none' })).rejects.toMatchObject({ code: 'alert_unknown' })
  })

  it('asks anew when it has missed something', async () => {
    const { streams, send, seen, clock } = await follow()
    send('chain', whole)
    send('chain', changedLegs([legRow(0, 2)], 2))
    await eventually(() => expect(seen).toEqual(['connecting', 'live', 'whole 0', 'lost']))
    clock.pass(0)
    await eventually(() => expect(streams).toHaveLength(2))
    send('chain', whole)
    await eventually(() => expect(seen.slice(-2)).toEqual(['live', 'whole 0']))
  })

  it.each([
    ['that ends', (reply: ServerResponse) => void reply.end()],
    ['that breaks', (reply: ServerResponse) => void reply.destroy()],
    ['that says nonsense', (reply: ServerResponse) => void reply.write('event: chain\ndata: {"seq":0}\n\n')],
  ])('takes up a stream %s', async (_, fail) => {
    const { streams, send, seen, clock } = await follow()
    send('chain', whole)
    await eventually(() => expect(seen).toContain('whole 0'))
    const reply = streams[0]?.reply
    if (reply !== undefined) fail(reply)
    await eventually(() => expect(seen.at(-1)).toBe('lost'))
    clock.pass(0)
    await eventually(() => expect(streams).toHaveLength(2))
    send('chain', whole)
    await eventually(() => expect(seen.slice(-2)).toEqual(['live', 'whole 0']))
  })

  it('takes silence for a dead connection', async () => {
    const { send, seen, clock } = await follow()
    send('chain', whole)
    await eventually(() => expect(seen).toContain('whole 0'))
    clock.pass(6_000)
    await eventually(() => expect(seen.at(-1)).toBe('lost'))
  })

  it('is quiet once it is told to stop, and leaves no timer', async () => {
    const { streams, send, seen, stop, clock } = await follow()
    send('chain', whole)
    await eventually(() => expect(seen).toContain('whole 0'))
    stop()
    await eventually(() => expect(streams[0]?.reply.destroyed).toBe(true))
    await eventually(() => expect(clock.count()).toBe(0))
    expect(seen).toEqual(['connecting', 'live', 'whole 0'])
  })

  it('answers questions by their schema, and throws where there is no answer', async () => {
    const { client } = await follow()
    expect(await client.ask('indices', {})).toEqual({ date: null, source: 'sim', indices: [] })
    await expect(client.ask('expiries', { index: 'NIFTY' })).rejects.toMatchObject({ code: 'unreachable' })
  })
})
