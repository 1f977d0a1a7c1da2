import { describe, expect, it } from 'vitest'
import {
  type ChainLegRow,
  type ChainMessage,
  chainMessageSchema,
  chainUnavailableSchema,
} from '../contract/chain-stream.ts'
import { OpError } from '../kernel/errors.ts'
import { createSignal } from '../kernel/signal.ts'
import { legRow, wholeChain } from '../testing/chain-messages.ts'
import { createFakeClock } from '../testing/fake-clock.ts'
import { createLiveStream, type LiveChain } from './live-stream.ts'

const TOPIC = 'chain:NIFTY:this_week'
const { head, metrics: _none, ...rest } = wholeChain([]) as Extract<ChainMessage, { full: true }>
const METRICS = {
  rate: 0.065,
  window: { pcr_oi: 0.9, pcr_volume: null, max_pain: 24_050 },
  full: { pcr_oi: 1.1, pcr_volume: null, max_pain: 24_000 },
  atm_iv: 0.12,
  straddle: 180,
  expected_move: 180,
  skew_25d: null,
}

/** A chain whose legs the test sets. */
function build() {
  const fake = createFakeClock(0)
  let timers = 0
  const counted = (cancel: () => void) => {
    let isSet = true
    timers += 1
    return () => {
      if (isSet) timers -= 1
      isSet = false
      cancel()
    }
  }
  const clock = {
    ...fake,
    after(delayMs: number, run: () => void) {
      const done = counted(
        fake.after(delayMs, () => {
          done()
          run()
        }),
      )
      return done
    },
    every: (intervalMs: number, run: () => void) => counted(fake.every(intervalMs, run)),
    pending: () => timers,
  }
  const received = createSignal<null>()
  const market = { legs: new Map<number, ChainLegRow>(), pulse: 0, identity: {}, fault: null as OpError | null }
  const reads = { chain: 0, metrics: 0 }
  const refuse = () => {
    if (market.fault !== null) throw market.fault
  }
  const chains = {
    pulse() {
      refuse()
      return market.pulse
    },
    chain(): LiveChain {
      refuse()
      reads.chain += 1
      const legs = rest.symbols.map((_, slot) => market.legs.get(slot) ?? null)
      const { expiry, lot_size: lotSize, settles_at: settlesAt, strikes, symbols } = rest
      return { identity: market.identity, expiry, lotSize, settlesAt, strikes, symbols, head, legs }
    },
    metrics() {
      reads.metrics += 1
      return METRICS
    },
  }
  const stream = createLiveStream(clock, chains, received)
  const set = (...rows: ChainLegRow[]) => {
    for (const row of rows) market.legs.set(row[0], row)
    market.pulse += 1
    received.emit(null)
  }
  const follow = () => {
    const ended = new AbortController()
    const events = stream.follow(TOPIC, ended.signal)[Symbol.asyncIterator]()
    const next = async () => (await events.next()).value
    const message = async () => chainMessageSchema.parse((await next())?.data)
    return { next, message, end: () => ended.abort(), events }
  }
  return { clock, market, reads, received, set, follow }
}

const legsOf = ({ seq, full, legs }: ChainMessage) => [seq, full, legs.map(([slot, , , ltp]) => [slot, ltp])]

describe('a live chain', () => {
  it('comes whole, and then only what changed, each message numbered', async () => {
    const { clock, set, follow } = build()
    set(legRow(0, 100), legRow(3, 50))
    const reader = follow()
    expect(legsOf(await reader.message())).toEqual([
      0,
      true,
      [
        [0, 100],
        [3, 50],
      ],
    ])
    set(legRow(3, 51))
    clock.advance(100)
    expect(legsOf(await reader.message())).toEqual([1, false, [[3, 51]]])
  })

  it('comes at once when its last message is old enough, else as soon as the pace allows', async () => {
    const { clock, set, follow, reads } = build()
    set(legRow(0, 100))
    const reader = follow()
    await reader.message()
    clock.advance(200)
    set(legRow(0, 101))
    clock.advance(0)
    expect(legsOf(await reader.message())).toEqual([1, false, [[0, 101]]])
    const before = reads.chain
    set(legRow(0, 102))
    clock.advance(20)
    set(legRow(1, 7))
    clock.advance(29)
    expect(reads.chain).toBe(before)
    clock.advance(1)
    const legs = [
      [0, 102],
      [1, 7],
    ]
    expect(legsOf(await reader.message())).toEqual([2, false, legs])
  })

  it('brings what was read from the sockets at one time in one message', async () => {
    const { clock, set, follow, reads } = build()
    const reader = follow()
    await reader.message()
    clock.advance(500)
    reads.chain = 0
    for (const slot of [0, 1, 2]) set(legRow(slot, 100 + slot))
    clock.advance(0)
    expect((await reader.message()).legs).toHaveLength(3)
    expect(reads.chain).toBe(1)
  })

  it('is not put off by a message before it that came late', async () => {
    const { clock, set, follow, reads } = build()
    const reader = follow()
    await reader.message()
    for (const at of [104, 240, 302]) {
      clock.advance(at - clock.monotonicMs())
      set(legRow(0, at))
      clock.advance(0)
      expect(legsOf(await reader.message())[2]).toEqual([[0, at]])
    }
    reads.chain = 0
    clock.advance(70)
    set(legRow(0, 1))
    clock.advance(15)
    expect(reads.chain).toBe(0)
  })

  it('is not late for ever after a message too many in a feed of its own pace', async () => {
    const { clock, set, follow } = build()
    const reader = follow()
    await reader.message()
    const ages: number[] = []
    const read = async () => {
      for (;;) {
        const { legs } = await reader.message()
        for (const [, ts] of legs) ages.push(clock.monotonicMs() - ts)
      }
    }
    void read()
    for (let at = 1_000; at < 3_000; at += 10) {
      clock.advance(at - clock.monotonicMs())
      if (at % 100 === 0 || at === 1_050 || at === 1_070) set(legRow(0, at, at))
      for (let turn = 0; turn < 10; turn += 1) {
        clock.advance(0)
        await Promise.resolve()
      }
    }
    expect(ages.slice(-10)).toEqual(Array(10).fill(0))
    expect(Math.max(...ages)).toBeGreaterThan(0)
  })

  it('sends what one unit shows at once, and digits that only a lot shows within ten messages', async () => {
    const { clock, set, follow } = build()
    const greeks = (slot: number, theta: number): ChainLegRow => {
      const row = legRow(slot, 100)
      row[20] = theta
      return row
    }
    const slots = [0, 1, 2, 3]
    set(...slots.map((slot) => greeks(slot, -12.0012)))
    const reader = follow()
    await reader.message()
    const moves: [number, number][] = []
    for (let message = 1; message <= 10; message += 1) {
      clock.advance(100)
      set(...slots.map((slot) => greeks(slot, slot === 3 ? -12 - message / 100 : -12.0013)))
      clock.advance(0)
      for (const [slot] of (await reader.message()).legs) if (slot !== 3) moves.push([slot, message])
    }
    expect(moves.map(([slot]) => slot).sort()).toEqual([0, 1, 2])
    expect(new Set(moves.map(([, message]) => message)).size).toBe(3)
  })

  it('is not read when what is received is of another chain', () => {
    const { clock, received, follow, reads } = build()
    void follow().message()
    reads.chain = 0
    received.emit(null)
    clock.advance(900)
    expect(reads.chain).toBe(0)
  })

  it('gives a slow reader one message with all that changed, never a queue', async () => {
    const { clock, set, follow } = build()
    set(legRow(0, 100))
    const reader = follow()
    await reader.message()
    for (let n = 1; n <= 5; n += 1) {
      set(legRow(0, 100 + n), legRow(n, n))
      clock.advance(100)
    }
    const legs = [
      [0, 105],
      [1, 1],
      [2, 2],
      [3, 3],
      [4, 4],
      [5, 5],
    ]
    expect(legsOf(await reader.message())).toEqual([1, false, legs])
  })

  it('is read at most ten times a second, once for all who follow it', async () => {
    const { clock, set, follow, reads } = build()
    const readers = [follow(), follow(), follow()]
    await Promise.all(readers.map((reader) => reader.message()))
    reads.chain = 0
    for (let ms = 0; ms < 2_000; ms += 20) {
      set(legRow(0, ms))
      clock.advance(20)
    }
    expect(reads.chain).toBe(20)
  })

  it('is not read while nothing is received, but for a sign of life a second, which brings the metrics', async () => {
    const { clock, follow, reads } = build()
    const reader = follow()
    await reader.message()
    reads.chain = 0
    const waiting = reader.message()
    clock.advance(1_100)
    expect(reads.chain).toBe(0)
    clock.advance(100)
    expect(await waiting).toMatchObject({ seq: 1, legs: [], metrics: METRICS })
    expect(reads).toEqual({ chain: 1, metrics: 2 })
    clock.advance(1_000)
    expect(reads).toEqual({ chain: 2, metrics: 3 })
  })

  it('brings the metrics with news, none of which they put off', async () => {
    const { clock, set, follow, reads } = build()
    const reader = follow()
    await reader.message()
    reads.metrics = 0
    let withMetrics = 0
    for (let at = 130; at <= 3_030; at += 100) {
      clock.advance(at - clock.monotonicMs())
      set(legRow(0, at))
      clock.advance(0)
      const message = await reader.message()
      expect(legsOf(message)[2]).toEqual([[0, at]])
      if (message.metrics != null) withMetrics += 1
    }
    expect([withMetrics, reads.metrics]).toEqual([3, 3])
  })

  it('costs nothing once nobody follows it', async () => {
    const { clock, set, follow, reads } = build()
    const [first, second] = [follow(), follow()]
    await Promise.all([first.message(), second.message()])
    first.end()
    expect((await first.events.next()).done).toBe(true)
    second.end()
    expect((await second.events.next()).done).toBe(true)
    reads.chain = 0
    set(legRow(0, 1))
    clock.advance(5_000)
    expect([reads.chain, clock.pending()]).toEqual([0, 0])
  })

  it('ends for a reader that waits', async () => {
    const { follow, clock } = build()
    const reader = follow()
    await reader.message()
    const waiting = reader.events.next()
    reader.end()
    expect((await waiting).done).toBe(true)
    expect(clock.pending()).toBe(0)
  })

  it('comes whole again when its contracts are others', async () => {
    const { clock, market, set, follow } = build()
    set(legRow(0, 100))
    const reader = follow()
    await reader.message()
    market.identity = {}
    set(legRow(1, 7))
    clock.advance(100)
    expect(legsOf(await reader.message())).toEqual([
      1,
      true,
      [
        [0, 100],
        [1, 7],
      ],
    ])
  })

  it('says why it is not to be had, and comes whole when it is', async () => {
    const { clock, market, set, follow } = build()
    market.fault = new OpError('bucket_not_listed', { index: 'NIFTY', bucket: 'this_week' })
    const reader = follow()
    const refusal = await reader.next()
    expect(refusal?.event).toBe('chain_unavailable')
    expect(chainUnavailableSchema.parse(refusal?.data)).toMatchObject({ topic: TOPIC, code: 'bucket_not_listed' })
    market.fault = null
    set(legRow(0, 100))
    clock.advance(100)
    expect(legsOf(await reader.message())).toEqual([1, true, [[0, 100]]])
  })
})
