import { crc32 } from 'node:zlib'

/** What stands in clear at the beginning of an encrypted file. The stream's associated data covers it. */
export interface FilePreface {
  /** Of the master key, hexadecimal: tells a wrong key from a damaged file. */
  readonly keyId: string
  readonly segmentBytes: number
}

/** Name and version of the format. */
const MAGIC = Buffer.from('OPTRENC\x01', 'latin1')
const KEY_ID_BYTES = 8
export const PREFACE_BYTES = MAGIC.length + KEY_ID_BYTES + 4 + 4

/** A segment must hold its header, and is held in memory. */
const SEGMENT_RANGE = { least: 64, most: 4 * 1024 * 1024 }

export function encodePreface({ keyId, segmentBytes }: FilePreface): Buffer {
  const preface = Buffer.alloc(PREFACE_BYTES)
  MAGIC.copy(preface)
  preface.write(keyId, MAGIC.length, 'hex')
  preface.writeUInt32BE(segmentBytes, MAGIC.length + KEY_ID_BYTES)
  preface.writeUInt32BE(crc32(preface.subarray(0, PREFACE_BYTES - 4)), PREFACE_BYTES - 4)
  return preface
}

/** null when it is damaged, or of another format. */
export function decodePreface(bytes: Uint8Array): FilePreface | null {
  const preface = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (preface.length !== PREFACE_BYTES || !preface.subarray(0, MAGIC.length).equals(MAGIC)) return null
  if (preface.readUInt32BE(PREFACE_BYTES - 4) !== crc32(preface.subarray(0, PREFACE_BYTES - 4))) return null
  const segmentBytes = preface.readUInt32BE(MAGIC.length + KEY_ID_BYTES)
  if (segmentBytes < SEGMENT_RANGE.least || segmentBytes > SEGMENT_RANGE.most) return null
  return { keyId: preface.toString('hex', MAGIC.length, MAGIC.length + KEY_ID_BYTES), segmentBytes }
}
