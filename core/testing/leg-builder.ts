import { encodeFrame, encodeFull, encodeIndexFull } from '../contract/kite-encode.ts'
import { createRecordComposer } from '../contract/leg-record.ts'
import { INDEX_NAMES } from '../domain/index-catalog.ts'
import { BUCKETS } from '../domain/instrument.ts'
import { istInstant } from '../domain/ist.ts'
import type {
  AnalyticsEntry,
  BatchEntry,
  JournalEntry,
  LegRow,
  ScopeMetrics,
  UnderlyingsEntry,
} from '../domain/journal-entry.ts'
import { IV_STATUSES, PRICES_USED } from '../domain/leg.ts'
import type { JournalRecord } from '../ports/journal.ts'

/** Numbers from 0 to 1 that are the same for a seed (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

type Random = () => number

const rounded = (value: number, scale: number) => Math.round(value * scale) / scale
const upTo = (random: Random, bound: number) => Math.floor(random() * bound)
/** Now and then nothing. */
const maybe = (random: Random, value: number) => (random() < 0.05 ? 0 : value)

function packet(random: Random, token: number, ts: number): Uint8Array {
  const price = 5 + upTo(random, 50_000)
  const level = (quantity: number, at: number) => ({ quantity, price: at, orders: 1 })
  return encodeFull({
    token,
    lastPrice: maybe(random, price),
    lastQuantity: 75,
    averagePrice: price,
    volume: upTo(random, 3_000_000_000),
    buyQuantity: 1000,
    sellQuantity: 1000,
    open: maybe(random, price - 5),
    high: price + 100,
    low: price - 5,
    close: price,
    lastTradeTime: Math.floor(ts / 1000),
    oi: upTo(random, 5_000_000),
    oiDayHigh: maybe(random, 5_000_000),
    oiDayLow: maybe(random, 1000),
    exchangeTime: maybe(random, Math.floor(ts / 1000)),
    depth: [level(75, maybe(random, price - 5)), ...Array(4), level(150, maybe(random, price + 5))].map(
      (given) => given ?? level(0, 0),
    ),
  })
}

function legRow(random: Random, i: number): LegRow {
  const right = i % 2 === 0 ? 'CE' : 'PE'
  const strike = 24_000 + Math.floor(i / 2) * 50 + (i > 20 ? 0.5 : 0)
  const status = random() < 0.8 ? 'ok' : (IV_STATUSES[upTo(random, IV_STATUSES.length)] ?? 'ok')
  const value = (scale: number, size: number) => (status === 'ok' ? rounded((random() - 0.3) * size, scale) : null)
  return [
    `NIFTY26NOV${strike}${right}`,
    strike,
    right,
    Math.floor(i / 2) - 2,
    upTo(random, 200),
    status === 'no_price' ? null : (PRICES_USED[upTo(random, PRICES_USED.length)] ?? 'mid'),
    status,
    status === 'ok' ? rounded(random() * 0.6, 1e8) : null,
    value(1e7, 1),
    value(1e10, 0.003),
    value(1e5, -30),
    value(1e5, 20),
    value(1e5, 15),
  ]
}

export interface BatchShape {
  readonly ts: number
  readonly legs?: number
  readonly index?: BatchEntry['index']
  readonly bucket?: BatchEntry['bucket']
}

/** A batch entry with a real frame: every leg can be composed from it. */
export function buildBatch(
  random: Random,
  { ts, legs = 10, index = 'NIFTY', bucket = 'this_week' }: BatchShape,
): BatchEntry {
  const rows = Array.from({ length: legs }, (_, i) => legRow(random, i))
  const base = (INDEX_NAMES.indexOf(index) * 10 + BUCKETS.indexOf(bucket)) * 1000
  const spot = rounded(24_500 + random() * 100, 100)
  return {
    kind: 'batch',
    ts,
    trace: `trace-${ts}`,
    source: 'sim',
    index,
    bucket,
    expiry: '2026-11-24',
    spot: random() < 0.05 ? null : spot,
    spotFrozen: random() < 0.1,
    forward: random() < 0.05 ? null : rounded(spot + random() * 20, 1e4),
    forwardMethod: random() < 0.9 ? 'parity' : null,
    frame: encodeFrame(rows.map((row, i) => packet(random, ((base + i) << 8) | 2, ts - row[4]))),
    rows,
  }
}

function buildUnderlyings(random: Random, ts: number): UnderlyingsEntry {
  const price = 2_450_000 + upTo(random, 10_000)
  const spot = { token: 256265, lastPrice: price, open: price, high: price, low: price, close: price, change: 0 }
  return {
    kind: 'underlyings',
    ts,
    source: 'sim',
    frame: encodeFrame([encodeIndexFull({ ...spot, exchangeTime: Math.floor(ts / 1000) }), packet(random, 770, ts)]),
    rows: [
      ['NIFTY 50', 'NIFTY', 0],
      ['NIFTY26NOVFUT', 'NIFTY', 5],
    ],
  }
}

function buildOther(random: Random, ts: number): JournalEntry {
  const kind = upTo(random, 5)
  if (kind === 0) return { kind: 'gap', ts, from: ts - 5000, to: ts, cause: 'feed_stale', index: null, dropped: null }
  if (kind === 1) return { kind: 'session', ts, source: 'sim', event: 'phase', detail: 'open "F&O"' }
  if (kind === 2) return { kind: 'reference', ts, date: '2026-11-23', exchange: 'NFO', sha256: 'ab', rows: 3 }
  if (kind === 3) return buildAnalytics(random, { ts })
  return buildUnderlyings(random, ts)
}

export interface AnalyticsShape {
  readonly ts: number
  readonly index?: AnalyticsEntry['index']
  readonly buckets?: AnalyticsEntry['buckets']
  readonly expiry?: string
  readonly everyMs?: number
}

/** A sample of a chain; now and then a metric is missing. */
export function buildAnalytics(random: Random, shape: AnalyticsShape): AnalyticsEntry {
  const { ts, index = 'NIFTY', buckets = ['this_week'], expiry = '2026-11-24', everyMs = 5000 } = shape
  const value = (size: number, scale: number) => (random() < 0.05 ? null : rounded(random() * size, scale))
  const scope = (): ScopeMetrics => [
    value(0.3, 1e6),
    value(300, 100),
    value(2, 1e4),
    value(2, 1e4),
    value(26_000, 0.02),
    value(0.05, 1e6),
    value(-3e10, 1),
    value(9e12, 1),
    value(5e8, 1),
    value(5e8, 1),
  ]
  return {
    ...{ kind: 'analytics', ts, trace: `trace-${ts}`, source: 'sim', index, buckets, expiry, everyMs },
    underlying: [value(26_000, 100), value(26_000, 100), value(26_000, 100), value(20, 100)],
    window: scope(),
    full: scope(),
    smile: random() < 0.5 ? null : [24_000, 24_050, 24_100].map((strike) => [strike, rounded(random(), 1e6)] as const),
  }
}

export interface RecordsShape {
  readonly seed: number
  readonly count: number
  /** Of the first record, epoch milliseconds. */
  readonly startMs?: number
  /** Between records. */
  readonly stepMs?: number
  /** Share of records that are no batches. */
  readonly others?: number
  /** The epoch changes after this many records. */
  readonly epochEvery?: number
}

/**
 * Durable records as the journal gives them, in order: batches of a few indices and buckets, and between them other
 * records that share the number of the batch before them. Legs are there for about half of the batches.
 */
export function buildRecords(shape: RecordsShape): JournalRecord[] {
  const { seed, count, startMs = istInstant('2026-11-23', '10:00'), stepMs = 200 } = shape
  const { others = 0.25, epochEvery = Number.POSITIVE_INFINITY } = shape
  const random = createRandom(seed)
  const composer = createRecordComposer()
  let epoch = 1
  let seq = 0
  return Array.from({ length: count }, (_, i) => {
    const ts = startMs + i * stepMs
    if (i > 0 && i % epochEvery === 0) {
      epoch += 1
      seq = 0
    }
    const crc = upTo(random, 2 ** 32)
    if (random() < others) return { position: { epoch, seq, crc }, entry: buildOther(random, ts), legs: null }
    seq += 1
    const index = INDEX_NAMES[upTo(random, 2)] ?? 'NIFTY'
    const bucket = BUCKETS[upTo(random, 2)] ?? 'this_week'
    const entry = buildBatch(random, { ts, index, bucket, legs: 1 + upTo(random, 12) })
    const legs = random() < 0.5 ? composer.legsOf(entry, `${epoch}-${seq}`) : null
    return { position: { epoch, seq, crc }, entry, legs }
  })
}
