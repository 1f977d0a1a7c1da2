import { cp } from 'node:fs/promises'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Journal } from '../ports/journal.ts'
import { batchEntry, collect, judgeQueue, numberOf, sessionEntry } from '../testing/journal-builders.ts'
import { createFaultyDisk, createJournalFolder, type JournalFolder } from '../testing/journal-files.ts'

const COUNT = 14

async function numbers(journal: Journal): Promise<number[]> {
  return (await collect(journal.scan(null))).map(({ entry }) => numberOf(entry))
}

/** Appends and commits in pairs on a disk that fails as told, and says how often a flush failed. */
async function record(journal: Journal): Promise<number> {
  let failed = 0
  for (let n = 1; n <= COUNT; n += 1) {
    journal.append(n % 4 === 0 ? sessionEntry(n) : batchEntry(n))
    if (n % 2 === 0)
      await journal.flush().catch(() => {
        failed += 1
      })
  }
  return failed
}

/** The folder as a crash at this moment would leave it, opened again. */
async function openAfterCrash(folder: JournalFolder, copy: JournalFolder): Promise<Journal> {
  await cp(folder.path, copy.path, { recursive: true, filter: (path) => !path.includes('lock.') })
  return copy.open()
}

it('keeps its promise under any order of failing calls, through a crash and without', async () => {
  let failures = 0
  await fc.assert(
    fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 120 }), async (schedule) => {
      const folder = await createJournalFolder()
      const copy = await createJournalFolder()
      try {
        let call = -1
        const disk = createFaultyDisk(() => {
          if (call >= 0 && schedule[call++] === true) throw new Error('EIO: planted')
        })
        // Nothing happens by time: what is on the disk is the outcome of the last flush.
        const still = { commitIntervalMs: 600_000, retryMs: 600_000, segmentBytes: 1200 }
        const journal = await folder.open(still, { disk })
        call = 0
        failures += await record(journal)
        const sent = new Set(Array.from({ length: COUNT }, (_, at) => at + 1))
        const acknowledged = new Set(await numbers(journal))

        const crashed = await numbers(await openAfterCrash(folder, copy))
        expect(judgeQueue(sent, acknowledged, crashed)).toMatchObject({ lost: 0, duplicated: 0, unexpected: 0 })
        expect(crashed).toEqual([...sent].slice(0, crashed.length))

        call = schedule.length
        await journal.flush()
        expect(await numbers(journal)).toEqual([...sent])
        await journal.stop()
        expect(await numbers(await folder.open())).toEqual([...sent])
      } finally {
        await folder.dispose()
        await copy.dispose()
      }
    }),
    { numRuns: 60, seed: 1 },
  )
  expect(failures).toBeGreaterThan(20)
}, 120_000)
