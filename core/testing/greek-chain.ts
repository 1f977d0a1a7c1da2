import type { ChainLegRow, ChainMessage } from '../contract/chain-stream.ts'
import { black76Greeks } from '../pricing/black76-greeks.ts'
import { yearsTo } from '../pricing/time.ts'

const TEN = Date.UTC(2026, 10, 23, 4, 30)
const SETTLES_AT = Date.UTC(2026, 10, 24, 10)
const FORWARD = 24_060
const SPOT = 24_055
const RATE = 0.065

/** IV of a strike: a smile that is dearer below. */
const ivOf = (strike: number): number => 0.12 + 4e-8 * (strike - FORWARD) ** 2 - 4e-6 * (strike - FORWARD)

/** Open interest in units: most calls above, most puts below. */
const oiOf = (strike: number, isCall: boolean): number =>
  65 * Math.round(1000 * Math.exp(-(((strike - FORWARD - (isCall ? 250 : -250)) / 400) ** 2)))

function legRow(slot: number, strike: number): ChainLegRow {
  const isCall = slot % 2 === 0
  const iv = ivOf(strike)
  const greeks = black76Greeks(isCall ? 'CE' : 'PE', FORWARD, strike, yearsTo(SETTLES_AT, TEN), iv, RATE)
  const { delta, gamma, theta, vega, rho } = greeks
  const oi = oiOf(strike, isCall)
  const prices = [TEN, 50, 48, 49.9, 50.1, 65, 130, 6500] as const
  return [slot, TEN, ...prices, oi, 65, oi, 0, 1, 2, 3, iv, delta, gamma, theta, vega, rho, 'mid', 'ok', 'long']
}

/** A whole chain of 41 strikes whose Greeks are those of its IV. */
export function greekChain(): ChainMessage {
  const strikes = Array.from({ length: 41 }, (_, place) => 23_050 + 50 * place)
  return {
    topic: 'chain:NIFTY:this_week',
    seq: 0,
    full: true,
    head: {
      time: TEN,
      received_at: TEN,
      exchange_ts: TEN,
      stale: false,
      spot: SPOT,
      spot_frozen: false,
      future: null,
      vix: null,
      forward: { value: FORWARD, method: 'parity', age_ms: 10 },
      atm: 24_050,
    },
    legs: strikes.flatMap((strike, place) => [legRow(2 * place, strike), legRow(2 * place + 1, strike)]),
    expiry: '2026-11-24',
    lot_size: 65,
    settles_at: SETTLES_AT,
    strikes,
    symbols: strikes.flatMap((strike) => [`${strike}CE`, `${strike}PE`]),
    metrics: {
      rate: RATE,
      window: { pcr_oi: 1, pcr_volume: 1, max_pain: 24_050 },
      full: { pcr_oi: 1, pcr_volume: 1, max_pain: 24_050 },
      atm_iv: 0.12,
      straddle: 160,
      expected_move: 160,
      skew_25d: 0.01,
    },
  }
}
