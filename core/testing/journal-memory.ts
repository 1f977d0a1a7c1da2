import { encodeEntry } from '../journal/entry-codec.ts'
import { encodeLine } from '../journal/line-format.ts'
import { OpError } from '../kernel/errors.ts'
import { once } from '../kernel/lifecycle.ts'
import { createSignal } from '../kernel/signal.ts'
import type { Journal, JournalRecord, Position } from '../ports/journal.ts'

/** What outlives a memory journal: hand it to the next one to open the same record again. */
export interface MemoryRecord {
  epoch: number
  readonly records: JournalRecord[]
}

export function createMemoryRecord(): MemoryRecord {
  return { epoch: 0, records: [] }
}

/** A Journal without a disk: positions as in files, durable one microtask after the append. */
export function createMemoryJournal(storage: MemoryRecord = createMemoryRecord()): Journal {
  const durableSignal = createSignal<Position>()
  const changed = createSignal<void>()
  let queue: JournalRecord[] = []
  let state: 'idle' | 'running' | 'stopped' = 'idle'
  let seq = 0
  let crc = 0

  const last = () => storage.records.at(-1) ?? null

  const commit = () => {
    const newest = queue.at(-1)
    if (newest === undefined) return
    storage.records.push(...queue)
    queue = []
    changed.emit()
    durableSignal.emit(newest.position)
  }

  const indexAfter = (after: Position | null): number => {
    if (after === null) return 0
    const at = storage.records.findIndex(({ position }) => same(position, after))
    if (at < 0) throw new OpError('journal_corrupt', { path: 'memory', offset: 0, reason: 'the position is not in it' })
    return at + 1
  }

  async function* follow(after: Position | null, signal: AbortSignal) {
    for (let at = indexAfter(after); !signal.aborted; ) {
      const some = storage.records.slice(at, at + MAX_RECORDS)
      at += some.length
      if (some.length > 0) yield some
      else if (state === 'stopped') return
      else await nextChange(changed.subscribe, signal)
    }
  }

  async function* scan(after: Position | null) {
    const end = storage.records.length
    for (let at = indexAfter(after); at < end; at += MAX_RECORDS)
      yield storage.records.slice(at, Math.min(end, at + MAX_RECORDS))
  }

  return {
    name: 'journal',
    get epoch() {
      return storage.epoch
    },
    async start() {
      storage.epoch += 1
      crc = last()?.position.crc ?? 0
      state = 'running'
    },
    stop: once(async () => {
      commit()
      state = 'stopped'
      changed.emit()
    }),
    nextBatch: () => `${storage.epoch}-${seq + 1}`,
    append(entry, legs) {
      if (state !== 'running') throw new OpError('internal', { reason: `the journal is ${state}` })
      const line = encodeLine(entry.kind === 'batch' ? seq + 1 : seq, encodeEntry(entry), crc)
      seq = line.seq
      crc = line.crc
      queue.push({ position: { epoch: storage.epoch, seq, crc }, entry, legs: legs ?? null })
      if (queue.length === 1) queueMicrotask(commit)
    },
    durable: () => last()?.position ?? null,
    lastTs: () => last()?.entry.ts ?? null,
    onDurable: durableSignal.subscribe,
    async flush() {
      commit()
    },
    read: follow,
    scan,
  }
}

const MAX_RECORDS = 500

function same(a: Position, b: Position): boolean {
  return a.epoch === b.epoch && a.seq === b.seq && a.crc === b.crc
}

function nextChange(subscribe: (run: () => void) => () => void, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      unsubscribe()
      signal.removeEventListener('abort', done)
      resolve()
    }
    const unsubscribe = subscribe(done)
    signal.addEventListener('abort', done, { once: true })
  })
}
