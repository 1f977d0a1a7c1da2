import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync, zstdDecompressSync } from 'node:zlib'
import Sqlite from 'better-sqlite3'
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import type { PlacedLeg } from '../domain/leg.ts'
import { OpError } from '../kernel/errors.ts'
import {
  ARCHIVED,
  type ArchiveRig,
  answersOf,
  archiveDeps,
  createArchiveRig,
  NEWEST,
  optionsFor,
} from '../testing/archive-rig.ts'
import { type ArchiveDayDeps, archiveDay, removeArchived } from './archive-day.ts'
import { archivePath, closingName, parquetName, readManifest } from './archive-manifest.ts'
import { unpackDay } from './unpack-day.ts'

let rig: ArchiveRig
beforeEach(async () => {
  rig = await createArchiveRig()
})
afterEach(() => rig.dispose())

function sumOfBytes(bytes: Uint8Array) {
  return { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }
}

const folder = () => archivePath(rig.root, ARCHIVED)
const archiveAndRemove = async () => {
  await rig.archive()
  return removeArchived(rig.root, ARCHIVED, null)
}

describe('the archive of a day', () => {
  it('answers everything as the online day did, and only what it has to unpack after it was opened', async () => {
    const before = await rig.open()
    const expected = await answersOf(before)
    expect(expected.legs).toHaveLength(rig.legs.length)
    await before.stop()
    expect(await archiveAndRemove()).toEqual([])
    const after = await rig.open()
    expect(() => after.legsOfDay(ARCHIVED, { limit: 1 })).toThrow(OpError)
    expect(await answersOf(after)).toEqual(expected)
    expect(readdirSync(join(rig.root, 'cache', String(process.pid)))).toEqual([`${ARCHIVED}.db`])
    await after.stop()
    expect(readdirSync(join(rig.root, 'cache'))).toEqual([])
  })

  it('names every file with its hash, and takes the online files away', async () => {
    expect(await archiveAndRemove()).toEqual([])
    const { files, legs, batches } = readManifest(rig.root, ARCHIVED)
    expect(legs).toBe(rig.legs.length)
    expect(batches).toBeGreaterThan(0)
    expect(readdirSync(folder()).sort()).toEqual([...files.map(({ name }) => name), 'manifest.json'].sort())
    expect(files.map(({ from }) => from).filter((from) => from !== null)).toEqual([
      `store/${ARCHIVED}.db`,
      `legs/${ARCHIVED}/NIFTY_this_week_${ARCHIVED}.csv`,
      `legs/${ARCHIVED}/NIFTY_this_week_${ARCHIVED}.jsonl`,
    ])
    expect(existsSync(join(rig.root, 'legs', ARCHIVED))).toBe(false)
    expect(readdirSync(join(rig.root, 'store')).sort()).toEqual([`${NEWEST}.db`])
  })

  it('is text that gunzip reads', async () => {
    const name = `NIFTY_this_week_${ARCHIVED}.csv`
    const plain = readFileSync(join(rig.root, 'legs', ARCHIVED, name))
    await archiveAndRemove()
    expect(spawnSync('gzip', ['-dc', join(folder(), `${name}.gz`)]).stdout.equals(plain)).toBe(true)
  })

  it('is Parquet in which another reader finds every leg', async () => {
    await archiveAndRemove()
    const file = await asyncBufferFromFile(join(folder(), parquetName(ARCHIVED)))
    const compressors = { ZSTD: (bytes: Uint8Array) => zstdDecompressSync(bytes) }
    const rows = await parquetReadObjects({ file, compressors })
    // This reader multiplies decimals out, and is off in the last bit.
    const plainOf = (value: unknown) => {
      if (typeof value === 'bigint' || value instanceof Date) return Number(value)
      return typeof value === 'number' ? Number(value.toPrecision(15)) : (value ?? null)
    }
    const plain = rows.map((row) =>
      Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plainOf(value)])),
    )
    const inOrder = (legs: readonly object[]) => legs.map((leg) => JSON.stringify(Object.entries(leg).sort())).sort()
    expect(inOrder(plain.map(({ row, ...leg }) => leg))).toEqual(inOrder(rig.legs))
    expect(plain.filter(({ row }) => row === 0)).toHaveLength(readManifest(rig.root, ARCHIVED).batches)
  })

  it('has the rows of the legs only once, in the Parquet file', async () => {
    await archiveAndRemove()
    const path = join(rig.root, 'without-legs.db')
    writeFileSync(path, gunzipSync(readFileSync(join(folder(), `${ARCHIVED}.db.gz`))))
    const database = new Sqlite(path, { readonly: true })
    const count = (table: string) => database.prepare(`SELECT count(*) FROM ${table}`).pluck().get()
    expect([count('leg_rows'), count('batches')]).toEqual([0, readManifest(rig.root, ARCHIVED).batches])
    database.close()
  })

  it('keeps more digits than the record is to have', async () => {
    const fine = await createArchiveRig(undefined, (leg) => ({ ...leg, iv: leg.iv === null ? null : leg.iv + 1e-13 }))
    onTestFinished(fine.dispose)
    await fine.archive()
    await removeArchived(fine.root, ARCHIVED, null)
    const after = await fine.open()
    await after.open(ARCHIVED)
    expect(after.legsOfDay(ARCHIVED, { limit: 1e6 }).legs).toEqual(fine.legs)
    expect(fine.legs.some(({ iv }) => iv !== null && Math.round(iv * 1e8) / 1e8 !== iv)).toBe(true)
    await after.stop()
  })

  it('of the first form, with the whole store, still opens', async () => {
    const store = readFileSync(join(rig.root, 'store', `${ARCHIVED}.db`))
    await archiveAndRemove()
    const { files, ...facts } = readManifest(rig.root, ARCHIVED)
    const packed = gzipSync(store)
    writeFileSync(join(folder(), `${ARCHIVED}.db.gz`), packed)
    const first = files.map(({ online, ...file }) =>
      online === undefined ? file : { ...file, ...sumOfBytes(packed), plain: sumOfBytes(store) },
    )
    writeFileSync(join(folder(), 'manifest.json'), JSON.stringify({ ...facts, version: 1, files: first }))
    const after = await rig.open()
    await after.open(ARCHIVED)
    expect(readFileSync(after.archive.whole(ARCHIVED) ?? '').equals(store)).toBe(true)
    await after.stop()
  })

  it('is plain where the archive is not compressed', async () => {
    const options = { ...optionsFor(rig.root), compress: false }
    await archiveDay(archiveDeps, options)
    await removeArchived(rig.root, ARCHIVED, null)
    const after = await rig.open()
    await after.open(ARCHIVED)
    expect(after.legsOfDay(ARCHIVED, { limit: 1e6 }).legs).toEqual(rig.legs)
    expect(readdirSync(folder())).toContain(`${ARCHIVED}.db`)
    await after.stop()
  })

  it('is not made of a day that is damaged', async () => {
    const path = join(rig.root, 'store', `${ARCHIVED}.db`)
    chmodSync(path, 0o600)
    const database = new Sqlite(path)
    database.exec('UPDATE leg_rows SET oi = oi + 75 WHERE row = 0 AND oi IS NOT NULL')
    database.close()
    await expect(rig.archive()).rejects.toMatchObject({ code: 'store_unreadable' })
    expect(existsSync(folder())).toBe(false)
  })

  it('leaves the day as it was when the disk is full', async () => {
    const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
    const writeParquet = async () => {
      throw full
    }
    await expect(archiveDay({ ...archiveDeps, writeParquet }, optionsFor(rig.root))).rejects.toMatchObject({
      code: 'file_unwritable',
      message: `cannot write ${folder()}: no space left on device`,
    })
    expect(existsSync(folder())).toBe(false)
    expect(readdirSync(join(folder(), '..'))).toEqual([])
    const after = await rig.open()
    expect(after.legsOfDay(ARCHIVED, { limit: 1e6 }).legs).toEqual(rig.legs)
    await after.stop()
  })

  it('does not take away what was written to since', async () => {
    await rig.archive()
    const text = join(rig.root, 'legs', ARCHIVED, `NIFTY_this_week_${ARCHIVED}.csv`)
    writeFileSync(text, 'more\n', { flag: 'a' })
    expect(await removeArchived(rig.root, ARCHIVED, null)).toEqual([`legs/${ARCHIVED}/NIFTY_this_week_${ARCHIVED}.csv`])
    expect(existsSync(text)).toBe(true)
  })
})

type Change = (legs: Iterable<PlacedLeg>) => Iterable<PlacedLeg>

/** What a file that does not give back the day may have instead of it. */
const FAULTS: readonly [what: string, change: Change][] = [
  ['a leg less', (legs) => [...legs].slice(0, -1)],
  ['a leg twice', (legs) => [...legs].flatMap((leg, at) => (at === 5 ? [leg, leg] : [leg]))],
  ['a quantity that is one more', (legs) => at(legs, 7, (leg) => ({ ...leg, oi: (leg.oi ?? 0) + 1 }))],
  ['a price that is a paisa more', (legs) => at(legs, 7, (leg) => ({ ...leg, ask: (leg.ask ?? 0) + 0.01 }))],
  ['a delta of one digit more', (legs) => at(legs, 7, (leg) => ({ ...leg, delta: (leg.delta ?? 0) + 1e-7 }))],
  ['another contract', (legs) => at(legs, 7, (leg) => ({ ...leg, strike: leg.strike + 50 }))],
  ['another spot than its batch', (legs) => at(legs, 7, (leg) => ({ ...leg, spot: (leg.spot ?? 0) + 0.05 }))],
  ['nothing for a value', (legs) => at(legs, 7, (leg) => ({ ...leg, volume: null }))],
  ['legs in another order', (legs) => turned([...legs])],
]

const at = (legs: Iterable<PlacedLeg>, place: number, change: (leg: PlacedLeg) => PlacedLeg) =>
  [...legs].map((leg, k) => (k === place ? change(leg) : leg))

/** The first two legs of a batch change places. */
function turned(legs: readonly PlacedLeg[]): readonly PlacedLeg[] {
  const second = legs.findIndex(({ row }) => row === 1)
  const place = (k: number) => (k === second ? second - 1 : k === second - 1 ? second : k)
  return legs
    .map((_, k) => legs[place(k)])
    .flatMap((leg, k) => (leg === undefined ? [] : [{ ...leg, row: legs[k]?.row ?? 0 }]))
}

describe('Parquet that has', () => {
  it.each(FAULTS)('%s is noticed before anything goes', async (_, change) => {
    const writeParquet: ArchiveDayDeps['writeParquet'] = (path, legs, exact) =>
      archiveDeps.writeParquet(path, change(legs), exact)
    const archiving = archiveDay({ ...archiveDeps, writeParquet }, optionsFor(rig.root))
    await expect(archiving).rejects.toMatchObject({ code: 'file_unwritable' })
    expect(existsSync(folder())).toBe(false)
    expect(existsSync(join(rig.root, 'store', `${ARCHIVED}.db`))).toBe(true)
  })

  it.each(FAULTS)('%s is noticed when the day is unpacked', async (_, change) => {
    await archiveAndRemove()
    async function* readParquet(path: string) {
      const legs: PlacedLeg[] = []
      for await (const part of archiveDeps.readParquet(path)) legs.push(...part)
      yield change(legs)
    }
    const to = join(rig.root, 'unpacked.db')
    const unpacking = unpackDay({ ...archiveDeps, readParquet }, { root: rig.root, date: ARCHIVED, to })
    await expect(unpacking).rejects.toMatchObject({ code: 'archive_damaged' })
    expect(readdirSync(rig.root).filter((name) => name.startsWith('unpacked'))).toEqual([])
  })
})

describe('a flipped bit', () => {
  const flip = (path: string) => {
    const bytes = readFileSync(path)
    const at = Math.floor(bytes.length / 2)
    bytes.writeUInt8(bytes.readUInt8(at) ^ 16, at)
    writeFileSync(path, bytes)
  }

  it('in the store is found when the day is opened', async () => {
    await archiveAndRemove()
    flip(join(folder(), `${ARCHIVED}.db.gz`))
    const after = await rig.open()
    await expect(after.open(ARCHIVED)).rejects.toMatchObject({ code: 'archive_damaged' })
    expect(after.archive.whole(ARCHIVED)).toBeNull()
    await after.stop()
  })

  it('in the Parquet file is found when the day is opened', async () => {
    await archiveAndRemove()
    flip(join(folder(), parquetName(ARCHIVED)))
    const after = await rig.open()
    await expect(after.open(ARCHIVED)).rejects.toMatchObject({
      code: 'archive_damaged',
      message: expect.stringContaining(parquetName(ARCHIVED)),
    })
    expect(readdirSync(join(rig.root, 'cache', String(process.pid)))).toEqual([])
    await after.stop()
  })

  it('in the closing file is found when it is asked', async () => {
    await archiveAndRemove()
    flip(join(folder(), closingName(ARCHIVED)))
    const after = await rig.open()
    expect(() => after.recordedFrom(ARCHIVED)).toThrow(expect.objectContaining({ code: 'archive_damaged' }))
    await after.stop()
  })

  it('in the manifest, or a manifest of another day, is refused', async () => {
    await archiveAndRemove()
    const path = join(folder(), 'manifest.json')
    const text = readFileSync(path, 'utf8')
    writeFileSync(path, text.replace(`"date": "${ARCHIVED}"`, `"date": "${NEWEST}"`))
    expect(() => readManifest(rig.root, ARCHIVED)).toThrow(expect.objectContaining({ code: 'archive_damaged' }))
    rmSync(path)
    const after = await rig.open()
    expect(after.days()).toEqual([NEWEST])
    await after.stop()
  })
})
