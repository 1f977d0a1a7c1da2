import type { JournalEntry } from '../domain/journal-entry.ts'
import type { Leg } from '../domain/leg.ts'
import type { Component, Unsubscribe } from '../kernel/lifecycle.ts'

/**
 * A place in the record. `seq` counts batches from 1 within an epoch; other records share the number of the batch
 * before them, so `crc` (the chained checksum of the record itself) tells them apart.
 */
export interface Position {
  readonly epoch: number
  readonly seq: number
  readonly crc: number
}

/** A durable record. */
export interface JournalRecord {
  readonly position: Position
  readonly entry: JournalEntry
  /** The legs of a batch when they are still in memory; a consumer composes them with `legsOf` otherwise. */
  readonly legs: readonly Leg[] | null
}

/**
 * The record: one writer, ordered, checksummed, durable by group commit. Everything else is a projection of it.
 */
export interface Journal extends Component {
  /** Rises each time the journal is opened. Valid once started. */
  readonly epoch: number
  /** `<epoch>-<seq>` that the next batch will get; lets legs carry their batch before the append. */
  nextBatch(): string
  /**
   * Queues an entry and numbers it; it is durable when `durable()` has reached it (at most one commit interval).
   * `legs` are kept beside the entry while it is in memory. Throws `journal_full` when too much waits for the
   * disk: the caller then counts what it drops and records a gap later.
   */
  append(entry: JournalEntry, legs?: readonly Leg[]): void
  /** The last durable record, null in an empty journal. */
  durable(): Position | null
  /** Market time of the last durable record of any epoch, null in an empty journal. */
  lastTs(): number | null
  /** Called after each commit with the position it made durable. */
  onDurable(listener: (position: Position) => void): Unsubscribe
  /** Commits what is queued; rejects when that failed. */
  flush(): Promise<void>
  /**
   * Durable records after `after` (null: from the oldest), in order, across epochs, in non-empty arrays; follows
   * live until `signal` aborts, then ends without an error. A position that is not in the record is an error
   * (`journal_corrupt`), never a silent restart.
   */
  read(after: Position | null, signal: AbortSignal): AsyncIterable<readonly JournalRecord[]>
  /** Durable records that are there now, oldest first, then ends. */
  scan(after: Position | null): AsyncIterable<readonly JournalRecord[]>
}
