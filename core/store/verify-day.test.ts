import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createRecordComposer } from '../contract/leg-record.ts'
import { istInstant } from '../domain/ist.ts'
import { createFakeClock } from '../testing/fake-clock.ts'
import { buildRecords } from '../testing/leg-builder.ts'
import { legDigest } from '../testing/leg-digest.ts'
import { createMemoryCursors } from '../testing/memory-cursors.ts'
import { silentLogger } from '../testing/silent-logger.ts'
import { createDayStores } from './day-store.ts'
import { verifyDay } from './verify-day.ts'

const records = buildRecords({ seed: 3, count: 120, startMs: istInstant('2026-11-23', '10:00') })
const batches = records.filter(({ entry }) => entry.kind === 'batch')

describe('the verification of a day', () => {
  let folder: string
  let path: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'verify-day-'))
    path = join(folder, 'store', '2026-11-23.db')
    const deps = {
      clock: createFakeClock(0),
      logger: silentLogger,
      cursors: createMemoryCursors(),
      durable: () => null,
    }
    const store = createDayStores({ ...deps, ...createRecordComposer(), digestOf: legDigest }, { folder })
    await store.start()
    await store.apply(records)
    await store.stop()
  })
  afterEach(() => rm(folder, { recursive: true }))

  const change = (sql: string) => {
    const database = new Sqlite(path)
    database.exec(sql)
    database.close()
  }

  it('finds nothing in a day as it was written, and counts what is in it', () => {
    const legs = batches.reduce((sum, { entry }) => sum + (entry.kind === 'batch' ? entry.rows.length : 0), 0)
    expect(verifyDay(path, legDigest)).toEqual({ batches: batches.length, legs, digest: null, faults: [] })
  })

  it.each([
    ['a price', 'UPDATE leg_rows SET ltp = ltp + 1 WHERE seq = 5', /batch 1-5 is not what was written/],
    ['a contract', 'UPDATE contracts SET strike = strike + 50 WHERE id = 1', /is not what was written/],
    ['a leg that is gone', 'DELETE FROM leg_rows WHERE seq = 7 AND row = 0', /batch 1-7 has \d+ of its \d+ legs/],
    ['a batch that is gone', 'DELETE FROM batches WHERE seq = 9', /legs belong to no batch/],
    [
      'the place of a leg',
      'UPDATE leg_rows SET row = row + 40 WHERE seq = 7 AND row = 0',
      /batch 1-7 are not numbered/,
    ],
    ['a last leg', 'UPDATE last_legs SET seq = seq - 1 WHERE contract = 1', /last legs are not the last ones/],
    ['a last leg that is gone', 'DELETE FROM last_legs WHERE contract = 1', /1 of the contracts' last legs/],
    ['the head of a batch', 'UPDATE batches SET spot_frozen = 1 - spot_frozen WHERE seq = 5', /1 rows of batches/],
    ['the bucket of a contract', `UPDATE contracts SET bucket = 'x' WHERE id = 1`, /1 rows of contracts/],
    ['an underlying', 'UPDATE underlying_rows SET last_price = last_price + 1', /rows of underlying_rows are not/],
    ['a gap', 'UPDATE gaps SET "to" = "to" + 1', /rows of gaps are not/],
    ['an event', `UPDATE sessions SET detail = 'x'`, /rows of sessions are not/],
    ['a sample', 'UPDATE analytics SET vix = 1', /rows of analytics are not/],
    ['a bucket', `UPDATE buckets SET expiry = '2026-11-30'`, /rows of buckets are not/],
    ['a smile', `UPDATE smiles SET points = '[1,2]'`, /rows of smiles are not/],
    ['the position', 'UPDATE position SET crc = crc + 1', /1 rows of position/],
    ['a view', 'DROP VIEW underlyings', /underlyings is not as its version has it/],
  ])('names %s', (_, sql, fault) => {
    change(sql)
    expect(verifyDay(path, legDigest).faults.join()).toMatch(fault)
  })

  it('lets go of a file that SQLite cannot read to its end', async () => {
    const bytes = await readFile(path)
    // Every page but the first few, so that reading stops somewhere in between.
    bytes.fill(0xff, 60_000)
    await writeFile(path, bytes)
    expect(verifyDay(path, legDigest).faults.length).toBeGreaterThan(0)
    await writeFile(path, 'no database')
    expect(verifyDay(path, legDigest).faults.join()).toMatch('not a database')
  })
})
