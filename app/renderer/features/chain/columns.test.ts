import { expect, it } from 'vitest'
import { COLUMN_IDS, orderOf, PRESET_COLUMNS } from './columns.ts'

it('mirrors the calls, but for what is read as a pair', () => {
  const columns = ['ltp', 'bid', 'ask', 'oi'] as const
  expect(orderOf(columns, false)).toEqual(['ltp', 'bid', 'ask', 'oi'])
  expect(orderOf(columns, true)).toEqual(['oi', 'bid', 'ask', 'ltp'])
  expect(orderOf(['bid', 'ltp', 'ask'], true)).toEqual(['ask', 'ltp', 'bid'])
})

it('loses no column on either side', () => {
  expect([...orderOf(COLUMN_IDS, true)].sort()).toEqual([...COLUMN_IDS].sort())
  expect(PRESET_COLUMNS.price[0]).toBe('ltp')
})
