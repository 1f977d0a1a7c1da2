import type { Component } from '../kernel/lifecycle.ts'
import type { JournalRecord, Position } from './journal.ts'

/**
 * Something built from the journal: day store, CSV, JSONL, analytics series.
 *
 * `apply` is called with durable records in order, one call at a time, starting after `position()`. It may return
 * before its data is safe; `position()` moves only when it is. After a crash the same records come again from
 * `position()` on, and the effect must be as if they had come once. A rejected `apply` is retried with the same
 * records; it must have had no effect, or one that a repetition completes.
 */
export interface Projection extends Component {
  /** Stable: names the cursor and the label `consumer` of metrics. */
  readonly name: string
  /** The last record whose effect is safe; null = nothing yet. Valid once started. */
  position(): Position | null
  apply(records: readonly JournalRecord[]): Promise<void>
  /** Makes everything applied safe and moves `position()` to it. */
  flush(): Promise<void>
}
