import { describe, expect, it } from 'vitest'
import { createRecordComposer } from '../contract/leg-record.ts'
import { istInstant } from '../domain/ist.ts'
import type { AnalyticsEntry, JournalEntry } from '../domain/journal-entry.ts'
import type { Clock } from '../kernel/clock.ts'
import { OpError } from '../kernel/errors.ts'
import { createFakeClock, type FakeClock } from '../testing/fake-clock.ts'
import { createMemoryJournal } from '../testing/journal-memory.ts'
import {
  buildMarket,
  calendar,
  chainPackets,
  fairQuote,
  frameEvent,
  futurePacket,
  MARKET_DATE,
  MONTHLY,
  optionPacket,
  spotPacket,
  TEN,
  WEEKLY,
} from '../testing/market-builder.ts'
import { createRecordedMetrics } from '../testing/recorded-metrics.ts'
import { silentLogger } from '../testing/silent-logger.ts'
import { createAnalytics } from './analytics.ts'
import { createCollector } from './collector.ts'
import { createEnricher } from './enrich.ts'
import { createLiveView } from './live-view.ts'

const RATE = 0.065
const SPOT = 24_060
const CLOSE = istInstant(MARKET_DATE, '15:40')

/** Market time at so many times the pace of the real one. */
function atSpeed(clock: FakeClock, speed: number, startMs: number): Clock {
  return { ...clock, now: () => startMs + Math.floor(clock.monotonicMs() * speed) }
}

interface Shape {
  readonly startMs?: number
  readonly speed?: number
  /** What an append throws; null = it is taken. */
  readonly fault?: () => Error | null
}

async function createRig({ startMs = TEN, speed = 1, fault = () => null }: Shape = {}) {
  const fake = createFakeClock(startMs)
  const clock = speed === 1 ? fake : atSpeed(fake, speed, startMs)
  const journal = createMemoryJournal()
  await journal.start()
  const shared = { clock, calendar, enricher: createEnricher(calendar, RATE), newTrace: () => 'trace' }
  const collector = createCollector(
    {
      ...shared,
      journal,
      metrics: createRecordedMetrics(),
      composer: createRecordComposer(),
      logger: silentLogger,
      lastLegs: () => [],
    },
    { source: 'sim', offsets: new Set([0]) },
  )
  collector.use(buildMarket())
  const entries: AnalyticsEntry[] = []
  const append = (entry: JournalEntry) => {
    const thrown = fault()
    if (thrown !== null) throw thrown
    if (entry.kind === 'analytics') entries.push(entry)
  }
  const said: string[] = []
  const logger = { ...silentLogger, error: (message: string) => void said.push(message) }
  const options = { source: 'sim', rate: RATE, offsets: new Set([-1, 0, 1]) } as const
  const analytics = createAnalytics(
    { ...shared, journal: { append }, market: collector.market, logger },
    { ...options, staleMs: 10_000 },
  )
  const view = createLiveView(
    {
      ...shared,
      market: collector.market,
      previousOi: () => null,
      lastBatch: () => null,
      closingIvs: () => [],
    },
    options,
  )
  await analytics.start()
  const send = (packets: readonly Uint8Array[]) => {
    collector.onFrame(frameEvent(packets, clock.now(), clock.monotonicMs()))
    fake.advance(50)
  }
  const quoteAll = () => send([spotPacket(SPOT), futurePacket(24_200), ...chainPackets(SPOT, clock.now())])
  /** Seconds of real time in which the whole weekly chain is quoted. */
  const trade = (seconds: number) => {
    for (let second = 0; second < seconds; second += 1) {
      quoteAll()
      fake.advance(950)
    }
  }
  return { fake, clock, analytics, view, entries, said, send, quoteAll, trade, collector }
}

const timesOf = (entries: readonly AnalyticsEntry[]) => entries.map(({ ts }) => ts)
const distances = (times: readonly number[]) => times.slice(1).map((ts, i) => ts - (times[i] ?? 0))

describe('analytics', () => {
  it('writes down what the live summary says, of window and full chain', async () => {
    const { entries, trade, view } = await createRig()
    trade(12)
    const entry = entries.at(-1)
    const { window, full } = view.summary('NIFTY', 'this_week')
    const metrics = ({ atm, pcr_oi, max_pain, gex, dex, totals }: typeof full) => [
      expect.closeTo(atm.iv ?? 0, 5),
      expect.closeTo(atm.straddle ?? 0, 1),
      expect.closeTo(pcr_oi ?? 0, 4),
      expect.any(Number),
      max_pain,
      expect.toBeOneOf([null, expect.any(Number)]),
      expect.closeTo(gex ?? 0, -3),
      expect.closeTo(dex ?? 0, -3),
      totals.ce_oi,
      totals.pe_oi,
    ]
    expect(entry).toMatchObject({
      kind: 'analytics',
      source: 'sim',
      trace: 'trace',
      index: 'NIFTY',
      buckets: ['this_week'],
      expiry: WEEKLY,
      everyMs: 5_000,
      underlying: [SPOT, 24_200, expect.closeTo(SPOT, -1), null],
      window: metrics(window),
      full: metrics(full),
    })
    expect(window.totals.ce_oi).not.toBe(full.totals.ce_oi)
  })

  it('has the smile of the side out of the money with it every quarter of an hour, and at the close', async () => {
    const { entries, trade, view } = await createRig({ startMs: CLOSE - 17_100 })
    trade(25)
    const [first, ...others] = entries
    const last = others.pop()
    expect(others.length).toBeGreaterThan(0)
    expect(others.map(({ smile }) => smile)).toEqual(others.map(() => null))
    const iv = new Map(view.optionChain('NIFTY', 'this_week').rows.map((row) => [row.strike, row]))
    for (const entry of [first, last]) {
      expect(entry?.smile?.length).toBeGreaterThan(5)
      for (const [strike, value] of entry?.smile ?? []) {
        const row = iv.get(strike)
        const out = strike < (entry?.underlying[2] ?? 0) ? row?.put : row?.call
        expect(value).toBeCloseTo(out?.iv ?? Number.NaN, 1)
      }
    }
    const day = await createRig()
    day.trade(12)
    day.fake.advance(900_000)
    day.trade(12)
    expect(day.entries.filter(({ smile }) => smile !== null)).toHaveLength(2)
  })

  it('samples at whole multiples of five seconds of market time', async () => {
    const { entries, trade } = await createRig({ startMs: TEN + 1_300 })
    trade(60)
    const times = timesOf(entries)
    expect(times.length).toBeGreaterThanOrEqual(10)
    for (const ts of times) expect(ts % 5_000).toBeLessThan(250)
    expect(new Set(distances(times).map((ms) => Math.round(ms / 1000)))).toEqual(new Set([5]))
  })

  it('samples every fifteen seconds while memory is short, and says so', async () => {
    const { analytics, entries, trade } = await createRig()
    analytics.spare(true)
    trade(76)
    const sparing = entries.splice(0)
    expect(sparing).toHaveLength(4)
    expect(new Set(sparing.map(({ everyMs }) => everyMs))).toEqual(new Set([15_000]))
    expect(new Set(distances(timesOf(sparing)).map((ms) => Math.round(ms / 1000)))).toEqual(new Set([15]))
    analytics.spare(false)
    trade(30)
    expect(entries.length).toBeGreaterThanOrEqual(5)
    expect(entries.at(-1)?.everyMs).toBe(5_000)
  })

  it('samples once a real second at most, however fast the market runs, and says how far apart that is', async () => {
    const { entries, trade } = await createRig({ speed: 60 })
    trade(20)
    expect(entries.length).toBeGreaterThanOrEqual(14)
    expect(entries.length).toBeLessThanOrEqual(20)
    expect(new Set(entries.map(({ everyMs }) => everyMs))).toEqual(new Set([60_000]))
    expect(Math.min(...distances(timesOf(entries)))).toBeGreaterThanOrEqual(60_000)
  })

  it('does not take a clock that was set for a fast market', async () => {
    const { fake, entries, trade } = await createRig()
    trade(12)
    fake.jump(fake.now() + 3_600_000)
    trade(12)
    expect(timesOf(entries).at(-1)).toBeGreaterThan(TEN + 3_600_000)
    expect(new Set(entries.map(({ everyMs }) => everyMs))).toEqual(new Set([5_000]))
  })

  it('does not sample a chain of which nothing came for long, nor one that sent nothing yet', async () => {
    const { fake, entries, trade } = await createRig()
    trade(12)
    const before = entries.length
    fake.advance(60_000)
    const last = timesOf(entries).at(-1) ?? 0
    expect(entries.length - before).toBeLessThanOrEqual(2)
    expect(last).toBeLessThanOrEqual(TEN + 12_000 + 10_000)
    trade(12)
    expect(timesOf(entries).at(-1)).toBeGreaterThan(TEN + 72_000)
    expect(entries.every(({ expiry }) => expiry !== MONTHLY)).toBe(true)
  })

  it('waits for a chain that is still filling', async () => {
    const { fake, entries, send, trade } = await createRig()
    for (const strike of [23_950, 24_000, 24_050, 24_100]) {
      send([spotPacket(SPOT), optionPacket(fairQuote(strike, 'CE', SPOT)), optionPacket(fairQuote(strike, 'PE', SPOT))])
      fake.advance(4_950)
    }
    expect(entries).toEqual([])
    trade(12)
    expect(entries.length).toBeGreaterThan(0)
    expect(new Set(entries.map(({ full }) => full[8]))).toEqual(new Set([9 * 5000]))
  })

  it('samples once at the close, with the instant of the close, and not before the open', async () => {
    const { fake, entries, trade } = await createRig({ startMs: CLOSE - 17_100 })
    trade(25)
    fake.advance(3_600_000)
    const times = timesOf(entries)
    expect(times.filter((ts) => ts >= CLOSE)).toEqual([CLOSE])
    expect(times.length).toBeGreaterThanOrEqual(3)

    const morning = await createRig({ startMs: istInstant(MARKET_DATE, '09:14:30') })
    morning.trade(20)
    expect(morning.entries).toEqual([])
    morning.trade(20)
    expect(morning.entries.length).toBeGreaterThan(0)
  })

  it('reads one chain at a time', async () => {
    const { fake, clock, entries, collector, send } = await createRig()
    const monthly = () =>
      collector
        .market()
        ?.indices.get('NIFTY')
        ?.chains[1]?.chain.contracts.flatMap((contract) =>
          contract === null ? [] : [optionPacket({ token: contract.token, last: 100, at: clock.now() })],
        ) ?? []
    for (let second = 0; second < 14; second += 1) {
      send([spotPacket(SPOT), ...chainPackets(SPOT, clock.now()), ...monthly()])
      fake.advance(950)
    }
    const [weekly, next] = entries
    expect(entries.length).toBe(2)
    expect([weekly?.expiry, next?.expiry]).toEqual([WEEKLY, MONTHLY])
    expect((next?.ts ?? 0) - (weekly?.ts ?? 0)).toBe(40)
  })

  it('misses what the journal cannot take, and goes on', async () => {
    let full = true
    const fault = () => (full ? new OpError('journal_full', { bytes: 1, limit: 1 }) : null)
    const { entries, said, trade } = await createRig({ fault })
    trade(20)
    expect(entries).toEqual([])
    full = false
    trade(6)
    expect(entries.length).toBeGreaterThan(0)
    expect(said).toEqual([])
  })

  it('says once what fails, and goes on', async () => {
    let broken = true
    const { entries, said, trade } = await createRig({ fault: () => (broken ? new Error('no ink') : null) })
    trade(20)
    expect(said).toEqual([expect.stringContaining('no ink')])
    broken = false
    trade(6)
    expect(entries.length).toBeGreaterThan(0)
  })

  it('stops at once', async () => {
    const { analytics, entries, trade } = await createRig()
    trade(12)
    await analytics.stop()
    const count = entries.length
    trade(20)
    expect(entries.length).toBe(count)
    expect(count).toBeGreaterThan(0)
  })
})
