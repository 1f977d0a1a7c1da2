import { OpError } from '../kernel/errors.ts'
import type { JournalRecord, Position } from '../ports/journal.ts'
import { decodeEntry } from './entry-codec.ts'
import type { Line } from './line-format.ts'
import {
  planSegment,
  type ReadableSegment,
  type ReportDamage,
  readHeader,
  samePosition,
  segmentLines,
} from './segment-reader.ts'

/** Where the record behind one stands in its file: reading resumes there without a search. */
export interface Place {
  readonly path: string
  readonly offset: number
}

export interface StoredRecord {
  readonly record: JournalRecord
  readonly place: Place
  /** Bytes of its line. */
  readonly bytes: number
}

export interface ReadFrom {
  /** The last record that the reader has, null = none. */
  readonly position: Position | null
  /** Where the next one stands, null = to be found. */
  readonly place: Place | null
}

export interface ReadReport {
  readonly damage: ReportDamage
  /** A record of a kind, or with a content, that this version does not know. */
  readonly unknown: (position: Position) => void
}

const MAX_RECORDS = 500

/**
 * Records of `segments` (oldest first) after `from`, in non-empty arrays of at most 500 records and about 256 KiB of
 * lines (one record may be longer). Damage is reported and passed over; a position that is not there throws
 * `journal_corrupt`, unless it lies in a damaged stretch: then reading goes on behind that.
 */
export async function* readRecords(
  segments: readonly ReadableSegment[],
  from: ReadFrom,
  report: ReadReport,
): AsyncGenerator<readonly StoredRecord[]> {
  const start = await beginning(segments, from)
  const seek = createSeek(start.wanted)
  const damage: ReportDamage = (path, fault) => {
    seek.damaged()
    report.damage(path, fault)
  }
  for (let { at } = start; at < segments.length; at += 1) {
    const segment = segments[at]
    if (segment === undefined) break
    const planned = await planSegment(segment, segments.slice(at + 1), damage)
    if (planned === null) continue
    const resumed = from.place?.path === segment.path
    const plan = resumed ? { ...planned, offset: from.place.offset, seed: from.position?.crc ?? planned.seed } : planned
    for await (const lines of segmentLines(segment, plan, damage))
      yield* decoded(segment, seek.rest(segment.epoch, lines), report)
  }
  seek.end()
}

interface Beginning {
  readonly at: number
  /** The record behind which reading begins, null = with the first that is read. */
  readonly wanted: Position | null
}

/**
 * Where reading begins. A segment that continues the record which the reader has is read from its first line, and those
 * before it are not opened: they may be long, or encrypted with a key that is not there.
 */
async function beginning(segments: readonly ReadableSegment[], from: ReadFrom): Promise<Beginning> {
  const first = firstSegment(segments, from)
  const { position, place } = from
  if (place !== null || position === null) return { at: first, wanted: null }
  for (let at = first + 1; at < segments.length; at += 1) {
    const previous = await continuedBy(segments[at])
    if (previous === null) continue
    if (samePosition(previous, position)) return { at, wanted: null }
    if (isBeyond(previous, position)) break
  }
  return { at: first, wanted: position }
}

/** The record that a segment continues; null when that cannot be told. */
async function continuedBy(segment: ReadableSegment | undefined): Promise<Position | null> {
  if (segment === undefined || segment.committed === 0) return null
  try {
    const found = await readHeader(segment)
    return 'header' in found ? found.header.previous : null
  } catch (fault) {
    if (fault instanceof OpError && fault.code === 'data_locked') return null
    throw fault
  }
}

function isBeyond(reached: Position, position: Position): boolean {
  return reached.epoch > position.epoch || (reached.epoch === position.epoch && reached.seq > position.seq)
}

/** The segment in which the record after `from` is looked for first. */
function firstSegment(segments: readonly ReadableSegment[], from: ReadFrom): number {
  const { position, place } = from
  if (place !== null)
    return indexOrThrow(
      segments.findIndex((segment) => segment.path === place.path),
      position,
    )
  if (position === null) return 0
  // Segments of one epoch may share a first number, and the record may be the last of the one before them.
  const before = segments.findLastIndex((one) => one.epoch === position.epoch && one.firstSeq < position.seq)
  if (before >= 0) return before
  return indexOrThrow(
    segments.findIndex((segment) => segment.epoch === position.epoch),
    position,
  )
}

function indexOrThrow(index: number, position: Position | null): number {
  if (index < 0) throw notInRecord(position)
  return index
}

interface Seek {
  /** Of these lines, those after the position that is looked for. */
  rest(epoch: number, lines: readonly Line[]): readonly Line[]
  damaged(): void
  /** There are no more lines. */
  end(): void
}

function createSeek(wanted: Position | null): Seek {
  let found = wanted === null
  let sawDamage = false
  return {
    rest(epoch, lines) {
      if (found || wanted === null) return lines
      const passed = (line: Line) => epoch > wanted.epoch || line.seq > wanted.seq
      const at = lines.findIndex((line) => (line.seq === wanted.seq && line.crc === wanted.crc) || passed(line))
      const line = lines[at]
      if (line === undefined) return []
      found = true
      if (!passed(line)) return lines.slice(at + 1)
      if (!sawDamage) throw notInRecord(wanted)
      return lines.slice(at)
    },
    damaged() {
      sawDamage = true
    },
    end() {
      if (!found && !sawDamage) throw notInRecord(wanted)
    },
  }
}

function notInRecord(position: Position | null): OpError {
  const name = position === null ? 'its beginning' : `${position.epoch}-${position.seq} (${position.crc.toString(16)})`
  return new OpError('journal_corrupt', {
    path: position === null ? '' : String(position.epoch),
    offset: 0,
    reason: `record ${name} is not in it`,
  })
}

function* decoded(
  segment: ReadableSegment,
  lines: readonly Line[],
  report: ReadReport,
): Generator<readonly StoredRecord[]> {
  let records: StoredRecord[] = []
  for (const line of lines) {
    const position = { epoch: segment.epoch, seq: line.seq, crc: line.crc }
    const entry = decodeEntry(line.body)
    if (entry === null) report.unknown(position)
    else
      records.push({
        record: { position, entry, legs: null },
        place: { path: segment.path, offset: line.end },
        bytes: line.body.length,
      })
    if (records.length < MAX_RECORDS) continue
    yield records
    records = []
  }
  if (records.length > 0) yield records
}
