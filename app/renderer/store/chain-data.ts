import type { ChainHead, ChainLegRow, ChainMessage, ChainMetrics } from '../../../core/contract/chain-stream.ts'
import type { BuildUp, IvStatus, PriceUsed } from '../../../core/domain/leg.ts'

/** A leg as the page shows it. The same object as long as nothing of it changes. */
export interface LiveLeg {
  readonly slot: number
  readonly ts: number
  readonly exchange_ts: number | null
  readonly ltp: number | null
  readonly close: number | null
  readonly bid: number | null
  readonly ask: number | null
  readonly bid_qty: number | null
  readonly ask_qty: number | null
  readonly volume: number | null
  readonly oi: number | null
  readonly oi_change: number | null
  readonly oi_day_high: number | null
  readonly oi_day_low: number | null
  readonly open: number | null
  readonly high: number | null
  readonly low: number | null
  readonly iv: number | null
  readonly delta: number | null
  readonly gamma: number | null
  readonly theta: number | null
  readonly vega: number | null
  readonly rho: number | null
  readonly price_used: PriceUsed | null
  readonly iv_status: IvStatus
  readonly build_up: BuildUp | null
  /** Direction of the latest change of the price; 0 before the first. */
  readonly move: -1 | 0 | 1
  /** How often the price has changed: what a flash is restarted by. */
  readonly moves: number
}

/** One chain as it stands on the screen. */
export interface ChainData {
  readonly topic: ChainMessage['topic']
  readonly expiry: string
  readonly lotSize: number
  readonly settlesAt: number
  readonly strikes: readonly number[]
  /** By slot, like `legs`. */
  readonly symbols: readonly (string | null)[]
  readonly legs: readonly (LiveLeg | null)[]
  readonly head: ChainHead
  readonly metrics: ChainMetrics | null
}

const LEAST_SHARE = 0.9

/** Whether enough of the listed contracts are known to speak for the chain; of a recorded window they are not. */
export function isWhole({ legs, symbols }: Pick<ChainData, 'legs' | 'symbols'>): boolean {
  const listed = symbols.filter((symbol) => symbol !== null).length
  return legs.filter((leg) => leg !== null).length >= LEAST_SHARE * listed
}

function liveLeg(row: ChainLegRow, before: LiveLeg | null): LiveLeg {
  const [slot, ts, exchange_ts, ltp, close, bid, ask, bid_qty, ask_qty, volume, oi, oi_change, ...rest] = row
  const [oi_day_high, oi_day_low, open, high, low, iv, delta, gamma, theta, vega, rho, ...words] = rest
  const [price_used, iv_status, build_up] = words
  const direction = ltp === null || before === null || before.ltp === null ? 0 : Math.sign(ltp - before.ltp)
  return {
    slot,
    ts,
    exchange_ts,
    ltp,
    close,
    bid,
    ask,
    bid_qty,
    ask_qty,
    volume,
    oi,
    oi_change,
    oi_day_high,
    oi_day_low,
    open,
    high,
    low,
    iv,
    delta,
    gamma,
    theta,
    vega,
    rho,
    price_used,
    iv_status,
    build_up,
    move: direction > 0 ? 1 : direction < 0 ? -1 : (before?.move ?? 0),
    moves: (before?.moves ?? 0) + (direction === 0 ? 0 : 1),
  }
}

/** The chain after some messages, in their order; a message of changes without a chain before it is passed over. */
export function applyMessages(before: ChainData | null, messages: readonly ChainMessage[]): ChainData | null {
  return messages.reduce(applyMessage, before)
}

function applyMessage(before: ChainData | null, message: ChainMessage): ChainData | null {
  const { topic, head } = message
  if (!message.full) {
    if (before === null || before.topic !== topic) return before
    const metrics = message.metrics === undefined ? before.metrics : message.metrics
    return { ...before, head, metrics, legs: withRows(before.legs, message.legs) }
  }
  const { expiry, lot_size: lotSize, settles_at: settlesAt, strikes, symbols, metrics } = message
  // The same contracts again (a new connection): what moves goes on from what was shown.
  const isSame = before?.topic === topic && before.symbols.join() === symbols.join()
  const none = new Array<LiveLeg | null>(symbols.length).fill(null)
  const legs = withRows(none, message.legs, isSame ? before.legs : none)
  return { topic, expiry, lotSize, settlesAt, strikes, symbols, head, metrics, legs }
}

/** `shown` are the legs that the rows go on from. */
function withRows(
  kept: readonly (LiveLeg | null)[],
  rows: readonly ChainLegRow[],
  shown = kept,
): readonly (LiveLeg | null)[] {
  if (rows.length === 0) return kept
  const legs = [...kept]
  for (const row of rows) legs[row[0]] = liveLeg(row, shown[row[0]] ?? null)
  return legs
}
