import { describe, expect, it } from 'vitest'
import { createRecordComposer } from '../contract/leg-record.ts'
import { BUCKETS, type Instrument } from '../domain/instrument.ts'
import { istInstant } from '../domain/ist.ts'
import type { Leg } from '../domain/leg.ts'
import type { LegQuery } from '../store/day-reader.ts'
import { buildRecords } from '../testing/leg-builder.ts'
import { calendar } from '../testing/market-builder.ts'
import { createDayListings } from './day-listings.ts'
import { legPage } from './leg-pages.ts'
import { createPastChain } from './past-chain.ts'
import { recordedDays } from './recorded-days.ts'

const MONDAY = '2026-11-23'
const WEDNESDAY = '2026-11-25'

const option = (token: number, expiry: string, strike: number, lotSize: number): Instrument => ({
  token,
  exchange: 'NFO',
  symbol: `NIFTY ${expiry} ${strike}CE`,
  name: 'NIFTY',
  expiry,
  strike,
  tickSize: 0.05,
  lotSize,
  type: 'CE',
  segment: 'NFO-OPT',
})

/** On Monday the week's expiry is the month's as well; on Wednesday its token names another contract, with another lot. */
const DUMPS: Readonly<Record<string, readonly Instrument[]>> = {
  [MONDAY]: [
    option(7, '2026-11-24', 24_000, 75),
    option(8, '2026-12-01', 24_000, 75),
    option(9, '2026-12-29', 24_000, 75),
  ],
  [WEDNESDAY]: [option(7, '2026-12-01', 24_500, 65), option(9, '2026-12-29', 24_000, 65)],
}

const [record] = buildRecords({ seed: 1, count: 1, others: 0 })
if (record?.entry.kind !== 'batch') throw new Error('no batch')
const [sample] = createRecordComposer().legsOf(record.entry, '1-1')
if (sample === undefined) throw new Error('no leg')

function leg(date: string, bucket: Leg['bucket'], { token, symbol, strike, expiry }: Instrument): Leg {
  const place = { ts: istInstant(date, '10:00'), index: 'NIFTY', bucket, right: 'CE', offset: 0 } as const
  return { ...sample, ...place, token, symbol, strike, expiry: expiry ?? '' } as Leg
}

const at = (date: string, place: number): Instrument => {
  const found = DUMPS[date]?.[place]
  if (found === undefined) throw new Error('no contract')
  return found
}
const LEGS: Readonly<Record<string, readonly Leg[]>> = {
  [MONDAY]: [leg(MONDAY, 'this_week', at(MONDAY, 0)), leg(MONDAY, 'next_week', at(MONDAY, 1))],
  [WEDNESDAY]: [leg(WEDNESDAY, 'this_week', at(WEDNESDAY, 0)), leg(WEDNESDAY, 'this_month', at(WEDNESDAY, 1))],
}

const ofDay = (date: string, bucket: string | undefined) =>
  (LEGS[date] ?? []).filter((one) => bucket === undefined || one.bucket === bucket)
const history = {
  days: () => Object.keys(LEGS),
  open: async () => {},
  legsOfDay: (date: string, query: LegQuery) => ({ legs: ofDay(date, query.bucket), next: null }),
  lastLegPerContract: (date: string, _index: string, bucket: string) => ofDay(date, bucket),
  previousCloseOi: () => new Map<string, number>(),
}
const listings = createDayListings({ buckets: BUCKETS, reference: { read: async (date) => DUMPS[date] ?? null } })

describe('a past day', () => {
  it('is shown with the contracts and lots of its own list, whatever its tokens name later', async () => {
    const pastChain = createPastChain({ calendar, listings, history })
    const shown = async (date: string, bucket: 'this_week' | 'this_month') => {
      const { expiry, lot_size, rows } = await pastChain('NIFTY', bucket, istInstant(date, '11:00'))
      return [expiry, lot_size, ...rows.map(({ strike, call }) => `${strike} ${call?.token} ${call?.symbol}`)]
    }
    expect(await shown(MONDAY, 'this_week')).toEqual(['2026-11-24', 75, '24000 7 NIFTY 2026-11-24 24000CE'])
    expect(await shown(MONDAY, 'this_month')).toEqual(await shown(MONDAY, 'this_week'))
    expect(await shown(WEDNESDAY, 'this_week')).toEqual(['2026-12-01', 65, '24500 7 NIFTY 2026-12-01 24500CE'])
  })

  it('has its legs found by every name that their expiry had then', async () => {
    const selection = { index: 'NIFTY', strike: null, right: null, within: null } as const
    const found = async (bucket: Leg['bucket']) => {
      const stretch = { from: istInstant(MONDAY), to: istInstant('2026-11-26') }
      const { legs } = await legPage(recordedDays(history, listings), { ...selection, ...stretch, bucket }, null, 100)
      return legs.map(({ symbol }) => symbol)
    }
    expect(await found('this_month')).toEqual(['NIFTY 2026-11-24 24000CE', 'NIFTY 2026-12-29 24000CE'])
    expect(await found('this_week')).toEqual(['NIFTY 2026-11-24 24000CE', 'NIFTY 2026-12-01 24500CE'])
  })

  it('keeps the name that was asked for where no list is on record', async () => {
    const none = recordedDays({ ...history, legsOfDay: () => ({ legs: [], next: null }) }, listings)
    expect(await none.recordedBucket('2026-11-20', 'NIFTY', 'this_month')).toBe('this_month')
  })
})
