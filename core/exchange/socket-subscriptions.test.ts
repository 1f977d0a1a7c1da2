import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSubscriptions, MAX_INSTRUMENTS } from './socket-subscriptions.ts'

const say = (a: string, v: unknown) => JSON.stringify({ a, v })
const range = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i)

describe('subscriptions', () => {
  it('starts new tokens in mode quote and changes the mode of known ones', () => {
    const { apply, modes } = createSubscriptions()
    expect(apply(say('subscribe', [1, 2, 2]))).toEqual({ changed: [1, 2], error: null })
    expect(apply(say('subscribe', [2, 3]))).toEqual({ changed: [3], error: null })
    expect(apply(say('mode', ['full', [1, 9]]))).toEqual({ changed: [1], error: null })
    expect(apply(say('mode', ['full', [1]]))).toEqual({ changed: [], error: null })
    expect(apply(say('unsubscribe', [2, 9]))).toEqual({ changed: [], error: null })
    expect([...modes]).toEqual([
      [1, 'full'],
      [3, 'quote'],
    ])
  })

  it('refuses the 3001st instrument and keeps the others', () => {
    const { apply, modes } = createSubscriptions()
    expect(apply(say('subscribe', range(1, 2999))).error).toBeNull()
    const { changed, error } = apply(say('subscribe', [5000, 5001]))
    expect(changed).toEqual([5000])
    expect(error).toBe("Can't subscribe to more than 3000 instruments")
    expect(apply(say('subscribe', [1])).error).toBeNull()
    apply(say('unsubscribe', [1]))
    expect(apply(say('subscribe', [5001]))).toEqual({ changed: [5001], error: null })
    expect(modes.size).toBe(MAX_INSTRUMENTS)
  })

  it.each([
    '',
    '{',
    'null',
    '[]',
    say('order', [1]),
    say('subscribe', 1),
    say('subscribe', [-1]),
    say('mode', ['x', [1]]),
  ])('answers %s with an error', (text) => {
    expect(createSubscriptions().apply(text)).toEqual({ changed: [], error: 'Invalid request' })
  })

  it('stays within its bound and keeps its promises, whatever it is told', () => {
    const message = fc.oneof(
      fc.string(),
      fc.json(),
      fc.tuple(fc.constantFrom('subscribe', 'unsubscribe'), fc.array(fc.nat(8))).map(([a, v]) => say(a, v)),
      fc.tuple(fc.constantFrom('ltp', 'quote', 'full'), fc.array(fc.nat(8))).map((v) => say('mode', v)),
    )
    fc.assert(
      fc.property(fc.array(message), (messages) => {
        const { apply, modes } = createSubscriptions()
        for (const text of messages) for (const token of apply(text).changed) expect(modes.has(token)).toBe(true)
        expect(modes.size).toBeLessThanOrEqual(MAX_INSTRUMENTS)
      }),
    )
  })
})
