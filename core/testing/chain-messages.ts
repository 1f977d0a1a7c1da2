import type { ChainLegRow, ChainMessage, ChainTopic } from '../contract/chain-stream.ts'

const TEN = Date.UTC(2026, 10, 23, 4, 30)

/** A leg's row with a price; whatever else is left out does not exist. */
export function legRow(slot: number, ltp: number | null, ts = TEN): ChainLegRow {
  const quotes = [null, null, null, null, null, null, null, null] as const
  const day = [null, null, null, null, null] as const
  const greeks = [null, null, null, null, null, null] as const
  return [slot, ts, null, ltp, ...quotes, ...day, ...greeks, null, 'no_price', null]
}

const head = (seq: number): ChainMessage['head'] => ({
  time: TEN + 100 * seq,
  received_at: TEN,
  exchange_ts: TEN,
  stale: false,
  spot: 24_060,
  spot_frozen: false,
  future: null,
  vix: null,
  forward: { value: 24_071.5, method: 'parity', age_ms: 10 },
  atm: 24_050,
})

const TOPIC: ChainTopic = 'chain:NIFTY:this_week'

/** A whole chain of three strikes. */
export function wholeChain(legs: ChainLegRow[], topic = TOPIC, seq = 0): ChainMessage {
  return {
    topic,
    seq,
    full: true,
    head: head(seq),
    legs,
    expiry: '2026-11-24',
    lot_size: 65,
    settles_at: TEN + 86_400_000,
    strikes: [24_000, 24_050, 24_100],
    symbols: ['A', 'B', 'C', 'D', 'E', null],
    metrics: null,
  }
}

/** What changed since the message before. */
export function changedLegs(legs: ChainLegRow[], seq = 1, topic = TOPIC): ChainMessage {
  return { topic, seq, full: false, head: head(seq), legs }
}
