import { describe, expect, it } from 'vitest'
import { buildAnalytics, createRandom } from '../testing/leg-builder.ts'
import { decodeEntry, encodeEntry, entryTs } from './entry-codec.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const sample = buildAnalytics(createRandom(2), { ts: 1_795_408_200_000 })

describe('a sample of a chain in the journal', () => {
  it('is read as it was written', () => {
    expect(decodeEntry(bytes(encodeEntry(sample)))).toEqual(sample)
    expect(entryTs(bytes(encodeEntry(sample)))).toBe(sample.ts)
  })

  it.each([
    ['too few metrics', { full: sample.full.slice(1) }],
    ['too many metrics', { window: [...sample.window, 1] }],
    ['text for a number', { underlying: ['1', null, null, null] }],
    ['no bucket', { buckets: [] }],
    ['an unknown bucket', { buckets: ['last_week'] }],
    ['an unknown index', { index: 'DAX' }],
    ['no date', { expiry: 'soon' }],
    ['no interval', { everyMs: 0 }],
    ['no whole instant', { ts: 0.5 }],
  ])('is unknown with %s', (_, change) => {
    expect(decodeEntry(bytes(JSON.stringify({ ...sample, ...change })))).toBeNull()
  })
})
