import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { eventually } from '../testing/eventually.ts'
import { collect, numberOf, sessionEntry } from '../testing/journal-builders.ts'
import { createJournalFolder, type JournalFolder } from '../testing/journal-files.ts'
import { realClock } from '../testing/real-clock.ts'
import { silentLogger } from '../testing/silent-logger.ts'
import { createSegmentPacker } from './packer.ts'

let folder: JournalFolder
beforeEach(async () => {
  folder = await createJournalFolder()
})
afterEach(() => folder.dispose())

describe('the packer', () => {
  it('compresses finished segments under a running journal and its readers, and never the one that is written', async () => {
    const journal = await folder.open({ segmentBytes: 2_000, tailRecords: 2 })
    const packer = createSegmentPacker(
      { clock: realClock, logger: silentLogger },
      { folder: folder.path, intervalMs: 5 },
    )
    await packer.start()
    const stopping = new AbortController()
    const followed: number[] = []
    const following = (async () => {
      for await (const records of journal.read(null, stopping.signal)) {
        followed.push(...records.map(({ entry }) => numberOf(entry)))
        if (followed.length >= 200) return
      }
    })()
    for (let n = 0; n < 200; n += 1) {
      journal.append(sessionEntry(n))
      await journal.flush()
    }
    await following
    expect(followed).toEqual(Array.from({ length: 200 }, (_, n) => n))
    await eventually(async () => {
      const raw = await folder.names(1, '.log')
      const packed = await folder.names(1, '.gz')
      expect(raw).toHaveLength(1)
      expect(packed.length).toBeGreaterThan(3)
    })
    expect((await collect(journal.scan(null))).map(({ entry }) => numberOf(entry))).toEqual(followed)
    await packer.stop()
    await journal.stop()
    const again = await folder.open()
    expect((await collect(again.scan(null))).map(({ entry }) => numberOf(entry))).toEqual(followed)
  })
})
