import { describe, expect, it } from 'vitest'
import type { GapEntry, JournalEntry, UnderlyingsEntry } from '../domain/journal-entry.ts'
import { batchEntry, sessionEntry } from '../testing/journal-builders.ts'
import { createMemoryJournal, createMemoryRecord } from '../testing/journal-memory.ts'
import { silentLogger } from '../testing/silent-logger.ts'
import { coveredUntil } from './covered-until.ts'

const START_MS = batchEntry(0).ts
const underlyings = (n: number): UnderlyingsEntry => ({
  kind: 'underlyings',
  ts: START_MS + n,
  source: 'sim',
  frame: new Uint8Array(2),
  rows: [],
})
const gap = (from: number, to: number): GapEntry => ({
  kind: 'gap',
  ts: START_MS + to + 500,
  from: START_MS + from,
  to: START_MS + to,
  cause: 'feed_disconnected',
  index: null,
  dropped: null,
})

/** `stored` records are in the day store, whose packets and gaps end at `until`. */
async function cover(entries: readonly JournalEntry[], stored: number, until: number | null) {
  const record = createMemoryRecord()
  const journal = createMemoryJournal(record)
  await journal.start()
  for (const entry of entries) journal.append(entry)
  await journal.flush()
  const days = {
    position: () => record.records[stored - 1]?.position ?? null,
    coveredUntil: () => (until === null ? null : START_MS + until),
  }
  const found = await coveredUntil({ journal, days, logger: silentLogger })
  return found === null ? null : found - START_MS
}

describe('covered until', () => {
  it.each<[string, JournalEntry[], number, number | null, number | null]>([
    ['the last packet, not a later phase', [batchEntry(5), sessionEntry(9000)], 2, 5, 5],
    ['a packet that the store does not have yet', [batchEntry(5), batchEntry(700), sessionEntry(9000)], 1, 5, 700],
    ['packets of spots too', [batchEntry(5), underlyings(800), sessionEntry(9000)], 1, 5, 800],
    ['the end of a gap that is written down', [batchEntry(5), gap(5, 3000), sessionEntry(9000)], 1, 5, 3000],
    ['what the store has when nothing is behind it', [batchEntry(5), sessionEntry(6), sessionEntry(9000)], 2, 5, 5],
    ['the last record when there never was a packet', [sessionEntry(5), sessionEntry(9000)], 1, null, 9000],
    ['the last record when the store is built again', [batchEntry(5), sessionEntry(9000)], 0, 5, 9000],
    ['nothing in an empty record', [], 0, null, null],
  ])('is %s', async (_, entries, stored, until, expected) => {
    expect(await cover(entries, stored, until)).toBe(expected)
  })

  it('is the last record when the store cannot be read', async () => {
    const journal = createMemoryJournal()
    await journal.start()
    journal.append(batchEntry(5))
    await journal.flush()
    const days = {
      position: () => journal.durable(),
      coveredUntil: () => {
        throw new Error('disk')
      },
    }
    expect(await coveredUntil({ journal, days, logger: silentLogger })).toBe(START_MS + 5)
  })
})
