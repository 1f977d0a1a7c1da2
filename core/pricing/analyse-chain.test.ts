import { describe, expect, it } from 'vitest'
import type { ChainSnapshot, SnapshotLeg } from '../domain/chain-snapshot.ts'
import { istInstant } from '../domain/ist.ts'
import { type AnalysisOptions, analyseChain } from './analyse-chain.ts'
import { black76 } from './black76.ts'

const EXPIRY = '2026-12-01'
const AS_OF = istInstant('2026-11-24', '10:00')
const SETTLEMENT = istInstant(EXPIRY, '15:35')
const YEARS = (SETTLEMENT - AS_OF) / (365 * 86_400_000)
const RATE = 0.065
const DISCOUNT = Math.exp(-RATE * YEARS)
const FORWARD = 24_040
const SIGMA = 0.12
const STRIKES = Array.from({ length: 21 }, (_, k) => 23_500 + 50 * k)
const OPTIONS: AnalysisOptions = { convention: 'market', expiry: EXPIRY, rate: RATE, settlementAt: SETTLEMENT }

function fair(strike: number, right: 'CE' | 'PE'): number {
  return Math.round(black76(right, FORWARD, strike, YEARS, SIGMA, DISCOUNT) * 20) / 20
}

function leg(strike: number, right: 'CE' | 'PE', change: Partial<SnapshotLeg> = {}): SnapshotLeg {
  const value = fair(strike, right)
  return {
    expiry: EXPIRY,
    strike,
    right,
    last: value,
    bid: value - 0.05,
    ask: value + 0.05,
    volume: 100,
    oi: 10,
    oiChange: 5,
    priceChange: -1,
    publishedIv: 0.13,
    quotedAt: null,
    ...change,
  }
}

/** A fair chain, with what one contract has instead. */
function snapshot(strike = 0, right: 'CE' | 'PE' = 'CE', change: Partial<SnapshotLeg> = {}): ChainSnapshot {
  const legs = STRIKES.flatMap((each) =>
    (['CE', 'PE'] as const).map((side) => leg(each, side, each === strike && side === right ? change : {})),
  )
  return { index: 'NIFTY', asOf: AS_OF, spot: 24_012, scope: 'full', oiUnit: 'lots', legs }
}

const find = (analysis: ReturnType<typeof analyseChain>, strike: number, right: 'CE' | 'PE') => {
  const found = analysis.legs.find((one) => one.strike === strike && one.right === right)
  if (found === undefined) throw new Error(`there is no ${strike} ${right}`)
  return found
}

describe('analyseChain by the market', () => {
  it('finds forward, IV and metrics of a fair chain', () => {
    const analysis = analyseChain(snapshot(), OPTIONS)
    expect(analysis).toMatchObject({
      index: 'NIFTY',
      expiry: EXPIRY,
      as_of: '2026-11-24T10:00:00.000+05:30',
      convention: 'market',
      rate: RATE,
      scope: 'full',
      oi_unit: 'lots',
      spot: 24_012,
      totals: { ce_oi: 210, pe_oi: 210, ce_volume: 2100, pe_volume: 2100 },
      pcr_oi: 1,
      atm: { strike: 24_050 },
    })
    expect(analysis.forward).toMatchObject({ method: 'parity', pairs: 8 })
    expect(analysis.forward.value).toBeCloseTo(FORWARD, 0)
    expect(analysis.atm.iv).toBeCloseTo(SIGMA, 3)
    expect(analysis.atm.straddle).toBeCloseTo(2 * black76('CE', FORWARD, FORWARD, YEARS, SIGMA, DISCOUNT), 0)
    for (const one of analysis.legs) {
      expect(one).toMatchObject({ iv_status: 'ok', build_up: 'short', published_iv: 0.13 })
      expect(Math.abs((one.iv ?? Number.NaN) - SIGMA)).toBeLessThan(0.005)
    }
  })

  it.each([
    ['below its intrinsic value', { last: 400, bid: 399.95, ask: 400.05 }],
    ['too wide', { bid: 300, ask: 700 }],
    ['wider than its time value', { bid: 490, ask: 590, last: null }],
    ['without a price', { bid: null, ask: null, last: null }],
    ['not traded today', { bid: null, ask: null, volume: 0 }],
    ['a last trade that contradicts the twin', { bid: null, ask: null, last: 600 }],
    ['silent for long', { quotedAt: AS_OF - 301_000 }],
  ])('takes an in-the-money leg from its twin when it is %s', (_, change) => {
    const analysis = analyseChain(snapshot(23_500, 'CE', change), OPTIONS)
    const [call, put] = [find(analysis, 23_500, 'CE'), find(analysis, 23_500, 'PE')]
    expect(call).toMatchObject({ price_used: 'twin', iv_status: 'ok' })
    expect(call.iv).toBeCloseTo(put.iv ?? Number.NaN, 9)
    expect((call.delta ?? 0) - (put.delta ?? 0)).toBeCloseTo(1, 9)
    expect(call.price).toBeCloseTo((put.price ?? 0) + DISCOUNT * ((analysis.forward.value ?? 0) - 23_500), 9)
  })

  it.each([
    ['wide_spread', { bid: 1, ask: 20 }],
    ['stale', { bid: null, ask: null, volume: 0 }],
    ['stale', { quotedAt: AS_OF - 301_000 }],
    ['no_price', { bid: null, ask: null, last: null }],
  ] as const)('says %s of an out-of-the-money leg, and gives no number', (status, change) => {
    const call = find(analyseChain(snapshot(24_400, 'CE', change), OPTIONS), 24_400, 'CE')
    expect(call).toMatchObject({ iv_status: status, iv: null, delta: null, gamma: null, theta: null, vega: null })
    const put = find(analyseChain(snapshot(24_400, 'CE', change), OPTIONS), 24_400, 'PE')
    expect(put).toMatchObject({ iv_status: 'ok', price_used: 'mid' })
  })

  it('keeps a quote that was heard of within five minutes', () => {
    const call = find(analyseChain(snapshot(24_400, 'CE', { quotedAt: AS_OF - 299_000 }), OPTIONS), 24_400, 'CE')
    expect(call.iv_status).toBe('ok')
  })

  it('falls back to spot and carry on a one-sided chain', () => {
    const full = snapshot()
    const calls = { ...full, legs: full.legs.filter(({ right }) => right === 'CE') }
    const analysis = analyseChain(calls, OPTIONS)
    expect(analysis.forward).toMatchObject({ method: 'spot_carry', pairs: 0, residual: null })
    expect(analysis.forward.value).toBeCloseTo(24_012 / DISCOUNT, 6)
    expect(analysis).toMatchObject({ pcr_oi: null, totals: { pe_oi: null } })
  })

  it('has no forward without spot on such a chain, and says so of every leg', () => {
    const full = snapshot()
    const calls = { ...full, spot: null, legs: full.legs.filter(({ right }) => right === 'CE') }
    const analysis = analyseChain(calls, OPTIONS)
    expect(analysis.forward).toEqual({ value: null, method: null, pairs: 0, residual: null })
    expect(new Set(analysis.legs.map(({ iv_status }) => iv_status))).toEqual(new Set(['no_forward']))
    expect(analysis).toMatchObject({ atm: { strike: null, iv: null, straddle: null }, gex: null, smile: null })
  })

  it('says that the expiry is over, and still counts', () => {
    const analysis = analyseChain({ ...snapshot(), asOf: SETTLEMENT }, OPTIONS)
    expect(new Set(analysis.legs.map(({ iv_status, price_used }) => `${iv_status} ${price_used}`))).toEqual(
      new Set(['expired mid']),
    )
    expect(analysis).toMatchObject({ pcr_oi: 1, atm: { iv: null, straddle: null } })
  })

  it('takes the later of a contract that stands twice, and only the expiry asked for', () => {
    const full = snapshot()
    const legs = [...full.legs, leg(24_000, 'CE', { oi: 99 }), leg(24_000, 'PE', { expiry: '2026-12-08', oi: 77 })]
    const analysis = analyseChain({ ...full, legs }, OPTIONS)
    expect(analysis.legs).toHaveLength(42)
    expect(find(analysis, 24_000, 'CE').oi).toBe(99)
    expect(find(analysis, 24_000, 'PE').oi).toBe(10)
  })
})

describe('analyseChain by an exchange', () => {
  it.each([
    ['nse', 0.1],
    ['bse', 0.055],
  ] as const)('is %s: Black-Scholes on spot at %f, whole days, last price', (convention, rate) => {
    const analysis = analyseChain(snapshot(), { ...OPTIONS, convention })
    const years = 7 / 365
    expect(analysis.rate).toBe(rate)
    expect(analysis.forward).toMatchObject({ method: 'spot_carry', pairs: 0 })
    expect(analysis.forward.value).toBeCloseTo(24_012 * Math.exp(rate * years), 8)
    for (const { strike, right, iv, price, price_used } of analysis.legs) {
      expect([price, price_used]).toEqual([fair(strike, right), 'last'])
      if (iv === null) continue
      const back = black76(right, 24_012 * Math.exp(rate * years), strike, years, iv, Math.exp(-rate * years))
      expect(back).toBeCloseTo(price ?? Number.NaN, 8)
    }
  })

  it('counts at least one day, also after the close of the expiry day', () => {
    const last = { ...snapshot(), asOf: istInstant(EXPIRY, '15:40') }
    const analysis = analyseChain(last, { ...OPTIONS, convention: 'nse' })
    expect(analysis.forward.value).toBeCloseTo(24_012 * Math.exp(0.1 / 365), 8)
    expect(analysis.legs.some(({ iv }) => iv !== null)).toBe(true)
  })

  it('does not repair a leg below its intrinsic value', () => {
    const found = find(
      analyseChain(snapshot(23_500, 'CE', { last: 400 }), { ...OPTIONS, convention: 'nse' }),
      23_500,
      'CE',
    )
    expect(found).toMatchObject({ iv_status: 'below_intrinsic', iv: null, price: 400, price_used: 'last' })
  })
})
