import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeLine, encodeLine, type Line } from './line-format.ts'

const seq = fc.integer({ min: 0, max: 999_999_999_999 })
const seed = fc.integer({ min: 0, max: 0xffffffff })

function decode(bytes: Uint8Array, from: number): Line | null {
  return decodeLine(Buffer.from(bytes), 0, bytes.length - 1, from, 0)
}

describe('line format', () => {
  it('is `<seq> <crc32hex8> <json>`, verifiable with any CRC32', () => {
    const { bytes, crc } = encodeLine(7, '{"a":1}', 0)
    // python3: zlib.crc32(b'7 {"a":1}')
    expect(Buffer.from(bytes).toString()).toBe('7 9e58a832 {"a":1}\n')
    expect(crc).toBe(0x9e58a832)
  })

  it('gives back what it was given', () => {
    fc.assert(
      fc.property(seq, seed, fc.json(), (number, from, json) => {
        const line = encodeLine(number, json, from)
        const read = decode(line.bytes, from)
        expect(read).toMatchObject({ seq: number, crc: line.crc, end: line.bytes.length })
        expect(Buffer.from(read?.body ?? []).toString()).toBe(json)
      }),
    )
  })

  it('sees any one flipped bit, another predecessor and any cut', () => {
    fc.assert(
      fc.property(seq, seed, fc.json(), fc.nat(), (number, from, json, where) => {
        const { bytes } = encodeLine(number, json, from)
        const flipped = Uint8Array.from(bytes)
        const bit = where % ((bytes.length - 1) * 8)
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        expect(decode(flipped, from)).toBeNull()
        expect(decode(bytes, (from + 1) % 0x1_0000_0000)).toBeNull()
        const shorter = where % (bytes.length - 1)
        expect(decodeLine(Buffer.from(bytes), 0, shorter, from, 0)).toBeNull()
      }),
    )
  })

  it('never throws on bytes that are no line', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(decodeLine(Buffer.from(bytes), 0, bytes.length, 0, 0)).toBeNull()
      }),
    )
  })
})
