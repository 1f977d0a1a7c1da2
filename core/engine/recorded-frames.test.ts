import { describe, expect, it } from 'vitest'
import type { ChainMessage } from '../contract/chain-stream.ts'
import type { Leg } from '../domain/leg.ts'
import { calendar, listing, MARKET_DATE, STRIKES, TEN, WEEKLY } from '../testing/market-builder.ts'
import { createRecordedFrames, type FrameSample } from './recorded-frames.ts'
import { buildUniverse } from './universe.ts'

const request = { date: MARKET_DATE, indices: ['NIFTY'], buckets: ['this_week'], spotTokens: new Map() } as const
const chain = buildUniverse({ ...request, instruments: listing() }).indices[0]?.chains[0]
if (chain === undefined) throw new Error('the listing has no chain')
const { symbols } = { symbols: chain.contracts.map((contract) => contract?.symbol ?? '') }

const ATM = 24_050

function leg(strike: number, right: 'CE' | 'PE', change: Partial<Leg> = {}, atm = ATM): Leg {
  const place = STRIKES.indexOf(strike)
  return {
    ...{ ts: TEN, index: 'NIFTY', bucket: 'this_week', expiry: WEEKLY, strike, right, token: 1, batch: '1-1' },
    ...{ offset: place - STRIKES.indexOf(atm), symbol: symbols[2 * place + (right === 'CE' ? 0 : 1)] ?? '' },
    ...{ ltp: 100, bid: 99, ask: 101, bid_qty: 75, ask_qty: 75, volume: 10, oi: 1_000, oi_day_high: 1_200 },
    ...{ oi_day_low: 900, open: 90, high: 110, low: 80, close: 95, iv: 0.15, delta: 0.5, gamma: 0.001, theta: -9 },
    ...{ vega: 8, rho: 3, spot: 24_060, forward: 24_071, exchange_ts: TEN - 400, source: 'sim', price_used: 'mid' },
    ...{ iv_status: 'ok', forward_method: 'parity' },
    ...change,
  }
}

/** The five strikes of the window around the ATM. */
const windowAt = (atm: number, change: Partial<Leg> = {}): Leg[] => {
  const place = STRIKES.indexOf(atm)
  return STRIKES.slice(place - 2, place + 3).flatMap((strike) =>
    (['CE', 'PE'] as const)
      .filter((right) => symbols[2 * STRIKES.indexOf(strike) + (right === 'CE' ? 0 : 1)] !== '')
      .map((right) => leg(strike, right, change, atm)),
  )
}

const build = (gaps: Parameters<typeof createRecordedFrames>[0]['gaps'] = []) =>
  createRecordedFrames({ calendar, chain, bucket: 'this_week', previousOi: new Map([[symbols[6] ?? '', 400]]), gaps })

const sample: FrameSample = {
  ts: TEN,
  spot: 24_061,
  future: 24_100,
  vix: 12.5,
  metrics: {
    rate: 0.065,
    window: { pcr_oi: 1, pcr_volume: 1.1, max_pain: 24_000 },
    full: { pcr_oi: 0.9, pcr_volume: 1.2, max_pain: 24_050 },
    ...{ atm_iv: 0.15, straddle: 200, expected_move: 200, skew_25d: 0.01 },
  },
}

const strikesOf = ({ legs }: ChainMessage) => [...new Set(legs.map(([slot]) => STRIKES[slot >> 1]))]

describe('the frames of a recorded chain', () => {
  it('begin with the whole chain as that day listed it, with its facts at the instant', () => {
    const frames = build()
    frames.take(windowAt(ATM, { ts: TEN - 2_000 }))
    frames.take([leg(ATM, 'CE', { ltp: 120, oi: 1_500 })])
    const message = frames.frame(TEN + 500, sample)
    expect(message).toMatchObject({ full: true, seq: 0, expiry: WEEKLY, lot_size: 65, strikes: STRIKES })
    expect(message.metrics).toEqual(sample.metrics)
    expect(message.head).toEqual({
      ...{ time: TEN + 500, received_at: TEN, exchange_ts: TEN - 400, stale: false, atm: ATM },
      ...{ spot: 24_060, spot_frozen: false, future: 24_100, vix: 12.5 },
      forward: { value: 24_071, method: 'parity', age_ms: 500 },
    })
    const call = message.legs.find(([slot]) => slot === 2 * STRIKES.indexOf(ATM))
    expect(call?.slice(0, 5)).toEqual([6, TEN, TEN - 400, 120, 95])
    // Change of open interest against the previous close, and what it means with a price that rose.
    expect([call?.[11], call?.[25]]).toEqual([1_100, 'long'])
  })

  it('go on with what has changed, and with metrics only when they are others', () => {
    const frames = build()
    frames.take(windowAt(ATM))
    frames.frame(TEN, sample)
    frames.take([leg(24_100, 'PE', { ts: TEN + 300, ltp: 55 })])
    const next = frames.frame(TEN + 1_000, sample)
    expect(next).toMatchObject({ full: false, seq: 1 })
    expect(next.legs.map((row) => [row[0], row[3]])).toEqual([[2 * STRIKES.indexOf(24_100) + 1, 55]])
    expect('metrics' in next).toBe(false)
    const later = frames.frame(TEN + 2_000, null)
    expect([later.legs, later.metrics]).toEqual([[], null])
  })

  it('know nothing of a strike that has left the recorded window', () => {
    const frames = build()
    frames.take(windowAt(24_000, { ts: TEN }))
    expect(strikesOf(frames.frame(TEN, null))).toEqual([23_900, 23_950, 24_000, 24_050, 24_100])
    frames.take(windowAt(24_050, { ts: TEN + 1_000 }))
    const moved = frames.frame(TEN + 1_000, null)
    expect([moved.full, strikesOf(moved)]).toEqual([true, [23_950, 24_000, 24_050, 24_100, 24_200]])
  })

  it('have within a gap only what was received in it, and after it what is known again', () => {
    const gap = { from: TEN, to: TEN + 60_000, cause: 'feed_disconnected' } as const
    const frames = build([gap])
    frames.take(windowAt(ATM, { ts: TEN - 100 }))
    expect(frames.frame(gap.from, sample).legs.length).toBeGreaterThan(0)
    const within = frames.frame(TEN + 1, null)
    expect([within.full, within.legs]).toEqual([true, []])
    expect(within.head).toMatchObject({ spot: null, atm: null, received_at: null, stale: false, vix: null })
    frames.take([leg(ATM, 'CE', { ts: TEN + 2_000 })])
    expect(frames.frame(TEN + 3_000, null).legs.map(([slot]) => slot)).toEqual([6])
    expect(strikesOf(frames.frame(gap.to, null)).length).toBeGreaterThan(3)
  })

  it('say that nothing was received for long while options traded, and not after the close', () => {
    const frames = build()
    frames.take(windowAt(ATM))
    expect(frames.frame(TEN + 10_001, null).head.stale).toBe(true)
    expect(frames.frame(TEN + 6.5 * 3_600_000, null).head.stale).toBe(false)
    expect(build().frame(TEN, null).head).toMatchObject({
      stale: false,
      atm: null,
      forward: { value: null, age_ms: null },
    })
  })
})
