import { stat } from 'node:fs/promises'
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
  /** The last record that counts when a later segment says so, else null. */
  readonly cut: Position | null
  /** Whether the cut must be in this segment: not when one between the two cannot be read. */
  readonly cutIsHere: boolean
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
export async function readHeader(path: string): Promise<FoundHeader | LineFault> {
  const reader = await openLines(path, { offset: 0, seed: 0 }, HEADER_BYTES)
  try {
    // Lines behind the header chain from its content: only the first is sound from seed 0.
    const [line] = (await reader.read()) ?? []
    if (line === undefined) {
      const torn = reader.fault()?.torn !== false && (await stat(path)).size < HEADER_BYTES
      return { ...(reader.fault() ?? NO_HEADER), torn }
    }
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
 * Which records of `segment` count, given those after it. A segment whose writer met an error ends where the next
 * one takes over. Null when it adds nothing, be it for damage, which is reported.
 */
export async function planSegment(
  segment: ReadableSegment,
  later: readonly ReadableSegment[],
  report: ReportDamage,
): Promise<SegmentPlan | null> {
  if (segment.committed === 0) return null
  const found = await readHeader(segment.path)
  if (!('header' in found)) {
    if (!found.torn) report(segment.path, found)
    return null
  }
  const { previous } = found.header
  const start = { offset: found.end, seed: previous?.crc ?? 0 }
  if (segment.committed !== null) return { ...start, limit: segment.committed, cut: null, cutIsHere: false }
  const successor = await findSuccessor(later)
  const whole = { ...start, limit: Number.POSITIVE_INFINITY, cut: null, cutIsHere: false }
  if (successor === null) return whole
  if (samePosition(successor.previous, previous)) return null
  if (successor.previous?.epoch !== segment.epoch) return whole
  return { ...whole, cut: successor.previous, cutIsHere: successor.isNext }
}

interface Successor {
  readonly previous: Position | null
  /** No segment between whose content is unknown. */
  readonly isNext: boolean
}

/** Attempts that failed within their header hold nothing; damaged ones hide which records they hold. */
async function findSuccessor(later: readonly ReadableSegment[]): Promise<Successor | null> {
  let isNext = true
  for (const { path, committed } of later) {
    if (committed === 0) continue
    const found = await readHeader(path)
    if ('header' in found) return { previous: found.header.previous, isNext }
    isNext &&= found.torn
  }
  return null
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
    const fault = reader.fault() ?? (plan.cutIsHere ? { offset: end, reason: RECORDS_MISSING, torn: false } : null)
    if (fault !== null) report(segment.path, fault)
    else if (plan.limit !== Number.POSITIVE_INFINITY && end < plan.limit)
      report(segment.path, { offset: end, reason: RECORDS_MISSING, torn: false })
  } finally {
    await reader.close()
  }
}

const RECORDS_MISSING = 'records are missing at its end'
