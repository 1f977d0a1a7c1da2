import { existsSync } from 'node:fs'
import { OpError } from '../kernel/errors.ts'
import { encryptedPath } from '../ports/file-cipher.ts'
import type { FinishedFiles } from '../ports/finished-files.ts'
import { examineSegment } from './examine.ts'
import { readSeal, type Seal, type StoredSeal } from './seal.ts'
import { listEpochs, listSegments, packedPath, type SegmentFile, sealPath } from './segment-name.ts'

/**
 * `sound`: as it was sealed. `gap`: it was sealed with damage, and a GAP record says what is missing. `open`: not sealed
 * yet. `damaged`: not what was sealed. `locked`: encrypted, and its key is not there.
 */
export type SegmentState = 'sound' | 'gap' | 'open' | 'damaged' | 'locked'

export interface VerifiedSegment {
  /** Of the segment as it lies there, or of its seal when that is what is damaged. */
  readonly path: string
  readonly of: 'segment' | 'seal'
  readonly state: SegmentState
  /** Why it is damaged. */
  readonly fault: string | null
}

/**
 * Holds the finished segments of the journal in `folder` against their seals, and the seals against each other, oldest
 * first; those that are not `wanted`, by their place from the oldest, are passed over. Reads only.
 */
export async function* verifySegments(
  folder: string,
  wanted: (place: number, path: string) => boolean,
  files: FinishedFiles,
): AsyncGenerator<VerifiedSegment> {
  let before: string | null = null
  let place = 0
  for await (const { segment, later } of segmentsIn(folder)) {
    const sealed = existsSync(sealPath(segment.path))
    const stored = sealed ? await readSeal(segment.path) : null
    if (wanted(place, pathOf(segment)))
      yield sealed ? await verifyOne({ segment, later, files }, stored, before) : unsealed(segment)
    if (sealed) before = stored?.sha256 ?? null
    place += 1
  }
}

/** Every segment, oldest first, with those of its epoch that follow. */
async function* segmentsIn(folder: string) {
  for (const epoch of existsSync(folder) ? await listEpochs(folder) : []) {
    const segments = await listSegments(folder, epoch)
    for (const [at, segment] of segments.entries()) yield { segment, later: segments.slice(at + 1) }
  }
}

function pathOf({ raw, packed, path }: SegmentFile): string {
  if (raw) return path
  return packed ? packedPath(path) : encryptedPath(packedPath(path))
}

function unsealed(segment: SegmentFile): VerifiedSegment {
  return { path: pathOf(segment), of: 'segment', state: 'open', fault: null }
}

interface Verifying {
  readonly segment: SegmentFile
  readonly later: readonly SegmentFile[]
  readonly files: FinishedFiles
}

/** `before`: sha256 of the seal before it; null = that one is not known. */
async function verifyOne(
  verifying: Verifying,
  stored: StoredSeal | null,
  before: string | null,
): Promise<VerifiedSegment> {
  const { segment } = verifying
  if (stored === null) return damagedSeal(segment, 'it cannot be read')
  if (before !== null && stored.seal.prevSealSha256 !== before)
    return damagedSeal(segment, 'the seal before it is another one')
  return { path: pathOf(segment), of: 'segment', ...(await compare(verifying, stored.seal)) }
}

function damagedSeal({ path }: SegmentFile, fault: string): VerifiedSegment {
  return { path: sealPath(path), of: 'seal', state: 'damaged', fault }
}

async function compare(
  { segment, later, files }: Verifying,
  seal: Seal,
): Promise<Pick<VerifiedSegment, 'state' | 'fault'>> {
  const examined = await examineSegment(segment, later, files).catch(whenLocked)
  if (examined === null) return { state: 'locked', fault: null }
  const found = examined.seal
  if (found.bytes !== seal.bytes || found.sha256 !== seal.sha256)
    return { state: 'damaged', fault: found.damage?.reason ?? 'its bytes are not those that were sealed' }
  return seal.damage === null ? { state: 'sound', fault: null } : { state: 'gap', fault: null }
}

function whenLocked(fault: unknown): null {
  if (fault instanceof OpError && fault.code === 'data_locked') return null
  throw fault
}
