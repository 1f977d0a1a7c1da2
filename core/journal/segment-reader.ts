import type { FinishedFiles } from '../ports/finished-files.ts'
import type { Position } from '../ports/journal.ts'
import type { Line } from './line-format.ts'
import { type LineFault, type LineStart, openLines, type Readable } from './line-reader.ts'
import { DamagedPart, openSegmentBytes, type SegmentBytes } from './segment-bytes.ts'
import { decodeHeader, type SegmentHeader } from './segment-header.ts'

/** A segment and how much of it may be read: `committed` bytes while its writer lives, null = to its end. */
export interface SegmentExtent {
  readonly epoch: number
  readonly firstSeq: number
  readonly path: string
  readonly committed: number | null
}

export interface ReadableSegment extends SegmentExtent {
  open(): Promise<SegmentBytes>
}

export function readableSegment(segment: SegmentExtent, files: FinishedFiles): ReadableSegment {
  return { ...segment, open: () => openSegmentBytes(segment.path, files) }
}

/** Told of what cannot be read; reading goes on behind it. */
export type ReportDamage = (path: string, fault: LineFault) => void

/** Which bytes of a segment count. */
export interface SegmentPlan extends LineStart {
  readonly limit: number
  /** The last record that counts when a later segment names it, else null. */
  readonly last: LastRecord | null
}

interface LastRecord {
  readonly position: Position
  /** Whether what follows it is superseded: within an epoch. The next epoch begins behind all that was readable. */
  readonly ends: boolean
  /** Whether it must be in this segment: not when one between the two cannot be read. */
  readonly isHere: boolean
}

export function samePosition(a: Position | null, b: Position | null): boolean {
  if (a === null || b === null) return a === b
  return a.epoch === b.epoch && a.seq === b.seq && a.crc === b.crc
}

export interface FoundHeader {
  readonly header: SegmentHeader
  /** Offset of the first record. */
  readonly end: number
}

/** The header of a segment, or why there is none; `torn` when the file ends within it, so that nothing else is in it. */
export async function readHeader(segment: Readable): Promise<FoundHeader | LineFault> {
  const reader = await openLines(segment, { offset: 0, seed: 0 }, HEADER_BYTES)
  try {
    // Lines behind the header chain from its content: only the first is sound from seed 0.
    const [line] = (await reader.read()) ?? []
    if (line === undefined) {
      const torn = reader.fault()?.torn !== false && (await sizeOf(segment)) < HEADER_BYTES
      return { ...(reader.fault() ?? NO_HEADER), torn }
    }
    const header = decodeHeader(line)
    return header === null ? NO_HEADER : { header, end: line.end }
  } finally {
    await reader.close()
  }
}

async function sizeOf(segment: Readable): Promise<number> {
  const bytes = await segment.open()
  try {
    return await bytes.size()
  } catch (fault) {
    // Damaged is not short.
    if (fault instanceof DamagedPart) return Number.POSITIVE_INFINITY
    throw fault
  } finally {
    await bytes.close()
  }
}

/** A header is far shorter; what follows in these bytes is not looked at. */
const HEADER_BYTES = 4096
const NO_HEADER: LineFault = { offset: 0, reason: 'it has no header that this version reads', torn: false }

/**
 * Which records of `segment` count, given those after it. A segment whose writer met an error ends where the next
 * one takes over. Null when it adds nothing, be it for damage, which is reported.
 */
export async function planSegment(
  segment: ReadableSegment,
  later: readonly ReadableSegment[],
  report: ReportDamage,
): Promise<SegmentPlan | null> {
  if (segment.committed === 0) return null
  const found = await readHeader(segment)
  if (!('header' in found)) {
    if (!found.torn) report(segment.path, found)
    return null
  }
  const { previous } = found.header
  const start = { offset: found.end, seed: previous?.crc ?? 0 }
  if (segment.committed !== null) return { ...start, limit: segment.committed, last: null }
  const whole = { ...start, limit: Number.POSITIVE_INFINITY, last: null }
  const successor = await findSuccessor(later)
  if (successor === null) return whole
  const ends = successor.header.epoch === segment.epoch
  const position = successor.header.previous
  if (samePosition(position, previous)) return ends ? null : whole
  if (position?.epoch !== segment.epoch) return whole
  return { ...whole, last: { position, ends, isHere: successor.isNext } }
}

interface Successor {
  readonly header: SegmentHeader
  /** No segment between whose content is unknown. */
  readonly isNext: boolean
}

/** Attempts that failed within their header hold nothing; damaged ones hide which records they hold. */
async function findSuccessor(later: readonly ReadableSegment[]): Promise<Successor | null> {
  let isNext = true
  for (const segment of later) {
    if (segment.committed === 0) continue
    const found = await readHeader(segment)
    if ('header' in found) return { header: found.header, isNext }
    isNext &&= found.torn
  }
  return null
}

/** Verified lines of one segment, up to where its plan ends. */
export async function* segmentLines(
  segment: Readable,
  plan: SegmentPlan,
  report: ReportDamage,
): AsyncGenerator<readonly Line[]> {
  const { last, limit } = plan
  const reader = await openLines(segment, plan, limit)
  let end = plan.offset
  let owed = last?.isHere === true
  try {
    for (let lines = await reader.read(); lines !== null; lines = await reader.read()) {
      const found = lastOf(lines, last)
      yield found !== null && last?.ends ? lines.slice(0, found + 1) : lines
      if (found !== null && last?.ends) return
      owed &&= found === null
      end = lines.at(-1)?.end ?? end
    }
    const fault = reader.fault() ?? shortage(end, owed || (Number.isFinite(limit) && end < limit))
    if (fault !== null) report(segment.path, fault)
  } finally {
    await reader.close()
  }
}

/** Index of the plan's last record, null when it is not among these. */
function lastOf(lines: readonly Line[], last: LastRecord | null): number | null {
  if (last === null) return null
  const { seq, crc } = last.position
  const at = lines.findIndex((line) => line.seq === seq && line.crc === crc)
  return at < 0 ? null : at
}

function shortage(offset: number, isShort: boolean): LineFault | null {
  return isShort ? { offset, reason: 'records are missing at its end', torn: false } : null
}
