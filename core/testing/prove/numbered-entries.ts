import { istDate } from '../../domain/ist.ts'
import type { JournalEntry } from '../../domain/journal-entry.ts'
import { buildAnalytics, buildBatch, createRandom } from '../leg-builder.ts'
import type { RecorderOptions } from './recorder-options.ts'

export type EntryShape = Pick<RecorderOptions, 'startMs' | 'stepMs' | 'legs'>

/** An entry whose content follows from `n` alone; most are batches with legs. */
export function entryAt(n: number, { startMs, stepMs, legs }: EntryShape): JournalEntry {
  const ts = startMs + n * stepMs
  if (n % 7 === 0) return { kind: 'session', ts, source: 'sim', event: 'phase', detail: `phase ${n} — ₹` }
  const random = createRandom(n)
  if (n % 13 === 0) return buildAnalytics(random, { ts })
  const index = n % 3 === 0 ? 'BANKNIFTY' : 'NIFTY'
  return buildBatch(random, { ts, legs, index, bucket: n % 2 === 0 ? 'this_week' : 'next_week' })
}

export function numberAt(ts: number, { startMs, stepMs }: EntryShape): number {
  return (ts - startMs) / stepMs
}

export function dayAt(n: number, { startMs, stepMs }: EntryShape): string {
  return istDate(startMs + n * stepMs)
}
