import { mkdir, rm, writeFile } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { eventually } from '../testing/eventually.ts'
import { createFakeClock } from '../testing/fake-clock.ts'
import { batchEntry, collect, numberOf, sessionEntry, take } from '../testing/journal-builders.ts'
import { createJournalFolder, type JournalFolder } from '../testing/journal-files.ts'
import { createMemoryJournal, createMemoryRecord } from '../testing/journal-memory.ts'
import { describeJournal, type JournalHarness } from '../testing/journal-suite.ts'
import type { FileJournalOptions } from './file-journal.ts'

function fileHarness(options: Partial<FileJournalOptions>): () => Promise<JournalHarness> {
  return async () => {
    const folder = await createJournalFolder()
    return { open: () => folder.create(options), dispose: folder.dispose }
  }
}

describeJournal('files', fileHarness({}))
describeJournal('files, small segments and hardly any memory', fileHarness({ segmentBytes: 4000, tailRecords: 3 }))
describeJournal('files, one record a commit', fileHarness({ commitBytes: 1, segmentBytes: 8000 }))

describeJournal('memory', async () => {
  const record = createMemoryRecord()
  return { open: () => createMemoryJournal(record), dispose: async () => {} }
})

describe('file journal', () => {
  let folder: JournalFolder
  beforeEach(async () => {
    folder = await createJournalFolder()
  })
  afterEach(() => folder.dispose())

  it('names segments by their first number, and apart when no batch came between', async () => {
    const journal = await folder.open({ segmentBytes: 1 })
    for (const entry of [sessionEntry(1), sessionEntry(2), batchEntry(3), sessionEntry(4), batchEntry(5)]) {
      journal.append(entry)
      await journal.flush()
    }
    await journal.stop()
    const names = ['000000000000', '000000000000_0002', '000000000001', '000000000001_0002', '000000000002']
    expect(await folder.names(1, '.log')).toEqual(names.map((name) => `${name}.log`))
    expect(await folder.names(1, '.seal')).toEqual(names.map((name) => `${name}.seal`))
    const again = await folder.open()
    expect((await collect(again.scan(null))).map(({ entry }) => numberOf(entry))).toEqual([1, 2, 3, 4, 5])
  })

  it('finishes a segment by age even when nothing comes any more', async () => {
    const clock = createFakeClock(Date.UTC(2026, 10, 23, 4))
    const journal = await folder.open({ segmentMs: 60_000 }, { clock })
    journal.append(batchEntry(1))
    await journal.flush()
    expect(await folder.names(1, '.seal')).toEqual([])
    clock.advance(60_000)
    await eventually(async () => expect(await folder.names(1, '.seal')).toEqual(['000000000001.seal']))
    journal.append(batchEntry(2))
    await journal.flush()
    expect(await folder.names(1, '.log')).toEqual(['000000000001.log', '000000000002.log'])
  })

  it('commits at the interval and not before, unless enough has come', async () => {
    const clock = createFakeClock(0)
    const journal = await folder.open({ commitIntervalMs: 200, commitBytes: 5000 }, { clock })
    journal.append(batchEntry(1))
    clock.advance(199)
    expect(journal.durable()).toBeNull()
    clock.advance(1)
    await eventually(() => expect(journal.durable()?.seq).toBe(1))
    journal.append(batchEntry(2, 6000))
    await eventually(() => expect(journal.durable()?.seq).toBe(2))
  })

  it('lets a slow reader fall behind what memory holds and loses nothing for it', async () => {
    const journal = await folder.open({ tailRecords: 4, segmentBytes: 20_000 })
    const count = 3000
    const done = new AbortController()
    const seen: number[] = []
    const reading = (async () => {
      for await (const records of journal.read(null, done.signal)) {
        seen.push(...records.map(({ entry }) => numberOf(entry)))
        if (seen.length >= count) done.abort()
        await new Promise((resolve) => setImmediate(resolve))
      }
    })()
    for (let n = 1; n <= count; n += 1) {
      journal.append(batchEntry(n))
      // More than memory keeps, less than a segment holds: the reader resumes within a file.
      if (n % 10 === 0) await journal.flush()
    }
    await reading
    expect(seen).toEqual(Array.from({ length: count }, (_, at) => at + 1))
  })

  it('refuses a folder in which it cannot write, and an opening that is called off, and leaves no lock', async () => {
    await writeFile(folder.path, 'a file')
    await expect(folder.open()).rejects.toMatchObject({ code: 'data_dir_unwritable' })
    await rm(folder.path)
    await mkdir(folder.path)
    await writeFile(`${folder.path}/1`, 'a file where an epoch should be')
    await expect(folder.open()).rejects.toMatchObject({ code: 'data_dir_unwritable' })
    await rm(`${folder.path}/1`)
    const reason = new Error('called off')
    const calledOff = folder.create()
    await expect(calledOff.start(AbortSignal.abort(reason))).rejects.toBe(reason)
    await calledOff.stop()
    const journal = await folder.open()
    expect(journal.epoch).toBe(1)
  })

  it('reports durable position and bytes', async () => {
    const numbers: Record<string, number> = {}
    const metrics = {
      set: (name: string, _labels: object, value: number) => {
        numbers[name] = value
      },
      increment: (name: string, labels: object, by = 1) => {
        numbers[name + JSON.stringify(labels)] = (numbers[name + JSON.stringify(labels)] ?? 0) + by
      },
    }
    const journal = await folder.open({}, { metrics })
    journal.append(batchEntry(1))
    journal.append(batchEntry(2))
    await journal.flush()
    expect(numbers.op_durable_seq).toBe(2)
    expect(numbers['op_writer_bytes_total{"format":"journal"}']).toBeGreaterThan(600)
  })

  it('follows across its own earlier epoch into the present one', async () => {
    const first = await folder.open()
    for (let n = 1; n <= 10; n += 1) first.append(batchEntry(n))
    await first.stop()
    const second = await folder.open()
    const reading = take(second, null, 20)
    for (let n = 11; n <= 20; n += 1) second.append(batchEntry(n))
    expect((await reading).map(({ entry }) => numberOf(entry))).toEqual(Array.from({ length: 20 }, (_, at) => at + 1))
  })
})
