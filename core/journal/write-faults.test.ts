import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { OpError } from '../kernel/errors.ts'
import type { Journal } from '../ports/journal.ts'
import { eventually } from '../testing/eventually.ts'
import { batchEntry, collect, judgeQueue, numberOf, sessionEntry } from '../testing/journal-builders.ts'
import { createFaultyDisk, createJournalFolder, type DiskCall, type JournalFolder } from '../testing/journal-files.ts'

const NOTHING_WRONG = { lost: 0, duplicated: 0, unexpected: 0 }

function ioError(code: string): Error {
  return Object.assign(new Error(`${code}: planted`), { code })
}

describe('a disk that fails', () => {
  let folder: JournalFolder
  beforeEach(async () => {
    folder = await createJournalFolder()
  })
  afterEach(() => folder.dispose())

  /** A disk whose calls of one kind fail while `failing` says so; segments only. */
  function faulty(call: DiskCall, failing: (count: number) => boolean) {
    let count = 0
    return createFaultyDisk((one, path) => {
      if (one !== call || (call !== 'syncFolder' && !path.endsWith('.log'))) return
      count += 1
      if (failing(count)) throw ioError('EIO')
    })
  }

  /** Appends `count` batches in many commits and says which were acknowledged. */
  async function record(journal: Journal, count: number): Promise<Set<number>> {
    const acknowledged = new Set<number>()
    journal.onDurable(({ seq }) => {
      for (let n = 1; n <= seq; n += 1) acknowledged.add(n)
    })
    for (let n = 1; n <= count; n += 1) {
      journal.append(batchEntry(n))
      if (n % 3 === 0) await journal.flush().catch((fault: unknown) => expect(String(fault)).toContain('EIO'))
    }
    await eventually(() => journal.flush())
    return acknowledged
  }

  async function numbers(journal: Journal): Promise<number[]> {
    return (await collect(journal.scan(null))).map(({ entry }) => numberOf(entry))
  }

  const faults: [name: string, call: DiskCall, failing: (count: number) => boolean][] = [
    ['the first write', 'write', (n) => n === 1],
    ['every third write', 'write', (n) => n % 3 === 0],
    ['the first sync', 'sync', (n) => n === 1],
    ['every second sync', 'sync', (n) => n % 2 === 0],
    ['ten syncs one after the other', 'sync', (n) => n > 3 && n <= 13],
    ['the making of files, for a while', 'create', (n) => n < 5],
    ['the sync of the folder', 'syncFolder', (n) => n % 2 === 0],
  ]

  it.each(faults)('acknowledges only what is there when it refuses %s', async (_name, call, failing) => {
    let armed = false
    const disk = faulty(call, (count) => armed && failing(count))
    const journal = await folder.open({}, { disk })
    armed = true
    const sent = new Set(Array.from({ length: 30 }, (_, at) => at + 1))
    const acknowledged = await record(journal, 30)
    expect(acknowledged).toEqual(sent)
    expect(judgeQueue(sent, acknowledged, await numbers(journal))).toMatchObject(NOTHING_WRONG)
    armed = false
    await journal.stop()
    const again = await folder.open()
    const read = await numbers(again)
    expect(judgeQueue(sent, acknowledged, read)).toMatchObject(NOTHING_WRONG)
    expect(read).toEqual([...read].sort((a, b) => a - b))
  })

  it('acknowledges after the sync of the bytes, and of the folder when the segment is new', async () => {
    const calls: string[] = []
    const disk = createFaultyDisk((call, path) => {
      if (call === 'syncFolder' || path.endsWith('.log')) calls.push(call)
    })
    const journal = await folder.open({}, { disk })
    journal.onDurable(() => calls.push('durable'))
    calls.length = 0
    for (const n of [1, 2]) {
      journal.append(batchEntry(n))
      await journal.flush()
    }
    const group = ['write', 'write', 'sync']
    expect(calls).toEqual(['create', ...group, 'syncFolder', 'durable', ...group, 'durable'])
  })

  it('never touches a file again whose sync has failed', async () => {
    const poisoned = new Set<string>()
    const touched: string[] = []
    let failing = false
    const disk = createFaultyDisk((call, path) => {
      if (poisoned.has(path) && (call === 'write' || call === 'sync')) touched.push(`${call} ${path}`)
      if (!failing || call !== 'sync' || !path.endsWith('.log')) return
      failing = false
      poisoned.add(path)
      throw ioError('EIO')
    })
    const journal = await folder.open({}, { disk })
    for (let n = 1; n <= 6; n += 1) {
      failing = n % 2 === 0
      journal.append(batchEntry(n))
      await journal.flush()
    }
    expect(poisoned.size).toBe(3)
    expect(touched).toEqual([])
    expect(await numbers(journal)).toEqual([1, 2, 3, 4, 5, 6])
  })

  it('reads a record once although a failed segment holds it too', async () => {
    let failing = false
    const disk = createFaultyDisk((call, path) => {
      // The failed segment stays, and so do failed attempts at a new one.
      if (failing && (call === 'sync' || call === 'remove') && path.endsWith('.log')) throw ioError('EIO')
    })
    const journal = await folder.open({}, { disk })
    journal.append(batchEntry(1))
    await journal.flush()
    failing = true
    journal.append(batchEntry(2))
    await expect(journal.flush()).rejects.toThrow('EIO')
    await expect(journal.flush()).rejects.toThrow('EIO')
    expect(journal.durable()?.seq).toBe(1)
    expect(await numbers(journal)).toEqual([1])
    failing = false
    journal.append(batchEntry(3))
    await journal.flush()
    expect((await folder.names(1, '.log')).length).toBeGreaterThan(3)
    expect(await numbers(journal)).toEqual([1, 2, 3])
    await journal.stop()
    const again = await folder.open()
    expect(await numbers(again)).toEqual([1, 2, 3])
  })

  it('reads a record once although attempts to write it again are left, cut within their header', async () => {
    const seen = new Set<string>()
    let failing = false
    const disk = createFaultyDisk((call, path) => {
      if (!failing || !path.endsWith('.log')) return
      const isFirst = path.endsWith('000000000001.log')
      if (!isFirst) seen.add(path)
      // The record is whole in the first segment, whose sync fails; then half a header in the next, which stays.
      if (isFirst ? call === 'sync' : call === 'write' || call === 'remove') throw ioError('EIO')
    })
    const journal = await folder.open({}, { disk })
    journal.append(batchEntry(1))
    await journal.flush()
    failing = true
    journal.append(sessionEntry(2))
    await expect(journal.flush()).rejects.toThrow('EIO')
    failing = false
    await journal.flush()
    expect(seen.size).toBeGreaterThan(0)
    expect(await numbers(journal)).toEqual([1, 2])
    await journal.stop()
    const again = await folder.open()
    expect(await numbers(again)).toEqual([1, 2])
    expect((await collect(again.scan(null))).filter(({ entry }) => entry.kind === 'gap')).toEqual([])
  })

  it('says that it is degraded while it cannot write, and that it is well again', async () => {
    let failing = true
    const disk = createFaultyDisk((call, path) => {
      if (failing && call === 'write' && path.endsWith('.log')) throw ioError('ENOSPC')
    })
    const journal = await folder.open({ maxPendingBytes: 3000 }, { disk })
    journal.append(batchEntry(1))
    await eventually(() => expect(journal.status()).toMatchObject({ state: 'degraded', issue: 'journal_unwritable' }))
    const accepted = [1]
    let refused = 0
    for (let n = 2; n <= 20; n += 1) {
      const next = journal.nextBatch()
      try {
        journal.append(batchEntry(n))
        accepted.push(n)
      } catch (fault) {
        expect(fault instanceof OpError && fault.code).toBe('journal_full')
        expect(journal.nextBatch()).toBe(next)
        refused += 1
      }
    }
    expect(refused).toBeGreaterThan(5)
    expect(journal.durable()).toBeNull()
    failing = false
    await eventually(() => expect(journal.status().state).toBe('running'))
    await journal.flush()
    const records = await collect(journal.scan(null))
    expect(records.map(({ entry }) => numberOf(entry))).toEqual(accepted)
    expect(records.map(({ position }) => position.seq)).toEqual(accepted.map((_, at) => at + 1))
    journal.append(batchEntry(99))
    await journal.flush()
  })

  it('stops although the disk refuses, says what is lost, and lets the next one in', async () => {
    const disk = createFaultyDisk((call, path) => {
      if (call === 'sync' && path.endsWith('.log')) throw ioError('EIO')
    })
    const journal = await folder.open({}, { disk })
    journal.append(batchEntry(1))
    await expect(journal.stop()).rejects.toThrow('the disk refuses 1 records')
    const again = await folder.open()
    expect(again.epoch).toBe(2)
  })

  it('stops although the disk hangs, and keeps others out', async () => {
    let release = () => {}
    const hanging = new Promise<void>((resolve) => {
      release = resolve
    })
    const disk = createFaultyDisk((call, path) => (call === 'sync' && path.endsWith('.log') ? hanging : undefined))
    const journal = await folder.open({ stopMs: 30 }, { disk })
    journal.append(batchEntry(1))
    await expect(journal.stop()).rejects.toThrow('does not answer')
    await expect(folder.open()).rejects.toMatchObject({ code: 'data_dir_taken' })
    release()
  })
})
