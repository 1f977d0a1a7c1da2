import type { ChainLegRow, ChainMessage } from '../core/contract/chain-stream.ts'

/** A full chain as the largest index has it. */
export const STRIKES = 250
const LEGS = 2 * STRIKES
const STEP = 50
const ATM = 24_400
const TOPIC = 'chain:NIFTY:this_week'
const START = Date.UTC(2026, 10, 23, 4, 30)

/** A chain whose messages the benchmark makes: the first whole, then changes. */
export interface PageMarket {
  whole(): ChainMessage
  /** Another state, in which a share of the legs has changed in every number. */
  step(share: number): ChainMessage
}

/** A small generator of its own (mulberry32), so that each run shows the same. */
function createChance(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export function createPageMarket(): PageMarket {
  const chance = createChance(7)
  const strikes = Array.from({ length: STRIKES }, (_, place) => ATM + STEP * (place - STRIKES / 2))
  const symbols = Array.from({ length: LEGS }, (_, slot) => `NIFTY26NOV${strikes[slot >> 1]}${slot % 2 ? 'PE' : 'CE'}`)
  let seq = 0
  const head = (): ChainMessage['head'] => {
    const time = START + 100 * seq
    const forward = { value: ATM + 20 * Math.sin(seq / 50), method: 'parity', age_ms: 20 } as const
    const spot = forward.value - 12
    return {
      time,
      received_at: time,
      exchange_ts: time,
      stale: false,
      spot,
      spot_frozen: false,
      future: spot + 60,
      vix: 11.2,
      forward,
      atm: ATM,
    }
  }
  const legOf = (slot: number): ChainLegRow => {
    const time = START + 100 * seq
    const ltp = Math.round(20 * (5 + 400 * chance())) / 20
    const oi = 65 * Math.round(20_000 * chance())
    const day = [oi + 6500, oi / 2, ltp, ltp + 20, ltp / 2] as const
    const greeks = [0.1 + chance() / 5, chance(), chance() / 500, -chance() * 20, chance() * 10, chance() * 5] as const
    const quotes = [ltp - 3, ltp - 0.05, ltp + 0.05, 650, 1300, 65 * Math.round(1e5 * chance()), oi, oi / 10] as const
    return [slot, time, time, ltp, ...quotes, ...day, ...greeks, 'mid', 'ok', slot % 3 === 0 ? 'long' : 'short']
  }
  return {
    whole() {
      seq = 0
      const legs = Array.from({ length: LEGS }, (_, slot) => legOf(slot))
      const common = { topic: TOPIC, seq, head: head(), legs, metrics: null } as const
      return {
        ...common,
        full: true,
        expiry: '2026-11-24',
        lot_size: 65,
        settles_at: START + 86_400_000,
        strikes,
        symbols,
      }
    },
    step(share) {
      seq += 1
      const legs: ChainLegRow[] = []
      for (let slot = 0; slot < LEGS; slot += 1) if (share >= 1 || chance() < share) legs.push(legOf(slot))
      return { topic: TOPIC, seq, full: false, head: head(), legs }
    },
  }
}
