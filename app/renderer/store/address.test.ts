import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { INDEX_NAMES } from '../../../core/domain/index-catalog.ts'
import { BUCKETS } from '../../../core/domain/instrument.ts'
import { VIEWS } from '../features/shell/views.ts'
import { adoptPlace, readPlace, writePlace } from './address.ts'
import { createPreferences } from './preferences.ts'

const NOTHING_KEPT = { getItem: () => null, setItem: () => {} }

describe('the address of the page', () => {
  it('is read as it was written', () => {
    const place = fc.record({
      view: fc.constantFrom(...VIEWS),
      index: fc.constantFrom(...INDEX_NAMES),
      bucket: fc.constantFrom(...BUCKETS),
    })
    fc.assert(
      fc.property(place, (one) => {
        expect(readPlace(writePlace(one))).toEqual(one)
      }),
    )
  })

  it.each([
    ['', {}],
    ['#', {}],
    ['#/charts', { view: 'charts' }],
    ['#/charts/SENSEX', { view: 'charts', index: 'SENSEX' }],
    ['#/charts/GOLD/this_week', { view: 'charts' }],
    ['#/chain/NIFTY/some_day', { view: 'chain', index: 'NIFTY' }],
    ['#/nowhere/NIFTY', {}],
    ['#/Chain/nifty/THIS_WEEK', { view: 'chain', index: 'NIFTY', bucket: 'this_week' }],
  ])('%s names %j', (hash, place) => expect(readPlace(hash)).toEqual(place))

  it('brings the expiry for its index, and leaves those of others', () => {
    const preferences = createPreferences(NOTHING_KEPT)
    preferences.setState({ strike: 24_000, buckets: { NIFTY: 'next_week' } })
    adoptPlace('#/greeks/SENSEX/next_month', preferences)
    expect(preferences.getState()).toMatchObject({
      view: 'greeks',
      index: 'SENSEX',
      strike: null,
      buckets: { NIFTY: 'next_week', SENSEX: 'next_month' },
    })
    adoptPlace('#/chain/NIFTY', preferences)
    expect(preferences.getState()).toMatchObject({ view: 'chain', index: 'NIFTY', buckets: { NIFTY: 'next_week' } })
  })
})
