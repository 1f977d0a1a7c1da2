import { describe, expect, it } from 'vitest'
import { encodeFrame, encodeFull, encodeLtp } from '../contract/kite-encode.ts'
import { eventually } from '../testing/eventually.ts'
import { createFakeClock } from '../testing/fake-clock.ts'
import {
  ALERT,
  frameOf,
  HEARTBEAT,
  kinds,
  recordingLogger,
  SECRET,
  setupTicker,
  socketOf,
  TOKEN,
} from '../testing/ticker-rig.ts'
import { createKiteTicker } from './ticker.ts'

describe('the ticker connects', () => {
  it('with its credentials encoded, subscribes in full mode and delivers packets', async () => {
    const { server, clock, feed, prices, events } = await setupTicker()
    const { socket, query, messages } = await socketOf(server, 0)
    expect(query.get('access_token')).toBe(SECRET)
    expect(query.get('api_key')).toBe('key')
    await eventually(() =>
      expect(messages).toEqual([
        { a: 'subscribe', v: [TOKEN] },
        { a: 'mode', v: ['full', [TOKEN]] },
      ]),
    )
    const times: [number, number][] = []
    feed.onFrame(({ receivedAt, receivedMonotonicMs }) => times.push([receivedAt, receivedMonotonicMs]))
    socket.send(HEARTBEAT)
    socket.send(frameOf(1))
    await eventually(() => expect(prices).toEqual([1]))
    expect(times).toEqual([[clock.now(), clock.monotonicMs()]])
    expect(events).toEqual([{ kind: 'connected', connection: 1 }])
    expect(feed.status()).toMatchObject({ state: 'running', issue: null })
    expect(feed.counts()).toEqual({ received: 1, rejected: {} })
  })

  it('only when there is something to subscribe, and disconnects when nothing is left', async () => {
    const { server, feed } = await setupTicker({ tokens: [] })
    expect(feed.status()).toMatchObject({ state: 'running', issue: null })
    feed.subscribe([TOKEN])
    expect(feed.status()).toMatchObject({ state: 'degraded', issue: 'feed_disconnected' })
    await socketOf(server, 0)
    feed.subscribe([])
    await eventually(() => expect(server.openSockets()).toBe(0))
    expect(server.upgrades).toHaveLength(1)
  })

  it('with chunks of the tokens', async () => {
    const tokens = Array.from({ length: 5 }, (_, i) => (i << 8) | 2)
    const { server } = await setupTicker({ tokens, chunk: 2 })
    const { messages } = await socketOf(server, 0)
    await eventually(() => expect(messages).toHaveLength(6))
    expect(messages.filter(({ a }) => a === 'subscribe').map(({ v }) => v)).toEqual([
      tokens.slice(0, 2),
      tokens.slice(2, 4),
      tokens.slice(4),
    ])
  })

  it('on three connections of 3000 when needed, and says what does not fit', async () => {
    const tokens = Array.from({ length: 9_001 }, (_, i) => (i << 8) | 2)
    const { server, feed, events, lines } = await setupTicker({ tokens })
    await eventually(() => expect(kinds(events)).toEqual(['connected', 'connected', 'connected']))
    const subscribed = () =>
      server.sockets.map(({ messages }) =>
        messages.filter(({ a }) => a === 'subscribe').flatMap(({ v }) => v as number[]),
      )
    await eventually(() => expect(subscribed().map((all) => all.length)).toEqual([3_000, 3_000, 3_000]))
    expect(new Set(subscribed().flat()).size).toBe(9_000)
    expect(lines).toContainEqual(expect.objectContaining({ level: 'error', fields: { left_out: 1 } }))
    expect(feed.status().detail).toContain('1 instruments do not fit')
  })

  it('refuses an address that is not a WebSocket’s', () => {
    const deps = { clock: createFakeClock(0), logger: recordingLogger([]), random: () => 0 }
    const tokens = { apiKey: 'key', current: () => null }
    expect(() => createKiteTicker({ ...deps, tokens }, { root: 'https://ws.kite.trade' })).toThrow('ws:')
  })
})

describe('subscribing while connected', () => {
  it('sends the change and nothing else', async () => {
    const { server, feed } = await setupTicker({ tokens: [TOKEN, ALERT] })
    const { messages } = await socketOf(server, 0)
    await eventually(() => expect(messages).toHaveLength(2))
    const added = (77 << 8) | 5
    feed.subscribe([added, TOKEN, added])
    await eventually(() =>
      expect(messages.slice(2)).toEqual([
        { a: 'unsubscribe', v: [ALERT] },
        { a: 'subscribe', v: [added] },
        { a: 'mode', v: ['full', [added]] },
      ]),
    )
    expect(server.upgrades).toHaveLength(1)
  })
})

describe('the ticker reconnects', () => {
  it('after the server closed, with the token of that moment and all subscriptions', async () => {
    const { server, clock, login, feed, events, prices } = await setupTicker()
    const first = await socketOf(server, 0)
    first.socket.send(frameOf(1))
    await eventually(() => expect(prices).toEqual([1]))
    login.token = 'next morning'
    feed.subscribe([TOKEN, ALERT])
    first.socket.close(1001)
    await eventually(() => expect(kinds(events)).toEqual(['connected', 'disconnected']))
    expect(feed.status()).toMatchObject({ state: 'degraded', issue: 'feed_disconnected' })
    clock.advance(1_000)
    const second = await socketOf(server, 1)
    expect(second.query.get('access_token')).toBe('next morning')
    await eventually(() => expect(second.messages[0]).toEqual({ a: 'subscribe', v: [TOKEN, ALERT] }))
    second.socket.send(frameOf(2))
    await eventually(() => expect(prices).toEqual([1, 2]))
    expect(feed.status()).toMatchObject({ state: 'running', issue: null })
  })

  it('later and later while no data comes', async () => {
    const { server, clock } = await setupTicker()
    const delays: number[] = []
    for (let round = 0; round < 6; round += 1) {
      const { socket } = await socketOf(server, round)
      socket.terminate()
      await eventually(() => expect(server.openSockets()).toBe(0))
      let waited = 0
      while (server.upgrades.length === round + 1) {
        clock.advance(750)
        waited += 750
        // The next upgrade takes a moment to arrive after the timer ran.
        await new Promise((resolve) => setTimeout(resolve, 15))
        if (waited > 60_000) throw new Error('no attempt in a minute')
      }
      delays.push(waited)
    }
    // Half of the ceiling is fixed, half random (0.5 here): 0.75 of 1, 2, 4 … seconds, at most of 30.
    expect(delays.map((ms, i) => ms >= Math.min(30_000, 1_000 * 2 ** i) * 0.75)).toEqual(delays.map(() => true))
    expect(delays.at(-1)).toBeLessThanOrEqual(30_000)
  })

  it('soon again once data came', async () => {
    const { server, clock, prices } = await setupTicker()
    for (let round = 0; round < 4; round += 1) {
      const { socket } = await socketOf(server, round)
      socket.send(frameOf(round))
      await eventually(() => expect(prices).toHaveLength(round + 1))
      socket.terminate()
      await eventually(() => expect(server.openSockets()).toBe(0))
      clock.advance(1_000)
    }
    await socketOf(server, 4)
  })

  it('from a peer that stopped answering, by cutting the old socket off', async () => {
    const { server, clock, events, feed } = await setupTicker()
    const { socket } = await socketOf(server, 0)
    await eventually(() => expect(kinds(events)).toEqual(['connected']))
    clock.advance(6_000)
    socket.send(HEARTBEAT)
    await eventually(() => {
      // The heartbeat has arrived once a byte was seen after those six seconds: then six more are no silence.
      expect(events).toHaveLength(1)
      expect(socket.bufferedAmount).toBe(0)
    })
    socket.send(frameOf(1))
    await eventually(() => expect(feed.counts().received).toBe(1))
    clock.advance(6_000)
    expect(kinds(events)).toEqual(['connected'])
    clock.advance(1_000)
    expect(events.at(-1)).toMatchObject({ kind: 'disconnected', connection: 1 })
    await eventually(() => expect(server.openSockets()).toBe(0))
    clock.advance(1_000)
    await socketOf(server, 1)
    expect(server.openSockets()).toBe(1)
  })

  it('when the upgrade is not answered', async () => {
    const { server, clock, feed } = await setupTicker({ tokens: [] })
    server.answer('hang')
    feed.subscribe([TOKEN])
    await eventually(() => expect(server.upgrades).toHaveLength(1))
    server.answer('accept')
    clock.advance(5_000)
    await eventually(() => expect(server.openSockets()).toBe(0))
    clock.advance(1_000)
    await socketOf(server, 0)
  })

  it('when nobody listens', async () => {
    const { server, clock, feed, lines } = await setupTicker({ tokens: [] })
    await server.stop()
    feed.subscribe([TOKEN])
    await eventually(() => expect(feed.status().detail).toContain('ECONNREFUSED'))
    clock.advance(1_000)
    expect(feed.status()).toMatchObject({ state: 'degraded', issue: 'feed_disconnected' })
    expect(lines.filter(({ level }) => level === 'warning')).toHaveLength(1)
  })

  it('and refuses what a socket that it gave up still delivers', async () => {
    const { server, clock, feed, prices } = await setupTicker()
    const { socket } = await socketOf(server, 0)
    const stopListening = feed.onFrame(() => {
      stopListening()
      // The watchdog fires while the frames behind this one are already in the process.
      clock.advance(7_000)
    })
    // One write, so that all frames arrive together.
    const { _socket: tcp } = socket as unknown as { _socket: { cork(): void; uncork(): void } }
    tcp.cork()
    for (let price = 1; price <= 5; price += 1) socket.send(frameOf(price))
    tcp.uncork()
    await eventually(() => expect(feed.counts().rejected).toEqual({ old_connection: 4 }))
    expect(prices).toEqual([1])
    clock.advance(1_000)
    const next = await socketOf(server, 1)
    next.socket.send(frameOf(6))
    await eventually(() => expect(prices).toEqual([1, 6]))
  })
})

describe('a feed without data', () => {
  it('is stale after ten seconds of heartbeats and made anew after fifteen', async () => {
    const { server, clock, feed, events } = await setupTicker()
    const { socket } = await socketOf(server, 0)
    feed.expectPackets(true)
    let heard = 0
    const beat = async (seconds: number) => {
      for (let second = 0; second < seconds; second += 1) {
        clock.advance(1_000)
        const known = ++heard
        socket.ping()
        socket.send(HEARTBEAT)
        await new Promise<void>((resolve) => socket.once('pong', () => resolve()))
        expect(heard).toBe(known)
      }
    }
    await beat(9)
    expect(kinds(events)).toEqual(['connected'])
    clock.advance(1_000)
    expect(kinds(events)).toEqual(['connected', 'stale'])
    expect(feed.status()).toMatchObject({ state: 'degraded', issue: 'feed_stale' })
    await beat(4)
    clock.advance(1_000)
    expect(kinds(events)).toEqual(['connected', 'stale', 'disconnected'])
    clock.advance(1_000)
    const second = await socketOf(server, 1)
    expect(feed.status()).toMatchObject({ issue: 'feed_stale' })
    second.socket.send(frameOf(1))
    await eventually(() => expect(feed.status()).toMatchObject({ state: 'running', issue: null }))
  })

  it('is no fault while no packets are expected', async () => {
    const { server, clock, feed, events } = await setupTicker()
    const { socket } = await socketOf(server, 0)
    feed.expectPackets(true)
    feed.expectPackets(false)
    for (let second = 0; second < 30; second += 1) {
      clock.advance(1_000)
      socket.ping()
      await new Promise<void>((resolve) => socket.once('pong', () => resolve()))
    }
    expect(kinds(events)).toEqual(['connected'])
    feed.expectPackets(true)
    clock.advance(5_000)
    expect(kinds(events)).toEqual(['connected'])
  })
})

describe('a login', () => {
  it.each([403, 400])(
    'is asked for after three refusals with status %i, and taken up without a restart',
    async (status) => {
      const { server, clock, login, feed, events } = await setupTicker({ tokens: [] })
      server.answer(status)
      feed.subscribe([TOKEN])
      await eventually(() => {
        clock.advance(500)
        expect(kinds(events)).toEqual(['login_required'])
      })
      expect(server.upgrades).toHaveLength(3)
      expect(feed.status()).toMatchObject({ state: 'degraded', issue: 'login_required' })
      clock.advance(3_600_000)
      expect(feed.status()).toMatchObject({ issue: 'login_required' })
      server.answer('accept')
      login.token = 'new'
      clock.advance(1_000)
      const { query } = await socketOf(server, 0)
      expect(query.get('access_token')).toBe('new')
      expect(server.upgrades).toHaveLength(4)
      await eventually(() => expect(feed.status()).toMatchObject({ state: 'running', issue: null }))
    },
  )

  it.each([2, 3])('is asked for after three attempts of %i connections together', async (count) => {
    const { server, clock, feed, events } = await setupTicker({ tokens: [] })
    server.answer(403)
    feed.subscribe(Array.from({ length: count * 3_000 }, (_, i) => (i << 8) | 2))
    await eventually(() => {
      clock.advance(500)
      expect(kinds(events)).toEqual(['login_required'])
    })
    clock.advance(60_000)
    await server.settled()
    expect(server.upgrades).toHaveLength(3)
    server.answer('accept')
    feed.retryLogin()
    await eventually(() => expect(events.filter(({ kind }) => kind === 'connected')).toHaveLength(count))
    expect(server.upgrades).toHaveLength(3 + count)
  })

  it('is asked for at once when there is no token', async () => {
    const { server, clock, login, events } = await setupTicker({ token: null })
    expect(kinds(events)).toEqual(['login_required'])
    login.token = 'first'
    clock.advance(1_000)
    const { query } = await socketOf(server, 0)
    expect(query.get('access_token')).toBe('first')
    expect(server.upgrades).toHaveLength(1)
  })

  it('is not asked for by status 429, which only makes the ticker wait longer', async () => {
    const { server, clock, feed, events } = await setupTicker({ tokens: [] })
    server.answer(429)
    feed.subscribe([TOKEN])
    await eventually(() => expect(feed.status().detail).toContain('stop the other program'))
    server.answer('accept')
    clock.advance(5_000)
    await server.settled()
    expect(server.upgrades).toHaveLength(1)
    clock.advance(5_000)
    await socketOf(server, 0)
    expect(kinds(events)).toEqual(['connected'])
  })

  it('leaves no trace of the token in logs, events and status', async () => {
    const { server, clock, feed, events, lines } = await setupTicker()
    const { socket } = await socketOf(server, 0)
    socket.close(1011, 'bye')
    server.answer(403)
    await eventually(() => {
      clock.advance(1_000)
      expect(kinds(events)).toContain('login_required')
    })
    const said = JSON.stringify([lines, events, feed.status()])
    expect(lines.length).toBeGreaterThan(2)
    expect([said.includes('secret'), said.includes(encodeURIComponent(SECRET))]).toEqual([false, false])
  })
})

describe('messages', () => {
  it('that are errors are reported once, orders ignored, nonsense counted', async () => {
    const { server, feed, lines, prices } = await setupTicker()
    const { socket } = await socketOf(server, 0)
    for (let i = 0; i < 5; i += 1) socket.send('{"type":"error","data":"Too many instruments"}')
    socket.send('{"type":"order","data":{"order_id":"1"}}')
    socket.send('{"type":"message","data":"hello"}')
    socket.send('{"type":')
    socket.send('[]')
    socket.send(Uint8Array.of(0xff, 0xc0), { binary: false })
    socket.send(frameOf(1))
    await eventually(() => expect(prices).toEqual([1]))
    expect(lines.filter(({ level }) => level === 'warning').map(({ fields }) => fields)).toEqual([
      { error: 'Too many instruments', times: 1 },
    ])
    expect(feed.counts()).toEqual({ received: 1, rejected: { broken_text: 3 } })
  })

  it('that cannot be decoded are counted by reason', async () => {
    const { server, feed, prices } = await setupTicker()
    const { socket } = await socketOf(server, 0)
    socket.send(Uint8Array.of(0xff, 0xff, 0))
    socket.send(encodeFrame([new Uint8Array(60)]))
    socket.send(frameOf(1))
    await eventually(() => expect(prices).toEqual([1]))
    expect(feed.counts()).toEqual({ received: 1, rejected: { truncated: 3000, bad_length: 1 } })
  })

  it('reach every listener, whatever another one throws', async () => {
    const { server, feed, lines } = await setupTicker()
    const { socket } = await socketOf(server, 0)
    feed.onFrame(() => {
      throw new TypeError('a fault in a listener')
    })
    const seen: number[] = []
    const unsubscribe = feed.onFrame(({ frame }) => seen.push(frame.count))
    const depth = [{ quantity: 1, price: 2, orders: 3 }]
    const rest = { lastQuantity: 0, averagePrice: 0, volume: 0, buyQuantity: 0, sellQuantity: 0, lastTradeTime: 0 }
    const ohlc = { open: 0, high: 0, low: 0, close: 0 }
    const full = { ...rest, ...ohlc, oi: 0, oiDayHigh: 0, oiDayLow: 0, exchangeTime: 0, depth }
    socket.send(
      encodeFrame([encodeFull({ token: TOKEN, lastPrice: 1, ...full }), encodeLtp({ token: TOKEN, lastPrice: 2 })]),
    )
    socket.send(frameOf(3))
    await eventually(() => expect(seen).toEqual([2, 1]))
    const faults = lines.filter(({ level }) => level === 'error')
    expect(faults.map(({ fields }) => fields)).toEqual([{ fault: 'TypeError: a fault in a listener', times: 1 }])
    unsubscribe()
    socket.send(frameOf(4))
    await eventually(() => expect(feed.counts().received).toBe(4))
    expect(seen).toEqual([2, 1])
  })
})

describe('stopping', () => {
  it('closes the sockets, stops the timers, and may be done twice', async () => {
    const { server, clock, feed, events } = await setupTicker()
    await socketOf(server, 0)
    await Promise.all([feed.stop(), feed.stop()])
    expect(feed.status()).toMatchObject({ state: 'stopped', issue: null })
    await eventually(() => expect(server.openSockets()).toBe(0))
    clock.advance(120_000)
    await feed.start()
    await server.settled()
    expect(server.upgrades).toHaveLength(1)
    expect(kinds(events)).toEqual(['connected', 'left'])
  })

  it('ends an attempt that is under way', async () => {
    const { server, feed } = await setupTicker({ tokens: [] })
    server.answer('hang')
    feed.subscribe([TOKEN])
    await eventually(() => expect(server.upgrades).toHaveLength(1))
    await feed.stop()
    await eventually(() => expect(server.openSockets()).toBe(0))
  })
})
