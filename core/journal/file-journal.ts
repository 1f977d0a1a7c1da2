import { randomUUID } from 'node:crypto'
import type { Source } from '../domain/instrument.ts'
import { type Clock, sleep } from '../kernel/clock.ts'
import { OpError } from '../kernel/errors.ts'
import { type ComponentState, type ComponentStatus, once } from '../kernel/lifecycle.ts'
import type { Logger } from '../kernel/logger.ts'
import { createSignal } from '../kernel/signal.ts'
import type { Journal, Position } from '../ports/journal.ts'
import type { Metrics } from '../ports/metrics.ts'
import { type Disk, makeFolder, nodeDisk } from './disk.ts'
import { encodeEntry } from './entry-codec.ts'
import { followRecords, type RecordSource, type Snapshot, scanRecords } from './follow.ts'
import { createGroupCommit, type GroupCommit } from './group-commit.ts'
import { encodeLine, MAX_LINE_BYTES } from './line-format.ts'
import { type FolderLock, lockFolder, unwritable } from './lock.ts'
import { createReadReport } from './read-report.ts'
import type { ReadFrom, StoredRecord } from './record-reader.ts'
import { type RepairedRecord, repairRecord } from './repair.ts'
import { epochFolder, listEpochs, listSegments } from './segment-name.ts'
import type { ReadableSegment } from './segment-reader.ts'
import { type Committed, createSegmentWriter, type PendingRecord, type SegmentWriter } from './segment-writer.ts'
import { createTailCache, type TailCache } from './tail-cache.ts'

export interface FileJournalDeps {
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics?: Pick<Metrics, 'set' | 'increment'>
  /** Default: the file system. */
  readonly disk?: Disk
}

export interface FileJournalOptions {
  /** Made when it is missing. */
  readonly folder: string
  /** Where the data comes from; stands in each segment's header. */
  readonly source: Source
  /** A record is durable after at most this (default 200) and one write to the disk. */
  readonly commitIntervalMs?: number
  /** So many bytes of records are committed at once, without waiting (default 4 MiB). */
  readonly commitBytes?: number
  /** A segment is finished before it grows beyond this (default 64 MiB). */
  readonly segmentBytes?: number
  /** A segment is finished after this time (default 15 minutes). */
  readonly segmentMs?: number
  /** `append` throws when more than this waits for the disk (default 64 MiB). */
  readonly maxPendingBytes?: number
  /** Newest durable records kept in memory for followers (default 2048). */
  readonly tailRecords?: number
  /** Bytes of the lines of those records (default 8 MiB). */
  readonly tailBytes?: number
  /** Pause between attempts while the disk refuses (default 1000). */
  readonly retryMs?: number
  /** How long `stop` waits for the disk (default 4000). */
  readonly stopMs?: number
}

export interface FileJournal extends Journal {
  status(): ComponentStatus
}

const DEFAULTS = {
  commitIntervalMs: 200,
  commitBytes: 4 * 1024 * 1024,
  segmentBytes: 64 * 1024 * 1024,
  segmentMs: 15 * 60_000,
  maxPendingBytes: 64 * 1024 * 1024,
  tailRecords: 2048,
  tailBytes: 8 * 1024 * 1024,
  retryMs: 1000,
  stopMs: 4000,
}

/** What exists between start and stop. */
interface Opened {
  readonly lock: FolderLock
  readonly epoch: number
  readonly writer: SegmentWriter
  readonly commit: GroupCommit
  readonly cache: TailCache
}

/**
 * The record in files: `journal/<epoch>/<firstSeq>.log` with seals. `start` takes the folder's lock, repairs what a
 * crash left and opens a new epoch; it throws `data_dir_taken` and `data_dir_unwritable`. An entry that was appended
 * must not change any more, its frame included.
 */
export function createFileJournal(deps: FileJournalDeps, options: FileJournalOptions): FileJournal {
  const settings = { ...DEFAULTS, ...options }
  const { clock, logger } = deps
  const disk = deps.disk ?? nodeDisk
  const durableSignal = createSignal<Position>()
  const changed = createSignal<void>()
  const report = createReadReport(logger)
  let opened: Opened | null = null
  let status: ComponentStatus = { state: 'idle', since: clock.wallNow(), issue: null, detail: null }
  let seq = 0
  let crc = 0
  let end: ReadFrom = { position: null, place: null }
  let lastTs: number | null = null
  let starting: Promise<void> | null = null

  const become = (state: ComponentState, issue: string | null = null, detail: string | null = null) => {
    status = { state, since: clock.wallNow(), issue, detail }
  }

  const requireOpened = (): Opened => {
    if (opened === null) throw new OpError('internal', { reason: 'the journal has not been started' })
    return opened
  }

  async function open(lock: FolderLock): Promise<RepairedRecord> {
    const repaired = await repairRecord({ disk, logger }, settings.folder)
    const epoch = repaired.epoch + 1
    await makeFolder(disk, epochFolder(settings.folder, epoch))
    end = { position: repaired.last, place: null }
    lastTs = repaired.lastTs
    seq = 0
    crc = repaired.last?.crc ?? 0
    const fence = randomUUID()
    const { last, lastSealSha256 } = repaired
    const writer = createSegmentWriter({ clock, logger, disk }, { ...settings, epoch, fence, last, lastSealSha256 })
    const cache = createTailCache(last, { maxRecords: settings.tailRecords, maxBytes: settings.tailBytes })
    const commit = createGroupCommit(
      { clock, onTrouble, commit: async (group) => settle(cache, epoch, group, await writer.commit(group)) },
      settings,
    )
    opened = { lock, epoch, writer, commit, cache }
    return repaired
  }

  /** A group is on the medium: moves the durable position, then lets everybody know. */
  function settle(cache: TailCache, epoch: number, group: readonly PendingRecord[], at: Committed): void {
    const stored = storedRecords(epoch, group, at)
    const last = stored.at(-1)
    if (last === undefined) return
    end = { position: last.record.position, place: last.place }
    lastTs = last.record.entry.ts
    cache.push(stored)
    deps.metrics?.set('op_durable_seq', {}, last.record.position.seq)
    deps.metrics?.increment('op_writer_bytes_total', { format: 'journal' }, last.place.offset - at.offset)
    changed.emit()
    try {
      durableSignal.emit(last.record.position)
    } catch (fault) {
      // The records are safe all the same; a listener's fault must not look like one of the disk.
      logger.error('a listener of the journal failed', { code: 'internal', reason: String(fault) })
    }
  }

  function onTrouble(fault: unknown): void {
    if (fault === null) {
      logger.info('the journal writes again')
      become('running')
      return
    }
    const reason = fault instanceof Error ? fault.message : String(fault)
    logger.error('the journal cannot write; it keeps trying', { reason })
    become('degraded', 'journal_unwritable', `The journal cannot be written: ${reason}`)
  }

  async function start(signal?: AbortSignal): Promise<void> {
    become('starting')
    let lock: FolderLock | null = null
    try {
      await makeFolder(disk, settings.folder)
      lock = lockFolder(settings.folder)
      const { lost } = await open(lock)
      signal?.throwIfAborted()
      become('running')
      const ts = clock.now()
      for (const stretch of lost)
        journal.append({ kind: 'gap', ts, ...stretch, cause: 'corruption', index: null, dropped: null })
    } catch (fault) {
      become('failed')
      opened = null
      lock?.release()
      throw fault instanceof OpError || signal?.aborted ? fault : unwritable(settings.folder, fault)
    }
  }

  async function stop(): Promise<void> {
    await starting?.catch(() => {})
    if (opened === null) return become('stopped')
    become('stopping')
    const { commit, writer, lock } = opened
    const outcome = await inTime(clock, settings.stopMs, commit.flush())
    commit.close()
    if (outcome !== null)
      logger.critical('the journal stops with records that are not on the disk', { records: commit.pending() })
    // While the disk does not answer the lock is kept: a late write must not meet another writer.
    if (outcome !== 'late') {
      await writer.finish()
      lock.release()
    }
    become('stopped')
    changed.emit()
    if (outcome !== null) throw stopFault(outcome, commit.pending())
  }

  async function snapshot(): Promise<Snapshot> {
    const { epoch, writer } = requireOpened()
    const older: ReadableSegment[] = []
    for (const one of await listEpochs(settings.folder)) {
      if (one >= epoch) continue
      for (const segment of await listSegments(settings.folder, one)) older.push({ ...segment, committed: null })
    }
    return { segments: [...older, ...writer.segments()], end }
  }

  const source = (): RecordSource => {
    const { cache } = requireOpened()
    return { cache, changed, report, snapshot, ended: () => status.state === 'stopped' }
  }

  const journal: FileJournal = {
    name: 'journal',
    get epoch() {
      return requireOpened().epoch
    },
    start(signal) {
      if (starting !== null) throw new OpError('internal', { reason: 'the journal was started twice' })
      starting = start(signal)
      return starting
    },
    stop: once(stop),
    status: () => status,
    nextBatch: () => `${requireOpened().epoch}-${seq + 1}`,
    append(entry, legs) {
      const { commit } = requireOpened()
      if (status.state !== 'running' && status.state !== 'degraded')
        throw new OpError('internal', { reason: `the journal is ${status.state}` })
      const line = encodeLine(entry.kind === 'batch' ? seq + 1 : seq, encodeEntry(entry), crc)
      if (line.bytes.length > MAX_LINE_BYTES)
        throw new OpError('internal', { reason: `a record of ${line.bytes.length} bytes is too long` })
      commit.admit(line.bytes.length)
      seq = line.seq
      crc = line.crc
      commit.push({ line, entry, legs: legs ?? null })
    },
    durable: () => end.position,
    lastTs: () => lastTs,
    onDurable: (listener) => durableSignal.subscribe(listener),
    flush: () => requireOpened().commit.flush(),
    read: (after, signal) => followRecords(source(), after, signal),
    scan: (after) => scanRecords(source(), after),
  }
  return journal
}

function storedRecords(epoch: number, group: readonly PendingRecord[], at: Committed): StoredRecord[] {
  let offset = at.offset
  return group.map(({ line, entry, legs }) => {
    offset += line.bytes.length
    const position = { epoch, seq: line.seq, crc: line.crc }
    return { record: { position, entry, legs }, place: { path: at.path, offset }, bytes: line.bytes.length }
  })
}

/** Null when it was done, `late` when there was no outcome in time, else the fault. */
async function inTime(clock: Clock, limitMs: number, work: Promise<void>): Promise<'late' | { fault: unknown } | null> {
  const timer = new AbortController()
  const outcome = work.then(
    () => null,
    (fault: unknown) => ({ fault }),
  )
  const late = sleep(clock, limitMs, timer.signal).then(
    () => 'late' as const,
    () => null,
  )
  try {
    return await Promise.race([outcome, late])
  } finally {
    timer.abort()
  }
}

function stopFault(outcome: 'late' | { fault: unknown }, records: number): OpError {
  if (outcome === 'late')
    return new OpError('internal', { reason: `the disk does not answer; ${records} records are not on it` })
  return new OpError(
    'internal',
    { reason: `the disk refuses ${records} records of the journal` },
    { cause: outcome.fault },
  )
}
