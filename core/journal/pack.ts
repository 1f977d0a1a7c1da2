import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { OpError } from '../kernel/errors.ts'
import { type Disk, writeAll } from './disk.ts'
import { MEMBER_BYTES, packMember, readMembers, unpackMember } from './packed-segment.ts'
import { readSeal } from './seal.ts'
import { openFile } from './segment-bytes.ts'
import { packedPath, sealPath } from './segment-name.ts'

/** `unsound`: damaged, it stays as it is for whoever looks into the damage. */
export type Packed = 'packed' | 'not_sealed' | 'unsound'

/**
 * Compresses the sealed segment at `path`, and removes the raw file once the compressed one is on the medium and was
 * seen to give every byte back. Killed at any point, the raw file or a verified `.gz` is there; calling it again
 * completes it. Throws what the disk says, and `journal_corrupt` when the copy differs.
 */
export async function packSegment(disk: Disk, path: string, level: number, signal: AbortSignal): Promise<Packed> {
  if (!existsSync(sealPath(path))) return 'not_sealed'
  const seal = (await readSeal(path))?.seal ?? null
  if (seal === null || seal.damage !== null) return 'unsound'
  const target = packedPath(path)
  const temporary = `${target}.tmp`
  await disk.remove(temporary)
  try {
    const raw = await writePacked({ disk, path, temporary, level, signal }, seal.bytes)
    if (raw.sealed !== seal.sha256) return 'unsound'
    if ((await hashOfPacked(temporary)) !== raw.whole)
      throw new OpError('journal_corrupt', { path: temporary, offset: 0, reason: 'it does not give back what went in' })
    await disk.rename(temporary, target)
  } finally {
    await disk.remove(temporary)
  }
  await disk.syncFolder(dirname(path))
  await disk.remove(path)
  await disk.syncFolder(dirname(path))
  return 'packed'
}

interface Packing {
  readonly disk: Disk
  readonly path: string
  readonly temporary: string
  readonly level: number
  readonly signal: AbortSignal
}

/** Writes the members; returns sha256 of the whole raw file, and of the part that the seal covers. */
async function writePacked(packing: Packing, sealedBytes: number): Promise<{ whole: string; sealed: string }> {
  const { disk, path, temporary, level, signal } = packing
  const whole = createHash('sha256')
  const sealed = createHash('sha256')
  const raw = await open(path, 'r')
  try {
    const file = await disk.create(temporary)
    try {
      const chunk = Buffer.alloc(MEMBER_BYTES)
      for (let position = 0, written = 0; ; position += MEMBER_BYTES) {
        signal.throwIfAborted()
        const { bytesRead } = await raw.read(chunk, 0, MEMBER_BYTES, position)
        if (bytesRead === 0) break
        const part = chunk.subarray(0, bytesRead)
        whole.update(part)
        sealed.update(part.subarray(0, Math.max(0, sealedBytes - position)))
        const member = await packMember(part, level)
        await writeAll(file, member, written)
        written += member.length
      }
      await file.sync()
    } finally {
      await file.close()
    }
  } finally {
    await raw.close()
  }
  return { whole: whole.digest('hex'), sealed: sealed.digest('hex') }
}

/** sha256 of what the members give back; null when one is damaged. Read from the disk, not from what was in memory. */
async function hashOfPacked(path: string): Promise<string | null> {
  const hash = createHash('sha256')
  const file = await openFile(path)
  try {
    const { members, whole } = await readMembers(file)
    for (const { offset, length } of members) {
      const raw = await unpackMember(await file.read(offset, length))
      if (raw === null) return null
      hash.update(raw)
    }
    return whole ? hash.digest('hex') : null
  } finally {
    await file.close()
  }
}
