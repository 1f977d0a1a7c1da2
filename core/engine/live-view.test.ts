import { describe, expect, it } from 'vitest'
import {
  expiriesSchema,
  greeksSchema,
  indicesSchema,
  optionChainSchema,
  summarySchema,
} from '../contract/api-schema.ts'
import { createRecordComposer } from '../contract/leg-record.ts'
import { istInstant } from '../domain/ist.ts'
import { createFakeClock } from '../testing/fake-clock.ts'
import { createMemoryJournal } from '../testing/journal-memory.ts'
import {
  buildMarket,
  calendar,
  chainPackets,
  fairQuote,
  frameEvent,
  HOLE,
  instrument,
  MONTHLY,
  optionPacket,
  optionToken,
  STRIKES,
  spotPacket,
  TEN,
  WEEKLY,
} from '../testing/market-builder.ts'
import { createRecordedMetrics } from '../testing/recorded-metrics.ts'
import { silentLogger } from '../testing/silent-logger.ts'
import { createCollector } from './collector.ts'
import { createEnricher } from './enrich.ts'
import { createLiveView } from './live-view.ts'
import type { MarketState } from './market-state.ts'

const RATE = 0.065
const SPOT = 24_060

interface RigShape {
  readonly startMs?: number
  readonly market?: MarketState | null
  readonly previousOi?: number | null
}

async function createRig({ startMs = TEN, market = buildMarket(), previousOi = null }: RigShape = {}) {
  const clock = createFakeClock(startMs)
  const journal = createMemoryJournal()
  await journal.start()
  const batches = new Map<number, string>()
  const collector = createCollector(
    {
      clock,
      calendar,
      journal,
      metrics: createRecordedMetrics(),
      enricher: createEnricher(calendar, RATE),
      composer: createRecordComposer(),
      newTrace: () => 'trace',
      logger: silentLogger,
      lastLegs: () => [],
    },
    { source: 'sim', offsets: new Set([0]) },
  )
  collector.batches.subscribe(({ batch, legs }) => {
    for (const leg of legs) batches.set(leg.token, batch)
  })
  if (market !== null) collector.use(market)
  const view = createLiveView(
    {
      clock,
      calendar,
      enricher: createEnricher(calendar, RATE),
      market: collector.market,
      previousOi: () => previousOi,
      lastBatch: (token) => batches.get(token) ?? null,
      closingIvs: () => [0.05, 0.9],
    },
    { source: 'sim', rate: RATE, offsets: new Set([-1, 0, 1]) },
  )
  const send = (packets: readonly Uint8Array[]) => {
    collector.onFrame(frameEvent(packets, clock.now(), clock.monotonicMs()))
    clock.advance(50)
  }
  return { clock, view, send, collector }
}

async function quotedRig(shape: RigShape = {}) {
  const rig = await createRig(shape)
  rig.send([spotPacket(SPOT), ...chainPackets(SPOT)])
  return rig
}

const code = (expected: string) => expect.objectContaining({ code: expected })

describe('live view: option chain', () => {
  it('shows every listed strike, ascending, with signed offsets around the ATM', async () => {
    const { view } = await quotedRig()
    const chain = optionChainSchema.parse(view.optionChain('NIFTY', 'this_week'))
    expect(chain).toMatchObject({ index: 'NIFTY', bucket: 'this_week', expiry: WEEKLY, source: 'sim', atm: 24_050 })
    expect(chain.rows.map(({ strike }) => strike)).toEqual(STRIKES)
    expect(chain.rows.map(({ offset }) => offset)).toEqual([-3, -2, -1, 0, 1, 2, 3, 4, 5])
    expect(chain).toMatchObject({ spot: SPOT, stale: false, spot_frozen: false, lot_size: 65 })
    expect(chain.timestamp).toBe('2026-11-23T10:00:00.000+05:30')
    expect(chain.forward).toMatchObject({ method: 'parity', age_ms: 50 })
    expect(chain.forward.value).toBeCloseTo(SPOT, -1)
  })

  it('keeps IV and Greeks where the prices stand still, however much time goes by', async () => {
    const { clock, view } = await quotedRig()
    const numbers = () =>
      view
        .greeks('NIFTY', 'this_week')
        .legs.map(({ iv, delta, theta, vega, iv_status }) => [iv, delta, theta, vega, iv_status])
    const before = numbers()
    expect(before.flat().filter((value) => typeof value === 'number').length).toBeGreaterThan(20)
    clock.advance(3_600_000)
    expect(numbers()).toEqual(before)
  })

  it('is null for what is not listed, and for what sent nothing yet', async () => {
    const { view, send } = await createRig()
    send([spotPacket(SPOT), optionPacket(fairQuote(24_050, 'CE', SPOT))])
    const { rows } = view.optionChain('NIFTY', 'this_week')
    expect(rows.find(({ strike }) => strike === HOLE.strike)?.put).toBeNull()
    expect(rows.filter(({ call, put }) => call !== null || put !== null).map(({ strike }) => strike)).toEqual([24_050])
  })

  it('gives a leg every column but those of the head, with its age and its batch', async () => {
    const { view, clock } = await quotedRig({ previousOi: 4000 })
    clock.advance(1950)
    const row = view.optionChain('NIFTY', 'this_week').rows.find(({ offset }) => offset === 0)
    const { last } = fairQuote(24_050, 'CE', SPOT)
    expect(row?.call).toMatchObject({
      ts: '2026-11-23T10:00:00.000+05:30',
      exchange_ts: '2026-11-23T10:00:00.000+05:30',
      token: optionToken(24_050, 'CE'),
      right: 'CE',
      ltp: last,
      oi: 5000,
      oi_change: 1000,
      age_ms: 2000,
      batch: '1-1',
      price_used: 'mid',
      iv_status: 'ok',
    })
    expect(row?.call?.iv).toBeGreaterThan(0.1)
    expect(row?.call?.iv).toBeLessThan(0.14)
    for (const head of ['index', 'bucket', 'expiry', 'source', 'spot', 'forward', 'strike', 'offset']) {
      expect(row?.call).not.toHaveProperty(head)
    }
    expect(row?.put?.delta).toBeLessThan(0)
  })

  it('has no change of open interest without a baseline, and no batch for what was not recorded', async () => {
    const { view } = await quotedRig()
    const { rows } = view.optionChain('NIFTY', 'this_week')
    expect(rows.map(({ call }) => call?.oi_change)).toEqual(STRIKES.map(() => null))
    expect(rows.map(({ call }) => call?.batch)).toEqual(STRIKES.map((strike) => (strike === 24_050 ? '1-1' : null)))
  })

  it('has neither forward nor ATM nor offsets before anything came', async () => {
    const { view } = await createRig()
    const chain = optionChainSchema.parse(view.optionChain('NIFTY', 'this_week'))
    expect(chain).toMatchObject({
      spot: null,
      atm: null,
      stale: true,
      forward: { value: null, method: null, age_ms: null },
    })
    expect(chain.rows.every(({ offset, call, put }) => offset === null && call === null && put === null)).toBe(true)
  })

  it('turns stale after ten seconds without packets, but only while options trade', async () => {
    const { view, clock } = await quotedRig()
    const stale = () => view.optionChain('NIFTY', 'this_week').stale
    clock.advance(9950)
    expect(stale()).toBe(false)
    clock.advance(1)
    expect(stale()).toBe(true)
    clock.jump(istInstant('2026-11-23', '15:40'))
    expect(stale()).toBe(false)
  })

  it('says that the index is frozen during the cash auction', async () => {
    const { view, clock } = await quotedRig({ startMs: istInstant('2026-11-23', '15:14:59') })
    expect(view.optionChain('NIFTY', 'this_week').spot_frozen).toBe(false)
    clock.advance(1000)
    expect(view.optionChain('NIFTY', 'this_week').spot_frozen).toBe(true)
    expect(view.indices().indices[0]?.spot_frozen).toBe(true)
  })

  it('answers every alias of an expiry with the same chain', async () => {
    const { view } = await quotedRig()
    const [week, month] = [view.optionChain('NIFTY', 'next_week'), view.optionChain('NIFTY', 'this_month')]
    expect([week.expiry, month.expiry]).toEqual([MONTHLY, MONTHLY])
    expect({ ...week, bucket: null }).toEqual({ ...month, bucket: null })
    expect([week.bucket, month.bucket]).toEqual(['next_week', 'this_month'])
  })

  it('does not mix up chains of more contracts than a usual one', async () => {
    const strikes = Array.from({ length: 700 }, (_, k) => 20_000 + 10 * k)
    const instruments = strikes.flatMap((strike) =>
      (['CE', 'PE'] as const).map((type) =>
        instrument({ token: ((strike + (type === 'CE' ? 0 : 1)) << 8) | 2, symbol: `${strike}${type}`, strike, type }),
      ),
    )
    const { view, send } = await createRig({ market: buildMarket({ instruments }) })
    send([spotPacket(SPOT), ...instruments.map(({ token, strike }) => optionPacket({ token, last: 1, oi: strike }))])
    const { rows } = view.optionChain('NIFTY', 'this_month')
    expect(rows.map(({ put }) => put?.oi)).toEqual(strikes)
  })
})

describe('live view: other reports', () => {
  it('gives Greeks of every leg that is known', async () => {
    const { view, clock } = await quotedRig()
    clock.advance(950)
    const report = greeksSchema.parse(view.greeks('NIFTY', 'this_week'))
    expect(report.legs).toHaveLength(2 * STRIKES.length - 1)
    expect(report).toMatchObject({ bucket: 'this_week', expiry: WEEKLY, forward: { method: 'parity' } })
    const atm = report.legs.find(({ strike, right }) => strike === 24_050 && right === 'CE')
    expect(atm).toMatchObject({ iv_status: 'ok', age_ms: 1000 })
    expect(atm?.delta).toBeGreaterThan(0.4)
  })

  it('sums up the recorded window and the full chain', async () => {
    const { view } = await quotedRig()
    const report = summarySchema.parse(view.summary('NIFTY', 'this_week'))
    expect(report.window.scope).toBe('window')
    expect(report.full.scope).toBe('full')
    expect(report.window.totals).toMatchObject({ ce_oi: 3 * 5000, pe_oi: 3 * 5000 })
    expect(report.full.totals).toMatchObject({ ce_oi: STRIKES.length * 5000, pe_oi: (STRIKES.length - 1) * 5000 })
    expect(report.full.pcr_oi).toBeCloseTo((STRIKES.length - 1) / STRIKES.length, 9)
    expect(report.full.atm.strike).toBe(24_050)
    expect(report).toMatchObject({ stale: false, source: 'sim', bucket: 'this_week' })
    expect(report.term_structure.map(({ expiry }) => expiry)).toEqual([WEEKLY, MONTHLY])
    expect(report.term_structure[0]?.iv).toBe(report.full.atm.iv)
    const { iv } = report.full.atm
    expect(report.iv_standing).toEqual({ rank: ((iv ?? 0) - 0.05) / 0.85, percentile: 0.5, days: 2 })
  })

  it('names indices with their buckets, also before anything is known', async () => {
    const { view } = await quotedRig()
    expect(indicesSchema.parse(view.indices())).toMatchObject({
      date: '2026-11-23',
      indices: [
        {
          index: 'NIFTY',
          exchange: 'NFO',
          spot_symbol: 'NIFTY 50',
          spot: SPOT,
          lot_size: 65,
          buckets: { this_week: WEEKLY, next_week: MONTHLY, this_month: MONTHLY },
        },
      ],
    })
    const { view: empty } = await createRig({ market: null })
    expect(indicesSchema.parse(empty.indices())).toEqual({ date: null, source: 'sim', indices: [] })
  })

  it('names expiries with strikes, lots and when they settle', async () => {
    const { view } = await createRig()
    const { expiries } = expiriesSchema.parse(view.expiries('NIFTY'))
    expect(expiries).toEqual([
      {
        expiry: WEEKLY,
        buckets: ['this_week'],
        monthly: false,
        days_to_expiry: 8,
        settles_at: '2026-12-01T15:35:00.000+05:30',
        lot_size: 65,
        strikes: STRIKES,
      },
      {
        expiry: MONTHLY,
        buckets: ['next_week', 'this_month'],
        monthly: true,
        days_to_expiry: 36,
        settles_at: '2026-12-29T15:35:00.000+05:30',
        lot_size: 65,
        strikes: STRIKES,
      },
    ])
  })

  it.each([
    ['an index that is not collected', 'index_unknown', 'SENSEX', 'this_week'],
    ['a bucket that does not exist', 'bucket_not_listed', 'NIFTY', 'next_month'],
  ] as const)('refuses %s', async (_, expected, index, bucket) => {
    const { view } = await quotedRig()
    expect(() => view.optionChain(index, bucket)).toThrow(code(expected))
    expect(() => view.greeks(index, bucket)).toThrow(code(expected))
    expect(() => view.summary(index, bucket)).toThrow(code(expected))
  })

  it('refuses a bucket that is listed and not collected', async () => {
    const { view } = await createRig({ market: buildMarket({ buckets: ['this_week'] }) })
    expect(() => view.optionChain('NIFTY', 'this_month')).toThrow(code('bucket_not_listed'))
  })

  it('says that nothing is known yet before the universe was read', async () => {
    const { view } = await createRig({ market: null })
    expect(() => view.optionChain('NIFTY', 'this_week')).toThrow(code('universe_unknown'))
    expect(() => view.expiries('NIFTY')).toThrow(code('universe_unknown'))
  })
})
