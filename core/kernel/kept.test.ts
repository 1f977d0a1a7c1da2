import { expect, it } from 'vitest'
import { createKept } from './kept.ts'

it('keeps what was asked for last, and makes the rest again', () => {
  const made: string[] = []
  const kept = createKept<string>(2)
  const ask = (key: string) =>
    kept.of(key, () => {
      made.push(key)
      return `value of ${key}`
    })
  for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) expect(ask(key)).toBe(`value of ${key}`)
  expect(made).toEqual(['a', 'b', 'c', 'b'])
  kept.forget('b')
  ask('b')
  expect(made).toEqual(['a', 'b', 'c', 'b', 'b'])
})
