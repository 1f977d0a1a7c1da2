import { promisify } from 'node:util'
import { crc32, deflateRaw, inflateRaw } from 'node:zlib'
import type { FileReader } from '../ports/file-reader.ts'

/**
 * A finished segment as gzip (RFC 1952): members of 1 MiB of the raw file each, so that a reader gets at any byte by
 * inflating one of them. Each says in an extra field how long it is, as BGZF's do: the index is found by hopping from
 * header to header. `zcat` and every other gzip reader gives the raw file back.
 */
export const MEMBER_BYTES = 1024 * 1024

const HEADER_BYTES = 20
const TRAILER_BYTES = 8
/** Magic, deflate, FEXTRA, no time, no flags, unknown system, 8 bytes of extra field: `OP`, 4 bytes. */
const HEADER = Buffer.from([0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 255, 8, 0, 0x4f, 0x50, 4, 0])

const deflate = promisify<Uint8Array, { level: number }, Buffer>(deflateRaw)
const inflate = promisify<Uint8Array, { maxOutputLength: number }, Buffer>(inflateRaw)

/** One member; `raw` is at most MEMBER_BYTES long. Runs on the thread pool. */
export async function packMember(raw: Uint8Array, level: number): Promise<Uint8Array> {
  const body = await deflate(raw, { level })
  const member = Buffer.alloc(HEADER_BYTES + body.length + TRAILER_BYTES)
  HEADER.copy(member)
  member.writeUInt32LE(member.length, HEADER.length)
  body.copy(member, HEADER_BYTES)
  member.writeUInt32LE(crc32(raw), member.length - 8)
  member.writeUInt32LE(raw.length, member.length - 4)
  return member
}

/** The raw bytes of a member; null when it is damaged. */
export async function unpackMember(member: Uint8Array): Promise<Buffer | null> {
  const view = Buffer.from(member.buffer, member.byteOffset, member.byteLength)
  if (memberBytes(view) !== view.length) return null
  try {
    const body = view.subarray(HEADER_BYTES, view.length - TRAILER_BYTES)
    const raw = await inflate(body, { maxOutputLength: MEMBER_BYTES })
    const isWhole =
      view.readUInt32LE(view.length - 4) === raw.length && view.readUInt32LE(view.length - 8) === crc32(raw)
    return isWhole ? raw : null
  } catch {
    // What zlib cannot read is damaged, whatever its reason.
    return null
  }
}

interface Member {
  readonly offset: number
  readonly length: number
}

/** Where the members lie, by their headers alone. `whole` is false when one is damaged or cut; those before it count. */
export async function readMembers(
  file: Pick<FileReader, 'size' | 'read'>,
): Promise<{ members: readonly Member[]; whole: boolean }> {
  const members: Member[] = []
  for (let offset = 0; offset < file.size; ) {
    const header = await file.read(offset, HEADER_BYTES)
    const length = memberBytes(Buffer.from(header.buffer, header.byteOffset, header.byteLength))
    if (length === null || offset + length > file.size) return { members, whole: false }
    members.push({ offset, length })
    offset += length
  }
  return { members, whole: true }
}

/** Length of the member that begins with this header, null when it is none of ours. */
function memberBytes(header: Buffer): number | null {
  if (header.length < HEADER_BYTES || !header.subarray(0, HEADER.length).equals(HEADER)) return null
  const length = header.readUInt32LE(HEADER.length)
  return length > HEADER_BYTES + TRAILER_BYTES && length < 2 * MEMBER_BYTES ? length : null
}
