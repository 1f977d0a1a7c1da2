import { existsSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import type { Position } from '../ports/journal.ts'
import { type Disk, replaceFile } from './disk.ts'
import { parseJson } from './entry-codec.ts'
import { readSeal, type StoredSeal } from './seal.ts'
import { listEpochs, listSegments, packedPath, type SegmentFile, sealPath } from './segment-name.ts'

/** Which finished segments are no longer kept. */
export interface PruneLimit {
  /** Market time: a segment goes when its last record is not after it. */
  readonly untilTs: number
  /** The furthest record that every consumer has: a segment with later ones stays. */
  readonly taken: Position
}

export interface Pruned {
  readonly segments: number
  readonly bytes: number
  /** The last record that is gone; null = the record is whole. */
  readonly gone: Position | null
}

const positionSchema = z.object({ epoch: z.int(), seq: z.int(), crc: z.int() })
const prunedPath = (folder: string) => join(folder, 'pruned.json')

/** The last record that was removed on purpose: what comes before it is not missing. null = none was, or nobody knows. */
export async function readPruned(folder: string): Promise<Position | null> {
  if (!existsSync(prunedPath(folder))) return null
  const parsed = positionSchema.safeParse(parseJson(await readFile(prunedPath(folder))))
  return parsed.success ? parsed.data : null
}

/** Whether a position lies in what was removed. */
export function isPruned(position: Position | null, gone: Position | null): boolean {
  if (position === null || gone === null) return false
  return position.epoch < gone.epoch || (position.epoch === gone.epoch && position.seq <= gone.seq)
}

/**
 * Removes compressed segments from the oldest on, as far as the limit goes. Their seals stay, some 300 bytes each: the
 * chain can be followed back to the first record, and says what was in each segment that is gone. A damaged segment is
 * set aside as `<name>.damaged`. `onRemove` is told the path of each (of its raw file) before it goes. Which record is the last one gone is on the medium before anything is removed.
 */
export async function pruneSegments(
  disk: Disk,
  folder: string,
  limit: PruneLimit,
  onRemove: (path: string) => void = () => {},
): Promise<Pruned> {
  const going = await segmentsToGo(folder, limit)
  const last = going.findLast(({ stored }) => stored.seal.count > 0)?.stored.seal
  const before = await readPruned(folder)
  const gone = last === undefined ? before : { epoch: last.epoch, seq: last.lastSeq, crc: last.lastCrc }
  if (going.length === 0) return { segments: 0, bytes: 0, gone }
  if (gone !== null) await replaceFile(disk, prunedPath(folder), Buffer.from(`${JSON.stringify(gone)}\n`))
  let bytes = 0
  for (const { file, stored } of going) {
    const path = packedPath(file.path)
    bytes += (await stat(path)).size
    onRemove(file.path)
    if (stored.seal.damage === null) await disk.remove(path)
    else await disk.rename(path, `${path}.damaged`)
    await disk.syncFolder(dirname(path))
  }
  return { segments: going.length, bytes, gone }
}

interface Going {
  readonly file: SegmentFile
  readonly stored: StoredSeal
}

/** The newest segments stay in any case: they carry the numbers and the chain on. */
async function segmentsToGo(folder: string, { untilTs, taken }: PruneLimit): Promise<Going[]> {
  const segments: SegmentFile[] = []
  for (const epoch of await listEpochs(folder)) segments.push(...(await listSegments(folder, epoch)))
  const going: Going[] = []
  for (const file of segments.slice(0, -1)) {
    const stored = file.raw || !existsSync(sealPath(file.path)) ? null : await readSeal(file.path)
    if (stored === null || !isTaken(stored, taken) || (stored.seal.lastTs ?? 0) > untilTs) break
    going.push({ file, stored })
  }
  return going
}

function isTaken({ seal }: StoredSeal, taken: Position): boolean {
  return seal.epoch < taken.epoch || (seal.epoch === taken.epoch && seal.lastSeq < taken.seq)
}
