import type { Position } from '../ports/journal.ts'
import type { StoredRecord } from './record-reader.ts'
import { samePosition } from './segment-reader.ts'

export interface TailCacheLimits {
  readonly maxRecords: number
  /** Of their lines; entries and legs in memory take about three times that. */
  readonly maxBytes: number
}

/** The newest durable records, so that followers who keep up never touch the disk. */
export interface TailCache {
  push(records: readonly StoredRecord[]): void
  /**
   * Records after `position`, at most `maxRecords` and about `maxBytes`; empty when it is the newest, null when it
   * is not among those kept.
   */
  after(position: Position | null, maxRecords: number, maxBytes: number): readonly StoredRecord[] | null
  /** Other limits from now on; what is too much goes at once. */
  limit(limits: TailCacheLimits): void
}

/** `newest` is the last durable record before the first push. */
export function createTailCache(newest: Position | null, initial: TailCacheLimits): TailCache {
  let limits = initial
  let anchor = newest
  let records: StoredRecord[] = []
  let bytes = 0

  const evict = () => {
    let gone = 0
    for (const { bytes: size } of records) {
      if (records.length - gone <= limits.maxRecords && bytes <= limits.maxBytes) break
      bytes -= size
      gone += 1
    }
    anchor = records[gone - 1]?.record.position ?? anchor
    records = records.slice(gone)
  }

  return {
    push(added) {
      records = records.concat(added)
      for (const one of added) bytes += one.bytes
      evict()
    },
    limit(next) {
      limits = next
      evict()
    },
    after(position, maxRecords, maxBytes) {
      const from = samePosition(position, anchor) ? 0 : indexAfter(records, position)
      if (from === null) return null
      const found: StoredRecord[] = []
      let size = 0
      for (let at = from; at < records.length && found.length < maxRecords && size < maxBytes; at += 1) {
        const one = records[at]
        if (one === undefined) break
        found.push(one)
        size += one.bytes
      }
      return found
    },
  }
}

/** Index behind the record at `position`; null when it is not there. All records are of one epoch. */
function indexAfter(records: readonly StoredRecord[], position: Position | null): number | null {
  if (position === null || records[0]?.record.position.epoch !== position.epoch) return null
  let low = 0
  let high = records.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((records[middle]?.record.position.seq ?? Number.POSITIVE_INFINITY) < position.seq) low = middle + 1
    else high = middle
  }
  for (let at = low; records[at]?.record.position.seq === position.seq; at += 1)
    if (records[at]?.record.position.crc === position.crc) return at + 1
  return null
}
