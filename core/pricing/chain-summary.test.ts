import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { black76 } from './black76.ts'
import { type SummaryLeg, type SummaryStrike, summariseChain } from './chain-summary.ts'

const NOTHING: SummaryLeg = { iv: null, delta: null, gamma: null, oi: null, volume: null }

const YEARS = 7 / 365
const RATE = 0.065

function row(strike: number, call: Partial<SummaryLeg>, put: Partial<SummaryLeg>): SummaryStrike {
  return { strike, call: { ...NOTHING, ...call }, put: { ...NOTHING, ...put } }
}

function summary(strikes: readonly SummaryStrike[], forward: number | null = null, spot: number | null = null) {
  return summariseChain({ strikes, forward, spot, years: YEARS, rate: RATE, atmStrike: null })
}

function times(leg: SummaryLeg | null, lot: number): SummaryLeg | null {
  const scaled = (value: number | null) => (value === null ? null : value * lot)
  return leg && { ...leg, oi: scaled(leg.oi), volume: scaled(leg.volume) }
}

const CHAIN = [
  row(
    100,
    { iv: 0.2, delta: 0.8, gamma: 0.01, oi: 10, volume: 5 },
    { iv: 0.22, delta: -0.2, gamma: 0.01, oi: 40, volume: 8 },
  ),
  row(
    110,
    { iv: 0.18, delta: 0.5, gamma: 0.02, oi: 30, volume: 9 },
    { iv: 0.18, delta: -0.5, gamma: 0.02, oi: 30, volume: 7 },
  ),
  row(
    120,
    { iv: 0.16, delta: 0.1, gamma: 0.01, oi: 60, volume: 6 },
    { iv: 0.17, delta: -0.9, gamma: 0.01, oi: 5, volume: null },
  ),
]

describe('summariseChain', () => {
  it('sums, and divides puts by calls', () => {
    const { totals, pcr_oi, pcr_volume } = summary(CHAIN)
    expect(totals).toEqual({ ce_oi: 100, pe_oi: 75, ce_volume: 20, pe_volume: 15 })
    expect(pcr_oi).toBe(0.75)
    expect(pcr_volume).toBe(0.75)
  })

  it('has nulls, not zeros, where nothing is known', () => {
    const empty = {
      totals: { ce_oi: null, pe_oi: null, ce_volume: null, pe_volume: null },
      pcr_oi: null,
      pcr_volume: null,
      max_pain: null,
      atm: { strike: null, iv: null, straddle: null },
      expected_move: null,
      skew_25d: null,
      risk_reversal_25d: null,
      gex: null,
      dex: null,
      smile: null,
    }
    expect(summary([])).toEqual(empty)
    expect(summary([row(100, {}, {}), { strike: 110, call: null, put: null }], 105, 104)).toEqual(empty)
  })

  it('has no PCR over calls of 0 or unknown puts, but one of 0', () => {
    expect(summary([row(100, { oi: 0 }, { oi: 5 })]).pcr_oi).toBeNull()
    expect(summary([row(100, { oi: 5 }, {})]).pcr_oi).toBeNull()
    expect(summary([row(100, { oi: 5 }, { oi: 0 })]).pcr_oi).toBe(0)
  })

  it('finds max pain as the definition does', () => {
    const interest = fc.nat(1000)
    const rows = fc.uniqueArray(
      fc.record({ strike: fc.integer({ min: 1, max: 500 }), call: interest, put: interest }),
      {
        minLength: 1,
        maxLength: 30,
        selector: (one) => one.strike,
      },
    )
    fc.assert(
      fc.property(rows, (list) => {
        const found = summary(list.map((one) => row(one.strike, { oi: one.call }, { oi: one.put }))).max_pain
        const payout = (at: number) =>
          list.reduce(
            (sum, one) => sum + one.call * Math.max(at - one.strike, 0) + one.put * Math.max(one.strike - at, 0),
            0,
          )
        const strikes = list.map((one) => one.strike).sort((a, b) => a - b)
        const least = Math.min(...strikes.map(payout))
        const known = list.some((one) => one.call + one.put > 0)
        expect(found).toBe(known ? strikes.find((strike) => payout(strike) === least) : null)
      }),
    )
  })

  it('names the lowest of equal strikes', () => {
    expect(summary([row(100, {}, { oi: 10 }), row(110, { oi: 10 }, {})]).max_pain).toBe(100)
  })

  it('interpolates ATM IV at the forward, and prices the straddle there with it', () => {
    const { atm, expected_move } = summariseChain({
      strikes: CHAIN,
      forward: 104,
      spot: null,
      years: YEARS,
      rate: RATE,
      atmStrike: 100,
    })
    expect(atm.strike).toBe(100)
    expect(atm.iv).toBeCloseTo(0.21 + 0.4 * (0.18 - 0.21), 14)
    const discount = Math.exp(-RATE * YEARS)
    const [call, put] = (['CE', 'PE'] as const).map((right) => black76(right, 104, 104, YEARS, 0.198, discount))
    expect(atm.straddle).toBeCloseTo((call ?? 0) + (put ?? 0), 12)
    expect(expected_move).toBe(atm.straddle)
    expect(summary(CHAIN, 110).atm.iv).toBe(0.18)
    expect(summary([...CHAIN].reverse(), 104).atm.iv).toBe(atm.iv)
  })

  it('does not read the straddle too high when a strike step is many deviations wide', () => {
    const [years, sigma, forward] = [30 / (365 * 24 * 60), 0.1, 24_025]
    const strikes = [24_000, 24_050].map((strike) => row(strike, { iv: sigma }, { iv: sigma }))
    const { atm } = summariseChain({ strikes, forward, spot: null, years, rate: 0, atmStrike: 24_000 })
    const deviation = forward * sigma * Math.sqrt(years)
    expect(deviation).toBeLessThan(20)
    expect(atm.straddle).toBeCloseTo(Math.sqrt(2 / Math.PI) * deviation, 3)
  })

  it('does not extrapolate, nor bridge a neighbour that has no value', () => {
    expect(summary(CHAIN, 99).atm).toEqual({ strike: null, iv: null, straddle: null })
    expect(summary(CHAIN, 121).atm.iv).toBeNull()
    const holed = [CHAIN[0], row(110, {}, {}), CHAIN[2]].filter((one) => one !== undefined)
    expect(summary(holed, 105).atm).toEqual({ strike: null, iv: null, straddle: null })
    const oneSided = [CHAIN[0], row(110, {}, { iv: 0.19 }), CHAIN[2]].filter((one) => one !== undefined)
    expect(summary(oneSided, 110).atm.iv).toBe(0.19)
  })

  it('has no straddle once the settlement is fixed', () => {
    const fixed = summariseChain({ strikes: CHAIN, forward: 104, spot: 104, years: 0, rate: RATE, atmStrike: 100 })
    expect(fixed.atm.straddle).toBeNull()
    expect(fixed.smile).toBeNull()
    expect(fixed.totals.ce_oi).toBe(100)
  })

  it('takes the skew at 25 delta, linear in delta, from both legs of a strike', () => {
    const [low, high] = [0.8 * 0.22 + 0.2 * 0.2, 0.1 * 0.17 + 0.9 * 0.16]
    const call = high + ((0.18 - high) * (0.25 - 0.1)) / (0.5 - 0.1)
    const put = low + ((0.18 - low) * (0.25 - 0.2)) / (0.5 - 0.2)
    expect(summary(CHAIN).skew_25d).toBeCloseTo(put - call, 14)
    expect(summary(CHAIN).risk_reversal_25d).toBeCloseTo(call - put, 14)
    expect(summary(CHAIN.slice(1)).skew_25d).toBeNull()
    expect(summary(CHAIN.slice(0, 2)).skew_25d).toBeNull()
    const exact = [
      row(100, { iv: 0.2, delta: 0.5 }, { iv: 0.23, delta: -0.25 }),
      row(110, { iv: 0.19, delta: 0.25 }, { iv: 0.2, delta: -0.5 }),
    ]
    const [onPut, onCall] = [(0.5 * 0.23 + 0.25 * 0.2) / 0.75, (0.25 * 0.2 + 0.5 * 0.19) / 0.75]
    expect(summary(exact).skew_25d).toBeCloseTo(onPut - onCall, 14)
  })

  it('nets gamma exposure, calls positive, per 1 % of spot', () => {
    const net = 0.01 * 10 + 0.02 * 30 + 0.01 * 60 - (0.01 * 40 + 0.02 * 30 + 0.01 * 5)
    expect(summary(CHAIN, null, 109).gex).toBeCloseTo(net * 109 * 109 * 0.01, 10)
    expect(summary(CHAIN, 109, null).gex).toBeNull()
    const none = { gamma: 0.01, oi: 0 }
    expect(summary([row(100, { gamma: 0.01, oi: 100 }, none)], null, 10).gex).toBeCloseTo(1, 12)
    expect(summary([row(100, none, { gamma: 0.01, oi: 100 })], null, 10).gex).toBeCloseTo(-1, 12)
  })

  it('leaves undetermined what one side alone does not determine', () => {
    const oneSided = summary([row(100, { gamma: 0.01, delta: 0.5, oi: 100 }, {})], null, 10)
    expect(oneSided).toMatchObject({ gex: null, dex: null, max_pain: null, pcr_oi: null })
  })

  it('sums delta exposure, each delta with its own sign', () => {
    const net = 0.8 * 10 + 0.5 * 30 + 0.1 * 60 - (0.2 * 40 + 0.5 * 30 + 0.9 * 5)
    expect(summary(CHAIN, null, 109).dex).toBeCloseTo(net * 109, 10)
    expect(summary(CHAIN, 109, null).dex).toBeNull()
    expect(summary([row(100, { oi: 5 }, { delta: -0.5 })], null, 109).dex).toBeNull()
  })

  it('changes with the unit of open interest as it should', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), (lot) => {
        const lots = summary(CHAIN, 104, 103)
        const inUnits = CHAIN.map(({ strike, call, put }) => ({ strike, call: times(call, lot), put: times(put, lot) }))
        const units = summary(inUnits, 104, 103)
        const { totals, gex, dex, ...invariant } = units
        expect(invariant).toEqual({ ...lots, totals: undefined, gex: undefined, dex: undefined })
        expect(totals.pe_oi).toBe(75 * lot)
        expect(totals.ce_volume).toBe(20 * lot)
        expect(gex).toBeCloseTo((lots.gex ?? Number.NaN) * lot, 6)
        expect(dex).toBeCloseTo((lots.dex ?? Number.NaN) * lot, 6)
      }),
    )
  })
})
