import { existsSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { OpError, toOpError } from '../kernel/errors.ts'
import type { FileReader, OpenFileReader } from '../ports/file-reader.ts'
import type { FinishedFiles } from '../ports/finished-files.ts'
import { MEMBER_BYTES, readMembers, unpackMember } from './packed-segment.ts'
import { packedPath, sealPath } from './segment-name.ts'

/** A compressed part that is not what was written. */
export class DamagedPart extends Error {}

/** The raw bytes of a segment, whether it lies there as `.log` or, finished, as `.log.gz` or `.log.gz.enc`. */
export interface SegmentBytes {
  /** Length of the raw file; throws DamagedPart when its last part is damaged. */
  size(): Promise<number>
  /** Copies at most `length` raw bytes from `position` on; 0 at the end. Throws DamagedPart. */
  read(target: Uint8Array, offset: number, length: number, position: number): Promise<number>
  close(): Promise<void>
}

/**
 * Opens the segment of that `.log` path; as a finished file once nobody writes it any more. The raw file wins where others
 * are there too, then the compressed one: they go last. Throws `data_locked` when it is encrypted and its key is not
 * there.
 */
export async function openSegmentBytes(path: string, files: FinishedFiles): Promise<SegmentBytes> {
  const { cipher, openFinished = openFile } = files
  const raw = await ifPresent(() => (existsSync(sealPath(path)) ? openFinished : openFile)(path))
  if (raw !== null) return rawBytes(raw)
  const packed = await ifPresent(() => openFinished(packedPath(path)))
  if (packed !== null) return packedBytes(packed)
  const encrypted = await ifPresent(() => openEncrypted(path, cipher))
  if (encrypted !== null) return encrypted
  // Nothing is there: the segment is missed under its own name.
  return rawBytes(await openFile(path))
}

async function openEncrypted(path: string, cipher: FinishedFiles['cipher']): Promise<SegmentBytes | null> {
  if (cipher === null) return null
  try {
    return await packedBytes(verifiedPart(await cipher.open(packedPath(path))))
  } catch (fault) {
    return damagedBytes(fault)
  }
}

async function ifPresent<File>(open: () => Promise<File>): Promise<File | null> {
  try {
    return await open()
  } catch (fault) {
    if (isAbsent(fault)) return null
    throw fault
  }
}

const isDamage = (fault: unknown) => fault instanceof OpError && fault.code === 'encrypted_file_damaged'

/** What cannot be verified is not there, so that a damaged part costs what it would cost in a file that is not encrypted. */
function verifiedPart(file: FileReader): FileReader {
  const read: FileReader['read'] = (position, length) =>
    file.read(position, length).catch((fault: unknown) => {
      if (isDamage(fault)) return new Uint8Array()
      throw fault
    })
  return { ...file, read }
}

function damagedBytes(fault: unknown): SegmentBytes {
  if (!isDamage(fault)) throw fault
  const fail = () => Promise.reject(new DamagedPart(toOpError(fault).message))
  return { size: fail, read: fail, close: async () => {} }
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
