import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createRecordComposer } from '../contract/leg-record.ts'
import { SERIES_METRICS } from '../contract/series.ts'
import { istInstant } from '../domain/ist.ts'
import type { AnalyticsEntry, JournalEntry } from '../domain/journal-entry.ts'
import type { JournalRecord } from '../ports/journal.ts'
import { createFakeClock } from '../testing/fake-clock.ts'
import { buildAnalytics, buildBatch, createRandom } from '../testing/leg-builder.ts'
import { legDigest } from '../testing/leg-digest.ts'
import { createMemoryCursors } from '../testing/memory-cursors.ts'
import { silentLogger } from '../testing/silent-logger.ts'
import { createDayStores, type DayStores } from './day-store.ts'
import { dayRecord } from './migrations/day-001-record.ts'
import { dayTwin } from './migrations/day-002-twin.ts'

const DATE = '2026-11-23'
const TEN = istInstant(DATE, '10:00')
const ALL_DAY = { from: istInstant(DATE), to: istInstant(DATE) + 86_399_999 }

/** As the journal gives them: everything that is not a batch shares the number of the batch before it. */
function recordsOf(entries: readonly JournalEntry[]): JournalRecord[] {
  let seq = 0
  return entries.map((entry, k) => {
    if (entry.kind === 'batch') seq += 1
    return { position: { epoch: 1, seq, crc: k + 1 }, entry, legs: null }
  })
}

describe('series in a day store', () => {
  let folder: string
  let store: DayStores
  const open = async (cursors = createMemoryCursors()) => {
    const deps = { clock: createFakeClock(0), logger: silentLogger, cursors, durable: () => null }
    store = createDayStores({ ...deps, ...createRecordComposer(), digestOf: legDigest }, { folder })
    await store.start()
  }
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'series-'))
    await open()
  })
  afterEach(async () => {
    await store.stop()
    await rm(folder, { recursive: true })
  })

  const random = createRandom(5)
  const weekly = { buckets: ['this_week', 'this_month'], expiry: '2026-11-24' } as const
  const monthly = { buckets: ['next_month'], expiry: '2026-12-29' } as const
  /** Three chains, sampled one after the other. */
  const samples = Array.from({ length: 40 }, (_, k) => [
    buildAnalytics(random, { ts: TEN + 5_000 * k, ...weekly }),
    buildAnalytics(random, { ts: TEN + 5_000 * k + 40, ...monthly }),
    buildAnalytics(random, { ts: TEN + 5_000 * k + 80, index: 'SENSEX', everyMs: 60_000, ...weekly }),
  ]).flat()
  const niftyWeekly = samples.filter(({ index, expiry }) => index === 'NIFTY' && expiry === weekly.expiry)
  /** The last smile that went along with a sample of the weekly chain. */
  const lastSmile = niftyWeekly.findLast(({ smile }) => smile !== null)?.smile
  const query = { index: 'NIFTY', bucket: 'this_week', metrics: SERIES_METRICS, scope: 'full', ...ALL_DAY } as const
  const valuesOf = ({ underlying, full, window }: AnalyticsEntry, scope: 'full' | 'window') => {
    const [atmIv, straddle, ...rest] = scope === 'full' ? full : window
    return [...underlying, atmIv, straddle, straddle, ...rest]
  }

  it('has the last smile of an expiry', async () => {
    await store.apply(recordsOf(samples))
    expect(lastSmile).toHaveLength(3)
    expect(store.lastSmile(DATE, 'NIFTY', weekly.expiry)).toEqual(lastSmile)
    expect(store.lastSmile(DATE, 'NIFTY', '2027-01-26')).toEqual([])
    expect(store.lastSmile('2026-11-20', 'NIFTY', weekly.expiry)).toEqual([])
  })

  it('give back every metric of a chain as it was sampled, of the scope that is asked for', async () => {
    await store.apply(recordsOf(samples))
    for (const scope of ['full', 'window'] as const) {
      const expected = niftyWeekly.map((entry) => ({ ts: entry.ts, everyMs: 5_000, values: valuesOf(entry, scope) }))
      expect(store.samplesOfDay(DATE, { ...query, scope })).toEqual(expected)
    }
    expect(store.samplesOfDay(DATE, { ...query, index: 'SENSEX' }).map(({ everyMs }) => everyMs)).toEqual(
      Array(40).fill(60_000),
    )
  })

  it('are found by every name of the expiry, within a stretch, and the last one alone', async () => {
    await store.apply(recordsOf(samples))
    const all = store.samplesOfDay(DATE, query)
    expect(all).toHaveLength(40)
    expect(store.samplesOfDay(DATE, { ...query, bucket: 'this_month' })).toEqual(all)
    expect(store.samplesOfDay(DATE, { ...query, bucket: 'next_month' })[0]?.ts).toBe(TEN + 40)
    expect(store.samplesOfDay(DATE, { ...query, bucket: 'next_week' })).toEqual([])
    const stretch = { from: TEN + 5_000, to: TEN + 15_000 }
    expect(store.samplesOfDay(DATE, { ...query, ...stretch })).toEqual(all.slice(1, 4))
    expect(store.samplesOfDay(DATE, { ...query, ...stretch, lastOnly: true })).toEqual(all.slice(3, 4))
    expect(store.samplesOfDay('2026-11-20', query)).toEqual([])
  })

  it('are read along their key', async () => {
    await store.apply(recordsOf(samples))
    const database = new Sqlite(join(folder, 'store', `${DATE}.db`), { readonly: true })
    const sql = `EXPLAIN QUERY PLAN SELECT ts, spot FROM analytics WHERE "index" = ? AND expiry = ? AND ts BETWEEN ? AND ?`
    const plan = JSON.stringify(database.prepare(sql).all('NIFTY', weekly.expiry, 0, 1))
    database.close()
    expect(plan).toContain('SEARCH analytics USING PRIMARY KEY (index=? AND expiry=? AND ts>? AND ts<?)')
  })

  it('are the same when the day is built again from the record', async () => {
    const records = recordsOf([buildBatch(random, { ts: TEN }), ...samples])
    await store.apply(records)
    const before = store.samplesOfDay(DATE, query)
    await store.stop()
    await rm(join(folder, 'store'), { recursive: true })
    await open()
    expect(store.position()).toBeNull()
    for (const record of records) await store.apply([record])
    expect(store.samplesOfDay(DATE, query)).toEqual(before)
    expect(before).toHaveLength(40)
  })

  it('are none in a file of an older version', async () => {
    const database = new Sqlite(join(folder, 'store', '2026-11-20.db'))
    database.exec(dayRecord.sql)
    database.exec(dayTwin.sql)
    database.close()
    expect(store.samplesOfDay('2026-11-20', query)).toEqual([])
    expect(store.gapsOfDay('2026-11-20', 'NIFTY', 0, TEN)).toEqual([])
  })

  it('have the gaps of their index, also those that were written down days later', async () => {
    const gap = (from: number, to: number, index: 'NIFTY' | 'SENSEX' | null, ts = to) =>
      ({ kind: 'gap', ts, from, to, cause: 'feed_stale', index, dropped: null }) as const
    const later = TEN + 2 * 86_400_000
    await store.apply(
      recordsOf([gap(TEN, TEN + 60_000, null), gap(TEN, TEN + 1_000, 'SENSEX'), gap(TEN + 90_000, later, 'NIFTY')]),
    )
    expect(store.gapsOfDay(DATE, 'NIFTY', TEN + 59_999, later)).toEqual([
      { from: TEN, to: TEN + 60_000, cause: 'feed_stale' },
    ])
    expect(store.gapsOfDay(DATE, 'NIFTY', TEN + 60_000, later)).toEqual([])
    expect(store.gapsOfDay('2026-11-25', 'NIFTY', TEN, TEN + 100_000)).toHaveLength(1)
    expect(store.gapsOfDay(DATE, 'SENSEX', TEN, later)).toHaveLength(2)
  })

  it('know the last legs of an expiry, whatever its bucket was', async () => {
    const batches = (['this_week', 'next_week'] as const).map((bucket, k) =>
      buildBatch(random, { ts: TEN + k, bucket, legs: 4 }),
    )
    await store.apply(recordsOf(batches))
    const legs = store.lastLegsOfExpiry(DATE, 'NIFTY', '2026-11-24')
    expect(new Set(legs.map(({ bucket }) => bucket))).toEqual(new Set(['this_week', 'next_week']))
    expect(legs.map(({ strike }) => strike)).toEqual(legs.map(({ strike }) => strike).toSorted((a, b) => a - b))
    expect(store.lastLegsOfExpiry(DATE, 'NIFTY', '2026-12-01')).toEqual([])
    expect(store.lastLegsOfExpiry(DATE, 'SENSEX', '2026-11-24')).toEqual([])
  })
})
