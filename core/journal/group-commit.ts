import type { Clock } from '../kernel/clock.ts'
import { OpError } from '../kernel/errors.ts'
import type { Unsubscribe } from '../kernel/lifecycle.ts'
import type { PendingRecord } from './segment-writer.ts'

export interface GroupCommitDeps {
  readonly clock: Clock
  /** Makes a group durable, or rejects; then the same group comes again. */
  readonly commit: (group: readonly PendingRecord[]) => Promise<void>
  /** Told when a commit fails after one that did not, and null when one succeeds after one that failed. */
  readonly onTrouble: (fault: unknown) => void
}

export interface GroupCommitOptions {
  readonly commitIntervalMs: number
  readonly commitBytes: number
  readonly maxPendingBytes: number
  readonly retryMs: number
}

/** Gathers records and commits them together: by age, by size, or when asked. */
export interface GroupCommit {
  /** Throws `journal_full` when `bytes` more would be too much. */
  admit(bytes: number): void
  push(one: PendingRecord): void
  /** Commits what was pushed before; rejects when an attempt failed. */
  flush(): Promise<void>
  /** Records that are not durable. */
  pending(): number
  /** No more timers. What is pending stays undone. */
  close(): void
}

interface Waiter {
  readonly target: number
  readonly resolve: () => void
  readonly reject: (fault: unknown) => void
}

export function createGroupCommit(deps: GroupCommitDeps, options: GroupCommitOptions): GroupCommit {
  const { clock } = deps
  let queue: PendingRecord[] = []
  let bytes = 0
  let pushed = 0
  let done = 0
  let oldestAt = 0
  let waiters: Waiter[] = []
  let running = false
  let failing = false
  let closed = false
  let cancelTimer: Unsubscribe | null = null

  function schedule(): void {
    if (closed || running || cancelTimer !== null || queue.length === 0) return
    const waited = clock.monotonicMs() - oldestAt
    const soonMs = waiters.length > 0 ? 0 : Math.max(0, options.commitIntervalMs - waited)
    const delayMs = failing ? options.retryMs : soonMs
    cancelTimer = clock.after(delayMs, kick)
  }

  function kick(): void {
    cancelTimer?.()
    cancelTimer = null
    if (running) return
    running = true
    void run().finally(() => {
      running = false
      schedule()
    })
  }

  /** Never rejects. */
  async function run(): Promise<void> {
    do {
      const takenAt = clock.monotonicMs()
      const count = groupLength(queue, options.commitBytes)
      const group = queue.slice(0, count)
      try {
        if (count > 0) await deps.commit(group)
      } catch (fault) {
        failed(fault)
        return
      }
      queue = queue.slice(count)
      oldestAt = takenAt
      committed(group)
    } while (queue.length > 0 && (waiters.length > 0 || bytes >= options.commitBytes))
  }

  function committed(group: readonly PendingRecord[]): void {
    for (const one of group) bytes -= one.line.bytes.length
    done += group.length
    if (failing) deps.onTrouble(null)
    failing = false
    const reached = waiters.filter((waiter) => waiter.target <= done)
    waiters = waiters.filter((waiter) => waiter.target > done)
    for (const waiter of reached) waiter.resolve()
  }

  function failed(fault: unknown): void {
    if (!failing) deps.onTrouble(fault)
    failing = true
    const told = waiters
    waiters = []
    for (const waiter of told) waiter.reject(fault)
  }

  return {
    admit(more) {
      if (bytes + more > options.maxPendingBytes) throw new OpError('journal_full', { pendingBytes: bytes })
    },
    push(one) {
      if (queue.length === 0) oldestAt = clock.monotonicMs()
      queue.push(one)
      bytes += one.line.bytes.length
      pushed += 1
      if (bytes >= options.commitBytes && !failing) kick()
      else schedule()
    },
    flush() {
      if (done === pushed) return Promise.resolve()
      return new Promise((resolve, reject) => {
        waiters.push({ target: pushed, resolve, reject })
        kick()
      })
    },
    pending: () => pushed - done,
    close() {
      closed = true
      cancelTimer?.()
    },
  }
}

/** How many of `queue` make one group: at least one, else at most `maxBytes`. */
function groupLength(queue: readonly PendingRecord[], maxBytes: number): number {
  let bytes = 0
  for (const [at, one] of queue.entries()) {
    bytes += one.line.bytes.length
    if (bytes > maxBytes) return Math.max(1, at)
  }
  return queue.length
}
