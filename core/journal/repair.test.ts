import { copyFile, mkdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { batchEntry, collect, numberOf, sessionEntry } from '../testing/journal-builders.ts'
import { createJournalFolder, type JournalFolder } from '../testing/journal-files.ts'
import { silentLogger } from '../testing/silent-logger.ts'
import { nodeDisk } from './disk.ts'
import { repairRecord } from './repair.ts'
import { readSeal } from './seal.ts'
import { listSegments, sealPath, segmentPath } from './segment-name.ts'

describe('repair', () => {
  let folder: JournalFolder
  beforeEach(async () => {
    folder = await createJournalFolder()
  })
  afterEach(() => folder.dispose())

  const file = () => segmentPath(folder.path, { epoch: 1, firstSeq: 1, part: 1 })

  /** One unsealed segment, as after a crash. */
  async function crashed(count: number): Promise<Buffer> {
    const journal = await folder.open()
    for (let n = 1; n < count; n += 1) journal.append(batchEntry(n))
    journal.append(sessionEntry(count))
    await journal.stop()
    await rm(sealPath(file()))
    return readFile(file())
  }

  it('cuts only the incomplete record, at every byte of it, and keeps what it cuts', async () => {
    const bytes = await crashed(3)
    const lastLine = bytes.lastIndexOf(0x0a, bytes.length - 2) + 1
    await rm(dirname(file()), { recursive: true })
    for (let size = lastLine + 1; size < bytes.length; size += 1) {
      await mkdir(dirname(file()), { recursive: true })
      await writeFile(file(), bytes.subarray(0, size))
      const repaired = await repairRecord({ disk: nodeDisk, logger: silentLogger, cipher: null }, folder.path)
      expect(repaired).toMatchObject({ epoch: 1, last: { seq: 2 }, lastTs: batchEntry(2).ts, lost: [] })
      expect(await readFile(file())).toEqual(bytes.subarray(0, lastLine))
      expect(await readFile(`${file()}.torn`)).toEqual(bytes.subarray(lastLine, size))
      await rm(dirname(file()), { recursive: true })
    }
  }, 60_000)

  it('opens at whatever byte the newest segment ends, with every whole record', async () => {
    const bytes = await crashed(2)
    const copy = `${folder.path}.copy`
    await copyFile(file(), copy)
    const whole = (size: number) => bytes.subarray(0, size).filter((byte) => byte === 0x0a).length - 1
    for (let size = 0; size < bytes.length; size += 41) {
      await rm(folder.path, { recursive: true })
      await mkdir(dirname(file()), { recursive: true })
      await copyFile(copy, file())
      await truncate(file(), size)
      const journal = await folder.open()
      journal.append(batchEntry(9))
      await journal.flush()
      const read = (await collect(journal.scan(null))).map(({ entry }) => numberOf(entry))
      expect(read).toEqual([...[1, 2].slice(0, Math.max(0, whole(size))), 9])
      await journal.stop()
    }
  }, 60_000)

  it('seals what has no seal, in a chain', async () => {
    const first = await folder.open({ segmentBytes: 1 })
    for (let n = 1; n <= 3; n += 1) {
      first.append(batchEntry(n))
      await first.flush()
    }
    await first.stop()
    const paths = (await listSegments(folder.path, 1)).map((segment) => segment.path)
    const before = await Promise.all(paths.map(readSeal))
    for (const path of paths.slice(1)) await rm(sealPath(path))
    const second = await folder.open()
    await second.stop()
    const after = await Promise.all(paths.map(readSeal))
    expect(after).toEqual(before)
    expect(after.map((stored) => stored?.seal.prevSealSha256)).toEqual([null, after[0]?.sha256, after[1]?.sha256])
    expect(after[2]?.seal).toMatchObject({ epoch: 1, firstSeq: 3, lastSeq: 3, count: 1, firstTs: batchEntry(3).ts })
  })

  it('names the previous seal and record in the first header of the next epoch', async () => {
    await crashed(2)
    const journal = await folder.open()
    const last = journal.durable()
    journal.append(batchEntry(3))
    await journal.stop()
    const [line] = (await readFile(segmentPath(folder.path, { epoch: 2, firstSeq: 1, part: 1 }), 'utf8')).split('\n')
    const seal = await readSeal(file())
    expect(JSON.parse(line?.slice(11) ?? '')).toMatchObject({
      kind: 'segment',
      epoch: 2,
      previous: last,
      previousSeal: seal?.sha256,
    })
  })
})
