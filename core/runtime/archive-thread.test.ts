import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { encryptArchived } from '../store/archive-day.ts'
import { archivePath, parquetName, readManifest } from '../store/archive-manifest.ts'
import { verifyDay } from '../store/verify-day.ts'
import { ARCHIVED, type ArchiveRig, createArchiveRig, optionsFor } from '../testing/archive-rig.ts'
import { legDigest } from '../testing/leg-digest.ts'
import { memoryCipher, newMemoryKey } from '../testing/memory-keyring.ts'
import { archiveInThread, unpackInThread } from './archive-thread.ts'

const WORKER = fileURLToPath(new URL('archive-worker.ts', import.meta.url))
const NO_KEY = { key: null, isAbsent: true, sentence: 'the key is not in this test' } as const

const never = new AbortController().signal
let rig: ArchiveRig
beforeEach(async () => {
  rig = await createArchiveRig()
})
afterEach(() => rig.dispose())

const folder = () => archivePath(rig.root, ARCHIVED)
const csv = () => join(rig.root, 'legs', ARCHIVED, `NIFTY_this_week_${ARCHIVED}.csv`)
const task = (found: Parameters<typeof archiveInThread>[1]['key']['found'] = NO_KEY) => ({
  ...optionsFor(rig.root),
  ...{ key: { found, dataDir: rig.root }, useMapping: true },
})

const unpackTask = (found: Parameters<typeof task>[0] = NO_KEY) => ({
  ...{ root: rig.root, date: ARCHIVED, to: join(rig.root, 'unpacked.db') },
  ...{ key: { found, dataDir: rig.root }, useMapping: false },
})

/** As a projection leaves a finished file. */
async function encryptCsv() {
  const { key } = newMemoryKey()
  const plain = readFileSync(csv())
  writeFileSync(`${csv()}.gz`, gzipSync(plain))
  rmSync(csv())
  await memoryCipher(rig.root, true, { key }).encrypt(`${csv()}.gz`, never)
  return { key, plain }
}

describe('the thread that archives', () => {
  it('archives a day, and hands out its manifest', async () => {
    const manifest = await archiveInThread(WORKER, task(), never)
    expect(manifest).toMatchObject({ date: ARCHIVED, legs: rig.legs.length })
    expect(readManifest(rig.root, ARCHIVED)).toEqual(manifest)
  })

  it('reads what is encrypted with the key that it is given', async () => {
    const { key, plain } = await encryptCsv()
    await archiveInThread(WORKER, task({ key, place: 'in this test' }), never)
    expect(gunzipSync(readFileSync(join(folder(), `NIFTY_this_week_${ARCHIVED}.csv.gz`))).equals(plain)).toBe(true)
  })

  it('says why it cannot, with the code of the error', async () => {
    await encryptCsv()
    await expect(archiveInThread(WORKER, task(), never)).rejects.toMatchObject({
      code: 'data_locked',
      message: `the encryption key is needed for ${csv()}.gz.enc: the key is not in this test`,
    })
    rmSync(join(rig.root, 'store', `${ARCHIVED}.db`), { force: true })
    await expect(archiveInThread(WORKER, task(), never)).rejects.toMatchObject({ code: 'store_unreadable' })
    expect(existsSync(folder())).toBe(false)
  })

  it('ends when it is told to, and leaves the day as it was', async () => {
    await expect(archiveInThread(WORKER, task(), AbortSignal.abort(new Error('stopped')))).rejects.toThrow('stopped')
    const stopping = new AbortController()
    const running = archiveInThread(WORKER, task(), stopping.signal)
    stopping.abort()
    await expect(running).rejects.toMatchObject({ code: 'internal' })
    expect(existsSync(folder())).toBe(false)
    expect(existsSync(join(rig.root, 'store', `${ARCHIVED}.db`))).toBe(true)
  })

  it('is an error, and no silence, when its program is missing', async () => {
    await expect(archiveInThread(join(rig.root, 'none.ts'), task(), never)).rejects.toThrow('none.ts')
  })
})

describe('the thread that unpacks', () => {
  it('gives back the day that was sealed, also from an encrypted archive', async () => {
    const { digest } = await archiveInThread(WORKER, task(), never)
    await unpackInThread(WORKER, unpackTask(), never)
    const whole = { batches: expect.any(Number), legs: rig.legs.length, digest, faults: [] }
    expect(verifyDay(unpackTask().to, legDigest)).toEqual(whole)
    rmSync(unpackTask().to)
    const { key } = newMemoryKey()
    await encryptArchived(memoryCipher(rig.root, true, { key }), rig.root, ARCHIVED, never)
    await unpackInThread(WORKER, unpackTask({ key, place: 'in this test' }), never)
    expect(verifyDay(unpackTask().to, legDigest)).toEqual(whole)
  })

  it('says why it cannot, and leaves nothing', async () => {
    await archiveInThread(WORKER, task(), never)
    rmSync(join(folder(), parquetName(ARCHIVED)))
    await expect(unpackInThread(WORKER, unpackTask(), never)).rejects.toMatchObject({
      code: 'archive_damaged',
      message: expect.stringContaining(parquetName(ARCHIVED)),
    })
    expect(existsSync(unpackTask().to)).toBe(false)
  })

  it('ends when it is told to', async () => {
    await archiveInThread(WORKER, task(), never)
    const stopping = new AbortController()
    const running = unpackInThread(WORKER, unpackTask(), stopping.signal)
    stopping.abort()
    await expect(running).rejects.toMatchObject({ code: 'internal' })
  })
})
