import { describe, expect, it } from 'vitest'
import { eventually } from '../testing/eventually.ts'
import {
  ALERT,
  FOR_TWO,
  frameOf,
  HEARTBEAT,
  kinds,
  readAll,
  SECRET,
  setupTicker,
  setupTwoConnections,
  socketOf,
  TOKEN,
} from '../testing/ticker-rig.ts'

describe('one of two connections', () => {
  it('that is quiet while the other brings packets is stale and made anew, and the other stays', async () => {
    const { server, clock, feed, events, sockets } = await setupTwoConnections()
    const [talking, quiet] = sockets
    if (talking === undefined || quiet === undefined) throw new Error('two sockets are open')
    for (const connection of [1, 2]) {
      const near = FOR_TWO.slice(0, 20).filter((token) => feed.tokensOf(connection).has(token))
      expect(near).toHaveLength(10)
    }
    feed.expectPackets(true)
    const frames: number[] = []
    feed.onFrame(({ connection }) => frames.push(connection))
    const openedAt = clock.now()
    const beat = async () => {
      clock.advance(1_000)
      talking.socket.send(frameOf(1, FOR_TWO[0]))
      quiet.socket.send(HEARTBEAT)
      await readAll([talking, quiet])
    }
    for (let second = 0; second < 10; second += 1) await beat()
    expect(frames).toEqual(Array.from({ length: 10 }, () => 1))
    expect(events.slice(2)).toEqual([
      { kind: 'stale', connection: 2, sinceMs: expect.any(Number), quietSince: openedAt },
    ])
    expect(feed.status()).toMatchObject({ issue: 'feed_stale', detail: expect.stringContaining('1 of 2') })
    for (let second = 0; second < 4; second += 1) await beat()
    clock.advance(1_000)
    expect(events.slice(3)).toEqual([
      { kind: 'disconnected', connection: 2, reason: expect.stringContaining('packet'), quietSince: openedAt },
    ])
    clock.advance(1_000)
    const again = await socketOf(server, 2)
    expect(feed.status()).toMatchObject({ issue: 'feed_stale' })
    talking.socket.send(frameOf(1, FOR_TWO[0]))
    await readAll([talking])
    expect(feed.status()).toMatchObject({ issue: 'feed_stale' })
    again.socket.send(frameOf(2, FOR_TWO[1]))
    await eventually(() => expect(feed.status()).toMatchObject({ state: 'running', issue: null }))
    expect(frames.at(-1)).toBe(2)
    expect(server.sockets).toHaveLength(3)
  })
})

describe('the last packet', () => {
  it('is named by its time when the connection is lost', async () => {
    const { server, clock, events, prices } = await setupTicker()
    const { socket } = await socketOf(server, 0)
    clock.advance(2_000)
    socket.send(frameOf(1))
    await eventually(() => expect(prices).toEqual([1]))
    const packetAt = clock.now()
    clock.advance(3_000)
    socket.terminate()
    await eventually(() => expect(events.at(-1)).toMatchObject({ kind: 'disconnected', quietSince: packetAt }))
  })
})

describe('a feed that fell silent', () => {
  it('is not well again before a packet came, however often it connects', async () => {
    const { server, clock, feed } = await setupTicker()
    await socketOf(server, 0)
    feed.expectPackets(true)
    clock.advance(7_000)
    expect(feed.status()).toMatchObject({ issue: 'feed_disconnected' })
    clock.advance(1_000)
    const second = await socketOf(server, 1)
    expect(feed.status()).toMatchObject({ state: 'degraded', issue: 'feed_stale' })
    second.socket.terminate()
    await eventually(() => expect(feed.status()).toMatchObject({ issue: 'feed_disconnected' }))
    clock.advance(2_000)
    const third = await socketOf(server, 2)
    expect(feed.status()).toMatchObject({ state: 'degraded', issue: 'feed_stale' })
    const seen: unknown[] = []
    // Whoever takes the packet sees the feed well already.
    feed.onFrame(() => seen.push(feed.status().issue))
    third.socket.send(frameOf(1))
    await eventually(() => expect(seen).toEqual([null]))
  })

  it('is well when no packets are expected any more', async () => {
    const { server, clock, feed } = await setupTicker()
    await socketOf(server, 0)
    feed.expectPackets(true)
    clock.advance(7_000)
    clock.advance(1_000)
    await socketOf(server, 1)
    expect(feed.status()).toMatchObject({ issue: 'feed_stale' })
    feed.expectPackets(false)
    clock.advance(250)
    expect(feed.status()).toMatchObject({ state: 'running', issue: null })
  })
})

describe('a refresh', () => {
  it('subscribes everything anew on the sockets that are open, and closes none', async () => {
    const { server, feed, events } = await setupTicker({ tokens: [TOKEN, ALERT], chunk: 1 })
    const { messages } = await socketOf(server, 0)
    await eventually(() => expect(messages).toHaveLength(4))
    feed.refresh()
    await eventually(() => expect(messages).toHaveLength(10))
    expect(messages.slice(4).map(({ a, v }) => [a, a === 'mode' ? v : [v].flat()[0]])).toEqual([
      ['unsubscribe', TOKEN],
      ['unsubscribe', ALERT],
      ['subscribe', TOKEN],
      ['mode', ['full', [TOKEN]]],
      ['subscribe', ALERT],
      ['mode', ['full', [ALERT]]],
    ])
    expect([kinds(events), server.upgrades.length]).toEqual([['connected'], 1])
  })

  it('waits for nothing while the ticker is down, for connecting subscribes anyway', async () => {
    const { server, clock, feed } = await setupTicker()
    const { socket } = await socketOf(server, 0)
    socket.terminate()
    await eventually(() => expect(feed.status()).toMatchObject({ issue: 'feed_disconnected' }))
    feed.refresh()
    clock.advance(1_000)
    const { messages } = await socketOf(server, 1)
    await eventually(() => expect(messages.map(({ a }) => a)).toEqual(['subscribe', 'mode']))
  })
})

describe('a new access token', () => {
  it('is taken to the open sockets, one after the other', async () => {
    const { server, clock, login, feed, events } = await setupTwoConnections()
    server.answer('hang')
    login.token = 'next'
    clock.advance(1_000)
    await eventually(() => expect(server.upgrades).toHaveLength(3))
    const lost = () => events.filter(({ kind }) => kind === 'disconnected')
    expect(lost()).toMatchObject([{ connection: 1, reason: 'there is a new access token' }])
    // While that one is on its way the other one stays, however long it takes.
    clock.advance(3_000)
    expect(lost()).toHaveLength(1)
    expect(feed.status()).toMatchObject({ issue: 'feed_disconnected' })
    server.answer('accept')
    await eventually(() => {
      clock.advance(500)
      expect(server.sockets).toHaveLength(4)
    })
    await eventually(() => expect(feed.status()).toMatchObject({ state: 'running' }))
    expect(server.sockets.map(({ query }) => query.get('access_token'))).toEqual([SECRET, SECRET, 'next', 'next'])
    expect(lost()).toMatchObject([{ connection: 1 }, { connection: 2 }])
    clock.advance(10)
    await eventually(() => expect(server.openSockets()).toBe(2))
  })

  it('that is refused costs one connection only', async () => {
    const { server, clock, login, events } = await setupTwoConnections()
    server.answer(403)
    login.token = 'mistyped'
    await eventually(() => {
      clock.advance(500)
      expect(kinds(events)).toContain('login_required')
    })
    expect(events.filter(({ kind }) => kind === 'disconnected')).toHaveLength(1)
    expect(server.openSockets()).toBe(1)
  })

  it('that vanishes leaves the sockets alone', async () => {
    const { server, clock, login, events } = await setupTicker()
    const { socket } = await socketOf(server, 0)
    for (const token of [null, SECRET]) {
      login.token = token
      clock.advance(2_000)
      await readAll([{ socket }])
    }
    expect([kinds(events), server.upgrades.length]).toEqual([['connected'], 1])
  })
})

describe('a simulated exchange', () => {
  it.each(['accept', 403] as const)('is refused by a live feed when it answers with %s', async (how) => {
    const { server, clock, feed, events, prices, lines } = await setupTicker({ tokens: [], live: true })
    server.saySimulated(true)
    server.answer(how)
    feed.subscribe([TOKEN])
    await eventually(() => expect(feed.status()).toMatchObject({ state: 'degraded', issue: 'exchange_simulated' }))
    expect(feed.status().detail).toMatch(new RegExp(`${server.root}.*is simulated.*DATA_SOURCE=sim`))
    for (const { socket } of server.sockets) socket.send(frameOf(1))
    await eventually(() => expect(server.openSockets()).toBe(0))
    for (let attempt = 0; attempt < 5; attempt += 1) {
      clock.advance(30_000)
      await eventually(() => expect(server.openSockets()).toBe(0))
    }
    expect(events).toEqual([])
    expect(prices).toEqual([])
    expect(feed.counts()).toEqual({ received: 0, rejected: {} })
    expect(lines.filter(({ level }) => level === 'warning')).toHaveLength(1)

    server.saySimulated(false)
    server.answer('accept')
    const before = server.sockets.length
    clock.advance(30_000)
    const { socket } = await socketOf(server, before)
    socket.send(frameOf(2))
    await eventually(() => expect(prices).toEqual([2]))
    expect(feed.status()).toMatchObject({ state: 'running', issue: null })
  })

  it('is taken by any other feed', async () => {
    const { server, feed, prices } = await setupTicker({ tokens: [] })
    server.saySimulated(true)
    feed.subscribe([TOKEN])
    const { socket } = await socketOf(server, 0)
    socket.send(frameOf(1))
    await eventually(() => expect(prices).toEqual([1]))
  })
})
