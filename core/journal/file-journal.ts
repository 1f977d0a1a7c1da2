import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { Source } from '../domain/instrument.ts'
import type { GapEntry, JournalEntry } from '../domain/journal-entry.ts'
import type { Leg } from '../domain/leg.ts'
import { type Clock, sleep } from '../kernel/clock.ts'
import { OpError } from '../kernel/errors.ts'
import { type ComponentState, type ComponentStatus, once } from '../kernel/lifecycle.ts'
import type { Logger } from '../kernel/logger.ts'
import { createSignal, type Signal } from '../kernel/signal.ts'
import type { FileCipher } from '../ports/file-cipher.ts'
import type { OpenFileReader } from '../ports/file-reader.ts'
import type { Journal, Position } from '../ports/journal.ts'
import type { Metrics } from '../ports/metrics.ts'
import { type Disk, makeFolder, nodeDisk } from './disk.ts'
import { encodeEntry } from './entry-codec.ts'
import { followRecords, type RecordSource, type Snapshot, scanRecords } from './follow.ts'
import { createGroupCommit, type GroupCommit } from './group-commit.ts'
import { encodeLine, MAX_LINE_BYTES } from './line-format.ts'
import { type FolderLock, lockFolder, unwritable } from './lock.ts'
import { type Pruned, type PruneLimit, pruneSegments, readPruned } from './prune.ts'
import { createReadReport } from './read-report.ts'
import type { ReadFrom, StoredRecord } from './record-reader.ts'
import { type RepairedRecord, repairRecord } from './repair.ts'
import { createReserve } from './reserve.ts'
import { epochFolder, listEpochs, listSegments } from './segment-name.ts'
import { readableSegment, type SegmentExtent } from './segment-reader.ts'
import { type Committed, createSegmentWriter, type PendingRecord, type SegmentWriter } from './segment-writer.ts'
import { createTailCache, type TailCache, type TailCacheLimits } from './tail-cache.ts'

export interface FileJournalDeps {
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics?: Pick<Metrics, 'set' | 'increment'>
  /** Default: the file system. */
  readonly disk?: Disk
  /** How sealed segments are opened for reading; default: by the file system's own calls. */
  readonly openFinished?: OpenFileReader
  /** Opens segments that are encrypted. */
  readonly cipher?: FileCipher
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
  /** Room that is kept on the disk for when it is full (default 0). */
  readonly reserveBytes?: number
  /** Pause between attempts while the disk refuses (default 1000). */
  readonly retryMs?: number
  /** How long `stop` waits for the disk (default 4000). */
  readonly stopMs?: number
}

export interface FileJournal extends Journal {
  status(): ComponentStatus
  /** Keeps an eighth of the newest records in memory; followers that lack one read it from the disk. */
  spare(sparing: boolean): void
  /** Removes segments that are no longer kept, oldest first. Who stands before them goes on with the oldest that is left. */
  prune(limit: PruneLimit): Promise<Pruned>
}

const DEFAULTS = {
  commitIntervalMs: 200,
  commitBytes: 4 * 1024 * 1024,
  segmentBytes: 64 * 1024 * 1024,
  segmentMs: 15 * 60_000,
  maxPendingBytes: 64 * 1024 * 1024,
  tailRecords: 2048,
  tailBytes: 8 * 1024 * 1024,
  reserveBytes: 0,
  retryMs: 1000,
  stopMs: 4000,
}

/** So much less is kept while memory is short. */
const SPARING = 8

/** What exists from start on. */
interface Opened {
  readonly lock: FolderLock
  readonly epoch: number
  readonly writer: SegmentWriter
  readonly commit: GroupCommit
  readonly cache: TailCache
}

interface JournalState {
  opened: Opened | null
  status: ComponentStatus
  /** Of the last record that was appended. */
  seq: number
  crc: number
  /** Behind the last durable record. */
  end: ReadFrom
  lastTs: number | null
  /** The last record that was removed on purpose. */
  gone: Position | null
  /** Segments that were removed, of those that this run has written. */
  readonly removed: Set<string>
}

interface Writing {
  readonly clock: Clock
  readonly logger: Logger
  readonly disk: Disk
  readonly cipher: FileCipher | null
  readonly metrics: FileJournalDeps['metrics']
  readonly openFinished: OpenFileReader | undefined
  readonly settings: typeof DEFAULTS & FileJournalOptions
  readonly state: JournalState
  readonly durable: Signal<Position>
  readonly changed: Signal<void>
}

/**
 * The record in files: `journal/<epoch>/<firstSeq>.log` with seals. `start` takes the folder's lock, repairs what a
 * crash left and opens a new epoch; it throws `data_dir_taken` and `data_dir_unwritable`. An entry that was appended
 * must not change any more, its frame included.
 */
export function createFileJournal(deps: FileJournalDeps, options: FileJournalOptions): FileJournal {
  const { clock, logger, metrics, disk = nodeDisk, cipher = null, openFinished } = deps
  const state: JournalState = {
    opened: null,
    status: { state: 'idle', since: clock.wallNow(), issue: null, detail: null },
    seq: 0,
    crc: 0,
    end: { position: null, place: null },
    lastTs: null,
    gone: null,
    removed: new Set(),
  }
  const durable = createSignal<Position>()
  const changed = createSignal<void>()
  const settings = { ...DEFAULTS, ...options }
  const writing: Writing = { clock, logger, disk, cipher, metrics, openFinished, settings, state, durable, changed }
  const report = createReadReport(logger)
  let starting: Promise<void> | null = null

  const source = (): RecordSource => ({
    cache: openedOf(state).cache,
    changed,
    report,
    snapshot: () => snapshot(writing),
    ended: () => state.status.state === 'stopped',
  })

  return {
    name: 'journal',
    get epoch() {
      return openedOf(state).epoch
    },
    start(signal) {
      if (starting !== null) throw new OpError('internal', { reason: 'the journal was started twice' })
      starting = start(writing, signal)
      return starting
    },
    stop: once(async () => {
      // A failed start has told its caller already, and left nothing open.
      await starting?.catch(() => {})
      await stop(writing)
    }),
    status: () => state.status,
    spare: (sparing) => openedOf(state).cache.limit(tailLimits(settings, sparing ? SPARING : 1)),
    nextBatch: () => `${openedOf(state).epoch}-${state.seq + 1}`,
    append: (entry, legs) => append(state, entry, legs ?? null),
    durable: () => state.end.position,
    lastTs: () => state.lastTs,
    onDurable: (listener) => durable.subscribe(listener),
    flush: () => openedOf(state).commit.flush(),
    read: (after, signal) => followRecords(source(), after, signal),
    scan: (after) => scanRecords(source(), after),
    async prune(limit) {
      const pruned = await pruneSegments(disk, settings.folder, limit, (path) => state.removed.add(path))
      state.gone = pruned.gone
      return pruned
    },
  }
}

function tailLimits({ tailRecords, tailBytes }: typeof DEFAULTS, divisor = 1): TailCacheLimits {
  return { maxRecords: Math.ceil(tailRecords / divisor), maxBytes: Math.ceil(tailBytes / divisor) }
}

function openedOf(state: JournalState): Opened {
  if (state.opened === null) throw new OpError('internal', { reason: 'the journal has not been started' })
  return state.opened
}

function become(
  { state, clock }: Writing,
  next: ComponentState,
  issue: string | null = null,
  detail: string | null = null,
): void {
  state.status = { state: next, since: clock.wallNow(), issue, detail }
}

function append(state: JournalState, entry: JournalEntry, legs: readonly Leg[] | null): void {
  const { commit } = openedOf(state)
  if (state.status.state !== 'running' && state.status.state !== 'degraded')
    throw new OpError('internal', { reason: `the journal is ${state.status.state}` })
  const seq = entry.kind === 'batch' ? state.seq + 1 : state.seq
  const line = encodeLine(seq, encodeEntry(entry), state.crc)
  if (line.bytes.length > MAX_LINE_BYTES)
    throw new OpError('internal', { reason: `a record of ${line.bytes.length} bytes is too long` })
  commit.admit(line.bytes.length)
  state.seq = seq
  state.crc = line.crc
  commit.push({ line, entry, legs })
}

async function start(writing: Writing, signal: AbortSignal | undefined): Promise<void> {
  const { disk, settings, state } = writing
  become(writing, 'starting')
  let lock: FolderLock | null = null
  try {
    await makeFolder(disk, settings.folder)
    lock = lockFolder(settings.folder)
    const repaired = await repairRecord(writing, settings.folder)
    signal?.throwIfAborted()
    state.opened = await openEpoch(writing, lock, repaired)
    become(writing, 'running')
    for (const stretch of repaired.lost) append(state, lossOf(stretch, repaired), null)
  } catch (fault) {
    become(writing, 'failed')
    lock?.release()
    throw fault instanceof OpError || signal?.aborted ? fault : unwritable(settings.folder, fault)
  }
}

/** Its time is one that the record knows: the market's clock may not be set yet. */
function lossOf(stretch: Pick<GapEntry, 'from' | 'to'>, { lastTs }: RepairedRecord): GapEntry {
  const ts = Math.max(stretch.to, lastTs ?? stretch.to)
  return { kind: 'gap', ts, ...stretch, cause: 'corruption', index: null, dropped: null }
}

async function openEpoch(writing: Writing, lock: FolderLock, repaired: RepairedRecord): Promise<Opened> {
  const { disk, settings, state } = writing
  const { last, lastSealSha256 } = repaired
  const epoch = repaired.epoch + 1
  await makeFolder(disk, epochFolder(settings.folder, epoch))
  state.crc = last?.crc ?? 0
  state.end = { position: last, place: null }
  state.lastTs = repaired.lastTs
  state.gone = await readPruned(settings.folder)
  const reserve = createReserve(writing.logger, join(settings.folder, 'reserve'), settings.reserveBytes)
  await reserve.hold()
  const writer = createSegmentWriter(
    { ...writing, reserve },
    { ...settings, epoch, fence: randomUUID(), last, lastSealSha256 },
  )
  const cache = createTailCache(last, tailLimits(settings))
  const toDisk = async (group: readonly PendingRecord[]) => {
    const at = await writer.commit(group)
    settle(writing, cache, storedRecords(epoch, group, at), at)
  }
  const onTrouble = (fault: unknown) => trouble(writing, fault)
  const commit = createGroupCommit({ clock: writing.clock, commit: toDisk, onTrouble }, settings)
  return { lock, epoch, writer, commit, cache }
}

/** A group is on the medium: moves the durable position, then lets everybody know. */
function settle(writing: Writing, cache: TailCache, stored: readonly StoredRecord[], at: Committed): void {
  const { state, metrics } = writing
  const last = stored.at(-1)
  if (last === undefined) return
  const { position, entry } = last.record
  state.end = { position, place: last.place }
  state.lastTs = entry.ts
  cache.push(stored)
  metrics?.set('op_durable_seq', {}, position.seq)
  metrics?.increment('op_writer_bytes_total', { format: 'journal' }, last.place.offset - at.offset)
  writing.changed.emit()
  try {
    writing.durable.emit(position)
  } catch (fault) {
    // The records are safe all the same; a listener's fault must not look like one of the disk.
    writing.logger.error('a listener of the journal failed', { code: 'internal', reason: String(fault) })
  }
}

function trouble(writing: Writing, fault: unknown): void {
  const { logger, state } = writing
  const stopping = state.status.state === 'stopping'
  if (fault === null) {
    logger.info('the journal writes again')
    if (!stopping) become(writing, 'running')
    return
  }
  const reason = fault instanceof Error ? fault.message : String(fault)
  logger.error('the journal cannot write; it keeps trying', { reason })
  if (!stopping) become(writing, 'degraded', 'journal_unwritable', `The journal cannot be written: ${reason}`)
}

async function stop(writing: Writing): Promise<void> {
  const { clock, logger, settings, state } = writing
  const { opened } = state
  become(writing, opened === null ? 'stopped' : 'stopping')
  if (opened === null) return
  const { commit, writer, lock } = opened
  const outcome = await inTime(clock, settings.stopMs, commit.flush())
  commit.close()
  const records = commit.pending()
  if (outcome !== null) logger.critical('the journal stops with records that are not on the disk', { records })
  // While the disk does not answer the lock is kept: a late write must not meet another writer.
  if (outcome !== 'late') {
    await writer.finish()
    lock.release()
  }
  become(writing, 'stopped')
  writing.changed.emit()
  if (outcome !== null) throw stopFault(outcome, records)
}

async function snapshot(writing: Writing): Promise<Snapshot> {
  const { settings, state } = writing
  const { epoch, writer } = openedOf(state)
  const older: SegmentExtent[] = []
  for (const one of await listEpochs(settings.folder)) {
    if (one >= epoch) continue
    for (const segment of await listSegments(settings.folder, one)) older.push({ ...segment, committed: null })
  }
  const own = writer.segments().filter(({ path }) => !state.removed.has(path))
  const segments = [...older, ...own].map((segment) => readableSegment(segment, writing))
  return { segments, end: state.end, gone: state.gone }
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
