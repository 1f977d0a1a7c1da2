import { type FileHandle, open } from 'node:fs/promises'
import { MEMBER_BYTES, readMembers, unpackMember } from './packed-segment.ts'
import { packedPath } from './segment-name.ts'

/** A compressed part that is not what was written. */
export class DamagedPart extends Error {}

/** The raw bytes of a segment, whether it lies there as `.log` or, finished, as `.log.gz`. */
export interface SegmentBytes {
  /** Length of the raw file; throws DamagedPart when its last part is damaged. */
  size(): Promise<number>
  /** Copies at most `length` raw bytes from `position` on; 0 at the end. Throws DamagedPart. */
  read(target: Uint8Array, offset: number, length: number, position: number): Promise<number>
  close(): Promise<void>
}

/** Opens the segment of that `.log` path. The raw file wins where both are there: it goes last. */
export async function openSegmentBytes(path: string): Promise<SegmentBytes> {
  try {
    return rawBytes(await open(path, 'r'))
  } catch (fault) {
    if (!isAbsent(fault)) throw fault
    const packed = await open(packedPath(path), 'r').catch((second: unknown) => {
      // Neither is there: the segment is missed under its own name.
      throw isAbsent(second) ? fault : second
    })
    return packedBytes(packed)
  }
}

function isAbsent(fault: unknown): boolean {
  return fault instanceof Error && 'code' in fault && fault.code === 'ENOENT'
}

function rawBytes(handle: FileHandle): SegmentBytes {
  return {
    size: async () => (await handle.stat()).size,
    read: async (target, offset, length, position) => (await handle.read(target, offset, length, position)).bytesRead,
    close: () => handle.close(),
  }
}

/** Every member but the last holds MEMBER_BYTES; the newest inflated one is kept, since readers go forward. */
async function packedBytes(handle: FileHandle): Promise<SegmentBytes> {
  const { members, whole } = await readMembers(handle, (await handle.stat()).size)
  let kept: { readonly at: number; readonly raw: Buffer } | null = null
  const rawOf = async (at: number): Promise<Buffer> => {
    if (kept?.at === at) return kept.raw
    const member = members[at]
    if (member === undefined) return Buffer.alloc(0)
    const packed = Buffer.alloc(member.length)
    await handle.read(packed, 0, member.length, member.offset)
    const raw = await unpackMember(packed)
    if (raw === null || (at < members.length - 1 && raw.length !== MEMBER_BYTES))
      throw new DamagedPart(`its compressed part at byte ${member.offset} is damaged`)
    kept = { at, raw }
    return raw
  }
  return {
    async size() {
      const last = members.length - 1
      return last < 0 ? 0 : last * MEMBER_BYTES + (await rawOf(last)).length
    },
    async read(target, offset, length, position) {
      const at = Math.floor(position / MEMBER_BYTES)
      if (at >= members.length && !whole) throw new DamagedPart('its compressed file is cut or damaged')
      const raw = await rawOf(at)
      const from = position - at * MEMBER_BYTES
      return raw.copy(target, offset, from, Math.min(raw.length, from + length))
    },
    close: () => handle.close(),
  }
}
