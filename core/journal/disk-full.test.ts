import { existsSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { eventually } from '../testing/eventually.ts'
import { batchEntry, collect, judgeQueue, numberOf } from '../testing/journal-builders.ts'
import { createJournalFolder } from '../testing/journal-files.ts'
import { fillDisk } from '../testing/prove/full-disk.ts'
import { mountSmallDisk, unmountSmallDisk } from '../testing/small-disk.ts'

const smallDisk = mountSmallDisk()

afterAll(() => unmountSmallDisk(smallDisk))

describe('a disk that is full', () => {
  it.skipIf(smallDisk === null)('loses nothing acknowledged and goes on when there is room (needs mount)', async () => {
    const ballast = join(smallDisk ?? '', 'ballast')
    writeFileSync(ballast, new Uint8Array(600_000))
    const folder = await createJournalFolder(smallDisk ?? '')
    try {
      const journal = await folder.open({ segmentBytes: 100_000, maxPendingBytes: 200_000 })
      const acknowledged = new Set<number>()
      const sent = new Set<number>()
      journal.onDurable(({ seq }) => {
        for (let n = 1; n <= seq; n += 1) acknowledged.add(n)
      })
      const append = (n: number) => {
        journal.append(batchEntry(n, 2000))
        sent.add(n)
      }
      for (let n = 1; journal.status().state === 'running'; n += 1) {
        append(n)
        await journal.flush().catch((fault: unknown) => expect(String(fault)).toContain('ENOSPC'))
      }
      expect(journal.status()).toMatchObject({ state: 'degraded' })
      expect((await collect(journal.scan(null))).length).toBe(acknowledged.size)
      for (let more = 0; more < 5; more += 1) append(sent.size + 1)
      expect(acknowledged.size).toBeLessThan(sent.size)
      await rm(ballast)
      await eventually(() => expect(journal.status().state).toBe('running'))
      await journal.flush()
      expect(acknowledged).toEqual(sent)
      await journal.stop()
      const again = await folder.open()
      const read = (await collect(again.scan(null))).map(({ entry }) => numberOf(entry))
      expect(judgeQueue(sent, acknowledged, read)).toEqual({ lost: 0, duplicated: 0, unexpected: 0, recovered: 0 })
    } finally {
      await folder.dispose()
    }
  })

  it.skipIf(smallDisk === null)(
    'stops cleanly by what is kept in reserve, and keeps some again (needs mount)',
    async () => {
      const ballast = join(smallDisk ?? '', 'ballast')
      const folder = await createJournalFolder(smallDisk ?? '')
      const reserve = join(folder.path, 'reserve')
      const options = { segmentBytes: 100_000, reserveBytes: 100_000 }
      try {
        const journal = await folder.open(options)
        expect(statSync(reserve).size).toBe(100_000)
        journal.append(batchEntry(1, 2000))
        await journal.flush()
        fillDisk(ballast)
        for (let n = 2; n <= 10; n += 1) {
          journal.append(batchEntry(n, 2000))
          await journal.flush()
        }
        expect(existsSync(reserve)).toBe(false)
        await journal.stop()
        rmSync(ballast)
        const again = await folder.open(options)
        expect((await collect(again.scan(null))).map(({ entry }) => numberOf(entry))).toEqual([
          1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
        ])
        expect(statSync(reserve).size).toBe(100_000)
      } finally {
        await folder.dispose()
      }
    },
  )

  it.skipIf(smallDisk === null)('records without a reserve where there is no room for one (needs mount)', async () => {
    const folder = await createJournalFolder(smallDisk ?? '')
    try {
      const journal = await folder.open({ reserveBytes: 10_000_000 })
      expect(existsSync(join(folder.path, 'reserve'))).toBe(false)
      journal.append(batchEntry(1, 2000))
      await journal.flush()
      expect(journal.status().state).toBe('running')
    } finally {
      await folder.dispose()
    }
  })
})
