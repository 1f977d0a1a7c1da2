import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeQuote } from '../contract/kite-encode.ts'
import { createRecordComposer } from '../contract/leg-record.ts'
import { istInstant } from '../domain/ist.ts'
import type { BatchEntry, JournalEntry, UnderlyingsEntry } from '../domain/journal-entry.ts'
import { OpError } from '../kernel/errors.ts'
import type { Journal } from '../ports/journal.ts'
import { createFakeClock } from '../testing/fake-clock.ts'
import { createMemoryJournal, createMemoryRecord } from '../testing/journal-memory.ts'
import {
  buildMarket,
  calendar,
  chainPackets,
  fairQuote,
  frameEvent,
  futurePacket,
  HOLE,
  MONTHLY,
  optionPacket,
  optionToken,
  STRIKES,
  spotPacket,
  TEN,
  WEEKLY,
} from '../testing/market-builder.ts'
import { createRecordedMetrics } from '../testing/recorded-metrics.ts'
import { silentLogger } from '../testing/silent-logger.ts'
import { type CollectorCounts, createCollector, type LiveBatch } from './collector.ts'
import { createEnricher, type Enricher } from './enrich.ts'
import type { LastLegs } from './recorded-legs.ts'

const AROUND = new Set([-1, 0, 1])
const SPOT = 24_060
const LISTED = STRIKES.length * 2 - 1

interface RigShape {
  readonly offsets?: ReadonlySet<number> | null
  readonly wrap?: (journal: Journal) => Journal
  readonly enricher?: Enricher
  readonly lastLegs?: LastLegs
  readonly startMs?: number
}

async function createRig(shape: RigShape = {}) {
  const { offsets = AROUND, wrap = (journal: Journal) => journal, enricher = createEnricher(calendar, 0) } = shape
  const { lastLegs = () => [], startMs = TEN } = shape
  const clock = createFakeClock(startMs)
  const record = createMemoryRecord()
  const journal = createMemoryJournal(record)
  await journal.start()
  const metrics = createRecordedMetrics()
  const errors: string[] = []
  let traces = 0
  const newTrace = () => {
    traces += 1
    return `trace-${traces}`
  }
  const collector = createCollector(
    {
      clock,
      calendar,
      journal: wrap(journal),
      metrics,
      enricher,
      composer: createRecordComposer(),
      newTrace,
      lastLegs,
      logger: { ...silentLogger, error: (text: string) => void errors.push(text) },
    },
    { source: 'sim', offsets },
  )
  const market = buildMarket()
  collector.use(market)
  const live: LiveBatch[] = []
  collector.batches.subscribe((batch) => live.push(batch))
  const send = (packets: readonly Uint8Array[], at = clock.now()) =>
    collector.onFrame(frameEvent(packets, at, clock.monotonicMs()))
  const entries = async (): Promise<readonly JournalEntry[]> => {
    await journal.flush()
    return record.records.map(({ entry }) => entry)
  }
  const batches = async () => (await entries()).filter((entry): entry is BatchEntry => entry.kind === 'batch')
  const legs = () => live.flatMap((batch) => batch.legs)
  return { clock, record, journal, metrics, errors, collector, market, live, legs, send, entries, batches }
}

function total({ recorded, underlyings, dropped, pending }: CollectorCounts): number {
  return recorded + underlyings + pending + Object.values(dropped).reduce((sum, count) => sum + count, 0)
}

const full: Journal['append'] = () => {
  throw new OpError('journal_full', { pendingBytes: 1 })
}

describe('collector: what becomes a leg', () => {
  it('records the packets inside the window, and counts those outside', async () => {
    const { clock, collector, legs, send, metrics } = await createRig()
    send([spotPacket(SPOT), ...chainPackets(SPOT)])
    expect(collector.counts()).toMatchObject({ received: 1 + LISTED, recorded: 0, pending: 1 + LISTED })
    clock.advance(50)
    expect(legs().map(({ strike, offset, right }) => [strike, offset, right])).toEqual([
      [24_000, -1, 'CE'],
      [24_000, -1, 'PE'],
      [24_050, 0, 'CE'],
      [24_050, 0, 'PE'],
      [24_100, 1, 'CE'],
      [24_100, 1, 'PE'],
    ])
    const counts = collector.counts()
    expect(counts).toEqual({
      received: 1 + LISTED,
      recorded: 6,
      underlyings: 1,
      dropped: { outside_window: LISTED - 6 },
      pending: 0,
    })
    expect(metrics.value('op_ticks_received_total', { index: 'NIFTY' })).toBe(1 + LISTED)
    expect(metrics.value('op_ticks_dropped_total', { reason: 'outside_window' })).toBe(LISTED - 6)
  })

  it('lets packets gather longer while memory is short, and loses none', async () => {
    const { clock, collector, legs, live, send } = await createRig()
    collector.spare(true)
    send([spotPacket(SPOT), optionPacket(fairQuote(24_050, 'CE', SPOT))])
    clock.advance(240)
    send([optionPacket(fairQuote(24_050, 'PE', SPOT))])
    expect(legs()).toHaveLength(0)
    clock.advance(10)
    expect(live.map((batch) => batch.legs.length)).toEqual([2])
    collector.spare(false)
    send([optionPacket(fairQuote(24_100, 'CE', SPOT))])
    clock.advance(50)
    expect(legs()).toHaveLength(3)
  })

  it('tells of each frame when the market state has it, before anything of it is recorded', async () => {
    const { collector, market, send, legs } = await createRig()
    const spots: unknown[] = []
    collector.taken.subscribe(() => void spots.push([market.indices.get('NIFTY')?.spot.lastPrice, legs().length]))
    send([spotPacket(SPOT), ...chainPackets(SPOT)])
    send([spotPacket(SPOT + 5)])
    expect(spots).toEqual([
      [SPOT, 0],
      [SPOT + 5, 0],
    ])
  })

  it('records every strike when no offsets are set', async () => {
    const { clock, legs, send } = await createRig({ offsets: null })
    send([spotPacket(SPOT), ...chainPackets(SPOT)])
    clock.advance(50)
    expect(legs()).toHaveLength(LISTED)
    expect(legs().some(({ strike, right }) => strike === HOLE.strike && right === HOLE.right)).toBe(false)
    expect(legs()[0]?.offset).toBe(-3)
  })

  it('counts identical packets without storing them, whatever their pad bytes hold', async () => {
    const { clock, collector, legs, send } = await createRig()
    const packet = optionPacket(fairQuote(24_050, 'CE', SPOT))
    const junk = Uint8Array.from(packet)
    for (let level = 0; level < 10; level += 1) junk.set([0xde, 0xad], 64 + level * 12 + 10)
    send([spotPacket(SPOT), packet, packet])
    clock.advance(50)
    send([junk])
    clock.advance(50)
    expect(legs()).toHaveLength(1)
    expect(collector.counts().dropped).toEqual({ repeat: 2 })
  })

  it.each([
    ['the last quantity', 8],
    ['the price of the fifth ask', 64 + 9 * 12 + 4],
    ['the orders of the first bid', 64 + 8],
  ])('keeps two packets of the same second that differ only in %s', async (_, at) => {
    const { clock, legs, send } = await createRig()
    const packet = optionPacket(fairQuote(24_050, 'CE', SPOT))
    const other = Uint8Array.from(packet)
    other[at] = (other[at] ?? 0) ^ 1
    send([spotPacket(SPOT), packet, other])
    clock.advance(50)
    expect(legs()).toHaveLength(2)
    expect(new Set(legs().map((leg) => leg.exchange_ts)).size).toBe(1)
  })

  it('records the very tick that moved the window', async () => {
    const { clock, collector, legs, send } = await createRig({ offsets: new Set([0]) })
    send([spotPacket(SPOT), optionPacket(fairQuote(24_050, 'CE', SPOT))])
    clock.advance(50)
    expect(legs().map(({ strike }) => strike)).toEqual([24_050])
    send([spotPacket(24_210), optionPacket({ ...fairQuote(24_200, 'CE', 24_210) })])
    clock.advance(50)
    expect(legs().map(({ strike, offset }) => [strike, offset])).toEqual([
      [24_050, 0],
      [24_200, 0],
    ])
    expect(collector.counts().dropped).toEqual({})
  })

  it('takes a packet for a repeat only when the record holds it', async () => {
    const { clock, collector, legs, send } = await createRig({ offsets: new Set([0]) })
    const far = optionPacket(fairQuote(24_200, 'CE', SPOT))
    send([spotPacket(SPOT), far])
    clock.advance(50)
    expect(collector.counts().dropped).toEqual({ outside_window: 1 })
    send([spotPacket(24_210), far])
    clock.advance(50)
    expect(legs().map(({ strike }) => strike)).toEqual([24_200])
    send([far])
    clock.advance(50)
    expect(collector.counts().dropped).toEqual({ outside_window: 1, repeat: 1 })
  })
})

describe('collector: what does not', () => {
  it('drops options with no_reference while nothing tells where the money is', async () => {
    const { clock, collector, send } = await createRig()
    send([optionPacket(fairQuote(24_050, 'CE', SPOT))])
    clock.advance(50)
    expect(collector.counts()).toMatchObject({ recorded: 0, dropped: { no_reference: 1 } })
  })

  it('refuses packets of another mode, of unknown tokens, and all before a universe', async () => {
    const { clock, collector, send } = await createRig()
    const token = optionToken(24_050, 'CE')
    const price = { token, lastPrice: 5000, averagePrice: 5000, open: 5000, high: 5000, low: 5000, close: 5000 }
    const quote = encodeQuote({ ...price, lastQuantity: 1, volume: 1, buyQuantity: 1, sellQuantity: 1 })
    send([spotPacket(SPOT), quote, optionPacket({ token: (4_000_000 << 8) | 2, last: 5 })])
    clock.advance(50)
    expect(collector.counts()).toMatchObject({ recorded: 0, dropped: { not_full: 1, unknown_token: 1 } })
  })

  it('counts what the journal cannot take, tells it once, and takes the same packet when it can again', async () => {
    let isFull = true
    const wrap = (journal: Journal): Journal => ({
      ...journal,
      epoch: 1,
      append: (...given) => (isFull ? full(...given) : journal.append(...given)),
    })
    const { clock, collector, legs, send, metrics } = await createRig({ wrap })
    const packets = [
      spotPacket(SPOT),
      ...(['CE', 'PE'] as const).map((right) => optionPacket(fairQuote(24_050, right, SPOT))),
    ]
    send(packets)
    clock.advance(50)
    expect(collector.counts()).toMatchObject({ recorded: 0, underlyings: 0, dropped: { journal_full: 3 }, pending: 0 })
    expect(metrics.value('op_ticks_dropped_total', { reason: 'journal_full' })).toBe(3)
    expect([collector.takeLost(), collector.takeLost()]).toEqual([3, 0])
    expect(legs()).toEqual([])
    isFull = false
    send(packets)
    clock.advance(50)
    expect(collector.counts()).toMatchObject({ received: 6, recorded: 2, underlyings: 1 })
  })

  it('loses only the packets of the chain that cannot be priced, and says so once', async () => {
    const whole = createEnricher(calendar, 0)
    let broken = true
    const enricher: Enricher = {
      ...whole,
      refresh(state, index, now) {
        if (broken && state.chain.expiry === WEEKLY) throw new Error('no root')
        whole.refresh(state, index, now)
      },
    }
    const { clock, collector, errors, legs, send, metrics } = await createRig({ enricher })
    const weekly = fairQuote(24_050, 'CE', SPOT)
    const monthly = { ...weekly, token: optionToken(24_050, 'CE', MONTHLY) }
    send([spotPacket(SPOT), optionPacket(weekly), optionPacket(monthly)])
    clock.advance(50)
    send([optionPacket({ ...weekly, oi: 1 }), optionPacket({ ...monthly, oi: 1 })])
    clock.advance(50)
    expect(legs().map((leg) => [leg.expiry, leg.oi])).toEqual([
      [MONTHLY, 5000],
      [MONTHLY, 1],
    ])
    expect(collector.counts()).toMatchObject({ recorded: 2, dropped: { internal: 2 }, pending: 0 })
    expect(metrics.value('op_ticks_dropped_total', { reason: 'internal' })).toBe(2)
    expect(errors).toEqual([expect.stringContaining('no root')])
    broken = false
    send([optionPacket({ ...weekly, oi: 1 })])
    clock.advance(50)
    expect(legs().at(-1)).toMatchObject({ expiry: WEEKLY, oi: 1 })
  })

  it('records on when a listener of its batches fails, or the journal does', async () => {
    let fault: Error | null = null
    const wrap = (journal: Journal): Journal => ({
      ...journal,
      epoch: 1,
      append(...given) {
        if (fault !== null) throw fault
        journal.append(...given)
      },
    })
    const { clock, collector, send } = await createRig({ wrap })
    collector.batches.subscribe(() => {
      throw new Error('a listener')
    })
    const quote = fairQuote(24_050, 'CE', SPOT)
    send([spotPacket(SPOT), optionPacket(quote)])
    clock.advance(50)
    expect(collector.counts()).toMatchObject({ recorded: 1, underlyings: 1, dropped: {} })
    fault = new Error('a bug')
    send([spotPacket(SPOT), optionPacket({ ...quote, oi: 1 })])
    clock.advance(50)
    expect(collector.counts()).toMatchObject({ recorded: 1, dropped: { internal: 2 }, pending: 0 })
    expect(collector.takeLost()).toBe(0)
  })

  it('puts every packet into exactly one count, whatever comes', async () => {
    const strike = fc.constantFrom(...STRIKES)
    const right = fc.constantFrom('CE' as const, 'PE' as const)
    const packet = fc.oneof(
      fc.integer({ min: 23_850, max: 24_650 }).map((price) => spotPacket(price)),
      fc.integer({ min: 23_850, max: 24_650 }).map((price) => futurePacket(price)),
      fc
        .tuple(strike, right, fc.integer({ min: 0, max: 3 }))
        .map(([at, of, oi]) => optionPacket({ ...fairQuote(at, of, SPOT), oi })),
      fc.integer({ min: 1, max: 50 }).map((n) => optionPacket({ token: (n << 8) | 2, last: 1 })),
    )
    const step = fc.record({ packets: fc.array(packet, { maxLength: 12 }), waitMs: fc.constantFrom(0, 20, 60) })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const { clock, collector, send, legs, entries } = await createRig()
        let sent = 0
        for (const { packets, waitMs } of steps) {
          send(packets)
          sent += packets.length
          expect(total(collector.counts())).toBe(sent)
          clock.advance(waitMs)
        }
        collector.flush()
        const counts = collector.counts()
        expect(counts).toMatchObject({ received: sent, pending: 0, recorded: legs().length })
        expect(total(counts)).toBe(sent)
        const rows = (kind: string) =>
          entries().then((all) => all.flatMap((entry) => ('rows' in entry && entry.kind === kind ? [entry.rows] : [])))
        expect((await rows('batch')).flat()).toHaveLength(counts.recorded)
        expect((await rows('underlyings')).flat()).toHaveLength(counts.underlyings)
      }),
      { numRuns: 60 },
    )
  })
})

describe('collector: what the record holds already', () => {
  const quotes = [fairQuote(24_050, 'CE', SPOT), fairQuote(24_050, 'PE', SPOT), fairQuote(24_100, 'CE', SPOT)]
  const packets = quotes.map((quote) => optionPacket(quote))

  /** The legs of a run before, as the store gives them. */
  const recordedBefore = async () => {
    const { clock, send, legs } = await createRig()
    send([spotPacket(SPOT), ...packets])
    clock.advance(50)
    return legs()
  }

  it('repeats nothing of what an earlier run recorded today', async () => {
    const before = await recordedBefore()
    const asked: string[] = []
    const lastLegs: LastLegs = (index, bucket, date) => {
      asked.push(`${index} ${bucket} ${date}`)
      return before.filter((leg) => leg.index === index && leg.bucket === bucket)
    }
    const { clock, collector, legs, market, send } = await createRig({ lastLegs })
    expect(asked).toEqual(['NIFTY this_week 2026-11-23', 'NIFTY this_month 2026-11-23'])
    send([spotPacket(SPOT), ...packets])
    clock.advance(50)
    expect(legs()).toEqual([])
    expect(collector.counts()).toMatchObject({ recorded: 0, dropped: { repeat: 3 }, pending: 0 })
    // What is shown lives all the same.
    expect(market.indices.get('NIFTY')?.chains[0]).toMatchObject({ forward: { value: expect.any(Number) } })
    send(packets)
    clock.advance(50)
    expect(collector.counts().dropped).toEqual({ repeat: 6 })
    send([optionPacket({ ...quotes[0], token: quotes[0]?.token ?? 0, oi: 1 }), ...packets.slice(0, 1)])
    clock.advance(50)
    expect(legs().map(({ oi }) => oi)).toEqual([1, 5000])
  })

  it.each([
    ['price', { last: 190 }],
    ['bid', { bid: 1 }],
    ['volume', { volume: 1001 }],
    ['open interest', { oi: 5001 }],
    ['high of the open interest', { oiDayHigh: 6001 }],
    ['exchange time', { at: TEN + 1000 }],
  ])('records a contract whose %s is not the recorded one', async (_, change) => {
    const before = await recordedBefore()
    const { clock, legs, send } = await createRig({
      lastLegs: (_index, bucket) => before.filter((leg) => leg.bucket === bucket),
    })
    send([spotPacket(SPOT), optionPacket({ ...fairQuote(24_050, 'CE', SPOT), ...change })])
    clock.advance(50)
    expect(legs()).toHaveLength(1)
  })

  it('repeats nothing of its own when the universe changes', async () => {
    const { clock, collector, legs, send } = await createRig()
    send([spotPacket(SPOT), ...packets])
    clock.advance(50)
    collector.use(buildMarket())
    send([spotPacket(SPOT), ...packets])
    clock.advance(50)
    expect(legs()).toHaveLength(3)
  })

  it('records although the store cannot be read', async () => {
    const lastLegs = () => {
      throw new Error('disk')
    }
    const { clock, legs, send } = await createRig({ lastLegs })
    send([spotPacket(SPOT), ...packets])
    clock.advance(50)
    expect(legs()).toHaveLength(3)
  })
})

describe('collector: outside trading', () => {
  const monday = (time: string) => istInstant('2026-11-23', time)
  it.each([
    ['on a Sunday', istInstant('2026-11-22', '12:00'), false],
    ['on a holiday', istInstant('2026-11-24', '10:00'), false],
    ['before the pre-open', monday('08:59:59'), false],
    ['in the pre-open', monday('09:00'), true],
    ['in the session', monday('12:00'), true],
    ['after the close', monday('20:00'), true],
  ])('%s', async (_, at, recorded) => {
    const { clock, collector, entries, market, send } = await createRig({ startMs: at })
    const before = market.indices.get('NIFTY')
    send([spotPacket(SPOT), optionPacket(fairQuote(24_050, 'CE', SPOT))])
    clock.advance(50)
    expect((await entries()).map(({ kind }) => kind)).toEqual(recorded ? ['underlyings', 'batch'] : [])
    const [legs, underlyings] = recorded ? [1, 1] : [0, 0]
    expect(collector.counts()).toMatchObject({ recorded: legs, underlyings, pending: 0 })
    expect(collector.counts().dropped).toEqual(recorded ? {} : { closed: 2 })
    expect(before?.spot.lastPrice).toBe(SPOT)
    expect(before?.chains[0]?.forward).not.toBeNull()
  })

  it('records at the pre-open what it had only shown before', async () => {
    const { clock, collector, send } = await createRig({ startMs: monday('08:59') })
    send([spotPacket(SPOT), optionPacket(fairQuote(24_050, 'CE', SPOT))])
    clock.advance(60_000)
    send([optionPacket(fairQuote(24_050, 'CE', SPOT))])
    clock.advance(50)
    expect(collector.counts()).toMatchObject({ recorded: 1, dropped: { closed: 2 } })
  })
})

describe('collector: batches', () => {
  it('numbers them as the journal does, with a trace each and the legs of one chain', async () => {
    const { clock, live, record, journal, send } = await createRig()
    send([spotPacket(SPOT), optionPacket(fairQuote(24_050, 'CE', SPOT))])
    clock.advance(50)
    send([
      optionPacket({ ...fairQuote(24_050, 'CE', SPOT), oi: 7 }),
      optionPacket({ ...fairQuote(24_050, 'CE', SPOT), token: optionToken(24_050, 'CE', MONTHLY) }),
    ])
    clock.advance(50)
    await journal.flush()
    expect(live.map(({ batch, entry }) => [batch, entry.bucket, entry.trace])).toEqual([
      ['1-1', 'this_week', 'trace-1'],
      ['1-2', 'this_week', 'trace-2'],
      ['1-3', 'this_month', 'trace-3'],
    ])
    const stored = record.records.filter(({ entry }) => entry.kind === 'batch')
    expect(stored.map(({ position }) => `${position.epoch}-${position.seq}`)).toEqual(live.map(({ batch }) => batch))
  })

  it('gives the legs that anyone reads back from the record', async () => {
    const { clock, live, send, batches } = await createRig({ offsets: null })
    send([spotPacket(SPOT), futurePacket(SPOT + 12), ...chainPackets(SPOT)])
    clock.advance(20)
    send([optionPacket({ ...fairQuote(24_100, 'PE', SPOT), oi: 9 })])
    clock.advance(50)
    const composer = createRecordComposer()
    const read = (await batches()).flatMap((entry, i) => composer.legsOf(entry, live[i]?.batch ?? ''))
    expect(read).toEqual(live.flatMap((batch) => batch.legs))
    expect(read).toHaveLength(LISTED + 1)
  })

  it('puts each row beside its own packet, flush after flush', async () => {
    const { clock, legs, send } = await createRig()
    send([spotPacket(SPOT)])
    const quotes = ([1, 2, 3, 4, 5, 6] as const).flatMap((round) =>
      [24_000, 24_600, 24_100].map((strike) => ({
        ...fairQuote(strike, round % 2 === 0 ? 'CE' : 'PE', SPOT),
        oi: round * 100_000 + strike,
      })),
    )
    for (const [i, quote] of quotes.entries()) {
      send([optionPacket(quote)])
      if (i % 6 === 5) clock.advance(50)
    }
    const sent = quotes.flatMap(({ token, oi }) => (oi % 100_000 === 24_600 ? [] : [[token, oi]]))
    expect(legs().map(({ token, oi }) => [token, oi])).toEqual(sent)
    expect(legs().map(({ strike, right }) => optionToken(strike, right))).toEqual(sent.map(([token]) => token))
  })

  it('says when each packet of a batch came', async () => {
    const { clock, live, legs, send, batches } = await createRig()
    const first = fairQuote(24_050, 'CE', SPOT)
    send([spotPacket(SPOT), optionPacket(first)])
    clock.advance(30)
    send([optionPacket({ ...first, oi: 8 })])
    clock.advance(20)
    const [entry] = await batches()
    expect(entry?.ts).toBe(TEN + 30)
    expect(entry?.rows.map((row) => row[4])).toEqual([30, 0])
    expect(legs().map((leg) => leg.ts)).toEqual([TEN, TEN + 30])
    expect(live[0]?.receivedMonotonicMs).toBe(0)
  })

  it('keeps packets of spots and futures exactly as they came', async () => {
    const { clock, send, entries } = await createRig()
    send([spotPacket(SPOT)])
    clock.advance(10)
    send([futurePacket(SPOT + 12)])
    clock.advance(50)
    const entry = (await entries()).find((one): one is UnderlyingsEntry => one.kind === 'underlyings')
    if (entry === undefined) throw new Error('no underlyings were recorded')
    expect(entry.rows).toEqual([
      ['NIFTY 50', 'NIFTY', 10],
      ['NIFTY26DECFUT', 'NIFTY', 0],
    ])
    expect(createRecordComposer().underlyingsOf(entry)).toMatchObject([
      { ts: TEN, symbol: 'NIFTY 50', last_price: SPOT, volume: null, oi: null },
      { ts: TEN + 10, symbol: 'NIFTY26DECFUT', last_price: SPOT + 12, volume: 1000, oi: 5000 },
    ])
  })

  it('flushes what is pending of the old universe before it takes a new one', async () => {
    const { collector, legs, send } = await createRig()
    send([spotPacket(SPOT), optionPacket(fairQuote(24_050, 'CE', SPOT))])
    collector.use(buildMarket())
    expect(legs()).toHaveLength(1)
    expect(collector.counts().pending).toBe(0)
    expect(collector.market()?.indices.get('NIFTY')?.spot.lastPrice).toBeNull()
  })

  it('never lets more wait than one frame of the record holds', async () => {
    const { collector, send, batches } = await createRig()
    send([spotPacket(SPOT)])
    for (let frame = 0; frame < 5; frame += 1) {
      send(
        Array.from({ length: 500 }, (_, i) => optionPacket({ ...fairQuote(24_050, 'CE', SPOT), oi: frame * 500 + i })),
      )
    }
    expect((await batches()).map((entry) => entry.rows.length)).toEqual([2000])
    expect(collector.counts().pending).toBe(501)
  })

  it('never lets more spots wait either', async () => {
    const { collector, send } = await createRig()
    for (let i = 0; i < 2100; i += 1) send([spotPacket(SPOT)])
    expect(collector.counts()).toMatchObject({ underlyings: 2000, pending: 100 })
  })
})

describe('collector: values of a leg', () => {
  const token = optionToken(24_050, 'CE')
  const legOf = async (quote: Parameters<typeof optionPacket>[0], at = TEN) => {
    const { clock, legs, send } = await createRig()
    clock.jump(at)
    send([spotPacket(SPOT), optionPacket(quote)])
    clock.advance(50)
    return legs()[0]
  }

  it('is null where the packet says nothing, never 0', async () => {
    const leg = await legOf({ token, last: null, bid: null, ask: null, oiDayHigh: 0, volume: 0, oi: 0 })
    const nothing = { ltp: null, bid: null, ask: null, bid_qty: null, ask_qty: null, open: null, close: null }
    expect(leg).toMatchObject({ ...nothing, oi_day_high: null, volume: 0, oi: 0 })
    expect(leg).toMatchObject({ iv: null, delta: null, iv_status: 'no_price', price_used: null })
  })

  it('takes volume and open interest beyond 2^31', async () => {
    expect(await legOf({ token, last: 50, volume: 3_000_000_000, oi: 4_000_000_000 })).toMatchObject({
      volume: 3_000_000_000,
      oi: 4_000_000_000,
    })
  })

  it.each([
    ['with a last trade', 50],
    ['without one', null],
  ])('has no IV when the market is too wide, %s', async (_, last) => {
    const leg = await legOf({ token, last, bid: 40, ask: 80 })
    expect(leg).toMatchObject({ iv_status: 'wide_spread', iv: null, delta: null, bid: 40, ask: 80 })
  })

  it('takes IV from the mid where there is one, else from the last trade', async () => {
    expect(await legOf({ token, last: 400, bid: 199.95, ask: 200.05 })).toMatchObject({
      price_used: 'mid',
      iv_status: 'ok',
    })
    expect(await legOf({ token, last: 200, bid: 199 })).toMatchObject({ price_used: 'last', iv_status: 'ok' })
  })

  it('is expired once the settlement of its expiry is fixed', async () => {
    const { clock, collector, legs, send } = await createRig()
    const afterFix = calendar.settlementFixAt('2026-12-01')
    clock.jump(afterFix)
    collector.use(buildMarket({ date: '2026-12-01' }))
    send([spotPacket(SPOT), optionPacket({ token, last: 50, bid: 49.95, ask: 50.05 })])
    clock.advance(50)
    expect(legs()[0]).toMatchObject({ iv_status: 'expired', iv: null })
  })

  it('has the volatility of the time that its price is of, where that was sent again long after', async () => {
    const { clock, legs, send } = await createRig()
    const quote = { token, last: 200, bid: 199.95, ask: 200.05, at: TEN }
    send([spotPacket(SPOT), optionPacket(quote)])
    clock.advance(50)
    clock.jump(TEN + 2 * 86_400_000)
    send([optionPacket({ ...quote, volume: 10 })])
    clock.advance(50)
    const [first, again] = legs()
    expect(again?.iv).toBeCloseTo(first?.iv ?? Number.NaN, 6)
    expect(again?.ts).toBeGreaterThan(first?.ts ?? Number.NaN)
  })

  it('does not let one wrong exchange time age the other contracts of the chain', async () => {
    const { clock, collector, legs, market, metrics, send } = await createRig({ offsets: null })
    const wrong = { ...fairQuote(24_100, 'PE', SPOT), at: TEN + 86_400_000, tradedAt: TEN }
    send([spotPacket(SPOT), optionPacket(wrong), optionPacket({ token, last: 60, volume: 10, tradedAt: TEN - 5000 })])
    clock.advance(50)
    expect(market.indices.get('NIFTY')?.chains[0]?.exchangeAt).toBe(TEN)
    expect(legs().find((leg) => leg.token === token)).toMatchObject({ iv_status: 'ok' })
    expect(legs().find((leg) => leg.strike === 24_100)?.exchange_ts).toBe(wrong.at)
    expect(metrics.value('op_ticks_dropped_total', { reason: 'future_time' })).toBe(1)
    expect(total(collector.counts())).toBe(3)
  })

  it('takes a minute of difference between clocks', async () => {
    const { clock, market, metrics, send } = await createRig()
    send([spotPacket(SPOT), optionPacket({ ...fairQuote(24_100, 'PE', SPOT), at: TEN + 60_000 })])
    clock.advance(50)
    expect(market.indices.get('NIFTY')?.chains[0]?.exchangeAt).toBe(TEN + 60_000)
    expect(metrics.value('op_ticks_dropped_total', { reason: 'future_time' })).toBeNull()
  })

  it('says that the spot stands still during the cash auction', async () => {
    const { clock, send, batches } = await createRig()
    clock.jump(TEN + 5.3 * 3_600_000)
    send([spotPacket(SPOT), optionPacket(fairQuote(24_050, 'CE', SPOT))])
    clock.advance(50)
    expect((await batches())[0]).toMatchObject({ spotFrozen: true, spot: SPOT })
  })
})
