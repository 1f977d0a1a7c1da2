import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Leg } from '../domain/leg.ts'
import { OpError } from '../kernel/errors.ts'
import type { Journal, JournalRecord, Position } from '../ports/journal.ts'
import { eventually } from './eventually.ts'
import { batchEntry, collect, numberOf, sessionEntry, take } from './journal-builders.ts'
import { buildAnalytics, createRandom } from './leg-builder.ts'

/** One record that can be opened again and again, by one journal at a time. */
export interface JournalHarness {
  /** A journal that has not been started. */
  open(): Journal
  dispose(): Promise<void>
}

/** What every Journal promises, whatever it is made of. */
export function describeJournal(name: string, make: () => Promise<JournalHarness>): void {
  describe(`journal: ${name}`, () => {
    let harness: JournalHarness
    let journals: Journal[] = []
    const started = async () => {
      const journal = harness.open()
      journals.push(journal)
      await journal.start()
      return journal
    }
    beforeEach(async () => {
      harness = await make()
    })
    afterEach(async () => {
      for (const journal of journals) await journal.stop()
      journals = []
      await harness.dispose()
    })

    describeNumbering(started)
    describeReading(started)
    describeFollowing(started)
  })
}

type Started = () => Promise<Journal>

function describeNumbering(started: Started): void {
  it('is empty at first', async () => {
    const journal = await started()
    expect(journal.epoch).toBe(1)
    expect(journal.durable()).toBeNull()
    expect(journal.lastTs()).toBeNull()
    await journal.flush()
    expect(await collect(journal.scan(null))).toEqual([])
  })

  it('numbers batches without a hole and gives other records the number before', async () => {
    const journal = await started()
    expect(journal.nextBatch()).toBe('1-1')
    journal.append(sessionEntry(1))
    expect(journal.nextBatch()).toBe('1-1')
    journal.append(batchEntry(2))
    expect(journal.nextBatch()).toBe('1-2')
    journal.append(sessionEntry(3))
    journal.append(batchEntry(4))
    await journal.flush()
    const records = await collect(journal.scan(null))
    expect(records.map(({ position }) => position.seq)).toEqual([0, 1, 1, 2])
    expect(new Set(records.map(({ position }) => position.crc)).size).toBe(4)
    expect(journal.durable()).toEqual(records.at(-1)?.position)
    expect(journal.lastTs()).toBe(batchEntry(4).ts)
  })

  it('makes what was appended durable by itself and says so', async () => {
    const journal = await started()
    const told: Position[] = []
    const unsubscribe = journal.onDurable((position) => told.push(position))
    journal.append(batchEntry(1))
    await eventually(() => expect(told.at(-1)?.seq).toBe(1))
    expect(journal.durable()).toEqual(told.at(-1))
    unsubscribe()
    journal.append(batchEntry(2))
    await journal.flush()
    expect(told.at(-1)?.seq).toBe(1)
  })

  it('begins an epoch at each opening and keeps the earlier ones', async () => {
    const first = await started()
    first.append(batchEntry(1))
    await first.stop()
    const second = await started()
    expect(second.epoch).toBe(2)
    expect(second.nextBatch()).toBe('2-1')
    expect(second.durable()).toMatchObject({ epoch: 1, seq: 1 })
    expect(second.lastTs()).toBe(batchEntry(1).ts)
    second.append(batchEntry(2))
    await second.flush()
    const records = await collect(second.scan(null))
    expect(records.map(({ position }) => [position.epoch, position.seq])).toEqual([
      [1, 1],
      [2, 1],
    ])
  })

  it('makes everything durable when it stops, and takes nothing afterwards', async () => {
    const first = await started()
    for (let n = 1; n <= 50; n += 1) first.append(batchEntry(n))
    await Promise.all([first.stop(), first.stop()])
    expect(() => first.append(batchEntry(51))).toThrow(OpError)
    const second = await started()
    expect((await collect(second.scan(null))).map(({ entry }) => numberOf(entry))).toEqual(range(1, 50))
  })
}

function describeReading(started: Started): void {
  it('gives every kind of entry back as it was', async () => {
    const journal = await started()
    const entries = [
      batchEntry(1, 700),
      sessionEntry(2),
      {
        kind: 'underlyings' as const,
        ts: 3,
        source: 'kite' as const,
        frame: new Uint8Array([0, 255, 10, 13]),
        rows: [
          ['NIFTY 50', 'NIFTY', 4],
          ['INDIA VIX', null, 0],
        ] as const,
      },
      { kind: 'gap' as const, ts: 4, from: 1, to: 3, cause: 'disk' as const, index: null, dropped: 7 },
      { kind: 'reference' as const, ts: 5, date: '2026-11-23', exchange: 'NFO', sha256: 'ab', rows: 9 },
      { kind: 'settings' as const, ts: 6, changed: { INDICES: 'NIFTY\nSENSEX', KITE_API_SECRET: 'changed' } },
      buildAnalytics(createRandom(1), { ts: 7 }),
    ]
    for (const entry of entries) journal.append(entry)
    await journal.stop()
    const again = await started()
    const read = (await collect(again.scan(null))).map(({ entry }) => entry)
    expect(read.map(plain)).toEqual(entries.map(plain))
  })

  it('continues after any record, across epochs', async () => {
    const first = await started()
    for (let n = 1; n <= 6; n += 1) first.append(n % 3 === 0 ? batchEntry(n) : sessionEntry(n))
    await first.stop()
    const second = await started()
    for (let n = 7; n <= 12; n += 1) second.append(n % 3 === 0 ? batchEntry(n) : sessionEntry(n))
    await second.flush()
    const all = await collect(second.scan(null))
    expect(all.map(({ entry }) => numberOf(entry))).toEqual(range(1, 12))
    for (const [at, record] of all.entries()) {
      const rest = await collect(second.scan(record.position))
      expect(rest.map(({ entry }) => numberOf(entry))).toEqual(range(at + 2, 12))
    }
  })

  it('refuses a position that is not in the record', async () => {
    const journal = await started()
    for (let n = 1; n <= 3; n += 1) journal.append(batchEntry(n))
    await journal.flush()
    const { epoch, seq, crc } = journal.durable() ?? { epoch: 0, seq: 0, crc: 0 }
    const absent: Position[] = [
      { epoch, seq, crc: crc ^ 1 },
      { epoch, seq: seq - 1, crc },
      { epoch, seq: seq + 1, crc },
      { epoch: epoch + 1, seq, crc },
    ]
    for (const position of absent) {
      await expect(collect(journal.scan(position))).rejects.toMatchObject({ code: 'journal_corrupt' })
      await expect(take(journal, position, 1)).rejects.toMatchObject({ code: 'journal_corrupt' })
    }
  })
}

function describeFollowing(started: Started): void {
  it('follows live, never ahead of what is durable, in order, to many readers', async () => {
    const journal = await started()
    const count = 400
    const durableSeen: boolean[] = []
    const follow = async () => {
      const done = new AbortController()
      const seen: JournalRecord[] = []
      for await (const records of journal.read(null, done.signal)) {
        expect(records.length).toBeGreaterThan(0)
        durableSeen.push((records.at(-1)?.position.seq ?? 0) <= (journal.durable()?.seq ?? 0))
        seen.push(...records)
        if (seen.length >= count) done.abort()
      }
      return seen.map(({ entry }) => numberOf(entry))
    }
    const readers = [follow(), follow(), follow()]
    for (let n = 1; n <= count; n += 1) {
      journal.append(batchEntry(n))
      if (n % 40 === 0) await journal.flush()
    }
    for (const seen of await Promise.all(readers)) expect(seen).toEqual(range(1, count))
    expect(durableSeen).not.toContain(false)
  })

  it('keeps the legs beside a batch for those who follow', async () => {
    const journal = await started()
    const legs: readonly Leg[] = []
    const following = take(journal, null, 2)
    journal.append(batchEntry(1), legs)
    journal.append(batchEntry(2))
    await journal.flush()
    const records = await following
    expect(records.map((record) => record.legs)).toEqual([legs, null])
  })

  it('ends without an error when it is aborted, before and while waiting', async () => {
    const journal = await started()
    journal.append(batchEntry(1))
    await journal.flush()
    expect(await collect(journal.read(null, AbortSignal.abort()))).toEqual([])
    const stop = new AbortController()
    const waiting = collect(journal.read(journal.durable(), stop.signal))
    stop.abort()
    expect(await waiting).toEqual([])
  })

  it('ends a follower, with the last records, when the journal stops', async () => {
    const journal = await started()
    const following = collect(journal.read(null, new AbortController().signal))
    for (let n = 1; n <= 3; n += 1) journal.append(batchEntry(n))
    await journal.stop()
    expect((await following).map(({ entry }) => numberOf(entry))).toEqual([1, 2, 3])
  })
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, at) => from + at)
}

/** An entry with its frame as plain numbers, so that kinds of byte arrays compare. */
function plain(entry: object): object {
  return 'frame' in entry && entry.frame instanceof Uint8Array ? { ...entry, frame: [...entry.frame] } : entry
}
