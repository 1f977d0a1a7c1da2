import { describe, expect, it } from 'vitest'
import type { IndicesReport } from '../../../core/contract/api-schema.ts'
import { bucketOf } from './selection.ts'

const entry = { exchange: 'NFO', spot_symbol: 'x', spot: null, spot_frozen: false, lot_size: 75 }
/** NIFTY on an expiry day, and an index of months alone. */
const LISTED: IndicesReport = {
  date: '2026-12-01',
  source: 'sim',
  indices: [
    {
      ...entry,
      index: 'NIFTY',
      buckets: {
        this_month: '2026-12-29',
        next_week: '2026-12-08',
        this_week: '2026-12-01',
        next_month: '2027-01-26',
      },
    },
    { ...entry, index: 'BANKNIFTY', buckets: { this_month: '2026-12-29', next_month: '2027-01-26' } },
  ],
}

describe('the expiry with which an index is shown', () => {
  it('is its nearest where none was chosen for it, whatever was chosen for others', () => {
    expect(bucketOf('NIFTY', { buckets: { BANKNIFTY: 'this_month' } }, LISTED)).toBe('this_week')
    expect(bucketOf('BANKNIFTY', { buckets: { NIFTY: 'next_week' } }, LISTED)).toBe('this_month')
  })

  it('is the one chosen last for it', () => {
    const buckets = { NIFTY: 'next_month', BANKNIFTY: 'this_month' } as const
    expect(bucketOf('NIFTY', { buckets }, LISTED)).toBe('next_month')
    expect(bucketOf('NIFTY', { buckets }, null)).toBe('next_month')
  })

  it('is its nearest where the chosen one is not listed', () => {
    expect(bucketOf('BANKNIFTY', { buckets: { BANKNIFTY: 'next_week' } }, LISTED)).toBe('this_month')
  })
})
