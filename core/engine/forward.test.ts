import { describe, expect, it } from 'vitest'
import { createFakeClock } from '../testing/fake-clock.ts'
import {
  buildMarket,
  calendar,
  chainPackets,
  fairQuote,
  frameEvent,
  futurePacket,
  MONTHLY,
  optionPacket,
  optionToken,
  STRIKES,
  spotPacket,
  TEN,
} from '../testing/market-builder.ts'
import { createEnricher } from './enrich.ts'
import { findForward } from './forward.ts'
import { takeUnderlying } from './market-state.ts'

const RATE = 0.065

function createRig() {
  const market = buildMarket()
  const index = market.indices.get('NIFTY')
  const [weekly, monthly] = index?.chains ?? []
  if (index === undefined || weekly === undefined || monthly === undefined) throw new Error('the market has no chains')
  const enricher = createEnricher(calendar, RATE)
  const clock = createFakeClock(TEN)
  const take = (packets: readonly Uint8Array[]) => {
    const { frame, receivedAt } = frameEvent(packets, clock.now())
    for (let i = 0; i < frame.count; i += 1) {
      const role = market.roleOf(frame.token[i] ?? 0)
      if (role?.kind === 'option') role.chain.take(frame, i, role.slot, receivedAt)
      else if (role !== undefined) takeUnderlying(role.underlying, frame, i, receivedAt)
    }
  }
  const forwardOf = (chain: typeof weekly) => {
    enricher.refresh(chain, index, clock.now())
    return chain.forward
  }
  return { index, weekly, monthly, take, forwardOf }
}

const carried = (spot: number, expiry: string) =>
  spot * Math.exp((RATE * (calendar.settlementFixAt(expiry) - TEN)) / (365 * 86_400_000))

describe('forward of a chain', () => {
  it('is unknown while nothing is known, and so is the ATM', () => {
    const { weekly, forwardOf } = createRig()
    expect(forwardOf(weekly)).toBeNull()
    expect(weekly.atm).toBeNull()
  })

  it('is spot plus carry where there is neither parity nor a future', () => {
    const { weekly, take, forwardOf } = createRig()
    take([spotPacket(24_060)])
    const forward = forwardOf(weekly)
    expect(forward).toMatchObject({ method: 'spot_carry', pairs: 0, residual: null, at: TEN })
    expect(forward?.value).toBeCloseTo(carried(24_060, '2026-12-01'), 6)
    expect(STRIKES[weekly.atm ?? -1]).toBe(24_100)
  })

  it('is the future of the same expiry, and of no other', () => {
    const { weekly, monthly, take, forwardOf } = createRig()
    take([spotPacket(24_060), futurePacket(24_190)])
    expect(forwardOf(monthly)).toMatchObject({ method: 'future', value: 24_190 })
    expect(forwardOf(weekly)?.method).toBe('spot_carry')
  })

  it('is put-call parity as soon as two pairs are quoted', () => {
    const { monthly, take, forwardOf } = createRig()
    const pair = (strike: number, call: number, put: number) => [
      optionPacket({ token: optionToken(strike, 'CE', MONTHLY), last: call, bid: call - 0.05, ask: call + 0.05 }),
      optionPacket({ token: optionToken(strike, 'PE', MONTHLY), last: put, bid: put - 0.05, ask: put + 0.05 }),
    ]
    take([spotPacket(24_060), futurePacket(24_300), ...pair(24_050, 300, 200)])
    expect(forwardOf(monthly)?.method).toBe('future')
    take(pair(24_100, 275, 225))
    const growth = carried(1, MONTHLY)
    const [low, high] = [24_050 + growth * 100, 24_100 + growth * 50]
    expect(forwardOf(monthly)).toMatchObject({ method: 'parity', pairs: 2 })
    expect(monthly.forward?.value).toBeCloseTo((low + high) / 2, 6)
    expect(monthly.forward?.residual).toBeCloseTo(Math.abs(high - low) / 2, 6)
  })

  it('does not rest on quotes that are too wide', () => {
    const { weekly, take, forwardOf } = createRig()
    take([spotPacket(24_060), ...chainPackets(24_060)])
    expect(forwardOf(weekly)?.pairs).toBe(8)
    const wide = STRIKES.slice(0, 3).map((strike) =>
      optionPacket({ token: optionToken(strike, 'PE'), last: 900, bid: 500, ask: 1500 }),
    )
    take(wide)
    expect(forwardOf(weekly)?.pairs).toBe(5)
    expect(weekly.forward?.value).toBeGreaterThan(24_055)
    expect(weekly.forward?.value).toBeLessThan(24_065)
  })

  it('goes on by parity while the spot stands still', () => {
    const { weekly, take, forwardOf } = createRig()
    take([spotPacket(24_060), ...chainPackets(24_060)])
    forwardOf(weekly)
    take(chainPackets(24_310))
    forwardOf(weekly)
    expect(weekly.forward?.method).toBe('parity')
    expect(weekly.forward?.value).toBeGreaterThan(24_300)
    expect(STRIKES[weekly.atm ?? -1]).toBe(24_300)
  })

  it('looks for the money where it was last, not where a spot stands still', () => {
    const strikes = Float64Array.from({ length: 40 }, (_, k) => 20_000 + 50 * k)
    const money = 21_500
    const stale = (strike: number) => (strike < 20_900 ? 70 : 0)
    const base = {
      strikes,
      calls: strikes.map((strike) => Math.max(money - strike, 0) + 100 + stale(strike)),
      puts: strikes.map((strike) => Math.max(strike - money, 0) + 100),
      years: 0.02,
      rate: 0,
      spot: 20_300,
      future: null,
      at: TEN,
    }
    expect(findForward({ ...base, previous: 21_480 })).toMatchObject({ method: 'parity', value: money, residual: 0 })
    expect(findForward({ ...base, previous: null })?.value).toBe(money + 70)
  })

  it('does not move the ATM for a price that hovers on the border', () => {
    const { weekly, take, forwardOf } = createRig()
    const atmAt = (forward: number) => {
      take(chainPackets(forward))
      forwardOf(weekly)
      return STRIKES[weekly.atm ?? -1]
    }
    expect([24_055, 24_079, 24_074, 24_081, 24_088, 24_072].map(atmAt)).toEqual([
      24_050, 24_050, 24_050, 24_100, 24_100, 24_100,
    ])
  })

  it('keeps the last price of a contract whose quote is empty on both sides', () => {
    const { weekly, take } = createRig()
    const { token, last = null } = fairQuote(24_050, 'CE', 24_060)
    take([optionPacket({ token, last })])
    const slot = 2 * STRIKES.indexOf(24_050)
    expect(weekly.price[slot]).toBe(last)
    expect(weekly.used[slot]).toBe(2)
  })
})
