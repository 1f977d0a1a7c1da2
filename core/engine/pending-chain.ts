import type { BatchEntry } from '../domain/journal-entry.ts'
import type { Leg } from '../domain/leg.ts'
import type { ChainState, PricedSlot } from './chain-state.ts'
import type { IndexState } from './market-state.ts'
import type { PendingPackets } from './pending-packets.ts'

/** Packets of one chain that wait for the next flush. */
export interface PendingChain {
  readonly state: ChainState
  readonly index: IndexState
  readonly packets: PendingPackets
  priced: PricedSlot[]
  /** Places of packets that an earlier run has recorded. */
  readonly known: Set<number>
  firstMonotonicMs: number
}

/** Pending packets that go into the record: their places, and what stands there. */
export interface Kept {
  readonly places: readonly number[]
  readonly slots: readonly PricedSlot[]
}

export const NONE_KEPT: Kept = { places: [], slots: [] }

/** What becomes of pending packets; nothing is counted or handed on yet. */
export interface Prepared {
  readonly closed: boolean
  readonly kept: Kept
  readonly batch: { readonly entry: BatchEntry; readonly name: string; readonly legs: readonly Leg[] } | null
}

/** What is pending of contracts inside the recorded window around the ATM, and not in the record yet. */
export function keptOf({ state, priced, known }: PendingChain, offsets: ReadonlySet<number> | null): Kept {
  const atm = state.atm ?? 0
  const places: number[] = []
  const slots: PricedSlot[] = []
  for (const [place, one] of priced.entries()) {
    if (known.has(place) || (offsets !== null && !offsets.has((one.slot >> 1) - atm))) continue
    places.push(place)
    slots.push(one)
  }
  return { places, slots }
}
