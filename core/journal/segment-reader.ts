import type { Position } from '../ports/journal.ts'
import type { Line } from './line-format.ts'
import { type LineFault, type LineStart, openLines } from './line-reader.ts'
import { decodeHeader, type SegmentHeader } from './segment-header.ts'

/** A segment and how much of it may be read: `committed` bytes while its writer lives, null = to its end. */
export interface ReadableSegment {
  readonly epoch: number
  readonly firstSeq: number
  readonly path: string
  readonly committed: number | null
}

/** Told of what cannot be read; reading goes on behind it. */
export type ReportDamage = (path: string, fault: LineFault) => void

/** Which bytes of a segment count. */
export interface SegmentPlan extends LineStart {
  readonly limit: number
  /** The last record that counts when the next segment says so, else null. */
  readonly cut: Position | null
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

/** The header of a segment, or why there is none. */
export async function readHeader(path: string): Promise<FoundHeader | LineFault> {
  const reader = await openLines(path, { offset: 0, seed: 0 }, HEADER_BYTES)
  try {
    // Lines behind the header chain from its content: only the first is sound from seed 0.
    const [line] = (await reader.read()) ?? []
    if (line === undefined) return { ...(reader.fault() ?? NO_HEADER), torn: false }
    const header = decodeHeader(line)
    return header === null ? NO_HEADER : { header, end: line.end }
  } finally {
    await reader.close()
  }
}

/** A header is far shorter; what follows in these bytes is not looked at. */
const HEADER_BYTES = 4096
const NO_HEADER: LineFault = { offset: 0, reason: 'it has no header that this version reads', torn: false }

/**
 * Which records of `segment` count, given the one after it. A segment whose writer met an error ends where the next
 * one takes over. Null when it adds nothing, damage included.
 */
export async function planSegment(
  segment: ReadableSegment,
  next: ReadableSegment | undefined,
  report: ReportDamage,
): Promise<SegmentPlan | null> {
  if (segment.committed === 0) return null
  const found = await readHeader(segment.path)
  if (!('header' in found)) {
    report(segment.path, found)
    return null
  }
  const { previous } = found.header
  const start = { offset: found.end, seed: previous?.crc ?? 0 }
  if (segment.committed !== null) return { ...start, limit: segment.committed, cut: null }
  const after = next === undefined ? null : await readHeader(next.path)
  if (after === null || !('header' in after)) return { ...start, limit: Number.POSITIVE_INFINITY, cut: null }
  if (samePosition(after.header.previous, previous)) return null
  const cut = after.header.previous?.epoch === segment.epoch ? after.header.previous : null
  return { ...start, limit: Number.POSITIVE_INFINITY, cut }
}

/** Verified lines of one segment, up to the cut of its plan. */
export async function* segmentLines(
  segment: Pick<ReadableSegment, 'path'>,
  plan: SegmentPlan,
  report: ReportDamage,
): AsyncGenerator<readonly Line[]> {
  const { cut } = plan
  const reader = await openLines(segment.path, plan, plan.limit)
  let end = plan.offset
  try {
    for (let lines = await reader.read(); lines !== null; lines = await reader.read()) {
      const last = cut === null ? -1 : lines.findIndex((line) => line.seq === cut.seq && line.crc === cut.crc)
      yield last < 0 ? lines : lines.slice(0, last + 1)
      if (last >= 0) return
      end = lines.at(-1)?.end ?? end
    }
    const fault = reader.fault() ?? (cut === null ? null : { offset: end, reason: RECORDS_MISSING, torn: false })
    if (fault !== null) report(segment.path, fault)
    else if (plan.limit !== Number.POSITIVE_INFINITY && end < plan.limit)
      report(segment.path, { offset: end, reason: RECORDS_MISSING, torn: false })
  } finally {
    await reader.close()
  }
}

const RECORDS_MISSING = 'records are missing at its end'
