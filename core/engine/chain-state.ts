import { DEPTH_LEVEL_LENGTH, DEPTH_OFFSET, PACKET_LENGTH } from '../contract/kite-wire.ts'
import { DEPTH_LEVELS, PACKET_KIND, type TickFrame } from '../contract/tick-frame.ts'
import { createAtmTracker } from '../domain/strike-offsets.ts'
import { priceToUse, STALE_TRADE_MS } from '../pricing/leg-price.ts'
import type { Forward } from './forward.ts'
import type { Chain } from './universe.ts'

export const FULL_BYTES = PACKET_LENGTH.full
/** The last two bytes of each depth level are padding, which may hold junk. */
const PAD_AT = DEPTH_LEVEL_LENGTH - 2
/** An exchange time so far ahead of its receipt is wrong: clocks differ by seconds. */
const MAX_AHEAD_MS = 60_000

export const USED = { none: 0, mid: 1, last: 2, twin: 3 } as const

/** What became of a packet that was shown to a chain. */
export type Intake = 'changed' | 'repeat' | 'not_full'

/** The latest known state of every contract of a chain, as received; what is shown and priced is derived from it. */
export interface ChainState {
  readonly chain: Chain
  /** Latest full packet of each slot, `FULL_BYTES` apart. */
  readonly packets: Uint8Array
  /** Receipt of the latest packet, market clock; NaN = never. */
  readonly receivedAt: Float64Array
  /** Price that IV is taken from, rupees; NaN = none. */
  readonly price: Float64Array
  /** One of `USED`. */
  readonly used: Uint8Array
  /** 1 where the market is two-sided but too wide to trust its mid. */
  readonly wide: Uint8Array
  /** Rupees between bid and ask where the mid is used; NaN for a last trade. */
  readonly spread: Float64Array
  /** Exchange time of the last trade, epoch milliseconds; -Infinity = none today, NaN = the packet does not say. */
  readonly tradedAt: Float64Array
  /** 1 where the latest packet is in the record or waits for it: only then is the same packet again a repeat. */
  readonly held: Uint8Array
  /** Newest credible exchange time of the chain's packets, epoch milliseconds; NaN before the first. */
  exchangeAt: number
  forward: Forward | null
  /** Place of the ATM in `chain.strikes`, null until there is a forward. */
  atm: number | null
  /** Takes packet `i` of a frame as the latest of `slot`. */
  take(frame: TickFrame, i: number, slot: number, receivedAt: number): Intake
  /** Moves the ATM to the forward, with hysteresis. */
  recentre(): void
}

export function createChainState(chain: Chain): ChainState {
  const slots = chain.contracts.length
  const tracker = createAtmTracker()
  const numbers = () => new Float64Array(slots).fill(Number.NaN)
  const state: ChainState = {
    chain,
    packets: new Uint8Array(slots * FULL_BYTES),
    receivedAt: numbers(),
    price: numbers(),
    used: new Uint8Array(slots),
    wide: new Uint8Array(slots),
    spread: numbers(),
    tradedAt: numbers(),
    held: new Uint8Array(slots),
    exchangeAt: Number.NaN,
    forward: null,
    atm: null,
    take(frame, i, slot, receivedAt) {
      if (frame.kind[i] !== PACKET_KIND.full) return 'not_full'
      const from = frame.offset[i] ?? 0
      const packet = frame.bytes.subarray(from, from + FULL_BYTES)
      const at = slot * FULL_BYTES
      const seen = !Number.isNaN(state.receivedAt[slot])
      const held = state.held[slot] === 1
      state.receivedAt[slot] = receivedAt
      state.held[slot] = 1
      if (seen && held && samePacket(state.packets, at, packet)) return 'repeat'
      state.packets.set(packet, at)
      choosePrice(state, frame, i, slot)
      if (!isFutureTime(frame, i, receivedAt)) advanceExchangeTime(state, frame, i)
      return 'changed'
    },
    recentre() {
      if (state.forward === null) return
      const strike = tracker.update(chain.strikes, state.forward.value)
      state.atm = chain.strikes.indexOf(strike)
    },
  }
  return state
}

/** Whether two full packets say the same; the pad bytes of depth say nothing. */
function samePacket(stored: Uint8Array, at: number, packet: Uint8Array): boolean {
  for (let k = 0; k < FULL_BYTES; k += 1) {
    if (stored[at + k] === packet[k]) continue
    if (k < DEPTH_OFFSET || (k - DEPTH_OFFSET) % DEPTH_LEVEL_LENGTH < PAD_AT) return false
  }
  return true
}

function choosePrice(state: ChainState, frame: TickFrame, i: number, slot: number): void {
  const divisor = frame.divisor[i] ?? 100
  const bid = (frame.depthPrice[i * DEPTH_LEVELS] ?? 0) / divisor
  const ask = (frame.depthPrice[i * DEPTH_LEVELS + DEPTH_LEVELS / 2] ?? 0) / divisor
  const last = (frame.lastPrice[i] ?? 0) / divisor
  const choice = priceToUse({ bid: bid || null, ask: ask || null, last: last || null })
  state.price[slot] = choice.price ?? Number.NaN
  state.used[slot] = choice.used === null ? USED.none : USED[choice.used]
  state.wide[slot] = choice.wide ? 1 : 0
  state.spread[slot] = choice.used === 'mid' ? ask - bid : Number.NaN
  state.tradedAt[slot] = lastTrade(frame, i)
}

/** Whether packet `i` says that it was sent long after it was received: one such time would age a whole chain. */
export function isFutureTime(frame: TickFrame, i: number, receivedAt: number): boolean {
  return 1000 * (frame.exchangeTime[i] ?? 0) > receivedAt + MAX_AHEAD_MS
}

function advanceExchangeTime(state: ChainState, frame: TickFrame, i: number): void {
  const exchangeAt = 1000 * (frame.exchangeTime[i] ?? 0)
  if (exchangeAt > 0 && !(exchangeAt <= state.exchangeAt)) state.exchangeAt = exchangeAt
}

/** A price without a time and without volume is an earlier day's: Kite repeats it until the first trade. */
function lastTrade(frame: TickFrame, i: number): number {
  const seconds = frame.lastTradeTime[i] ?? 0
  if (seconds > 0) return 1000 * seconds
  return frame.volume[i] === 0 ? Number.NEGATIVE_INFINITY : Number.NaN
}

/** The price of one contract at one moment: what IV is computed from. */
export interface PricedSlot {
  readonly slot: number
  /** Rupees, NaN = none. */
  readonly price: number
  /** Rupees between bid and ask, NaN = a last trade. */
  readonly spread: number
  readonly used: number
  readonly wide: boolean
  readonly stale: boolean
  readonly receivedAt: number
}

/** A contract's price as it stands now. */
export function pricedSlot(state: ChainState, slot: number, receivedAt: number): PricedSlot {
  return {
    slot,
    price: state.price[slot] ?? Number.NaN,
    spread: state.spread[slot] ?? Number.NaN,
    used: state.used[slot] ?? USED.none,
    wide: state.wide[slot] === 1,
    stale: isStale(state, slot),
    receivedAt,
  }
}

/** A price that others may be judged by, rupees: neither wide nor stale; NaN = none. */
export function trustedPrice(state: ChainState, slot: number): number {
  if (state.wide[slot] === 1 || isStale(state, slot)) return Number.NaN
  return state.price[slot] ?? Number.NaN
}

/**
 * A last trade that no usable quote backs, and long past by the chain's own clock: the newest exchange time of any of
 * its packets. That clock stands still after the close, so what traded last stays as it was.
 */
function isStale(state: ChainState, slot: number): boolean {
  if (state.used[slot] !== USED.last) return false
  return state.exchangeAt - (state.tradedAt[slot] ?? Number.NaN) > STALE_TRADE_MS
}
