import { copyFile, mkdir, mkdtemp, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createRecordComposer } from '../contract/leg-record.ts'
import { istInstant } from '../domain/ist.ts'
import { IV_STATUSES, LEG_COLUMNS, type Leg } from '../domain/leg.ts'
import type { Cursors } from '../ports/cursors.ts'
import type { JournalRecord } from '../ports/journal.ts'
import { createFakeClock, type FakeClock } from '../testing/fake-clock.ts'
import { buildBatch, buildRecords, createRandom } from '../testing/leg-builder.ts'
import { legDigest } from '../testing/leg-digest.ts'
import { createMemoryCursors } from '../testing/memory-cursors.ts'
import { describeProjection, type ProjectionRig } from '../testing/projection-suite.ts'
import { silentLogger } from '../testing/silent-logger.ts'
import { createDayStores, type DayStores } from './day-store.ts'

const composer = createRecordComposer()
const digestOf = legDigest

function dayStores(
  folder: string,
  clock: FakeClock = createFakeClock(0),
  cursors: Cursors = createMemoryCursors(),
): DayStores {
  return createDayStores(
    { clock, logger: silentLogger, cursors, durable: () => null, ...composer, digestOf },
    { folder },
  )
}

/** Every table of every day, read by SQLite alone. */
async function dump(folder: string): Promise<Record<string, unknown>> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.db')).sort()
  const tables = ['legs', 'batches', 'underlyings', 'gaps', 'sessions', 'last_legs', 'analytics', 'buckets']
  const pairs = names.map((name) => {
    const database = new Sqlite(join(folder, name))
    const rows = tables.map((table) => [table, database.prepare(`SELECT * FROM ${table}`).all()] as const)
    database.close()
    return [name, Object.fromEntries(rows)] as const
  })
  return Object.fromEntries(pairs)
}

/**
 * A kill leaves the files as SQLite wrote them: a copy of the folder, taken while nothing is being written, is what a
 * new process would find. After a power cut the logs of that copy end where they ended at the last flush.
 */
async function createStoreRig(): Promise<ProjectionRig> {
  const root = await mkdtemp(join(tmpdir(), 'day-store-'))
  let generation = 0
  let clock = createFakeClock(0)
  let current: DayStores | null = null
  const flushed = new Map<string, number>()
  const storeFolder = () => join(root, String(generation), 'store')
  const files = () => readdir(storeFolder()).catch(() => [])
  const leave = async (logBytes: (name: string) => number) => {
    const before = storeFolder()
    const names = await files()
    generation += 1
    await mkdir(storeFolder(), { recursive: true })
    for (const name of names.filter((found) => !found.endsWith('-shm'))) {
      await copyFile(join(before, name), join(storeFolder(), name))
      if (!name.endsWith('-wal')) continue
      const { size } = await stat(join(storeFolder(), name))
      await truncate(join(storeFolder(), name), Math.min(size, logBytes(name)))
    }
    flushed.clear()
    await current?.stop()
  }
  return {
    async open() {
      clock = createFakeClock(0)
      const store = dayStores(join(root, String(generation)), clock)
      current = store
      await store.start()
      const flush = async () => {
        await store.flush()
        for (const name of await files()) flushed.set(name, (await stat(join(storeFolder(), name))).size)
      }
      return { ...store, flush }
    },
    passTime: (ms) => clock.advance(ms),
    kill: () => leave(() => Number.POSITIVE_INFINITY),
    cutPower: () => leave((name) => flushed.get(name) ?? 0),
    wipe: () => rm(storeFolder(), { recursive: true }),
    content: () => dump(storeFolder()),
    async dispose() {
      await current?.stop()
      await rm(root, { recursive: true })
    },
  }
}

describeProjection('day store', createStoreRig)

describe('day store', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'day-store-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  const filled = async (records: readonly JournalRecord[]) => {
    const store = dayStores(folder)
    await store.start()
    await store.apply(records)
    return store
  }
  const legsOf = ({ entry, position, legs }: JournalRecord): readonly Leg[] =>
    entry.kind === 'batch' ? (legs ?? composer.legsOf(entry, `${position.epoch}-${position.seq}`)) : []
  /** As a store gives it back: prices in whole paise. */
  const toPaisa = (leg: Leg) => ({
    ...leg,
    forward: leg.forward === null ? null : Math.round(leg.forward * 100) / 100,
  })
  const allLegs = (store: DayStores, date: string) => store.legsOfDay(date, { limit: 1_000_000 }).legs
  const records = buildRecords({ seed: 11, count: 300, startMs: istInstant('2026-11-23', '23:59:30') })
  const dayOf = (date: string) =>
    records.filter(({ entry }) => entry.ts >= istInstant(date) && entry.ts < istInstant(date) + 86_400_000)

  it('gives back every leg as it was, in order, by IST day', async () => {
    const store = await filled(records)
    expect(store.days()).toEqual(['2026-11-23', '2026-11-24'])
    for (const date of store.days()) expect(allLegs(store, date)).toEqual(dayOf(date).flatMap(legsOf).map(toPaisa))
    await store.stop()
  })

  it('knows until when it has packets, or gaps that say that there are none', async () => {
    const ends = records.flatMap(({ entry }) => {
      if (entry.kind === 'gap') return [entry.to]
      return entry.kind === 'batch' || entry.kind === 'underlyings' ? [entry.ts] : []
    })
    const store = await filled(records)
    expect(store.coveredUntil()).toBe(Math.max(...ends))
    await store.stop()
    const empty = dayStores(join(folder, 'empty'))
    await empty.start()
    expect(empty.coveredUntil()).toBeNull()
    await empty.stop()
  })

  it('has the contract columns in order in its view, text and numbers as the contract has them', async () => {
    await (await filled(records)).stop()
    const database = new Sqlite(join(folder, 'store', '2026-11-23.db'), { readonly: true })
    const columns = database
      .prepare('SELECT * FROM legs')
      .columns()
      .map((column) => column.name)
    expect(columns).toEqual(LEG_COLUMNS.map((column) => column.name))
    const statuses = database.prepare('SELECT DISTINCT iv_status FROM legs').pluck().all()
    expect(new Set(statuses)).toEqual(new Set(IV_STATUSES))
    const batch = database.prepare('SELECT digest FROM batches WHERE epoch = 1 AND seq = 1').pluck().get()
    const first = records.find(({ entry }) => entry.kind === 'batch')
    expect(first && Buffer.from(digestOf(legsOf(first)))).toEqual(batch)
    database.close()
  })

  it('keeps underlyings, gaps and sessions, and counts', async () => {
    const store = await filled(records)
    const counts = store.counts('2026-11-23')
    const day = dayOf('2026-11-23')
    const ofKind = (kind: string) => day.filter(({ entry }) => entry.kind === kind)
    expect(counts).toEqual({
      batches: ofKind('batch').length,
      legs: day.flatMap(legsOf).length,
      underlyings: ofKind('underlyings').length * 2,
      gaps: ofKind('gap').length,
      sessions: ofKind('session').length,
    })
    expect(Math.min(...Object.values(counts))).toBeGreaterThan(0)
    expect(store.counts('2020-01-01').legs).toBe(0)
    await store.stop()
    const database = new Sqlite(join(folder, 'store', '2026-11-23.db'), { readonly: true })
    const expected = ofKind('underlyings').flatMap(({ entry }) =>
      entry.kind === 'underlyings' ? composer.underlyingsOf(entry) : [],
    )
    const columns = 'ts, symbol, "index", last_price, open, high, low, close, volume, oi, exchange_ts'
    expect(database.prepare(`SELECT ${columns} FROM underlyings`).all()).toEqual(expected)
    database.close()
  })

  it('pages and filters', async () => {
    const store = await filled(records)
    const date = '2026-11-23'
    const all = allLegs(store, date)
    const from = all[100]?.ts ?? 0
    const to = all[500]?.ts ?? 0
    const query = { index: 'NIFTY', bucket: 'next_week', from, to, strike: 24_050, right: 'CE' } as const
    const wanted = all.filter(
      (leg) =>
        leg.index === 'NIFTY' &&
        leg.bucket === 'next_week' &&
        leg.ts >= from &&
        leg.ts < to &&
        leg.strike === 24_050 &&
        leg.right === 'CE',
    )
    expect(wanted.length).toBeGreaterThan(5)
    expect(store.legsOfDay(date, { ...query, limit: 1000 })).toEqual({ legs: wanted, next: null })

    const paged: Leg[] = []
    let page = store.legsOfDay(date, { limit: 7 })
    paged.push(...page.legs)
    while (page.next !== null) {
      page = store.legsOfDay(date, { limit: 7, after: page.next })
      paged.push(...page.legs)
    }
    expect(paged).toEqual(all)
    expect(store.legsOfDay('../2026-11-23', { limit: 5 }).legs).toEqual([])
    await store.stop()
  })

  it('knows the last leg of each contract, now and at an instant', async () => {
    const store = await filled(records)
    const date = '2026-11-23'
    const all = allLegs(store, date).filter((leg) => leg.index === 'BANKNIFTY' && leg.bucket === 'this_week')
    const lastOf = (legs: readonly Leg[]) =>
      [...new Map(legs.map((leg) => [leg.symbol, leg])).values()].sort(
        (a, b) => a.strike - b.strike || a.right.localeCompare(b.right),
      )
    expect(store.lastLegPerContract(date, 'BANKNIFTY', 'this_week')).toEqual(lastOf(all))
    const at = all[40]?.ts ?? 0
    const before = all.filter((leg) => leg.ts <= at)
    expect(before.length).toBeLessThan(all.length)
    expect(store.lastLegPerContract(date, 'BANKNIFTY', 'this_week', at)).toEqual(lastOf(before))
    expect(store.lastLegPerContract('2026-01-01', 'BANKNIFTY', 'this_week')).toEqual([])
    await store.stop()
  })

  it('takes the open interest of the close before from the latest day that has the index', async () => {
    const random = createRandom(1)
    const batch = (seq: number, date: string, index: 'NIFTY' | 'SENSEX'): JournalRecord => ({
      position: { epoch: 1, seq, crc: seq },
      entry: buildBatch(random, { ts: istInstant(date, '15:00') + seq, index }),
      legs: null,
    })
    const days = [
      batch(1, '2026-11-18', 'NIFTY'),
      batch(2, '2026-11-19', 'SENSEX'),
      batch(3, '2026-11-19', 'NIFTY'),
      batch(4, '2026-11-19', 'NIFTY'),
      batch(5, '2026-11-20', 'SENSEX'),
    ]
    const store = await filled(days)
    const fourth = days[3]
    const expected = new Map((fourth === undefined ? [] : legsOf(fourth)).map((leg) => [leg.symbol, leg.oi]))
    expect(store.previousCloseOi('2026-11-20', 'NIFTY')).toEqual(expected)
    expect(store.previousCloseOi('2026-11-23', 'NIFTY')).toEqual(expected)
    expect(store.previousCloseOi('2026-11-18', 'NIFTY').size).toBe(0)
    expect(store.previousCloseOi('2026-11-23', 'FINNIFTY').size).toBe(0)
    await store.stop()
  })

  it('rolls a failed transaction back and takes the same records again', async () => {
    const store = await filled(records.slice(0, 50))
    const blocker = new Sqlite(join(folder, 'store', '2026-11-23.db'))
    blocker.exec("CREATE TRIGGER refuse BEFORE INSERT ON batches BEGIN SELECT RAISE(ABORT, 'disk I/O error'); END")
    await expect(store.apply(records.slice(50))).rejects.toMatchObject({ code: 'file_unwritable' })
    expect(store.position()).toEqual(records[49]?.position)
    blocker.exec('DROP TRIGGER refuse')
    blocker.close()
    await store.apply(records.slice(50))
    for (const date of store.days()) expect(allLegs(store, date)).toEqual(dayOf(date).flatMap(legsOf).map(toPaisa))
    await store.stop()
  })

  it('takes records of two days again when only the first day could be written', async () => {
    const store = await filled(records.slice(0, 50))
    const path = join(folder, 'store', '2026-11-24.db')
    await writeFile(path, 'no database'.repeat(1000))
    await expect(store.apply(records.slice(50))).rejects.toMatchObject({ code: 'store_unreadable' })
    expect(store.position()).toEqual(records[49]?.position)
    await rm(path)
    await store.apply(records.slice(50))
    for (const date of store.days()) expect(allLegs(store, date)).toEqual(dayOf(date).flatMap(legsOf).map(toPaisa))
    await store.stop()
  })

  it('builds an older day again when its file is gone, and leaves the others as they are', async () => {
    const cursors = createMemoryCursors()
    const first = dayStores(folder, undefined, cursors)
    await first.start()
    await first.apply(records)
    await first.stop()
    const before = await dump(join(folder, 'store'))
    for (const ending of ['', '-wal', '-shm'])
      await rm(join(folder, 'store', `2026-11-23.db${ending}`), { force: true })

    const second = dayStores(folder, undefined, cursors)
    await second.start()
    expect(second.position()).toBeNull()
    await second.apply(records)
    await second.stop()
    expect(await dump(join(folder, 'store'))).toEqual(before)
  })

  it('makes a flush durable by a commit at FULL', async () => {
    const store = await filled(records.slice(0, 50))
    const reader = new Sqlite(join(folder, 'store', '2026-11-23.db'), { readonly: true })
    const durableCommits = () => reader.prepare('SELECT synced FROM position').pluck().get()
    expect(durableCommits()).toBe(0)
    await store.flush()
    expect(durableCommits()).toBe(1)
    reader.close()
    await store.stop()
  })

  it('empties its log each minute, and is not held up by a reader', async () => {
    const clock = createFakeClock(0)
    const store = dayStores(folder, clock)
    await store.start()
    await store.apply(records)
    const reader = new Sqlite(join(folder, 'store', '2026-11-24.db'))
    reader.exec('BEGIN')
    reader.prepare('SELECT count(*) FROM legs').get()
    clock.advance(60_000)
    await store.flush()
    reader.exec('COMMIT')
    clock.advance(60_000)
    const wal = (await readdir(join(folder, 'store'), { withFileTypes: true })).map((entry) => entry.name)
    expect(wal).toContain('2026-11-24.db-wal')
    const frames = reader.pragma('wal_checkpoint(PASSIVE)')
    expect(frames).toEqual([{ busy: 0, log: 0, checkpointed: 0 }])
    reader.close()
    await store.stop()
  })

  it('says that a file is damaged and leaves it as it is', async () => {
    const store = await filled(records)
    await store.stop()
    const path = join(folder, 'store', '2026-11-24.db')
    await writeFile(path, 'this is no database, and long enough to be read as one'.repeat(100))
    const next = dayStores(folder)
    await expect(next.start()).rejects.toMatchObject({ code: 'store_unreadable' })
    await next.stop()
    expect(await readdir(join(folder, 'store'))).toContain('2026-11-24.db')
    await rm(path)
    const rebuilt = dayStores(folder)
    await rebuilt.start()
    const at = records.findIndex((record) => record.position.crc === rebuilt.position()?.crc)
    await rebuilt.apply(records.slice(at + 1))
    expect(allLegs(rebuilt, '2026-11-24')).toEqual(dayOf('2026-11-24').flatMap(legsOf).map(toPaisa))
    await rebuilt.stop()
  })
})
