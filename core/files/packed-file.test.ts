import { execFileSync } from 'node:child_process'
import { copyFile, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { istInstant } from '../domain/ist.ts'
import type { FileCipher } from '../ports/file-cipher.ts'
import type { JournalRecord } from '../ports/journal.ts'
import { eventually } from '../testing/eventually.ts'
import { buildBatch, createRandom } from '../testing/leg-builder.ts'
import { createLineRig, type LineRig } from '../testing/line-rig.ts'
import { type MemoryKey, memoryCipher, newMemoryKey } from '../testing/memory-keyring.ts'
import { fileLength } from './adopt-file.ts'
import { createCsvProjection } from './leg-projections.ts'
import type { LineProjectionDeps, LineProjectionOptions } from './line-projection.ts'
import { packFile, unpackFile } from './packed-file.ts'

const DAY = '2026-11-23'
const MINUTE = 60_000

function records(count: number): JournalRecord[] {
  const random = createRandom(count)
  return Array.from({ length: count }, (_, i) => ({
    position: { epoch: 1, seq: i + 1, crc: i },
    entry: buildBatch(random, { ts: istInstant(DAY, '10:00') + i * 1000, legs: 10 }),
    legs: null,
  }))
}

let rig: LineRig
let isOver = true
beforeEach(async () => {
  isOver = true
  rig = await createLineRig(createCsvProjection, { finished: { level: 6, isOver: (date) => isOver && date === DAY } })
})
afterEach(() => rig.dispose())

const path = () => join(rig.folder, `legs/${DAY}/NIFTY_this_week_${DAY}.csv`)
const never = new AbortController().signal

/** What the file holds, compressed or not; both never differ. */
async function text(): Promise<string> {
  const [only] = Object.values((await rig.content()) as Record<string, string>)
  return only ?? ''
}

async function written(all: readonly JournalRecord[]): Promise<string> {
  const projection = await rig.open()
  await projection.apply(all)
  await projection.stop()
  return text()
}

describe('a finished file', () => {
  it('that is taken away while it is compressed leaves nothing', async () => {
    await written(records(20))
    await packFile(path(), 6, never, async (opened) => {
      if (opened !== path()) await rm(path())
      const bytes = await readFile(opened)
      return { size: bytes.length, read: async (at, length) => bytes.subarray(at, at + length), close: async () => {} }
    })
    expect(await readdir(dirname(path()))).toEqual([])
  })

  it('is compressed once its day is over, and zcat and gunzip give it back', async () => {
    isOver = false
    const projection = await rig.open()
    await projection.apply(records(50))
    rig.passTime(2 * MINUTE)
    await projection.flush()
    const plain = await readFile(path())
    isOver = true
    rig.passTime(2 * MINUTE)
    await eventually(() => expect([fileLength(path()), fileLength(`${path()}.gz`)]).toEqual([null, expect.any(Number)]))
    expect(execFileSync('zcat', [`${path()}.gz`]).equals(plain)).toBe(true)
    expect(fileLength(`${path()}.gz`)).toBeLessThan(plain.length / 2)
    await projection.stop()
  })

  it('comes back for a record that is late, and is compressed again', async () => {
    const all = records(60)
    const whole = await written(all)
    await rig.wipe()
    const projection = await rig.open()
    await projection.apply(all.slice(0, 30))
    rig.passTime(2 * MINUTE)
    await eventually(() => expect(fileLength(path())).toBeNull())
    await projection.apply(all.slice(30))
    expect(fileLength(path())).not.toBeNull()
    rig.passTime(2 * MINUTE)
    await eventually(() => expect(fileLength(path())).toBeNull())
    expect(await text()).toBe(whole)
    await projection.stop()
  })

  it('is not touched by a replay of the whole record', async () => {
    const all = records(20)
    const whole = await written(all)
    await packFile(path(), 6, never)
    const packed = await readFile(`${path()}.gz`)
    rig.cursors.remove('csv:sim')
    expect(await written(all)).toBe(whole)
    await packFile(path(), 6, never)
    expect((await readFile(`${path()}.gz`)).equals(packed)).toBe(true)
    const projection = await rig.open()
    await projection.apply(all)
    await projection.stop()
    expect(fileLength(path())).toBeNull()
  })

  it.each([
    ['compressing: the copy is cut', () => writeFile(`${path()}.gz.tmp`, 'cut')],
    ['compressing: both are there', async () => writeFile(`${path()}.gz`, gzipSync(await readFile(path())))],
    ['compressing: only the compressed one is there', () => packFile(path(), 6, never)],
    [
      'bringing back: the plain copy is cut',
      async () => {
        await packFile(path(), 6, never)
        await writeFile(`${path()}.tmp`, 'cut')
      },
    ],
    [
      'bringing back: both are there',
      async () => {
        await copyFile(path(), `${path()}.kept`)
        await packFile(path(), 6, never)
        await rename(`${path()}.kept`, path())
      },
    ],
  ])('loses nothing when it is killed while %s', async (_, state) => {
    const all = records(60)
    const whole = await written(all)
    await rig.wipe()
    await written(all.slice(0, 30))
    await state()
    await written(all)
    await rm(`${path()}.gz.tmp`, { force: true })
    await rm(`${path()}.tmp`, { force: true })
    const plain = await readFile(path(), 'utf8')
    expect(plain).toBe(whole)
  })

  it('that is missing comes back from the record', async () => {
    const all = records(20)
    const whole = await written(all)
    await packFile(path(), 6, never)
    await rm(`${path()}.gz`)
    const projection = await rig.open()
    expect(projection.position()).toBeNull()
    await projection.apply(all)
    await projection.stop()
    expect(await text()).toBe(whole)
  })
})

describe('a finished file of a folder that is encrypted', () => {
  const held: MemoryKey = { key: null }
  let cipher: FileCipher
  beforeEach(async () => {
    await rig.dispose()
    held.key = newMemoryKey().key
    const finished = { level: 6, isOver: (date: string) => isOver && date === DAY }
    const create = (deps: LineProjectionDeps, options: LineProjectionOptions) =>
      createCsvProjection({ ...deps, cipher }, options)
    rig = await createLineRig(create, { finished })
    cipher = memoryCipher(rig.folder, true, held)
  })

  const encrypted = () => `${path()}.gz.enc`
  const untilEncrypted = () =>
    eventually(() =>
      expect([path(), `${path()}.gz`, encrypted()].map((file) => fileLength(file) !== null)).toEqual([
        false,
        false,
        true,
      ]),
    )

  it('is encrypted, also when it was compressed before, and comes back for a record that is late', async () => {
    const all = records(60)
    const whole = await written(all)
    await rig.wipe()
    const projection = await rig.open()
    await projection.apply(all.slice(0, 30))
    await projection.flush()
    await packFile(path(), 6, never)
    rig.passTime(2 * MINUTE)
    await untilEncrypted()
    await projection.apply(all.slice(30))
    await projection.flush()
    expect(await readFile(path(), 'utf8')).toBe(whole)
    rig.passTime(2 * MINUTE)
    await untilEncrypted()
    await projection.stop()
    await unpackFile(path(), { cipher })
    expect([await readFile(path(), 'utf8'), fileLength(encrypted())]).toEqual([whole, null])
  })

  it('waits for its key: nothing is lost, doubled or begun anew without it', async () => {
    const all = records(40)
    const whole = await written(all)
    await rig.wipe()
    await written(all.slice(0, 20))
    await packFile(path(), 6, never)
    await cipher.encrypt(`${path()}.gz`, never)
    const { key } = held
    held.key = null
    const projection = await rig.open()
    await expect(projection.apply(all)).rejects.toMatchObject({ code: 'data_locked' })
    expect([fileLength(path()), fileLength(encrypted()) !== null]).toEqual([null, true])
    held.key = key
    await projection.apply(all)
    await projection.stop()
    expect(await readFile(path(), 'utf8')).toBe(whole)
  })
})

describe('packing', () => {
  it('keeps the plain file when the compressed one cannot be made', async () => {
    const whole = await written(records(10))
    const gone = new AbortController()
    gone.abort()
    await expect(packFile(path(), 6, gone.signal)).rejects.toThrow()
    expect(await readFile(path(), 'utf8')).toBe(whole)
    await expect(unpackFile(path(), { cipher: null })).rejects.toMatchObject({ code: 'file_unwritable' })
    expect(await readFile(path(), 'utf8')).toBe(whole)
  })

  it('gives back what went in', async () => {
    const whole = await written(records(10))
    await packFile(path(), 9, never)
    expect(gunzipSync(await readFile(`${path()}.gz`)).toString()).toBe(whole)
    await unpackFile(path(), { cipher: null })
    expect([await readFile(path(), 'utf8'), fileLength(`${path()}.gz`)]).toEqual([whole, null])
  })
})
