import { createHash, type Hash } from 'node:crypto'
import { dirname } from 'node:path'
import type { Source } from '../domain/instrument.ts'
import type { JournalEntry } from '../domain/journal-entry.ts'
import type { Leg } from '../domain/leg.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Unsubscribe } from '../kernel/lifecycle.ts'
import type { Logger } from '../kernel/logger.ts'
import { createTurn, type Turn } from '../kernel/turn.ts'
import type { Position } from '../ports/journal.ts'
import { type Disk, type DiskFile, writeAll } from './disk.ts'
import type { EncodedLine } from './line-format.ts'
import { isDiskFull, type Reserve } from './reserve.ts'
import { type Seal, writeSeal } from './seal.ts'
import { encodeHeader, SEGMENT_FORMAT } from './segment-header.ts'
import { segmentPath } from './segment-name.ts'
import type { SegmentExtent } from './segment-reader.ts'

/** A numbered and encoded entry on its way to the disk. */
export interface PendingRecord {
  readonly line: EncodedLine
  readonly entry: JournalEntry
  readonly legs: readonly Leg[] | null
}

/** Where a committed group begins. */
export interface Committed {
  readonly path: string
  readonly offset: number
}

/** Puts groups of records into segments, one at a time. */
export interface SegmentWriter {
  /**
   * The group is on the medium when it resolves. After an error the segment is left as it is and the group goes into
   * a new one, once; rejects when that failed too, and the same group may then be given again.
   */
  commit(group: readonly PendingRecord[]): Promise<Committed>
  /** Closes and seals the segment that is being written; the next commit begins another. */
  finish(): Promise<void>
  /** Segments of this epoch with what may be read of them. */
  segments(): SegmentExtent[]
}

export interface SegmentWriterDeps {
  readonly clock: Clock
  readonly logger: Logger
  readonly disk: Disk
  readonly reserve: Reserve
}

export interface SegmentWriterOptions {
  readonly folder: string
  readonly epoch: number
  readonly source: Source
  readonly fence: string
  readonly segmentBytes: number
  readonly segmentMs: number
  /** The last record of earlier epochs. */
  readonly last: Position | null
  readonly lastSealSha256: string | null
}

interface OpenSegment {
  readonly epoch: number
  readonly path: string
  readonly firstSeq: number
  readonly file: DiskFile
  /** The first line, until it has been written. */
  header: Uint8Array | null
  readonly hash: Hash
  /** Bytes that are on the medium. */
  committed: number
  count: number
  firstTs: number | null
  lastTs: number | null
  last: Position | null
}

interface WriterState {
  readonly written: OpenSegment[]
  readonly unsealed: OpenSegment[]
  readonly taken: Set<string>
  current: OpenSegment | null
  last: Position | null
  lastSealSha256: string | null
  cancelAge: Unsubscribe
}

interface Writing {
  readonly deps: SegmentWriterDeps
  readonly options: SegmentWriterOptions
  readonly state: WriterState
  readonly inTurn: Turn
}

export function createSegmentWriter(deps: SegmentWriterDeps, options: SegmentWriterOptions): SegmentWriter {
  const { epoch, last, lastSealSha256 } = options
  const inTurn = createTurn()
  const state: WriterState = {
    written: [],
    unsealed: [],
    taken: new Set(),
    current: null,
    last,
    lastSealSha256,
    cancelAge: () => {},
  }
  const writing: Writing = { deps, options, state, inTurn }
  return {
    commit: (group) => inTurn(() => commit(writing, group)),
    finish: () => inTurn(() => finish(writing)),
    segments: () => state.written.map(({ path, firstSeq, committed }) => ({ epoch, firstSeq, path, committed })),
  }
}

async function commit(writing: Writing, group: readonly PendingRecord[]): Promise<Committed> {
  const { deps, options, state } = writing
  const size = group.reduce((sum, one) => sum + one.line.bytes.length, 0)
  if (state.current !== null && state.current.committed + size > options.segmentBytes) await finish(writing)
  try {
    return await attempt(writing, group)
  } catch (fault) {
    deps.logger.warning('a journal segment failed; its tail goes into a new one', { reason: String(fault) })
    if (isDiskFull(fault)) await deps.reserve.release()
    return attempt(writing, group)
  }
}

async function attempt(writing: Writing, group: readonly PendingRecord[]): Promise<Committed> {
  const { deps, options, state } = writing
  const isNew = state.current === null
  const segment = state.current ?? (await begin(writing, group[0]?.line.seq ?? 0))
  const bytes = Buffer.concat([segment.header ?? NOTHING, ...group.map((one) => one.line.bytes)])
  try {
    await writeAll(segment.file, bytes, segment.committed)
    await segment.file.sync()
    if (isNew) await deps.disk.syncFolder(dirname(segment.path))
  } catch (fault) {
    await abandon(writing, segment)
    throw fault
  }
  const offset = segment.committed + (segment.header?.length ?? 0)
  account(segment, bytes, group)
  state.last = segment.last
  if (isNew) {
    state.current = segment
    state.written.push(segment)
    const age = () => void writing.inTurn(() => finish(writing))
    state.cancelAge = deps.clock.after(options.segmentMs, age)
  }
  return { path: segment.path, offset }
}

async function begin(writing: Writing, firstSeq: number): Promise<OpenSegment> {
  const { deps, options, state } = writing
  const { epoch } = options
  const path = freePath(options.folder, epoch, firstSeq, state.taken)
  const header = encodeHeader({
    kind: 'segment',
    format: SEGMENT_FORMAT,
    epoch,
    firstSeq,
    previous: state.last,
    previousSeal: state.lastSealSha256,
    source: options.source,
    createdAt: deps.clock.wallNow(),
    fence: options.fence,
  })
  const file = await deps.disk.create(path)
  state.taken.add(path)
  return {
    epoch,
    path,
    firstSeq,
    file,
    header: header.bytes,
    hash: createHash('sha256'),
    committed: 0,
    count: 0,
    firstTs: null,
    lastTs: null,
    last: state.last,
  }
}

function account(segment: OpenSegment, bytes: Uint8Array, group: readonly PendingRecord[]): void {
  const end = group.at(-1)
  segment.header = null
  segment.hash.update(bytes)
  segment.committed += bytes.length
  segment.count += group.length
  segment.firstTs ??= group[0]?.entry.ts ?? null
  segment.lastTs = end?.entry.ts ?? segment.lastTs
  if (end !== undefined) segment.last = { epoch: segment.epoch, seq: end.line.seq, crc: end.line.crc }
}

/** After a failed fsync the system may call lost pages clean: the file is never written or synced again (fsync(2)). */
async function abandon({ deps, state }: Writing, segment: OpenSegment): Promise<void> {
  if (segment === state.current) {
    state.current = null
    state.cancelAge()
    state.unsealed.push(segment)
  }
  try {
    await segment.file.close()
    // Nothing in it was acknowledged: everything will be written again.
    if (segment.committed > 0) return
    await deps.disk.remove(segment.path)
    state.taken.delete(segment.path)
  } catch (fault) {
    deps.logger.debug('could not clear away a failed journal segment', { path: segment.path, reason: String(fault) })
  }
}

/** Never rejects. */
async function finish(writing: Writing): Promise<void> {
  const { deps, state } = writing
  const segment = state.current
  if (segment !== null) {
    state.current = null
    state.cancelAge()
    state.unsealed.push(segment)
    // Its bytes are on the medium already; a failing close can take nothing back.
    await segment.file.close().catch((fault: unknown) => {
      deps.logger.warning('could not close a journal segment', { path: segment.path, reason: String(fault) })
    })
  }
  await sealFinished(writing)
  // Where it was given up; not before now, or the room that was freed would be taken from the records.
  if (segment !== null) await deps.reserve.hold()
}

/** In the order of writing, since seals are a chain; what fails is tried again with the next, or when reopened. */
async function sealFinished({ deps, state }: Writing): Promise<void> {
  for (let segment = state.unsealed[0]; segment !== undefined; segment = state.unsealed[0]) {
    const { path, count } = segment
    try {
      const { sha256 } = await writeSeal(deps.disk, path, sealOf(segment, state.lastSealSha256))
      state.lastSealSha256 = sha256
      state.unsealed.shift()
      deps.logger.info('sealed a journal segment', { path, seal: sha256, records: count })
    } catch (fault) {
      deps.logger.warning('could not seal a journal segment yet', { path, reason: String(fault) })
      return
    }
  }
}

const NOTHING = new Uint8Array(0)

function sealOf(segment: OpenSegment, prevSealSha256: string | null): Seal {
  return {
    epoch: segment.epoch,
    firstSeq: segment.firstSeq,
    lastSeq: segment.last?.seq ?? 0,
    firstTs: segment.firstTs,
    lastTs: segment.lastTs,
    count: segment.count,
    bytes: segment.committed,
    sha256: segment.hash.copy().digest('hex'),
    lastCrc: segment.last?.crc ?? 0,
    prevSealSha256,
    damage: null,
  }
}

function freePath(folder: string, epoch: number, firstSeq: number, taken: ReadonlySet<string>): string {
  for (let part = 1; ; part += 1) {
    const path = segmentPath(folder, { epoch, firstSeq, part })
    if (!taken.has(path)) return path
  }
}
