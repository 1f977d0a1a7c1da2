import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { parse } from 'csv-parse/sync'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createRecordComposer } from '../contract/leg-record.ts'
import type { ExportQuery } from '../contract/legs.ts'
import type { Leg } from '../domain/leg.ts'
import { createLegDigest } from '../files/leg-csv.ts'
import { createDayStores, type DayStores } from '../store/day-store.ts'
import { eventually } from '../testing/eventually.ts'
import { buildRecords } from '../testing/leg-builder.ts'
import { calendar, TEN } from '../testing/market-builder.ts'
import { createMemoryCursors } from '../testing/memory-cursors.ts'
import { realClock } from '../testing/real-clock.ts'
import { silentLogger } from '../testing/silent-logger.ts'
import { createExportJobs, type ExportJobs } from './export-jobs.ts'
import type { RecordedDays } from './leg-pages.ts'

const BATCHES = 900
const NIFTY: ExportQuery = { index: 'NIFTY', format: 'csv' }

describe('export jobs', () => {
  let folder: string
  let stores: DayStores
  let jobs: ExportJobs
  let reads: number
  /** Timers of minutes, which would keep a process alive that has stopped. */
  let waits: Set<{ readonly delayMs: number }>
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'optrade-export-'))
    const composer = createRecordComposer()
    const deps = {
      clock: realClock,
      logger: silentLogger,
      cursors: createMemoryCursors(),
      durable: () => null,
      ...composer,
    }
    stores = createDayStores({ ...deps, digestOf: createLegDigest() }, { folder })
    await stores.start()
    await stores.apply(buildRecords({ seed: 5, count: BATCHES, others: 0, startMs: TEN }))
    reads = 0
    const days: RecordedDays = {
      history: {
        days: stores.days,
        open: stores.open,
        legsOfDay(date, query) {
          reads += 1
          return stores.legsOfDay(date, query)
        },
      },
      recordedBucket: async (_date, _index, bucket) => bucket,
    }
    waits = new Set()
    const clock = {
      ...realClock,
      now: () => TEN + BATCHES * 200,
      after(delayMs: number, run: () => void) {
        const end = realClock.after(delayMs, run)
        const wait = { delayMs }
        if (delayMs > 60_000) waits.add(wait)
        return () => {
          waits.delete(wait)
          end()
        }
      },
    }
    jobs = createExportJobs({ clock, calendar, days })
    await jobs.start()
  })
  afterEach(async () => {
    await jobs.stop()
    await stores.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const recorded = (wanted: (leg: Leg) => boolean): Leg[] =>
    stores.legsOfDay('2026-11-23', { limit: 100_000 }).legs.filter((leg) => leg.index === 'NIFTY' && wanted(leg))
  const rows = (csv: string): Record<string, string>[] => parse(csv, { columns: true })
  async function taken(id: string): Promise<string> {
    const parts: Uint8Array[] = []
    for await (const bytes of jobs.file(id).bytes) parts.push(Buffer.from(bytes))
    return Buffer.concat(parts).toString()
  }

  it('wait for nobody once their file is taken, they are cancelled, or the product stops', async () => {
    const { id } = await jobs.begin(NIFTY)
    const other = await jobs.begin(NIFTY)
    await jobs.begin(NIFTY)
    expect(waits.size).toBe(3)
    await taken(id)
    jobs.cancel(other.id)
    expect(waits.size).toBe(1)
    await jobs.stop()
    expect(waits.size).toBe(0)
  })

  it('gives a browser the file as it is made, and says how far it has come', async () => {
    const begun = await jobs.begin({ ...NIFTY, bucket: 'this_week' })
    expect(begun).toMatchObject({ kind: 'export', state: 'queued', progress: 0, error: null, legs: 0 })
    expect(begun.file).toBe('NIFTY_this_week_2026-11-23.csv')
    const file = jobs.file(begun.id)
    expect(file).toMatchObject({ name: begun.file, type: 'text/csv; charset=utf-8' })
    const progress: number[] = []
    let csv = ''
    for await (const bytes of file.bytes) {
      csv += Buffer.from(bytes).toString()
      progress.push(jobs.job(begun.id).progress)
    }
    expect(rows(csv).map(({ ts, symbol }) => [Number(ts), symbol])).toEqual(
      recorded(({ bucket }) => bucket === 'this_week').map(({ ts, symbol }) => [ts, symbol]),
    )
    expect(progress.length).toBeGreaterThan(2)
    expect(progress).toEqual(progress.toSorted((a, b) => a - b))
    expect(progress[0]).toBeLessThan(0.7)
    const bytes = Buffer.byteLength(csv)
    expect(jobs.job(begun.id)).toMatchObject({ state: 'done', progress: 1, legs: rows(csv).length, bytes })
    expect(() => jobs.file(begun.id)).toThrow('there is no job')
  })

  it('writes to where the user says, and leaves nothing else there', async () => {
    const path = join(folder, 'mine.jsonl')
    const { id } = await jobs.begin({ ...NIFTY, format: 'jsonl' })
    expect(jobs.save(id, path).state).toBe('running')
    await eventually(() => expect(jobs.job(id).state).toBe('done'))
    expect((await readFile(path, 'utf8')).trimEnd().split('\n')).toHaveLength(recorded(() => true).length)
    expect((await readdir(folder)).filter((name) => name !== 'store')).toEqual(['mine.jsonl'])
  })

  it('exports the strikes near the money alone', async () => {
    const { id } = await jobs.begin({ ...NIFTY, within: 1 })
    const legs = rows(await taken(id))
    expect(legs).toHaveLength(recorded(({ offset }) => Math.abs(offset) <= 1).length)
    expect(new Set(legs.map(({ offset }) => offset))).toEqual(new Set(['-1', '0', '1']))
  })

  it.each([
    [
      'a stretch without legs',
      { from: '2026-11-23T09:20', to: '2026-11-23T09:30' },
      /nothing is on record of NIFTY from/,
    ],
    ['a bucket that was not recorded', { bucket: 'next_month' }, /nothing is on record of NIFTY next_month/],
    ['an end before the beginning', { from: '2026-11-23T11:00', to: '2026-11-23T10:00' }, /is not before/],
    ['what is no instant', { from: 'noon' }, /from: noon is not an instant/],
  ] as const)('refuses %s in a sentence', async (_, more, said) => {
    await expect(jobs.begin({ ...NIFTY, ...more })).rejects.toThrow(said)
  })

  it('ends when it is cancelled, reads no more, and leaves what was there', async () => {
    const path = join(folder, 'kept.csv')
    await writeFile(path, 'kept')
    const { id } = await jobs.begin(NIFTY)
    jobs.save(id, path)
    await eventually(() => expect(jobs.job(id).legs).toBeGreaterThan(0))
    expect(jobs.cancel(id).state).toBe('cancelled')
    await jobs.stop()
    const before = reads
    await setImmediate()
    expect(reads).toBe(before)
    expect(await readFile(path, 'utf8')).toBe('kept')
    expect((await readdir(folder)).filter((name) => name !== 'store')).toEqual(['kept.csv'])
    expect(jobs.job(id)).toMatchObject({ state: 'cancelled', error: null })
    expect(jobs.cancel(id).state).toBe('cancelled')
  })

  it('is cancelled by a browser that leaves, and breaks off where it is cancelled meanwhile', async () => {
    const left = await jobs.begin(NIFTY)
    for await (const _ of jobs.file(left.id).bytes) break
    expect(jobs.job(left.id).state).toBe('cancelled')

    const broken = await jobs.begin(NIFTY)
    const reading = async () => {
      for await (const _ of jobs.file(broken.id).bytes) jobs.cancel(broken.id)
    }
    await expect(reading()).rejects.toThrow()
    expect(jobs.job(broken.id)).toMatchObject({ state: 'cancelled', error: null })
  })

  it('says in a sentence what a file could not be written for', async () => {
    const { id } = await jobs.begin(NIFTY)
    jobs.save(id, join(folder, 'nowhere/at/all.csv'))
    await eventually(() => expect(jobs.job(id).state).toBe('failed'))
    expect(jobs.job(id).error).toMatch(/^cannot write .*all\.csv: .*\. Free disk space/)
    await mkdir(join(folder, 'taken.csv'))
    const other = await jobs.begin(NIFTY)
    jobs.save(other.id, join(folder, 'taken.csv'))
    await eventually(() => expect(jobs.job(other.id).state).toBe('failed'))
    // What was written so far goes right after the job says so.
    await eventually(async () => expect(await readdir(folder)).not.toContainEqual(expect.stringContaining('partial')))
  })

  it('has only so many at once, and forgets old ones', async () => {
    const begun = await Promise.all([1, 2, 3, 4].map(() => jobs.begin(NIFTY)))
    await expect(jobs.begin(NIFTY)).rejects.toMatchObject({ code: 'export_limit' })
    for (const { id } of begun) jobs.cancel(id)
    for (let more = 0; more < 20; more += 1) jobs.cancel((await jobs.begin(NIFTY)).id)
    expect(() => jobs.job(begun[0]?.id ?? '')).toThrow('there is no job')
  })

  it('writes Parquet in small row groups', async () => {
    const { id, file } = await jobs.begin({ ...NIFTY, format: 'parquet' })
    const bytes = Buffer.from(await taken(id), 'latin1')
    expect([file, bytes.subarray(0, 4).toString()]).toEqual(['NIFTY_2026-11-23.parquet', 'PAR1'])
  })
})
