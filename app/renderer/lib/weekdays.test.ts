import { expect, it } from 'vitest'
import { weekdayBeside } from './weekdays.ts'

it('passes over weekends', () => {
  expect(weekdayBeside('2026-11-23', -1)).toBe('2026-11-20')
  expect(weekdayBeside('2026-11-20', 1)).toBe('2026-11-23')
  expect(weekdayBeside('2026-11-23', 1)).toBe('2026-11-24')
})
