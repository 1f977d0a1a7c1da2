import { createHash, type Hash } from 'node:crypto'
import { dirname } from 'node:path'
import type { Source } from '../domain/instrument.ts'
import type { JournalEntry } from '../domain/journal-entry.ts'
import type { Leg } from '../domain/leg.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Unsubscribe } from '../kernel/lifecycle.ts'
import type { Logger } from '../kernel/logger.ts'
import type { Position } from '../ports/journal.ts'
import { type Disk, type DiskFile, writeAll } from './disk.ts'
import type { EncodedLine } from './line-format.ts'
import { type Seal, writeSeal } from './seal.ts'
import { encodeHeader, SEGMENT_FORMAT } from './segment-header.ts'
import { segmentPath } from './segment-name.ts'
import type { ReadableSegment } from './segment-reader.ts'

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
  segments(): ReadableSegment[]
}

export interface SegmentWriterDeps {
  readonly clock: Clock
  readonly logger: Logger
  readonly disk: Disk
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

export function createSegmentWriter(deps: SegmentWriterDeps, options: SegmentWriterOptions): SegmentWriter {
  const { clock, logger, disk } = deps
  const { epoch } = options
  const written: OpenSegment[] = []
  const unsealed: OpenSegment[] = []
  const taken = new Set<string>()
  let current: OpenSegment | null = null
  let last = options.last
  let lastSealSha256 = options.lastSealSha256
  let cancelAge: Unsubscribe = () => {}
  let turn: Promise<unknown> = Promise.resolve()

  /** One operation at a time, whoever asks. */
  const inTurn = <T>(run: () => Promise<T>): Promise<T> => {
    const mine = turn.then(run)
    turn = mine.catch(() => {})
    return mine
  }

  async function begin(firstSeq: number): Promise<OpenSegment> {
    const path = freePath(options.folder, epoch, firstSeq, taken)
    const header = encodeHeader({
      kind: 'segment',
      format: SEGMENT_FORMAT,
      epoch,
      firstSeq,
      previous: last,
      previousSeal: lastSealSha256,
      source: options.source,
      createdAt: clock.wallNow(),
      fence: options.fence,
    })
    const file = await disk.create(path)
    taken.add(path)
    return {
      path,
      firstSeq,
      file,
      header: header.bytes,
      hash: createHash('sha256'),
      committed: 0,
      count: 0,
      firstTs: null,
      lastTs: null,
      last,
    }
  }

  async function attempt(group: readonly PendingRecord[]): Promise<Committed> {
    const segment = current ?? (await begin(group[0]?.line.seq ?? 0))
    const bytes = Buffer.concat([segment.header ?? NOTHING, ...group.map((one) => one.line.bytes)])
    try {
      await writeAll(segment.file, bytes, segment.committed)
      await segment.file.sync()
      if (current === null) await disk.syncFolder(dirname(segment.path))
    } catch (fault) {
      await abandon(segment)
      throw fault
    }
    const offset = segment.committed + (segment.header?.length ?? 0)
    if (current === null) {
      current = segment
      written.push(segment)
      cancelAge = clock.after(options.segmentMs, () => void inTurn(finish))
    }
    account(segment, bytes, group)
    last = segment.last
    return { path: segment.path, offset }
  }

  function account(segment: OpenSegment, bytes: Uint8Array, group: readonly PendingRecord[]): void {
    const end = group.at(-1)
    segment.header = null
    segment.hash.update(bytes)
    segment.committed += bytes.length
    segment.count += group.length
    segment.firstTs ??= group[0]?.entry.ts ?? null
    segment.lastTs = end?.entry.ts ?? segment.lastTs
    if (end !== undefined) segment.last = { epoch, seq: end.line.seq, crc: end.line.crc }
  }

  /** After a failed fsync the system may call lost pages clean: the file is never written or synced again (fsync(2)). */
  async function abandon(segment: OpenSegment): Promise<void> {
    if (segment === current) {
      current = null
      cancelAge()
      unsealed.push(segment)
    }
    try {
      await segment.file.close()
      // Nothing in it was acknowledged: everything will be written again.
      if (segment.committed > 0) return
      await disk.remove(segment.path)
      taken.delete(segment.path)
    } catch (fault) {
      logger.debug('could not clear away a failed journal segment', { path: segment.path, reason: String(fault) })
    }
  }

  async function commit(group: readonly PendingRecord[]): Promise<Committed> {
    const size = group.reduce((sum, one) => sum + one.line.bytes.length, 0)
    if (current !== null && current.committed + size > options.segmentBytes) await finish()
    try {
      return await attempt(group)
    } catch (fault) {
      logger.warning('a journal segment failed; its tail goes into a new one', { reason: String(fault) })
      return attempt(group)
    }
  }

  async function finish(): Promise<void> {
    if (current !== null) {
      const segment = current
      current = null
      cancelAge()
      unsealed.push(segment)
      // Its bytes are on the medium already; a failing close can take nothing back.
      await segment.file.close().catch((fault: unknown) => {
        logger.warning('could not close a journal segment', { path: segment.path, reason: String(fault) })
      })
    }
    await sealFinished()
  }

  /** In the order of writing, since seals are a chain; what fails is tried again with the next, or when reopened. */
  async function sealFinished(): Promise<void> {
    for (let segment = unsealed[0]; segment !== undefined; segment = unsealed[0]) {
      try {
        const stored = await writeSeal(disk, segment.path, sealOf(epoch, segment, lastSealSha256))
        lastSealSha256 = stored.sha256
        unsealed.shift()
        logger.info('sealed a journal segment', { path: segment.path, seal: stored.sha256, records: segment.count })
      } catch (fault) {
        logger.warning('could not seal a journal segment yet', { path: segment.path, reason: String(fault) })
        return
      }
    }
  }

  return {
    commit: (group) => inTurn(() => commit(group)),
    finish: () => inTurn(finish),
    segments: () => written.map(({ path, firstSeq, committed }) => ({ epoch, firstSeq, path, committed })),
  }
}

const NOTHING = new Uint8Array(0)

function sealOf(epoch: number, segment: OpenSegment, prevSealSha256: string | null): Seal {
  return {
    epoch,
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
