import { existsSync } from 'node:fs'
import { open } from 'node:fs/promises'
import type { FileReader, OpenFileReader } from '../ports/file-reader.ts'
import { MEMBER_BYTES, readMembers, unpackMember } from './packed-segment.ts'
import { packedPath, sealPath } from './segment-name.ts'

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

/** The segment's `.log` path, and how its file is opened once nobody writes it any more (default: `openFile`). */
export interface SegmentPlace {
  readonly path: string
  readonly openFinished?: OpenFileReader | undefined
}

/** The raw file wins where both are there: it goes last. */
export async function openSegmentBytes({ path, openFinished = openFile }: SegmentPlace): Promise<SegmentBytes> {
  try {
    return rawBytes(await (existsSync(sealPath(path)) ? openFinished : openFile)(path))
  } catch (fault) {
    if (!isAbsent(fault)) throw fault
    const packed = await openFinished(packedPath(path)).catch((second: unknown) => {
      // Neither is there: the segment is missed under its own name.
      throw isAbsent(second) ? fault : second
    })
    return packedBytes(packed)
  }
}

function isAbsent(fault: unknown): boolean {
  return fault instanceof Error && 'code' in fault && fault.code === 'ENOENT'
}

/** Reads any file, of the length that it had when it was opened. */
export const openFile: OpenFileReader = async (path) => {
  const handle = await open(path, 'r')
  const { size } = await handle.stat()
  return {
    size,
    async read(position, length) {
      const wanted = Math.max(0, Math.min(length, size - position))
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafeSlow(wanted), 0, wanted, position)
      return buffer.subarray(0, bytesRead)
    },
    close: () => handle.close(),
  }
}

function rawBytes(file: FileReader): SegmentBytes {
  return {
    size: async () => file.size,
    async read(target, offset, length, position) {
      const bytes = await file.read(position, length)
      target.set(bytes, offset)
      return bytes.length
    },
    close: () => file.close(),
  }
}

/** Every member but the last holds MEMBER_BYTES; the newest inflated one is kept, since readers go forward. */
async function packedBytes(file: FileReader): Promise<SegmentBytes> {
  const { members, whole } = await readMembers(file)
  let kept: { readonly at: number; readonly raw: Buffer } | null = null
  const rawOf = async (at: number): Promise<Buffer> => {
    if (kept?.at === at) return kept.raw
    const member = members[at]
    if (member === undefined) return Buffer.alloc(0)
    const raw = await unpackMember(await file.read(member.offset, member.length))
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
    close: () => file.close(),
  }
}
