import { createSecretKey, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  layoutFor,
  layoutOf,
  makeStreamHeader,
  type StreamSuite,
  streamCipher,
  streamHeaderBytes,
} from './sealed-stream.ts'

const hex = (text: string) => Buffer.from(text, 'hex')
const LONG_KEY = '00112233445566778899aabbccddeeff6eb56cdc726dfbe5d57f2fcdc6e9345b'
const SHORT_KEY = '6eb56cdc726dfbe5d57f2fcdc6e9345b'

interface Vector {
  readonly suite: StreamSuite
  readonly key: string
  readonly associated: Uint8Array
  readonly plain: string
  readonly stream: string
}

/** From Tink's own tests, made by other hands: AesGcmHkdfStreamingTestUtil of tink-java, Apache 2.0. */
const VECTORS: readonly (readonly [string, Vector])[] = [
  [
    'three segments of 64 bytes',
    {
      suite: { hash: 'sha1', keyBytes: 16, segmentBytes: 64 },
      key: SHORT_KEY,
      associated: Buffer.from('aad'),
      plain: 'This is a fairly long plaintext. It is of the exact length to create three output blocks. ',
      stream:
        '1893b3af5e14ab378d065addfc8484da642c0862877baea8db92d9c77406a406168478821c4298eab3e6d531277f4c1a051714faebcaefcbca7b7be05e9445eaa0bb2904153398a25084dd80ae0edcd1c3079fcea2cd3770630ee36f7539207b8ec9d754956d486b71cdf989f0ed6fba6779b63558be0a66e668df14e1603cd2af8944844078345286d0b292e772e7190775c51a0f83e40c0b75821027e7e538e111',
    },
  ],
  [
    'SHA-256, nothing in it',
    {
      suite: { hash: 'sha256', keyBytes: 16, segmentBytes: 64 },
      key: SHORT_KEY,
      associated: Buffer.alloc(0),
      plain: '',
      stream: '18be78bce0cab6fd38a9041eea8ab0ffc4cf17e3c00b661d3927f5f79069f41a210fedc40b25648c',
    },
  ],
  [
    'a derived key of 32 bytes, a first segment that is just full',
    {
      suite: { hash: 'sha1', keyBytes: 32, segmentBytes: 120 },
      key: LONG_KEY,
      associated: Buffer.of(0, 1, 2, 3),
      plain: 'BLOCK 1.BLOCK 2.BLOCK 3.BLOCK 4.BLOCK 5.BLOCK 6.BLOCK 7.BLOCK 8.',
      stream:
        '28782994617714a80fa085e15051a16854522330d6d0f26c049b2192f09cdd98b2eb90c753bfff277a29e54fa4afb15d648c28477eb07f012535c767f5fdce24ffffae318480c1d37357d6d3c511159318afa09ef38aa3f5456fd7817c5c02dd6e1a7fef174c8bd24e38b5982ac105497c0101ac5581fe5b',
    },
  ],
]

function parts({ suite, key, associated, stream }: Vector) {
  const bytes = hex(stream)
  const header = bytes.subarray(0, streamHeaderBytes(suite))
  const cipher = streamCipher(suite, createSecretKey(hex(key)), header, associated)
  const layout = layoutOf(suite, bytes.length)
  if (cipher === null || layout === null) throw new Error('the vector is none of the suite')
  return { bytes, header, cipher, layout }
}

describe('a sealed stream', () => {
  it.each(VECTORS)('is what Tink makes: %s', (_, vector) => {
    const { bytes, header, cipher, layout } = parts(vector)
    const plain: Buffer[] = []
    const sealed: Buffer[] = [header]
    for (let index = 0; index < layout.segments; index += 1) {
      const isLast = index === layout.segments - 1
      const { from, length } = layout.sealedAt(index)
      const opened = cipher.open(index, isLast, bytes.subarray(from, from + length))
      plain.push(opened ?? Buffer.from('damaged'))
      sealed.push(
        cipher.seal(
          index,
          isLast,
          Buffer.from(vector.plain).subarray(layout.plainAt(index).from).subarray(0, layout.plainAt(index).length),
        ),
      )
    }
    expect(Buffer.concat(plain).toString()).toBe(vector.plain)
    expect(Buffer.concat(sealed).toString('hex')).toBe(vector.stream)
  })

  it('is laid out alike by the length of what goes in and of what comes out, without hole or overlap', () => {
    const suites = fc.record({
      hash: fc.constant('sha256' as const),
      keyBytes: fc.constant(32 as const),
      segmentBytes: fc.integer({ min: 64, max: 300 }),
    })
    fc.assert(
      fc.property(suites, fc.nat(3_000), (suite, plainBytes) => {
        const layout = layoutFor(suite, plainBytes)
        let plain = 0
        let sealed = streamHeaderBytes(suite)
        for (let index = 0; index < layout.segments; index += 1) {
          const at = { plain: layout.plainAt(index), sealed: layout.sealedAt(index) }
          expect([at.plain.from, at.sealed.from]).toEqual([plain, sealed])
          if (at.plain.length > 0) expect(layout.indexOf(plain)).toBe(index)
          plain += at.plain.length
          sealed += at.sealed.length
          if (index < layout.segments - 1) expect(sealed).toBe((index + 1) * suite.segmentBytes)
        }
        expect(plain).toBe(plainBytes)
        const read = layoutOf(suite, sealed)
        expect([read?.segments, read?.plainBytes]).toEqual([layout.segments, plainBytes])
      }),
    )
  })

  it('opens under its own number, place, key and associated data only', () => {
    const suite: StreamSuite = { hash: 'sha256', keyBytes: 32, segmentBytes: 64 }
    const header = makeStreamHeader(suite, randomBytes)
    const key = createSecretKey(randomBytes(32))
    const cipher = (with_: Buffer = header, secret = key, associated = 'name') =>
      streamCipher(suite, secret, with_, Buffer.from(associated))
    const sealed = cipher()?.seal(3, false, Buffer.from('what is sealed')) ?? Buffer.alloc(0)
    expect(cipher()?.open(3, false, sealed)?.toString()).toBe('what is sealed')
    expect(cipher()?.open(4, false, sealed)).toBeNull()
    expect(cipher()?.open(3, true, sealed)).toBeNull()
    expect(cipher(header, key, 'another')?.open(3, false, sealed)).toBeNull()
    expect(cipher(header, createSecretKey(randomBytes(32)))?.open(3, false, sealed)).toBeNull()
    expect(cipher(makeStreamHeader(suite, randomBytes))?.open(3, false, sealed)).toBeNull()
    expect(cipher()?.open(3, false, sealed.subarray(0, 8))).toBeNull()
  })
})
