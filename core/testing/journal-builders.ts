import type { JournalEntry } from '../domain/journal-entry.ts'
import type { Journal, JournalRecord, Position } from '../ports/journal.ts'

const START_MS = Date.UTC(2026, 10, 23, 4, 30)

/** A batch whose content follows from `n`; `frameBytes` makes it large. */
export function batchEntry(n: number, frameBytes = 12): JournalEntry {
  return {
    kind: 'batch',
    ts: START_MS + n,
    trace: `trace-${n}`,
    source: 'sim',
    index: 'NIFTY',
    bucket: 'this_week',
    expiry: '2026-11-24',
    spot: 26000.5 + n,
    spotFrozen: false,
    forward: null,
    forwardMethod: null,
    frame: new Uint8Array(frameBytes).map((_, at) => (n * 31 + at) & 0xff),
    rows: [['NIFTY26NOV26000CE', 26000, 'CE', 0, 3, 'mid', 'ok', 0.12, 0.5, 0.001, -8.5, 12.25, 3.5]],
  }
}

/** A record that is not a batch and so shares the number of the batch before it. */
export function sessionEntry(n: number): JournalEntry {
  return { kind: 'session', ts: START_MS + n, source: 'sim', event: 'phase', detail: `phase ${n} — ₹` }
}

/** Number that a built entry was made from. */
export function numberOf(entry: JournalEntry): number {
  return entry.ts - START_MS
}

export async function collect(records: AsyncIterable<readonly JournalRecord[]>): Promise<JournalRecord[]> {
  const all: JournalRecord[] = []
  for await (const some of records) all.push(...some)
  return all
}

/** Follows until `count` records have come. */
export async function take(journal: Journal, after: Position | null, count: number): Promise<JournalRecord[]> {
  const done = new AbortController()
  const all: JournalRecord[] = []
  for await (const some of journal.read(after, done.signal)) {
    all.push(...some)
    if (all.length >= count) done.abort()
  }
  return all
}

/** The verdict of a crash test, as Jepsen's total-queue checker gives it. */
export interface QueueVerdict {
  /** Acknowledged and not read. */
  readonly lost: number
  /** Read more than once. */
  readonly duplicated: number
  /** Read and never sent. */
  readonly unexpected: number
  /** Never acknowledged, yet there. */
  readonly recovered: number
}

export function judgeQueue(
  sent: ReadonlySet<number>,
  acknowledged: ReadonlySet<number>,
  read: readonly number[],
): QueueVerdict {
  const seen = new Set(read)
  return {
    lost: [...acknowledged].filter((n) => !seen.has(n)).length,
    duplicated: read.length - seen.size,
    unexpected: [...seen].filter((n) => !sent.has(n)).length,
    recovered: [...seen].filter((n) => sent.has(n) && !acknowledged.has(n)).length,
  }
}
