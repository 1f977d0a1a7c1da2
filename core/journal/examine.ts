import { createHash, type Hash } from 'node:crypto'
import type { GapEntry } from '../domain/journal-entry.ts'
import type { FinishedFiles } from '../ports/finished-files.ts'
import { entryTs } from './entry-codec.ts'
import type { Line } from './line-format.ts'
import type { LineFault } from './line-reader.ts'
import type { Seal } from './seal.ts'
import { DamagedPart, type SegmentBytes } from './segment-bytes.ts'
import type { SegmentFile } from './segment-name.ts'
import { planSegment, type ReadableSegment, readableSegment, readHeader, segmentLines } from './segment-reader.ts'

export interface Examined {
  /** Its seal, but for the link to the one before. */
  readonly seal: Seal
  /** Market times around what cannot be read, null when all can. */
  readonly lost: Pick<GapEntry, 'from' | 'to'> | null
}

/** Reads a segment that nobody writes any more, as readers do, and says what it holds. */
export async function examineSegment(
  segment: SegmentFile,
  later: readonly SegmentFile[],
  files: FinishedFiles,
): Promise<Examined> {
  const faults: LineFault[] = []
  const keep = (_path: string, fault: LineFault) => {
    faults.push(fault)
  }
  const readable = readableSegment({ ...segment, committed: null }, files)
  const plan = await planSegment(
    readable,
    later.map((one) => readableSegment({ ...one, committed: null }, files)),
    keep,
  )
  const content = plan === null ? EMPTY : await contentOf(readable, plan, keep)
  return summarise(readable, content, faults[0] ?? null)
}

interface Content {
  readonly first: Line | null
  readonly last: Line | null
  readonly count: number
}

const EMPTY: Content = { first: null, last: null, count: 0 }

async function contentOf(
  segment: ReadableSegment,
  plan: Parameters<typeof segmentLines>[1],
  report: Parameters<typeof segmentLines>[2],
): Promise<Content> {
  let first: Line | null = null
  let last: Line | null = null
  let count = 0
  for await (const lines of segmentLines(segment, plan, report)) {
    first ??= lines[0] ?? null
    last = lines.at(-1) ?? last
    count += lines.length
  }
  return { first, last, count }
}

async function summarise(segment: ReadableSegment, content: Content, fault: LineFault | null): Promise<Examined> {
  const found = await readHeader(segment)
  const header = 'header' in found ? found : null
  const firstTs = content.first === null ? null : entryTs(content.first.body)
  const lastTs = content.last === null ? null : entryTs(content.last.body)
  // A damaged segment is kept, and sealed, as it is: to its last byte.
  const end = fault === null ? (content.last?.end ?? header?.end ?? 0) : Number.POSITIVE_INFINITY
  const hashed = await hashFile(segment, end)
  const from = lastTs ?? hashed.headTs
  const lost = fault === null || from === null ? null : { from, to: Math.max(from, hashed.tailTs ?? from) }
  const seal: Seal = {
    epoch: segment.epoch,
    firstSeq: segment.firstSeq,
    lastSeq: content.last?.seq ?? header?.header.previous?.seq ?? 0,
    firstTs,
    lastTs,
    count: content.count,
    bytes: hashed.bytes,
    sha256: hashed.sha256,
    lastCrc: content.last?.crc ?? header?.header.previous?.crc ?? 0,
    prevSealSha256: null,
    damage: fault === null ? null : { offset: fault.offset, reason: fault.reason },
  }
  return { seal, lost }
}

interface Hashed {
  readonly bytes: number
  readonly sha256: string
  /** Market times near its ends, unverified: only to say how far a damaged stretch reaches. */
  readonly headTs: number | null
  readonly tailTs: number | null
}

const CHUNK_BYTES = 1024 * 1024

async function hashFile(segment: ReadableSegment, end: number): Promise<Hashed> {
  const handle = await segment.open()
  try {
    const hash: Hash = createHash('sha256')
    const chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES)
    let bytes = 0
    let head = ''
    let tail = ''
    while (bytes < end) {
      const bytesRead = await readSound(handle, chunk, Math.min(CHUNK_BYTES, end - bytes), bytes)
      if (bytesRead === 0) break
      hash.update(chunk.subarray(0, bytesRead))
      tail = chunk.toString('latin1', 0, bytesRead)
      if (bytes === 0) head = tail
      bytes += bytesRead
    }
    return { bytes, sha256: hash.digest('hex'), headTs: times(head).at(0) ?? null, tailTs: times(tail).at(-1) ?? null }
  } finally {
    await handle.close()
  }
}

/** Bytes behind a damaged compressed part cannot be told: the file ends there. */
async function readSound(handle: SegmentBytes, chunk: Buffer, length: number, position: number): Promise<number> {
  try {
    return await handle.read(chunk, 0, length, position)
  } catch (fault) {
    if (fault instanceof DamagedPart) return 0
    throw fault
  }
}

function times(text: string): number[] {
  return [...text.matchAll(/"ts":(\d{1,15})/g)].map((match) => Number(match[1]))
}
