import { describe, expect, it } from 'vitest'
import { type CallRequest, readInput, readResult } from '../contract/monitor-calls.ts'
import { BUCKETS } from '../domain/instrument.ts'
import { addDays, formatIst, istDate, istInstant } from '../domain/ist.ts'
import type { Leg } from '../domain/leg.ts'
import { buildUniverse } from '../engine/universe.ts'
import type { LegHistory } from '../store/day-history.ts'
import { createFakeClock } from '../testing/fake-clock.ts'
import { createFakeMonitorApi } from '../testing/fake-monitor-api.ts'
import { calendar, listing, MARKET_DATE, WEEKLY } from '../testing/market-builder.ts'
import type { DayListings } from './day-listings.ts'
import { createSeriesCalls } from './series-calls.ts'

const OPEN = istInstant(MARKET_DATE, '09:15')
const CLOSE = istInstant(MARKET_DATE, '15:40')
const FRIDAY = addDays(MARKET_DATE, -3)

type History = Pick<LegHistory, 'days' | 'open' | 'samplesOfDay' | 'gapsOfDay' | 'lastLegsOfExpiry' | 'lastSmile'>
type Sample = ReturnType<History['samplesOfDay']>[number]

interface Shape {
  readonly now?: number
  readonly samples?: readonly Sample[]
  readonly gaps?: ReturnType<History['gapsOfDay']>
  /** By day. */
  readonly legs?: Readonly<Record<string, readonly Leg[]>>
  readonly smiles?: Readonly<Record<string, ReturnType<History['lastSmile']>>>
}

/** A record with samples of two days, of which the value tells the time; the market is that of the built listing. */
async function createRig({ now = CLOSE, samples = [], gaps = [], legs = {}, smiles = {} }: Shape = {}) {
  const { calls } = await createFakeMonitorApi()
  const view = { expiries: (index: 'NIFTY') => expiries(index) }
  const known = await calls.expiries({ index: 'NIFTY' })
  const expiries = (index: string) => {
    if (index !== 'NIFTY') throw new Error(`${index} is not built`)
    return known
  }
  const days = new Set([
    ...samples.map(({ ts }) => istDate(ts)),
    ...gaps.map(({ to }) => istDate(to)),
    ...Object.keys(legs),
    ...Object.keys(smiles),
  ])
  const history: History = {
    days: () => [...days].sort(),
    open: async () => {},
    samplesOfDay: (date, { from, to, lastOnly = false }) => {
      const found = samples.filter(({ ts }) => istDate(ts) === date && ts >= from && ts <= to)
      return lastOnly ? found.slice(-1) : found
    },
    gapsOfDay: (date, _index, from, to) =>
      gaps.filter((gap) => istDate(gap.to) === date && gap.from < to && gap.to > from),
    lastLegsOfExpiry: (date, _index, expiry) => (legs[date] ?? []).filter((leg) => leg.expiry === expiry),
    lastSmile: (date) => smiles[date] ?? [],
  }
  const listings: DayListings = async (index, date) => {
    const request = { date, indices: [index], buckets: [...BUCKETS], instruments: listing(), spotTokens: new Map() }
    const [found] = buildUniverse(request).indices
    if (found === undefined) throw new Error(`${index} is not built`)
    return found
  }
  const made = createSeriesCalls({ clock: createFakeClock(now), calendar, source: 'sim', view, listings, history })
  return {
    series: async (request: Omit<CallRequest<'series'>, 'index' | 'metric'> = {}) =>
      readResult('series', await made.series(readInput('series', { index: 'NIFTY', metric: 'spot', ...request }))),
    previousSmile: async (request: Omit<CallRequest<'previousSmile'>, 'index'> = {}) =>
      readResult('previousSmile', await made.previousSmile({ index: 'NIFTY', ...request })),
  }
}

const every = (fromMs: number, toMs: number, everyMs = 5_000): Sample[] =>
  Array.from({ length: Math.floor((toMs - fromMs) / everyMs) + 1 }, (_, k) => ({
    ts: fromMs + k * everyMs,
    everyMs: 5_000,
    values: [k],
  }))
const friday = every(istInstant(FRIDAY, '15:00'), istInstant(FRIDAY, '15:40'))

describe('series', () => {
  it('are those of the trading day until now, in at most two thousand points, with its phases', async () => {
    const { series } = await createRig({ samples: [...friday, ...every(OPEN, CLOSE)] })
    const report = await series()
    expect(report).toMatchObject({ index: 'NIFTY', bucket: 'this_week', source: 'sim', scope: 'full', step_ms: 15_000 })
    expect([report.from, report.to]).toEqual([formatIst(istInstant(MARKET_DATE, '09:00')), formatIst(CLOSE)])
    expect(report.times.length).toBe(1541)
    expect(report.times[0]).toBe(formatIst(OPEN))
    expect(report.values.spot?.slice(0, 3)).toEqual([2, 5, 8])
    expect(report.values.spot?.at(-1)).toBe(4620)
    expect(report.phases.map(({ phase }) => phase)).toEqual(['pre_open', 'open', 'cash_auction', 'fo_only'])
  })

  it('on a day without a session are those of the last one', async () => {
    const sunday = istInstant(addDays(MARKET_DATE, -1), '12:00')
    const report = await (await createRig({ now: sunday, samples: friday })).series()
    expect(report.from).toBe(formatIst(istInstant(FRIDAY, '09:00')))
    expect(report.times.at(-1)).toBe(formatIst(istInstant(FRIDAY, '15:40')))
  })

  it('break in a gap, which is told with its cause as one', async () => {
    const [stopped, again] = [OPEN + 600_000, OPEN + 1_200_000]
    const pieces = [0, 1, 2].map((k) => {
      return { from: stopped + k * 200_000, to: stopped + (k + 1) * 200_000, cause: 'app_stopped' } as const
    })
    const samples = [...every(OPEN, stopped), ...every(again, again + 600_000)]
    const report = await (await createRig({ samples, gaps: pieces })).series({ step: '60000' })
    expect(report.gaps).toEqual([{ from: formatIst(stopped), to: formatIst(again), cause: 'app_stopped' }])
    const at = report.values.spot?.indexOf(null) ?? -1
    const time = Date.parse(report.times[at] ?? '')
    expect(time).toBeGreaterThan(stopped)
    expect(time).toBeLessThan(again)
    expect(report.values.spot?.filter((value) => value === null)).toHaveLength(1)
  })

  it('of a day are closes, over the days that are asked for', async () => {
    const { series } = await createRig({ samples: [...friday, ...every(OPEN, CLOSE)] })
    const report = await series({ step: 86_400_000, from: formatIst(istInstant(FRIDAY)) })
    expect(report.times).toEqual([formatIst(istInstant(FRIDAY)), formatIst(istInstant(MARKET_DATE))])
    expect(report.values).toEqual({ spot: [480, 4620] })
    expect(report.phases).toEqual([])
  })

  it('take instants in milliseconds, and gaps that were written down later', async () => {
    const gap = { from: OPEN, to: istInstant('2026-11-25', '10:00'), cause: 'app_stopped' } as const
    const { series } = await createRig({ samples: friday, gaps: [gap] })
    const report = await series({ from: String(OPEN), to: String(CLOSE) })
    expect([report.times, report.values]).toEqual([[], { spot: [] }])
    expect(report.gaps).toEqual([{ from: formatIst(OPEN), to: formatIst(CLOSE), cause: 'app_stopped' }])
  })

  it.each([
    [{ from: 'yesterday' }, 'from: yesterday is not an instant'],
    [{ to: '2026-02-30T10:00' }, 'to: 2026-02-30T10:00 is not an instant'],
    [{ from: '2026-11-24T10:00', to: '2026-11-23T10:00' }, /^from \(2026-11-24.*\) lies after to \(2026-11-23/],
    [{ from: '2025-01-01T10:00', to: '2026-11-23T10:00' }, 'from and to lie more than 400 days apart'],
    [{ from: '2026-01-01T10:00', to: '2026-11-23T10:00', step: 1_000 }, /^step: 1000 ms makes too many points/],
  ])('refuse %j with a sentence', async (request, reason) => {
    const { series } = await createRig()
    await expect(series(request)).rejects.toMatchObject({
      code: 'request_invalid',
      details: { reason: expect.stringMatching(reason) },
    })
  })
})

describe('the smile at the previous close', () => {
  it('is the whole one that was sampled last', async () => {
    const { previousSmile } = await createRig({
      smiles: {
        [FRIDAY]: [
          [24_000, 0.12],
          [24_050, 0.11],
        ],
      },
    })
    expect(await previousSmile()).toMatchObject({
      date: FRIDAY,
      points: [
        { strike: 24_000, iv: 0.12 },
        { strike: 24_050, iv: 0.11 },
      ],
    })
  })

  const last = istInstant(FRIDAY, '15:39')
  const leg = (strike: number, right: 'CE' | 'PE', iv: number | null, change: Partial<Leg> = {}): Leg => ({
    ...{ ts: last, index: 'NIFTY', bucket: 'next_week', expiry: WEEKLY, strike, offset: 0, right, iv },
    ...{ symbol: `${strike}${right}`, token: 1, ltp: null, bid: null, ask: null, bid_qty: null, ask_qty: null },
    ...{ volume: null, oi: null, oi_day_high: null, oi_day_low: null, open: null, high: null, low: null, close: null },
    ...{ delta: null, gamma: null, theta: null, vega: null, rho: null, spot: 24_000, forward: 24_060 },
    ...{ exchange_ts: null, batch: '1-1', source: 'sim', price_used: 'mid', iv_status: 'ok', forward_method: 'parity' },
    ...change,
  })
  const legs = [
    leg(23_900, 'PE', 0.15, { ts: last - 4 * 3_600_000 }),
    leg(24_000, 'CE', 0.9),
    leg(24_000, 'PE', 0.14),
    leg(24_050, 'CE', 0.9),
    leg(24_050, 'PE', 0.13),
    leg(24_100, 'CE', 0.12, { ts: last - 60_000 }),
    leg(24_100, 'PE', 0.9),
    leg(24_200, 'CE', null),
  ]

  it('has the out-of-the-money side of each strike that was in the window at the end of the newest earlier day', async () => {
    const older = [leg(24_000, 'PE', 0.5)]
    const { previousSmile } = await createRig({
      legs: { [FRIDAY]: legs, '2026-11-19': older, [MARKET_DATE]: older },
    })
    expect(await previousSmile()).toEqual({
      ...{ index: 'NIFTY', bucket: 'this_week', expiry: WEEKLY, date: FRIDAY },
      points: [
        { strike: 24_000, iv: 0.14 },
        { strike: 24_050, iv: 0.13 },
        { strike: 24_100, iv: 0.12 },
      ],
    })
  })

  it('passes over a day that has nothing of the expiry, and is empty when there is none', async () => {
    const other = legs.map((one) => ({ ...one, expiry: '2026-11-24' }))
    const { previousSmile } = await createRig({ legs: { '2026-11-19': legs, [FRIDAY]: other } })
    expect((await previousSmile()).date).toBe('2026-11-19')
    const none = await createRig({ legs: { [FRIDAY]: other } })
    expect(await none.previousSmile()).toMatchObject({ date: null, points: [] })
  })

  it('knows no bucket that is not listed', async () => {
    const { previousSmile } = await createRig()
    await expect(previousSmile({ bucket: 'next_month' })).rejects.toMatchObject({ code: 'bucket_not_listed' })
  })
})
