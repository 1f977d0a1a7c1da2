import { expect, it } from 'vitest'
import { istInstant } from './ist.ts'
import { tokenEndsAt } from './token-life.ts'

it.each([
  ['in the small hours', '02:00', '2026-11-23'],
  ['a moment before it', '05:59:59', '2026-11-23'],
  ['from six on', '06:00', '2026-11-24'],
  ['in the evening', '23:59', '2026-11-24'],
])('a token dies at the next six in the morning: %s', (_, time, date) => {
  expect(tokenEndsAt(istInstant('2026-11-23', time))).toBe(istInstant(date, '06:00'))
})
