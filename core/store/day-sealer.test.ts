import { existsSync } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createRecordComposer } from '../contract/leg-record.ts'
import { istInstant } from '../domain/ist.ts'
import type { Cursors } from '../ports/cursors.ts'
import type { JournalRecord, Position } from '../ports/journal.ts'
import { eventually } from '../testing/eventually.ts'
import { createFakeClock } from '../testing/fake-clock.ts'
import { buildBatch, buildRecords, createRandom } from '../testing/leg-builder.ts'
import { legDigest } from '../testing/leg-digest.ts'
import { createMemoryCursors } from '../testing/memory-cursors.ts'
import { silentLogger } from '../testing/silent-logger.ts'
import { createDayStores, type DayStores } from './day-store.ts'
import { verifyDay } from './verify-day.ts'

const MONDAY = '2026-11-23'
const TUESDAY = '2026-11-24'
const monday = buildRecords({ seed: 5, count: 60, startMs: istInstant(MONDAY, '10:00') })
const lastOfMonday = monday.at(-1)?.position ?? { epoch: 1, seq: 0, crc: 0 }

/** A batch behind all of Monday's. */
function batchAt(seq: number, ts: number): JournalRecord {
  const position = { epoch: lastOfMonday.epoch, seq: lastOfMonday.seq + seq, crc: 900 + seq }
  return { position, entry: buildBatch(createRandom(seq), { ts }), legs: null }
}

const nextDay = batchAt(1, istInstant(TUESDAY, '09:15'))
const late = batchAt(2, istInstant(MONDAY, '15:00'))

describe('the seal of a day', () => {
  let folder: string
  let cursors: Cursors
  const running: DayStores[] = []
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'day-seal-'))
    cursors = createMemoryCursors()
  })
  afterEach(async () => {
    for (const store of running.splice(0)) await store.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const path = (date = MONDAY) => join(folder, 'store', `${date}.db`)

  /** Runs on a clock that stands at `at`; `look` lets a minute pass. */
  async function open(at: number, durable: Position | null = null) {
    const clock = createFakeClock(at)
    const deps = { clock, logger: silentLogger, cursors, durable: () => durable }
    const store = createDayStores({ ...deps, ...createRecordComposer(), digestOf: legDigest }, { folder })
    running.push(store)
    await store.start()
    return { store, look: () => clock.advance(60_000) }
  }

  async function sealed(at = istInstant(TUESDAY, '09:20')) {
    const opened = await open(at)
    await opened.store.apply([...monday, nextDay])
    await eventually(() => {
      opened.look()
      expect(opened.store.sealOf(MONDAY)).not.toBeNull()
    })
    return opened
  }

  it('is put on a day that is over and behind the record, and on no other', async () => {
    const { store } = await sealed()
    const seal = store.sealOf(MONDAY)
    expect(seal?.digest).toMatch(/^[0-9a-f]{64}$/)
    expect(store.sealOf(TUESDAY)).toBeNull()
    expect(existsSync(`${path()}-wal`)).toBe(false)
    if (process.platform !== 'win32') expect((await stat(path())).mode & 0o222).toBe(0)
    const file = new Sqlite(path(), { readonly: true })
    expect(file.pragma('journal_mode', { simple: true })).toBe('delete')
    expect(file.prepare('SELECT digest FROM seal').pluck().get()).toBe(seal?.digest)
    file.close()
    expect(verifyDay(path(), legDigest)).toMatchObject({ digest: seal?.digest, faults: [] })
    expect(store.lastLegPerContract(MONDAY, 'NIFTY', 'this_week').length).toBeGreaterThan(0)
  })

  it('needs no next day when the store has all of the record, but waits for what is still to come', async () => {
    const behind = await open(istInstant(TUESDAY, '00:01'), nextDay.position)
    await behind.store.apply(monday)
    behind.look()
    await behind.store.stop()
    expect(behind.store.sealOf(MONDAY)).toBeNull()
    const { store, look } = await open(istInstant(TUESDAY, '00:01'), lastOfMonday)
    await eventually(() => {
      look()
      expect(store.sealOf(MONDAY)).not.toBeNull()
    })
  })

  it('is not put on the day that it still is', async () => {
    const { store, look } = await open(istInstant(MONDAY, '23:50'), lastOfMonday)
    await store.apply(monday)
    look()
    await store.stop()
    expect(store.sealOf(MONDAY)).toBeNull()
  })

  it('is there after a restart, which takes the record up behind it', async () => {
    const first = await sealed()
    const seal = first.store.sealOf(MONDAY)
    await first.store.stop()
    const { store } = await open(istInstant(TUESDAY, '09:30'))
    expect(store.sealOf(MONDAY)).toEqual(seal)
    expect(store.position()).toEqual(nextDay.position)
    await store.apply([batchAt(2, istInstant(TUESDAY, '09:31'))])
    expect(store.sealOf(MONDAY)).toEqual(seal)
  })

  it('stays when the same records come again', async () => {
    const first = await sealed()
    const seal = first.store.sealOf(MONDAY)
    await first.store.stop()
    await rm(path(TUESDAY))
    const { store } = await open(istInstant(TUESDAY, '09:30'))
    expect(store.position()).toBeNull()
    await store.apply([...monday, nextDay])
    expect(store.sealOf(MONDAY)).toEqual(seal)
    expect(store.counts(TUESDAY).batches).toBe(1)
  })

  it('is the same for the same record, however it was built', async () => {
    const first = await sealed()
    const digest = first.store.sealOf(MONDAY)?.digest
    await first.store.stop()
    await rm(join(folder, 'store'), { recursive: true })
    cursors = createMemoryCursors()
    const { store, look } = await open(istInstant(TUESDAY, '09:30'))
    for (const record of [...monday, nextDay]) {
      await store.apply([record])
      await store.flush()
    }
    await eventually(() => {
      look()
      expect(store.sealOf(MONDAY)?.digest).toBe(digest)
    })
  })

  it('is put on anew when a kill left the file sealed and nobody knew', async () => {
    const first = await sealed()
    const digest = first.store.sealOf(MONDAY)?.digest
    await first.store.stop()
    cursors = createMemoryCursors()
    const { store, look } = await open(istInstant(TUESDAY, '09:30'))
    expect((await stat(path())).mode & 0o200).not.toBe(0)
    await eventually(() => {
      look()
      expect(store.sealOf(MONDAY)?.digest).toBe(digest)
    })
  })

  it('goes with its file, and comes back with it', async () => {
    const first = await sealed()
    const digest = first.store.sealOf(MONDAY)?.digest
    await first.store.stop()
    await rm(path())
    const { store, look } = await open(istInstant(TUESDAY, '09:30'))
    await store.apply(monday.slice(0, 30))
    expect(store.sealOf(MONDAY)).toBeNull()
    await store.apply([...monday.slice(30), nextDay])
    await eventually(() => {
      look()
      expect(store.sealOf(MONDAY)?.digest).toBe(digest)
    })
  })

  it('is broken by a record that comes after it, and put on anew', async () => {
    const { store, look } = await sealed()
    const before = { seal: store.sealOf(MONDAY), batches: store.counts(MONDAY).batches }
    await store.apply([late])
    expect(store.sealOf(MONDAY)).toBeNull()
    expect(store.counts(MONDAY).batches).toBe(before.batches + 1)
    await store.apply([batchAt(3, istInstant(TUESDAY, '09:16'))])
    await eventually(() => {
      look()
      expect(store.sealOf(MONDAY)).not.toBeNull()
    })
    expect(store.sealOf(MONDAY)?.digest).not.toBe(before.seal?.digest)
    expect(verifyDay(path(), legDigest).faults).toEqual([])
    if (process.platform !== 'win32') expect((await stat(path())).mode & 0o222).toBe(0)
  })

  it('tells a row that is gone with its checksum', async () => {
    const { store } = await sealed()
    await store.stop()
    const file = new Sqlite(path())
    file.exec('DELETE FROM underlying_rows WHERE seq = (SELECT min(seq) FROM underlying_rows)')
    file.close()
    expect(verifyDay(path(), legDigest)).toMatchObject({ digest: null, faults: ['the day is not what was sealed'] })
  })
})
