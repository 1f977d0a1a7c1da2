import { createCipheriv, createDecipheriv, hkdfSync, type KeyObject } from 'node:crypto'

/**
 * Tink's AES-GCM-HKDF streaming encryption: a header of its own length, a salt and a nonce prefix, then segments of
 * AES-GCM. Each stream has a key of its own, derived from the master key, the salt and the associated data. The nonce of
 * a segment is prefix, number and whether it is the last, so that cutting, appending, swapping and repeating show.
 */
export interface StreamSuite {
  readonly hash: 'sha256' | 'sha1'
  readonly keyBytes: 32 | 16
  /** Of a sealed segment; the first one holds the header too. */
  readonly segmentBytes: number
}

export interface StreamCipher {
  seal(index: number, isLast: boolean, plain: Uint8Array): Buffer
  /** null when it is not what was sealed as that segment. */
  open(index: number, isLast: boolean, sealed: Uint8Array): Buffer | null
}

const TAG_BYTES = 16
const PREFIX_BYTES = 7
const NONCE_BYTES = 12

/** Length of the header: one byte, a salt as long as the key, the nonce prefix. */
export function streamHeaderBytes({ keyBytes }: StreamSuite): number {
  return 1 + keyBytes + PREFIX_BYTES
}

/** `random` fills it but for its first byte. */
export function makeStreamHeader(suite: StreamSuite, random: (size: number) => Buffer): Buffer {
  const length = streamHeaderBytes(suite)
  return Buffer.concat([Buffer.of(length), random(length - 1)])
}

/** The cipher of the stream with that header; null when the header is none of this suite. */
export function streamCipher(
  suite: StreamSuite,
  master: KeyObject,
  header: Uint8Array,
  associated: Uint8Array,
): StreamCipher | null {
  const length = streamHeaderBytes(suite)
  if (header.length !== length || header[0] !== length) return null
  const salt = header.subarray(1, 1 + suite.keyBytes)
  const key = Buffer.from(hkdfSync(suite.hash, master, salt, associated, suite.keyBytes))
  const prefix = header.subarray(1 + suite.keyBytes)
  const algorithm = suite.keyBytes === 32 ? 'aes-256-gcm' : 'aes-128-gcm'
  return {
    seal(index, isLast, plain) {
      const cipher = createCipheriv(algorithm, key, nonceOf(prefix, index, isLast))
      return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()])
    },
    open(index, isLast, sealed) {
      if (sealed.length < TAG_BYTES) return null
      const decipher = createDecipheriv(algorithm, key, nonceOf(prefix, index, isLast), { authTagLength: TAG_BYTES })
      const end = sealed.length - TAG_BYTES
      decipher.setAuthTag(sealed.subarray(end))
      const plain = decipher.update(sealed.subarray(0, end))
      try {
        decipher.final()
        return plain
      } catch {
        // The tag does not hold.
        return null
      }
    },
  }
}

function nonceOf(prefix: Uint8Array, index: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(NONCE_BYTES)
  nonce.set(prefix)
  nonce.writeUInt32BE(index, PREFIX_BYTES)
  nonce[NONCE_BYTES - 1] = isLast ? 1 : 0
  return nonce
}

/** Where the segments of a stream lie, and what they hold. */
export interface StreamLayout {
  readonly segments: number
  readonly plainBytes: number
  /** Of a sealed segment within the stream. */
  sealedAt(index: number): Stretch
  /** Of what it holds within the plain bytes. */
  plainAt(index: number): Stretch
  /** Which segment holds the plain byte at `position`. */
  indexOf(position: number): number
}

interface Stretch {
  readonly from: number
  readonly length: number
}

/** Of a stream for so many plain bytes. */
export function layoutFor(suite: StreamSuite, plainBytes: number): StreamLayout {
  const { segmentBytes } = suite
  const header = streamHeaderBytes(suite)
  const room = segmentBytes - TAG_BYTES
  const segments = Math.max(1, Math.ceil((plainBytes + header) / room))
  /** As if the header were the beginning of what is sealed. */
  const plainFrom = (index: number) => Math.max(0, index * room - header)
  const plainAt = (index: number) => {
    const from = plainFrom(index)
    return { from, length: Math.min(plainBytes, plainFrom(index + 1)) - from }
  }
  return {
    segments,
    plainBytes,
    plainAt,
    sealedAt: (index) => ({
      from: index === 0 ? header : index * segmentBytes,
      length: plainAt(index).length + TAG_BYTES,
    }),
    indexOf: (position) => Math.floor((position + header) / room),
  }
}

/** Of a stream that is so long; null when no stream is. */
export function layoutOf(suite: StreamSuite, streamBytes: number): StreamLayout | null {
  const segments = Math.max(1, Math.ceil(streamBytes / suite.segmentBytes))
  const plainBytes = streamBytes - streamHeaderBytes(suite) - segments * TAG_BYTES
  if (plainBytes < 0) return null
  const layout = layoutFor(suite, plainBytes)
  return layout.segments === segments ? layout : null
}
