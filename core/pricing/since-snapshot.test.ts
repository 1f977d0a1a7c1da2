import { describe, expect, it } from 'vitest'
import type { ChainSnapshot, SnapshotLeg } from '../domain/chain-snapshot.ts'
import { sinceSnapshot } from './since-snapshot.ts'

const leg = (strike: number, oi: number | null, last: number | null): SnapshotLeg => ({
  expiry: '2026-11-24',
  strike,
  right: 'CE',
  last,
  bid: null,
  ask: null,
  volume: null,
  oi,
  oiChange: 7,
  priceChange: 7,
  publishedIv: null,
  quotedAt: null,
})
const snapshot = (...legs: SnapshotLeg[]): ChainSnapshot => ({
  index: 'NIFTY',
  asOf: 0,
  spot: null,
  scope: 'window',
  oiUnit: 'units',
  legs,
})

describe('changes since an earlier snapshot', () => {
  it('count from its values, and are missing where it has none', () => {
    const now = snapshot(leg(24_000, 500, 10), leg(24_050, 300, null), leg(24_100, 90, 3))
    const then = snapshot(leg(24_000, 650, 8), leg(24_050, 100, 4))
    expect(sinceSnapshot(now, then).legs.map(({ oiChange, priceChange }) => [oiChange, priceChange])).toEqual([
      [-150, 2],
      [200, null],
      [null, null],
    ])
  })
})
