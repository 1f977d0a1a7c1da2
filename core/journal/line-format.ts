import { crc32 } from 'node:zlib'

/**
 * A line of the record: `<seq> <crc32hex8> <json>\n`. The checksum continues that of the line before it (`seed`) over
 * `<seq> ` and the JSON, as `zlib.crc32(b'<seq> <json>', seed)` does in any language, so that a flipped bit, a missing
 * line, an exchanged pair and a line from elsewhere are all seen. RELIABILITY.md section 2.
 */
export interface EncodedLine {
  readonly seq: number
  readonly crc: number
  readonly bytes: Uint8Array
}

/** A verified line. `body` is the JSON, `end` the offset in the file behind its newline. */
export interface Line {
  readonly seq: number
  readonly crc: number
  readonly body: Uint8Array
  readonly end: number
}

/** Longest line that is written and read: bounds what a damaged file can make a reader keep in memory. */
export const MAX_LINE_BYTES = 16 * 1024 * 1024

const CRC_DIGITS = 8
const MAX_SEQ_DIGITS = 15
const SPACE = 0x20
const ZERO = 0x30

/** `json` must not hold a newline (JSON.stringify never makes one). */
export function encodeLine(seq: number, json: string, seed: number): EncodedLine {
  const seqText = String(seq)
  const bytes = Buffer.from(`${seqText} 00000000 ${json}\n`)
  const crcAt = seqText.length + 1
  const crc = crc32(bytes.subarray(crcAt + CRC_DIGITS + 1, -1), crc32(bytes.subarray(0, crcAt), seed))
  bytes.write(crc.toString(16).padStart(CRC_DIGITS, '0'), crcAt, 'latin1')
  return { seq, crc, bytes }
}

/**
 * Verifies the line in `bytes[start, newline)`; `offset` is where `bytes` begins in the file. Null when the line is not
 * exactly what encodeLine would have written after `seed`.
 */
export function decodeLine(bytes: Buffer, start: number, newline: number, seed: number, offset: number): Line | null {
  const seqEnd = digitsEnd(bytes, start, Math.min(newline, start + MAX_SEQ_DIGITS + 1))
  const crcAt = seqEnd + 1
  const bodyAt = crcAt + CRC_DIGITS + 1
  if (seqEnd === start || bodyAt > newline) return null
  if (bytes[seqEnd] !== SPACE || bytes[bodyAt - 1] !== SPACE) return null
  if (bytes[start] === ZERO && seqEnd > start + 1) return null
  const body = bytes.subarray(bodyAt, newline)
  const crc = crc32(body, crc32(bytes.subarray(start, crcAt), seed))
  if (bytes.toString('latin1', crcAt, bodyAt - 1) !== crc.toString(16).padStart(CRC_DIGITS, '0')) return null
  return { seq: Number(bytes.toString('latin1', start, seqEnd)), crc, body, end: offset + newline + 1 }
}

function digitsEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start
  for (; at < end; at += 1) {
    const digit = (bytes[at] ?? 0) - ZERO
    if (digit < 0 || digit > 9) break
  }
  return at
}
