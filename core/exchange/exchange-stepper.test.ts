import { describe, expect, it } from 'vitest'
import { createRejects, decodeFrame } from '../contract/kite-wire.ts'
import { createTickFrame } from '../contract/tick-frame.ts'
import { eventually } from '../testing/eventually.ts'
import { connectSocket, START_MS, startExchange, type TestSocket } from '../testing/exchange-harness.ts'
import { createFakeClock, type FakeClock } from '../testing/fake-clock.ts'
import { createFakeMarket, optionToken } from '../testing/fake-market.ts'
import type { Exchange } from './exchange.ts'
import { createPace } from './exchange-pace.ts'
import { createStepper } from './exchange-stepper.ts'

const MINUTE_MS = 60_000

/** Last prices of the option 0, in order of arrival. */
function prices(client: TestSocket): number[] {
  const into = createTickFrame()
  const seen: number[] = []
  for (const frame of client.frames) {
    decodeFrame(frame, into, createRejects())
    for (let i = 0; i < into.count; i += 1) if (into.token[i] === optionToken(0)) seen.push(into.lastPrice[i] ?? 0)
  }
  return seen
}

const everyMinute = (count: number, options = 1) =>
  Array.from({ length: count }, (_, minute) => ({
    at: START_MS + minute * MINUTE_MS,
    quotes: Array.from({ length: options }, (_, i) => ({ token: optionToken(i), lastPrice: 1000 + minute })),
  }))

/** Market time did not move while a request went to and fro; at these speeds that is seconds. */
async function expectStill(exchange: Exchange): Promise<void> {
  const before = exchange.marketNow()
  await fetch(`${exchange.origin}/sim/clock`)
  expect(exchange.marketNow()).toBe(before)
}

describe('a recorded market', () => {
  it('sends every instant, in order, at a speed at which many fall due at once', async () => {
    const recorded = everyMinute(100)
    const market = createFakeMarket({ recorded })
    const { exchange } = await startExchange({ speed: 6000, waitForSubscriber: true }, market)
    const client = await connectSocket(exchange)
    client.say({ a: 'subscribe', v: [optionToken(0)] })
    await eventually(() => expect(prices(client)).toHaveLength(100))
    expect(prices(client)).toEqual(recorded.map((_, minute) => 1000 + minute))
  })

  it('stands still until somebody has subscribed, and again when nobody is left', async () => {
    const market = createFakeMarket({ recorded: everyMinute(100_000) })
    const { exchange } = await startExchange({ speed: 600, waitForSubscriber: true }, market)
    const first = await connectSocket(exchange)
    await eventually(() => expect(first.frames.length).toBeGreaterThan(0))
    expect(exchange.marketNow() - START_MS).toBeLessThan(MINUTE_MS)
    first.say({ a: 'subscribe', v: [optionToken(0)] })
    await eventually(() => expect(prices(first).length).toBeGreaterThan(3))
    first.socket.close()
    await eventually(() => expectStill(exchange))
    const seen = prices(first).at(-1) ?? 0
    const second = await connectSocket(exchange)
    second.say({ a: 'subscribe', v: [optionToken(0)] })
    await eventually(() => expect(prices(second).length).toBeGreaterThan(3))
    const [snapshot = 0, ...later] = prices(second)
    expect(snapshot).toBeGreaterThanOrEqual(seen)
    expect(later.map((price, i) => price - snapshot - i)).toEqual(later.map(() => 1))
  })

  it('waits for a client that reads slowly, and loses nothing', async () => {
    const minutes = 40
    const market = createFakeMarket({ options: 3000, recorded: everyMinute(minutes, 3000) })
    const { exchange } = await startExchange({ speed: 6000, waitForSubscriber: true }, market)
    const client = await connectSocket(exchange)
    const all = Array.from({ length: 3000 }, (_, i) => optionToken(i))
    client.say({ a: 'subscribe', v: all })
    client.say({ a: 'mode', v: ['full', all] })
    await eventually(() => expect(prices(client).length).toBeGreaterThan(2))
    client.socket.pause()
    // What lies unread is bounded by the socket buffers and one step, far below the whole day (22 MB).
    await eventually(() => expectStill(exchange))
    expect(exchange.counts().packets.total).toBeLessThan(minutes * 3000)
    client.socket.resume()
    await eventually(() => expect(prices(client).at(-1)).toBe(1000 + minutes - 1))
    expect(exchange.counts().slowDropped).toBe(0)
    // The first price came twice: as a snapshot in mode quote and in mode full.
    expect(prices(client)).toEqual([1000, ...Array.from({ length: minutes }, (_, minute) => 1000 + minute)])
  })
})

describe('stepper', () => {
  /** Runs what a fake clock has in store, and the promises between. */
  const pass = async (clock: FakeClock, ms: number) => {
    for (let passed = 0; passed < ms; passed += 5) {
      clock.advance(5)
      await Promise.resolve().then(() => Promise.resolve())
    }
  }

  it('drops a client that has read nothing for half a minute, and goes on', async () => {
    const clock = createFakeClock(START_MS)
    const dropped: number[] = []
    let waiting = 2_000_000
    const hub = {
      step: () => {},
      buffered: () => waiting,
      settled: () => true,
      dropSlow: () => {
        dropped.push(clock.monotonicMs())
        waiting = 0
      },
    }
    const market = createFakeMarket({ recorded: everyMinute(2) })
    const pace = createPace(clock, START_MS)
    const faults: unknown[] = []
    const onFault = (fault: unknown) => faults.push(fault)
    const stepper = createStepper({ clock, market, pace, hub, onFault }, { waitForSubscriber: false })
    pace.release()
    clock.advance(10 * MINUTE_MS)
    stepper.step()
    await pass(clock, 29_000)
    expect(dropped).toEqual([])
    await pass(clock, 2000)
    expect(dropped).toHaveLength(1)
    expect(market.quote(optionToken(0))?.lastPrice).toBe(1001)
    await stepper.stop()
    expect(faults).toEqual([])
  })

  it('reports a market that fails once, and lets it be', async () => {
    const clock = createFakeClock(START_MS)
    const market = createFakeMarket()
    const hub = { step: () => {}, buffered: () => 0, settled: () => true, dropSlow: () => {} }
    const faults: unknown[] = []
    const stepper = createStepper(
      { clock, market, pace: createPace(clock, START_MS), hub, onFault: (fault) => faults.push(fault) },
      { waitForSubscriber: false },
    )
    const broken = new Error('broken')
    market.advance = () => {
      throw broken
    }
    for (let i = 0; i < 3; i += 1) {
      stepper.step()
      await pass(clock, 250)
    }
    expect(faults).toEqual([broken])
    await stepper.stop()
  })
})

describe('pace', () => {
  it('stands still while it is held, and goes on from there', () => {
    let time = 100
    const pace = createPace({ now: () => time }, 70)
    time = 110
    expect(pace.now()).toBe(70)
    pace.release()
    time = 140
    expect(pace.now()).toBe(100)
    pace.hold()
    time = 190
    pace.hold()
    expect(pace.now()).toBe(100)
    pace.release()
    pace.release()
    time = 200
    expect(pace.now()).toBe(110)
    pace.hold()
    time = 500
    pace.release()
    expect(pace.now()).toBe(110)
  })
})
