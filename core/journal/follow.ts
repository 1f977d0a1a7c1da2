import type { Signal } from '../kernel/signal.ts'
import type { JournalRecord, Position } from '../ports/journal.ts'
import { isPruned } from './prune.ts'
import { type ReadFrom, type ReadReport, readRecords, type StoredRecord } from './record-reader.ts'
import type { ReadableSegment } from './segment-reader.ts'
import type { TailCache } from './tail-cache.ts'

/** What is durable at one moment. */
export interface Snapshot {
  readonly segments: readonly ReadableSegment[]
  /** The last record that was removed on purpose, null = none was. */
  readonly gone: Position | null
  /** Behind the last durable record. */
  readonly end: ReadFrom
}

export interface RecordSource {
  readonly cache: TailCache
  /** Emits when more has become durable, and when nothing more will. */
  readonly changed: Signal<void>
  readonly report: ReadReport
  snapshot(): Promise<Snapshot>
  /** Nothing more will come. */
  ended(): boolean
}

const MAX_RECORDS = 500
const MAX_BYTES = 1024 * 1024

/** The durable records of now after `after`, from the disk. */
export async function* scanRecords(
  source: RecordSource,
  after: Position | null,
): AsyncGenerator<readonly JournalRecord[]> {
  const { segments, gone } = await source.snapshot()
  for await (const stored of readRecords(segments, startOf({ position: after, place: null }, gone), source.report))
    yield stored.map((one) => one.record)
}

/** Durable records after `after`, live: from memory while the reader keeps up, else from the disk. */
export async function* followRecords(
  source: RecordSource,
  after: Position | null,
  signal: AbortSignal,
): AsyncGenerator<readonly JournalRecord[]> {
  let from: ReadFrom = { position: after, place: null }
  while (!signal.aborted) {
    const cached = source.cache.after(from.position, MAX_RECORDS, MAX_BYTES)
    if (cached === null) {
      from = yield* catchUpFromDisk(source, from, signal)
    } else if (cached.length > 0) {
      from = behind(cached, from)
      yield cached.map((one) => one.record)
    } else {
      if (source.ended()) return
      await nextChange(source.changed, signal)
    }
  }
}

/** Reads from the disk until the reader has come to what memory holds, or to the end; returns where it stands. */
async function* catchUpFromDisk(
  source: RecordSource,
  start: ReadFrom,
  signal: AbortSignal,
): AsyncGenerator<readonly JournalRecord[], ReadFrom> {
  const { segments, end, gone } = await source.snapshot()
  for await (const stored of readRecords(segments, startOf(start, gone), source.report)) {
    if (signal.aborted) return start
    yield stored.map((one) => one.record)
    const from = behind(stored, start)
    if (source.cache.after(from.position, 1, 1) !== null) return from
  }
  // Also when the last records could not be read: what follows is behind them.
  return end
}

/** Who stands in what is no longer kept goes on with the oldest record there is. */
function startOf(from: ReadFrom, gone: Position | null): ReadFrom {
  return isPruned(from.position, gone) ? { position: null, place: null } : from
}

function behind(stored: readonly StoredRecord[], otherwise: ReadFrom): ReadFrom {
  const last = stored.at(-1)
  return last === undefined ? otherwise : { position: last.record.position, place: last.place }
}

function nextChange(changed: Signal<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      unsubscribe()
      signal.removeEventListener('abort', done)
      resolve()
    }
    const unsubscribe = changed.subscribe(done)
    signal.addEventListener('abort', done, { once: true })
  })
}
