import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Position } from '../ports/journal.ts'
import { eventually } from '../testing/eventually.ts'
import { batchEntry, collect, numberOf } from '../testing/journal-builders.ts'
import { createJournalFolder, type JournalFolder } from '../testing/journal-files.ts'
import { realClock } from '../testing/real-clock.ts'
import { silentLogger } from '../testing/silent-logger.ts'
import type { FileJournal } from './file-journal.ts'
import { createSegmentPacker } from './packer.ts'
import { readSeal } from './seal.ts'

let folder: JournalFolder
beforeEach(async () => {
  folder = await createJournalFolder()
})
afterEach(() => folder.dispose())

const COUNT = 100
const OPTIONS = { segmentBytes: 5_000, tailRecords: 2 }

/** A journal of many compressed segments. */
async function filled(): Promise<FileJournal> {
  const journal = await folder.open(OPTIONS)
  for (let n = 0; n < COUNT; n += 1) {
    journal.append(batchEntry(n))
    await journal.flush()
  }
  const packer = createSegmentPacker({ clock: realClock, logger: silentLogger }, { folder: folder.path, intervalMs: 5 })
  await packer.start()
  await eventually(async () => expect(await folder.names(1, '.log')).toHaveLength(1))
  await packer.stop()
  return journal
}

const numbers = async (journal: FileJournal, after: Position | null = null) =>
  (await collect(journal.scan(after))).map(({ entry }) => numberOf(entry))
const tsOf = (n: number) => batchEntry(n).ts
const allTaken = (journal: FileJournal) => journal.durable() ?? expect.fail('nothing is durable')

describe('pruning the journal', () => {
  it('removes whole segments from the oldest on, up to a time, and reads on from what is left', async () => {
    const journal = await filled()
    const { segments, bytes } = await journal.prune({ untilTs: tsOf(60), taken: allTaken(journal) })
    expect(segments).toBeGreaterThan(2)
    expect(bytes).toBeGreaterThan(0)
    const left = await numbers(journal)
    expect(left[0]).toBeGreaterThan(20)
    expect(left[0]).toBeLessThanOrEqual(61)
    expect(left).toEqual(Array.from({ length: COUNT - (left[0] ?? 0) }, (_, k) => (left[0] ?? 0) + k))
    await journal.stop()
    const again = await folder.open(OPTIONS)
    expect(await numbers(again)).toEqual(left)
    again.append(batchEntry(COUNT))
    await again.flush()
    expect(await numbers(again)).toEqual([...left, COUNT])
  })

  it('lets who stands in what is gone go on with the oldest record, also after a restart', async () => {
    const journal = await filled()
    const early = (await collect(journal.scan(null)))[3]?.position ?? null
    await journal.prune({ untilTs: tsOf(60), taken: allTaken(journal) })
    const left = await numbers(journal)
    expect(await numbers(journal, early)).toEqual(left)
    await journal.stop()
    const again = await folder.open(OPTIONS)
    expect(await numbers(again, early)).toEqual(left)
    const nowhere = numbers(again, { epoch: 1, seq: COUNT - 1, crc: 1 })
    await expect(nowhere).rejects.toMatchObject({ code: 'journal_corrupt' })
  })

  it('keeps what a consumer has not taken, and the segments that carry the numbers on', async () => {
    const journal = await filled()
    const taken = (await collect(journal.scan(null)))[30]?.position ?? null
    if (taken === null) return expect.fail('there is no such record')
    await journal.prune({ untilTs: tsOf(COUNT), taken })
    expect((await numbers(journal, taken))[0]).toBe(31)
    await journal.prune({ untilTs: tsOf(COUNT), taken: allTaken(journal) })
    expect((await numbers(journal)).at(-1)).toBe(COUNT - 1)
  })

  it('leaves a chain of seals that can be followed to the first record', async () => {
    const journal = await filled()
    await journal.prune({ untilTs: tsOf(60), taken: allTaken(journal) })
    await journal.stop()
    const seals = await folder.names(1, '.seal')
    expect(seals.length).toBeGreaterThan((await folder.names(1, '.gz')).length + 1)
    let previous: string | null = null
    for (const name of seals) {
      const path = join(folder.path, '1', name)
      expect((await readSeal(path.replace(/\.seal$/, '.log')))?.seal.prevSealSha256).toBe(previous)
      previous = createHash('sha256')
        .update(await readFile(path))
        .digest('hex')
    }
  })

  it('has said what goes before anything goes: killed between, nothing is missing', async () => {
    const journal = await filled()
    const removed: string[] = []
    const { nodeDisk } = await import('./disk.ts')
    const { pruneSegments } = await import('./prune.ts')
    const dying = {
      ...nodeDisk,
      remove: async (path: string) => {
        if (path.endsWith('.gz') && removed.push(path) === 2) throw new Error('killed')
        return nodeDisk.remove(path)
      },
    }
    const limit = { untilTs: tsOf(60), taken: allTaken(journal) }
    const early = (await collect(journal.scan(null)))[1]?.position ?? null
    await journal.stop()
    await expect(pruneSegments(dying, folder.path, limit)).rejects.toThrow('killed')
    const again = await folder.open(OPTIONS)
    const left = await numbers(again, early)
    expect(left.at(-1)).toBe(COUNT - 1)
    expect(left).toEqual(await numbers(again))
    expect((await again.prune(limit)).segments).toBeGreaterThan(0)
  })
})
