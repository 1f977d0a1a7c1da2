import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assignBuckets, recordedBucketOf } from './expiry-buckets.ts'
import { BUCKETS } from './instrument.ts'
import { addDays } from './ist.ts'

const bucketsOf = (expiries: readonly string[], today: string) => Object.fromEntries(assignBuckets(expiries, today))

/** NIFTY around the holiday of Tuesday 24 November 2026: Guru Nanak Jayanti moves the monthly to Monday. */
const NIFTY_NOVEMBER = [
  '2026-11-17',
  '2026-11-23',
  '2026-12-01',
  '2026-12-08',
  '2026-12-29',
  '2027-01-25',
  '2027-03-30',
]

/** BANKNIFTY: monthlies and quarterlies only. */
const BANKNIFTY = ['2026-08-25', '2026-09-29', '2026-10-27', '2026-12-29', '2027-03-30', '2027-06-29']

describe('a weekly index', () => {
  it('whose monthly moved to Monday 23 November 2026 by a holiday', () => {
    expect(bucketsOf(NIFTY_NOVEMBER, '2026-11-16')).toEqual({
      this_week: '2026-11-17',
      next_week: '2026-11-23',
      this_month: '2026-11-23',
      next_month: '2026-12-29',
    })
  })

  it('on the expiry day itself still has it', () => {
    expect(bucketsOf(NIFTY_NOVEMBER, '2026-11-23')).toEqual({
      this_week: '2026-11-23',
      next_week: '2026-12-01',
      this_month: '2026-11-23',
      next_month: '2026-12-29',
    })
  })

  it.each(['2026-11-24', '2026-11-25'])('has rolled on %s, whether the expired one is still listed or not', (today) => {
    const rolled = {
      this_week: '2026-12-01',
      next_week: '2026-12-08',
      this_month: '2026-12-29',
      next_month: '2027-01-25',
    }
    expect(bucketsOf(NIFTY_NOVEMBER, today)).toEqual(rolled)
    expect(
      bucketsOf(
        NIFTY_NOVEMBER.filter((expiry) => expiry >= today),
        today,
      ),
    ).toEqual(rolled)
  })

  it('SENSEX, with a Thursday moved to Wednesday 27 May 2026', () => {
    const sensex = ['2026-05-14', '2026-05-21', '2026-05-27', '2026-06-04', '2026-06-25', '2026-07-30']
    expect(bucketsOf(sensex, '2026-05-15')).toEqual({
      this_week: '2026-05-21',
      next_week: '2026-05-27',
      this_month: '2026-05-27',
      next_month: '2026-06-25',
    })
    expect(bucketsOf(sensex, '2026-05-28')).toEqual({
      this_week: '2026-06-04',
      next_week: '2026-06-25',
      this_month: '2026-06-25',
      next_month: '2026-07-30',
    })
  })

  it.each([
    ['SENSEX, Thursday 15 January 2026', ['2026-01-14', '2026-01-22', '2026-01-29', '2026-02-26'], '2026-01-14'],
    ['SENSEX, Thursday 26 March 2026', ['2026-03-25', '2026-04-02', '2026-04-09', '2026-04-30'], '2026-03-25'],
    ['NIFTY, Tuesday 3 March 2026', ['2026-03-02', '2026-03-10', '2026-03-30', '2026-04-28'], '2026-03-02'],
    ['NIFTY, Tuesday 31 March 2026', ['2026-03-30', '2026-04-07', '2026-04-13', '2026-04-28'], '2026-03-30'],
    ['NIFTY, Tuesday 14 April 2026', ['2026-04-13', '2026-04-21', '2026-04-28', '2026-05-26'], '2026-04-13'],
    ['NIFTY, Tuesday 20 October 2026', ['2026-10-19', '2026-10-27', '2026-11-03', '2026-11-23'], '2026-10-19'],
    ['NIFTY, Tuesday 10 November 2026', ['2026-11-09', '2026-11-17', '2026-11-23', '2026-12-29'], '2026-11-09'],
  ])('%s is a holiday: the expiry before it is this week, its own day included', (_, expiries, shifted) => {
    const before = assignBuckets(expiries, addDays(shifted, -1))
    expect(before.get('this_week')).toBe(shifted)
    expect(assignBuckets(expiries, shifted)).toEqual(before)
    expect(assignBuckets(expiries, addDays(shifted, 1)).get('this_week')).toBe(expiries[1])
  })

  it('with contracts re-dated overnight from Thursday to Tuesday', () => {
    const before = ['2025-08-28', '2025-09-04', '2025-09-11', '2025-09-25', '2025-10-30']
    const after = ['2025-09-09', '2025-09-16', '2025-09-30', '2025-10-28']
    expect(bucketsOf(before, '2025-08-28')).toEqual({
      this_week: '2025-08-28',
      next_week: '2025-09-04',
      this_month: '2025-08-28',
      next_month: '2025-09-25',
    })
    expect(bucketsOf(after, '2025-08-29')).toEqual({
      this_week: '2025-09-09',
      next_week: '2025-09-16',
      this_month: '2025-09-30',
      next_month: '2025-10-28',
    })
  })

  it("in the month of a quarterly: the quarterly is that month's monthly", () => {
    const nifty = ['2026-12-22', '2026-12-29', '2027-01-05', '2027-01-25', '2027-03-30', '2027-06-29']
    expect(bucketsOf(nifty, '2026-12-23')).toEqual({
      this_week: '2026-12-29',
      next_week: '2027-01-05',
      this_month: '2026-12-29',
      next_month: '2027-01-25',
    })
  })
})

describe('a monthly-only index', () => {
  it('has no weekly buckets', () => {
    expect(bucketsOf(BANKNIFTY, '2026-08-18')).toEqual({ this_month: '2026-08-25', next_month: '2026-09-29' })
    expect(bucketsOf(BANKNIFTY, '2026-08-25')).toEqual({ this_month: '2026-08-25', next_month: '2026-09-29' })
    expect(bucketsOf(BANKNIFTY, '2026-08-26')).toEqual({ this_month: '2026-09-29', next_month: '2026-10-27' })
  })

  it('takes a quarterly when no nearer monthly is listed', () => {
    expect(bucketsOf(BANKNIFTY, '2026-10-27')).toEqual({ this_month: '2026-10-27', next_month: '2026-12-29' })
  })

  it('became one on 14 November 2024: an expired weekly does not make it weekly', () => {
    const banknifty = ['2024-11-13', '2024-11-27', '2024-12-24', '2025-01-30']
    expect(bucketsOf(banknifty, '2024-11-13')).toMatchObject({ this_week: '2024-11-13', next_week: '2024-11-27' })
    expect(bucketsOf(banknifty, '2024-11-14')).toEqual({ this_month: '2024-11-27', next_month: '2024-12-24' })
  })
})

describe('edges', () => {
  it('nothing listed, everything expired, one expiry', () => {
    expect(bucketsOf([], '2026-11-23')).toEqual({})
    expect(bucketsOf(BANKNIFTY, '2028-01-01')).toEqual({})
    expect(bucketsOf(['2026-11-23'], '2026-11-23')).toEqual({ this_month: '2026-11-23' })
  })

  it('goes by what is listed: without its monthly a far month ends with its last listed weekly', () => {
    const sensex = ['2026-09-24', '2026-09-17', '2026-10-01']
    expect(bucketsOf(sensex, '2026-09-15')).toMatchObject({ this_month: '2026-09-24', next_month: '2026-10-01' })
    expect(bucketsOf([...sensex, '2026-10-29'], '2026-09-15')).toMatchObject({ next_month: '2026-10-29' })
  })

  it('records a coinciding expiry once, under the first name that fits', () => {
    const buckets = assignBuckets(NIFTY_NOVEMBER, '2026-11-23')
    expect(recordedBucketOf('2026-11-23', buckets)).toBe('this_week')
    expect(recordedBucketOf('2026-12-29', buckets)).toBe('next_month')
    expect(recordedBucketOf('2026-12-08', buckets)).toBeNull()
    expect(recordedBucketOf('2026-11-23', assignBuckets(NIFTY_NOVEMBER, '2026-11-16'))).toBe('next_week')
  })
})

describe('properties', () => {
  const date = fc.integer({ min: 0, max: 400 }).map((days) => addDays('2026-01-01', days))
  const expiries = fc.array(date, { maxLength: 20 })

  it('buckets hold listed, unexpired expiries, and the order of the list does not matter', () => {
    fc.assert(
      fc.property(expiries, date, (listed, today) => {
        const buckets = assignBuckets(listed, today)
        const unexpired = new Set(listed.filter((expiry) => expiry >= today))
        expect([...buckets.values()].filter((expiry) => !unexpired.has(expiry))).toEqual([])
        expect([...buckets.keys()]).toEqual(BUCKETS.filter((bucket) => buckets.has(bucket)))
        expect(assignBuckets([...listed, ...listed].reverse(), today)).toEqual(buckets)
      }),
    )
  })

  it('the first unexpired expiry is this week of a weekly and this month of a monthly-only index', () => {
    fc.assert(
      fc.property(expiries, date, (listed, today) => {
        const buckets = assignBuckets(listed, today)
        const unexpired = [...new Set(listed.filter((expiry) => expiry >= today))].sort()
        const months = new Set(unexpired.map((expiry) => expiry.slice(0, 7)))
        expect(buckets.has('this_week')).toBe(unexpired.length > months.size)
        expect(buckets.get('this_week') ?? buckets.get('this_month')).toBe(unexpired[0])
        expect(buckets.get('next_week')).toBe(buckets.has('this_week') ? unexpired[1] : undefined)
      }),
    )
  })

  it('the months are the first two in which something is listed, each with its last expiry', () => {
    fc.assert(
      fc.property(expiries, date, (listed, today) => {
        const buckets = assignBuckets(listed, today)
        const unexpired = listed.filter((expiry) => expiry >= today).sort()
        const [first, second] = [...new Set(unexpired.map((expiry) => expiry.slice(0, 7)))]
        const lastOf = (month: string | undefined) => unexpired.findLast((expiry) => expiry.slice(0, 7) === month)
        expect(buckets.get('this_month')).toBe(lastOf(first))
        expect(buckets.get('next_month')).toBe(lastOf(second))
      }),
    )
  })

  it('each expiry is recorded under the first name that carries it', () => {
    fc.assert(
      fc.property(expiries, date, (listed, today) => {
        const buckets = assignBuckets(listed, today)
        for (const expiry of listed) {
          const names = [...buckets.keys()].filter((name) => buckets.get(name) === expiry)
          expect(recordedBucketOf(expiry, buckets)).toBe(names[0] ?? null)
        }
      }),
    )
  })
})

const DUMP = new URL('../../../shared/data/kite-instruments-2026-08-18/', import.meta.url)

describe('the instruments dump of 18 August 2026', () => {
  /** Expiries of the index's options; the dump's columns are `…,name,last_price,expiry,strike,…,segment,exchange`. */
  const listedIn = (exchange: string, index: string) => {
    const lines = gunzipSync(readFileSync(new URL(`${exchange}.csv.gz`, DUMP)))
      .toString()
      .split('\n')
    const rows = lines.map((line) => line.replaceAll('"', '').split(','))
    return rows.flatMap(([, , , name, , expiry, , , , type]) =>
      name === index && type === 'CE' && expiry !== undefined ? [expiry] : [],
    )
  }

  it.skipIf(!existsSync(DUMP))('gives the buckets of that expiry day and of the next', () => {
    const nifty = listedIn('NFO', 'NIFTY')
    expect(bucketsOf(nifty, '2026-08-18')).toEqual({
      this_week: '2026-08-18',
      next_week: '2026-08-25',
      this_month: '2026-08-25',
      next_month: '2026-09-29',
    })
    expect(bucketsOf(nifty, '2026-08-19')).toMatchObject({ this_week: '2026-08-25', next_week: '2026-09-01' })
    expect(bucketsOf(listedIn('BFO', 'SENSEX'), '2026-08-18')).toEqual({
      this_week: '2026-08-20',
      next_week: '2026-08-27',
      this_month: '2026-08-27',
      next_month: '2026-09-24',
    })
    for (const index of ['BANKNIFTY', 'FINNIFTY', 'MIDCPNIFTY']) {
      expect(bucketsOf(listedIn('NFO', index), '2026-08-18')).toEqual({
        this_month: '2026-08-25',
        next_month: '2026-09-29',
      })
    }
  })
})
