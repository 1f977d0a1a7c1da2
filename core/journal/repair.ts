import { existsSync } from 'node:fs'
import { type FileHandle, open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { GapEntry } from '../domain/journal-entry.ts'
import type { Logger } from '../kernel/logger.ts'
import type { FileCipher } from '../ports/file-cipher.ts'
import type { Position } from '../ports/journal.ts'
import { type Disk, replaceFile } from './disk.ts'
import { examineSegment } from './examine.ts'
import { readSeal, type StoredSeal, writeSeal } from './seal.ts'
import { listEpochs, listSegments, type SegmentFile, sealPath } from './segment-name.ts'

/** What an earlier writer left, made sound. */
export interface RepairedRecord {
  /** Highest epoch that exists, 0 = none. */
  readonly epoch: number
  /** The last readable record, null = none. */
  readonly last: Position | null
  readonly lastTs: number | null
  readonly lastSealSha256: string | null
  /** Stretches that were found unreadable now for the first time. */
  readonly lost: readonly Pick<GapEntry, 'from' | 'to'>[]
}

export interface RepairDeps {
  readonly disk: Disk
  readonly logger: Logger
  /** Opens segments that are encrypted, where one has lost its seal. */
  readonly cipher: FileCipher | null
}

/**
 * Cuts the torn end of the newest segment (a copy stays as `.torn`) and seals what has no seal. Damage elsewhere is
 * never touched: it is named in the seal, in the log and in `lost`. The caller holds the folder's lock.
 */
export async function repairRecord(deps: RepairDeps, folder: string): Promise<RepairedRecord> {
  const epochs = await listEpochs(folder)
  const newest = epochs.at(-1)
  if (newest === undefined) return { epoch: 0, last: null, lastTs: null, lastSealSha256: null, lost: [] }
  await repairTail(deps, folder, newest)
  const segments: SegmentFile[] = []
  for (const epoch of epochs) segments.push(...(await listSegments(folder, epoch)))
  const { lost, sealed } = await sealUnsealed(deps, segments)
  const last = await lastRecord(deps, segments, sealed)
  return { epoch: newest, ...last, lost }
}

/** Only the end of the last segment can be torn by a crash; one without a whole header holds nothing at all. */
async function repairTail(deps: RepairDeps, folder: string, epoch: number): Promise<void> {
  for (;;) {
    const segment = (await listSegments(folder, epoch)).at(-1)
    // What is compressed was sealed once, whatever became of the seal.
    if (segment === undefined || !segment.raw || existsSync(sealPath(segment.path))) return
    if ((await tornBytes(segment.path)) !== 'all') {
      await cutTornTail(deps, segment.path)
      return
    }
    const kept = await freeName(`${segment.path}.torn`)
    await rename(segment.path, kept)
    await deps.disk.syncFolder(dirname(segment.path))
    deps.logger.warning('set aside a journal segment that was never begun', { path: kept })
  }
}

/** Whether a file has whole lines at all. */
async function tornBytes(path: string): Promise<'all' | 'end'> {
  const handle = await open(path, 'r')
  try {
    return (await tailStart(handle)) === 0 ? 'all' : 'end'
  } finally {
    await handle.close()
  }
}

/** Copies the incomplete last line of `path` to `<path>.torn` and cuts it off; nothing when the last line is whole. */
async function cutTornTail(deps: RepairDeps, path: string): Promise<void> {
  const handle = await open(path, 'r+')
  try {
    const { size } = await handle.stat()
    const start = await tailStart(handle)
    if (start === size) return
    const tail = Buffer.alloc(size - start)
    await handle.read(tail, 0, tail.length, start)
    const kept = await freeName(`${path}.torn`)
    await replaceFile(deps.disk, kept, tail)
    await handle.truncate(start)
    await handle.sync()
    deps.logger.warning('cut an incomplete line off the journal', { path, offset: start, bytes: tail.length, kept })
  } finally {
    await handle.close()
  }
}

const BLOCK_BYTES = 64 * 1024

/** Offset behind the last newline. */
async function tailStart(handle: FileHandle): Promise<number> {
  const { size } = await handle.stat()
  const block = Buffer.alloc(BLOCK_BYTES)
  for (let end = size; end > 0; end -= BLOCK_BYTES) {
    const start = Math.max(0, end - BLOCK_BYTES)
    const { bytesRead } = await handle.read(block, 0, end - start, start)
    const newline = block.subarray(0, bytesRead).lastIndexOf(0x0a)
    if (newline >= 0) return start + newline + 1
  }
  return 0
}

async function freeName(path: string): Promise<string> {
  let name = path
  for (let tried = 2; existsSync(name); tried += 1) name = `${path}_${tried}`
  return name
}

interface Sealed {
  readonly lost: Pick<GapEntry, 'from' | 'to'>[]
  readonly sealed: ReadonlyMap<string, StoredSeal>
}

async function sealUnsealed(deps: RepairDeps, segments: readonly SegmentFile[]): Promise<Sealed> {
  const lost: Pick<GapEntry, 'from' | 'to'>[] = []
  const sealed = new Map<string, StoredSeal>()
  let previous: StoredSeal | null = null
  for (const [at, segment] of segments.entries()) {
    if (existsSync(sealPath(segment.path))) continue
    const before = segments[at - 1]
    previous = before === undefined ? null : (sealed.get(before.path) ?? (await readSeal(before.path)))
    const found = await examineSegment(segment, segments.slice(at + 1), deps)
    if (found.lost !== null) lost.push(found.lost)
    if (found.seal.damage !== null)
      deps.logger.error('a journal segment is damaged; records behind the damage are not readable', {
        code: 'journal_corrupt',
        path: segment.path,
        ...found.seal.damage,
      })
    const seal = { ...found.seal, prevSealSha256: previous?.sha256 ?? null }
    sealed.set(segment.path, await writeSeal(deps.disk, segment.path, seal))
  }
  return { lost, sealed }
}

type Last = Pick<RepairedRecord, 'last' | 'lastTs' | 'lastSealSha256'>

/** From the seals, newest first, until one of a segment that has records. */
async function lastRecord(
  deps: RepairDeps,
  segments: readonly SegmentFile[],
  sealed: ReadonlyMap<string, StoredSeal>,
): Promise<Last> {
  let lastSealSha256: string | null = null
  for (let at = segments.length - 1; at >= 0; at -= 1) {
    const segment = segments[at]
    if (segment === undefined) break
    const stored = sealed.get(segment.path) ?? (await readSeal(segment.path))
    lastSealSha256 ??= stored?.sha256 ?? null
    const seal = stored?.seal ?? (await examineUnderBadSeal(deps, segment, segments.slice(at + 1)))
    if (seal.count > 0) {
      const last = { epoch: segment.epoch, seq: seal.lastSeq, crc: seal.lastCrc }
      return { last, lastTs: seal.lastTs, lastSealSha256 }
    }
  }
  return { last: null, lastTs: null, lastSealSha256 }
}

async function examineUnderBadSeal(deps: RepairDeps, segment: SegmentFile, later: readonly SegmentFile[]) {
  deps.logger.error('a journal seal is damaged', { code: 'journal_corrupt', path: sealPath(segment.path) })
  return (await examineSegment(segment, later, deps)).seal
}
