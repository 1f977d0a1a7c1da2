import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { gunzipSync, gzipSync, zstdDecompressSync } from 'node:zlib'
import { parquetReadObjects } from 'hyparquet'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { istInstant } from '../domain/ist.ts'
import type { FileCipher } from '../ports/file-cipher.ts'
import { bytesOf } from '../ports/file-reader.ts'
import {
  ARCHIVED,
  type ArchiveRig,
  answersOf,
  archiveDeps,
  createArchiveRig,
  NEWEST,
  optionsFor,
} from '../testing/archive-rig.ts'
import { eventually } from '../testing/eventually.ts'
import { createFakeClock, type FakeClock } from '../testing/fake-clock.ts'
import { type MemoryKey, memoryCipher, newMemoryKey } from '../testing/memory-keyring.ts'
import { silentLogger } from '../testing/silent-logger.ts'
import { archiveDay, encryptArchived, removeArchived } from './archive-day.ts'
import { archivePath, closingName, MANIFEST, parquetName } from './archive-manifest.ts'
import { type Archiver, createArchiver } from './archiver.ts'
import type { DayStores } from './day-store.ts'

const never = new AbortController().signal

let rig: ArchiveRig
let held: MemoryKey
let cipher: FileCipher
beforeEach(async () => {
  rig = await createArchiveRig()
  held = newMemoryKey()
  cipher = memoryCipher(rig.root, true, held)
})
afterEach(() => rig.dispose())

const folder = () => archivePath(rig.root, ARCHIVED)
const names = () => readdirSync(folder()).sort()
const text = (ending: string) => join('legs', ARCHIVED, `NIFTY_this_week_${ARCHIVED}.${ending}`)
const ENCRYPTED = [
  `${ARCHIVED}.db.gz.enc`,
  `NIFTY_this_week_${ARCHIVED}.csv.gz.enc`,
  `NIFTY_this_week_${ARCHIVED}.jsonl.gz.enc`,
  `${parquetName(ARCHIVED)}.enc`,
]
const WHOLE = [...ENCRYPTED, closingName(ARCHIVED), MANIFEST].sort()

/** What the archive gives of a file, decrypted and still compressed. */
const decrypted = async (name: string) => buffer(bytesOf(await cipher.open(join(folder(), name))))

/** The archive of the day, encrypted, without the online files. */
async function archiveEncrypted() {
  await rig.archive()
  await removeArchived(rig.root, ARCHIVED, null)
  await encryptArchived(cipher, rig.root, ARCHIVED, never)
}

describe('the encrypted archive of a day', () => {
  it('answers everything as before; only the manifest and what stood at the close are plain', async () => {
    const before = await rig.open()
    const expected = await answersOf(before)
    await before.stop()
    await archiveEncrypted()
    expect(names()).toEqual(WHOLE)
    const after = await rig.open(cipher)
    expect(await answersOf(after)).toEqual(expected)
    await after.stop()
    const symbol = Buffer.from(rig.legs[0]?.symbol ?? '')
    for (const name of ENCRYPTED) expect(readFileSync(join(folder(), name)).includes(symbol)).toBe(false)
  })

  it('gives back Parquet and text that other programs read', async () => {
    const csv = readFileSync(join(rig.root, text('csv')))
    await archiveEncrypted()
    expect(gunzipSync(await decrypted(`NIFTY_this_week_${ARCHIVED}.csv.gz`)).equals(csv)).toBe(true)
    const parquet = Uint8Array.from(await decrypted(parquetName(ARCHIVED)))
    const compressors = { ZSTD: (bytes: Uint8Array) => zstdDecompressSync(bytes) }
    const rows = await parquetReadObjects({ file: parquet.buffer, compressors })
    expect(rows).toHaveLength(rig.legs.length)
  })

  it('is locked without its key and with another one, but for the close, and opens when the key is back', async () => {
    await archiveEncrypted()
    const { key } = held
    const stores = await rig.open(cipher)
    held.key = null
    await expect(stores.open(ARCHIVED)).rejects.toMatchObject({
      code: 'data_locked',
      message: expect.stringContaining(`${ARCHIVED}.db.gz.enc: it was taken away`),
    })
    expect(stores.days()).toContain(ARCHIVED)
    expect(stores.lastLegPerContract(ARCHIVED, 'NIFTY', 'this_week')).not.toEqual([])
    held.key = newMemoryKey().key
    await expect(stores.open(ARCHIVED)).rejects.toThrow(`encrypted with key ${key?.id}`)
    expect(readdirSync(join(rig.root, 'cache', String(process.pid)))).toEqual([])
    held.key = key
    await stores.open(ARCHIVED)
    expect(stores.legsOfDay(ARCHIVED, { limit: 1e6 }).legs).toEqual(rig.legs)
    await stores.stop()
  })

  it('is damaged when a bit of it is', async () => {
    await archiveEncrypted()
    const path = join(folder(), `${ARCHIVED}.db.gz.enc`)
    const bytes = readFileSync(path)
    const at = Math.floor(bytes.length / 2)
    bytes.writeUInt8(bytes.readUInt8(at) ^ 16, at)
    writeFileSync(path, bytes)
    const stores = await rig.open(cipher)
    await expect(stores.open(ARCHIVED)).rejects.toMatchObject({ code: 'archive_damaged' })
    await stores.stop()
  })
})

describe('text files that were encrypted before their day was archived', () => {
  /** As the projections leave it: compressed, then encrypted. */
  async function encryptText(ending: string): Promise<Buffer> {
    const path = join(rig.root, text(ending))
    const plain = readFileSync(path)
    writeFileSync(`${path}.gz`, gzipSync(plain))
    rmSync(path)
    await cipher.encrypt(`${path}.gz`, never)
    return plain
  }

  it('go into the archive, and their online files go', async () => {
    const csv = await encryptText('csv')
    const { files } = await archiveDay({ ...archiveDeps, cipher }, optionsFor(rig.root))
    expect(files.map(({ from }) => from)).toContain(text('csv').replaceAll('\\', '/'))
    expect(await removeArchived(rig.root, ARCHIVED, cipher)).toEqual([])
    expect(existsSync(join(rig.root, 'legs', ARCHIVED))).toBe(false)
    await encryptArchived(cipher, rig.root, ARCHIVED, never)
    expect(names()).toEqual(WHOLE)
    expect(gunzipSync(await decrypted(`NIFTY_this_week_${ARCHIVED}.csv.gz`)).equals(csv)).toBe(true)
  })

  it('stay when they are not what was archived, in every form', async () => {
    await rig.archive()
    writeFileSync(join(rig.root, text('csv')), 'more\n', { flag: 'a' })
    await encryptText('csv')
    expect(await removeArchived(rig.root, ARCHIVED, cipher)).toEqual([`${text('csv')}.gz.enc`])
    expect(existsSync(join(rig.root, `${text('csv')}.gz.enc`))).toBe(true)
  })

  it('are not archived without their key: nothing of the day goes', async () => {
    await encryptText('csv')
    held.key = null
    await expect(archiveDay({ ...archiveDeps, cipher }, optionsFor(rig.root))).rejects.toMatchObject({
      code: 'data_locked',
    })
    expect(existsSync(folder())).toBe(false)
    expect(existsSync(join(rig.root, 'store', `${ARCHIVED}.db`))).toBe(true)
  })

  it('are not taken away while they cannot be compared', async () => {
    await rig.archive()
    await encryptText('jsonl')
    held.key = null
    await expect(removeArchived(rig.root, ARCHIVED, cipher)).rejects.toMatchObject({ code: 'data_locked' })
    expect(existsSync(join(rig.root, `${text('jsonl')}.gz.enc`))).toBe(true)
  })
})

describe('the archiver with encryption', () => {
  let stores: DayStores
  let clock: FakeClock
  let archiver: Archiver
  beforeEach(async () => {
    stores = await rig.open(cipher)
    clock = createFakeClock(istInstant('2026-12-31', '12:00'))
  })
  afterEach(async () => {
    await archiver.stop()
    await stores.stop()
  })

  async function start(inUse: FileCipher) {
    const deps = {
      ...{ clock, logger: silentLogger, days: stores, caughtUp: () => true, cipher: inUse },
      archiveDay: () => archiveDay({ ...archiveDeps, cipher: inUse }, optionsFor(rig.root)),
    }
    archiver = createArchiver(deps, { root: rig.root, afterDays: 30 })
    await archiver.start()
  }
  /** It looks once a minute. */
  const inTime = (check: () => void) =>
    eventually(() => {
      clock.advance(60_000)
      check()
    })

  it('encrypts a day that it has archived', async () => {
    await start(cipher)
    await inTime(() => expect(existsSync(folder()) && names()).toEqual(WHOLE))
    expect(archiver.status().state).toBe('running')
    expect(existsSync(join(rig.root, 'store', `${ARCHIVED}.db`))).toBe(false)
  })

  it('takes up days that were archived before encryption was turned on', async () => {
    await start(memoryCipher(rig.root, false, held))
    await inTime(() => expect(existsSync(join(rig.root, 'store', `${ARCHIVED}.db`))).toBe(false))
    await archiver.stop()
    expect(names()).not.toEqual(WHOLE)
    await start(cipher)
    await eventually(() => expect(names()).toEqual(WHOLE))
  })

  it('says which day it cannot encrypt and why, and goes on when it can', async () => {
    await rig.archive()
    await removeArchived(rig.root, ARCHIVED, null)
    stores.archive.add(ARCHIVED)
    const blocked = join(folder(), `${parquetName(ARCHIVED)}.enc`)
    mkdirSync(blocked)
    await start(cipher)
    await eventually(() => expect(archiver.status()).toMatchObject({ state: 'degraded', issue: 'archive_failed' }))
    expect(archiver.status().detail).toContain(`the archive of ${ARCHIVED} cannot be encrypted: `)
    rmSync(blocked, { recursive: true })
    await inTime(() => expect(names()).toEqual(WHOLE))
    await eventually(() => expect(archiver.status().state).toBe('running'))
  })

  it('waits for a key that is missing, and says so of a day that it needs one for', async () => {
    const path = join(rig.root, `${text('csv')}.gz`)
    writeFileSync(path, gzipSync(readFileSync(join(rig.root, text('csv')))))
    rmSync(join(rig.root, text('csv')))
    await cipher.encrypt(path, never)
    const { key } = held
    held.key = null
    await start(cipher)
    await inTime(() => expect(archiver.status().state).toBe('degraded'))
    expect(archiver.status().detail).toMatch(
      new RegExp(`^${ARCHIVED} cannot be archived: the encryption key is needed for .*optrade encryption recover`),
    )
    expect(stores.days()).toEqual([ARCHIVED, NEWEST])
    held.key = key
    await inTime(() => expect(existsSync(folder()) && names()).toEqual(WHOLE))
  })
})
