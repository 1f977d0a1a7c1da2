import { randomBytes } from 'node:crypto'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { FileCipher } from '../ports/file-cipher.ts'
import { eventually } from '../testing/eventually.ts'
import { collect, numberOf, sessionEntry } from '../testing/journal-builders.ts'
import { createJournalFolder, type JournalFolder } from '../testing/journal-files.ts'
import { type MemoryKey, memoryCipher, newMemoryKey } from '../testing/memory-keyring.ts'
import { realClock } from '../testing/real-clock.ts'
import { silentLogger } from '../testing/silent-logger.ts'
import { createSegmentPacker } from './packer.ts'
import { sealPath, segmentPath } from './segment-name.ts'

let folder: JournalFolder
let held: MemoryKey
let cipher: FileCipher
beforeEach(async () => {
  folder = await createJournalFolder()
  held = newMemoryKey()
  cipher = memoryCipher(dirname(folder.path), true, held)
})
afterEach(() => folder.dispose())

const first = () => segmentPath(folder.path, { epoch: 1, firstSeq: 0, part: 1 })
const upTo = (count: number) => Array.from({ length: count }, (_, n) => n)

async function write(from: number, to: number): Promise<void> {
  const journal = await folder.open({ segmentBytes: 2_000 }, { cipher })
  for (let n = from; n < to; n += 1) {
    journal.append(sessionEntry(n))
    await journal.flush()
  }
  await journal.stop()
}

/** Packs until `done`. */
async function pack(done: () => Promise<void>, packing = cipher): Promise<void> {
  const packer = createSegmentPacker(
    { clock: realClock, logger: silentLogger, cipher: packing },
    { folder: folder.path, intervalMs: 5 },
  )
  await packer.start()
  await eventually(done)
  await packer.stop()
}

const encryptAll = () =>
  pack(async () => {
    expect(await folder.names(1, '.enc')).not.toEqual([])
    expect([...(await folder.names(1, '.log')), ...(await folder.names(1, '.gz'))]).toEqual([])
  })

async function numbers(): Promise<number[]> {
  const journal = await folder.open({}, { cipher })
  const records = await collect(journal.scan(null))
  await journal.stop()
  return records.map(({ entry }) => numberOf(entry))
}

describe('an encrypted journal', () => {
  it('is encrypted behind its writer and its readers, and gives back every record', async () => {
    const journal = await folder.open({ segmentBytes: 2_000, tailRecords: 2 }, { cipher })
    const packer = createSegmentPacker(
      { clock: realClock, logger: silentLogger, cipher },
      { folder: folder.path, intervalMs: 5 },
    )
    await packer.start()
    const followed: number[] = []
    const following = (async () => {
      for await (const records of journal.read(null, new AbortController().signal)) {
        followed.push(...records.map(({ entry }) => numberOf(entry)))
        if (followed.length >= 150) return
      }
    })()
    for (const n of upTo(150)) {
      journal.append(sessionEntry(n))
      await journal.flush()
    }
    await following
    expect(followed).toEqual(upTo(150))
    await eventually(async () => {
      expect(await folder.names(1, '.log')).toHaveLength(1)
      expect(await folder.names(1, '.gz')).toEqual([])
      expect((await folder.names(1, '.log.gz.enc')).length).toBeGreaterThan(3)
    })
    expect((await collect(journal.scan(null))).map(({ entry }) => numberOf(entry))).toEqual(upTo(150))
    await packer.stop()
    await journal.stop()
    expect((await numbers()).slice(0, 150)).toEqual(upTo(150))
  })

  it('takes up what was compressed before, and stays readable when encryption is turned off', async () => {
    await write(0, 60)
    const off = memoryCipher(dirname(folder.path), false, held)
    await pack(async () => expect(await folder.names(1, '.log')).toEqual([]), off)
    expect(await folder.names(1, '.enc')).toEqual([])
    await encryptAll()
    cipher = off
    expect(await numbers()).toEqual(upTo(60))
    expect(await folder.names(1, '.enc')).not.toEqual([])
  })

  it('goes on recording without its key: only what is encrypted waits for it', async () => {
    await write(0, 60)
    await encryptAll()
    const { key } = held
    held.key = null
    const journal = await folder.open({}, { cipher })
    const end = journal.durable()
    journal.append(sessionEntry(60))
    await journal.flush()
    // Who has everything up to the end goes on; who needs what is encrypted is told, and passes over nothing.
    expect((await collect(journal.scan(end))).map(({ entry }) => numberOf(entry))).toEqual([60])
    await expect(collect(journal.scan(null))).rejects.toMatchObject({ code: 'data_locked' })
    await journal.stop()
    await pack(async () => expect(await folder.names(2, '.gz')).toHaveLength(1))
    held.key = newMemoryKey().key
    const again = await folder.open({}, { cipher })
    await expect(collect(again.scan(null))).rejects.toMatchObject({ code: 'data_locked' })
    held.key = key
    expect((await collect(again.scan(null))).map(({ entry }) => numberOf(entry))).toEqual(upTo(61))
    await again.stop()
  })

  it('costs damage only the segment that has it', async () => {
    await write(0, 60)
    await encryptAll()
    const path = `${first()}.gz.enc`
    const sound = await readFile(path)
    await writeFile(path, Buffer.from(sound).fill(randomBytes(4), 100, 104))
    const read = await numbers()
    expect(read.length).toBeGreaterThan(20)
    expect(read).toEqual(upTo(60).slice(60 - read.length))
    await writeFile(path, sound.subarray(0, -1))
    expect(await numbers()).toEqual(read)
    // One encrypted segment in the place of another is damage too.
    const names = await folder.names(1, '.enc')
    await writeFile(path, await readFile(first().replace(/[^/\\]+$/, names[1] ?? '')))
    expect(await numbers()).toEqual(read)
  })

  it('seals again what has lost its seal', async () => {
    await write(0, 60)
    await encryptAll()
    await rm(sealPath(first()))
    expect(await numbers()).toEqual(upTo(60))
    expect(await readFile(sealPath(first()), 'utf8')).toContain('"damage":null')
  })
})
