import { argon2id } from '@noble/hashes/argon2.js'
import { describe, expect, it } from 'vitest'

describe('argon2id', () => {
  it('is that of RFC 9106, appendix B.4', () => {
    const tag = argon2id(Buffer.alloc(32, 1), Buffer.alloc(16, 2), {
      t: 3,
      m: 32,
      p: 4,
      dkLen: 32,
      key: Buffer.alloc(8, 3),
      personalization: Buffer.alloc(12, 4),
    })
    const expected = '0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659'
    expect(Buffer.from(tag).toString('hex')).toBe(expected)
  })
})
