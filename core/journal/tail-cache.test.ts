import { describe, expect, it } from 'vitest'
import { sessionEntry } from '../testing/journal-builders.ts'
import type { StoredRecord } from './record-reader.ts'
import { createTailCache } from './tail-cache.ts'

const at = (seq: number) => ({ epoch: 1, seq, crc: 1000 + seq })
const stored = (seq: number): StoredRecord => ({
  record: { position: at(seq), entry: sessionEntry(seq), legs: null },
  place: { path: 'segment', offset: 100 * seq },
  bytes: 100,
})
const seqs = (found: readonly StoredRecord[] | null) => found?.map(({ record }) => record.position.seq) ?? null

describe('tail cache', () => {
  it('gives up at once what is beyond new limits, and keeps more again when they rise', () => {
    const cache = createTailCache(null, { maxRecords: 10, maxBytes: 10_000 })
    cache.push(Array.from({ length: 10 }, (_, i) => stored(i + 1)))
    cache.limit({ maxRecords: 10, maxBytes: 300 })
    expect(cache.after(at(6), 100, 10_000)).toBeNull()
    expect(seqs(cache.after(at(7), 100, 10_000))).toEqual([8, 9, 10])
    cache.push([stored(11)])
    expect(seqs(cache.after(at(8), 100, 10_000))).toEqual([9, 10, 11])

    cache.limit({ maxRecords: 10, maxBytes: 10_000 })
    cache.push([stored(12), stored(13)])
    expect(seqs(cache.after(at(8), 100, 10_000))).toEqual([9, 10, 11, 12, 13])
  })
})
