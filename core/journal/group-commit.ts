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

interface CommitState {
  /** In order; the group that is being committed stays at the front until it is durable. */
  queue: PendingRecord[]
  bytes: number
  pushed: number
  done: number
  /** When the oldest of the queue may have come, monotonic. */
  oldestAt: number
  waiters: Waiter[]
  running: boolean
  failing: boolean
  closed: boolean
  cancelTimer: Unsubscribe | null
}

interface Committing {
  readonly deps: GroupCommitDeps
  readonly options: GroupCommitOptions
  readonly state: CommitState
}

export function createGroupCommit(deps: GroupCommitDeps, options: GroupCommitOptions): GroupCommit {
  const state: CommitState = {
    queue: [],
    bytes: 0,
    pushed: 0,
    done: 0,
    oldestAt: 0,
    waiters: [],
    running: false,
    failing: false,
    closed: false,
    cancelTimer: null,
  }
  const committing: Committing = { deps, options, state }
  return {
    admit(more) {
      if (state.bytes + more > options.maxPendingBytes) throw new OpError('journal_full', { pendingBytes: state.bytes })
    },
    push(one) {
      if (state.queue.length === 0) state.oldestAt = deps.clock.monotonicMs()
      state.queue.push(one)
      state.bytes += one.line.bytes.length
      state.pushed += 1
      if (state.bytes >= options.commitBytes && !state.failing) kick(committing)
      else schedule(committing)
    },
    flush() {
      if (state.done === state.pushed) return Promise.resolve()
      return new Promise((resolve, reject) => {
        state.waiters.push({ target: state.pushed, resolve, reject })
        kick(committing)
      })
    },
    pending: () => state.pushed - state.done,
    close() {
      state.closed = true
      state.cancelTimer?.()
    },
  }
}

function schedule(committing: Committing): void {
  const { deps, options, state } = committing
  if (state.closed || state.running || state.cancelTimer !== null || state.queue.length === 0) return
  const waited = deps.clock.monotonicMs() - state.oldestAt
  const soonMs = state.waiters.length > 0 ? 0 : Math.max(0, options.commitIntervalMs - waited)
  state.cancelTimer = deps.clock.after(state.failing ? options.retryMs : soonMs, () => kick(committing))
}

function kick(committing: Committing): void {
  const { state } = committing
  state.cancelTimer?.()
  state.cancelTimer = null
  if (state.running) return
  state.running = true
  void run(committing).finally(() => {
    state.running = false
    schedule(committing)
  })
}

/** Never rejects. */
async function run(committing: Committing): Promise<void> {
  const { deps, options, state } = committing
  do {
    const takenAt = deps.clock.monotonicMs()
    const count = groupLength(state.queue, options.commitBytes)
    const group = state.queue.slice(0, count)
    try {
      if (count > 0) await deps.commit(group)
    } catch (fault) {
      failed(committing, fault)
      return
    }
    state.queue = state.queue.slice(count)
    state.oldestAt = takenAt
    committed(committing, group)
  } while (state.queue.length > 0 && (state.waiters.length > 0 || state.bytes >= options.commitBytes))
}

function committed({ deps, state }: Committing, group: readonly PendingRecord[]): void {
  for (const one of group) state.bytes -= one.line.bytes.length
  state.done += group.length
  if (state.failing) deps.onTrouble(null)
  state.failing = false
  const reached = state.waiters.filter((waiter) => waiter.target <= state.done)
  state.waiters = state.waiters.filter((waiter) => waiter.target > state.done)
  for (const waiter of reached) waiter.resolve()
}

function failed({ deps, state }: Committing, fault: unknown): void {
  if (!state.failing) deps.onTrouble(fault)
  state.failing = true
  const told = state.waiters
  state.waiters = []
  for (const waiter of told) waiter.reject(fault)
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
