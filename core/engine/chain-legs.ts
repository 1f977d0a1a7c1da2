import { createRejects, decodeFrame } from '../contract/kite-wire.ts'
import { legFromPacket } from '../contract/leg-record.ts'
import { createTickFrame } from '../contract/tick-frame.ts'
import type { IndexName } from '../domain/index-catalog.ts'
import type { Source } from '../domain/instrument.ts'
import type { Leg } from '../domain/leg.ts'
import { type ChainState, FULL_BYTES, type PricedSlot, pricedSlot } from './chain-state.ts'
import type { Enricher } from './enrich.ts'
import type { IndexState } from './market-state.ts'
import { createPendingPackets } from './pending-packets.ts'

/** The latest leg of every contract of a chain; null where nothing was received. Place = slot. */
export type ChainLegs = readonly (Leg | null)[]

/** Prices a whole chain as it stands now; owns its decoder and scratch, so keep one. */
export interface ChainLegReader {
  read(state: ChainState, index: IndexState, now: number): ChainLegs
}

export function createChainLegReader(enricher: Enricher, source: Source): ChainLegReader {
  const frame = createTickFrame()
  const rejects = createRejects()
  const packets = createPendingPackets()
  return {
    read(state, index, now) {
      const known = knownSlots(state)
      packets.clear()
      for (const { slot } of known) packets.add(state.packets.subarray(slot * FULL_BYTES, (slot + 1) * FULL_BYTES))
      decodeFrame(packets.frame(known.map((_, place) => place)), frame, rejects)
      const rows = enricher.rows(state, known, now)
      const head = headOf(state, index.index, index, source)
      const legs = new Array<Leg | null>(state.chain.contracts.length).fill(null)
      for (const [place, row] of rows.entries()) {
        const priced = known[place]
        if (priced !== undefined) legs[priced.slot] = legFromPacket(frame, place, head, row, priced.receivedAt, '')
      }
      return legs
    },
  }
}

function headOf(state: ChainState, name: IndexName, index: IndexState, source: Source) {
  return {
    index: name,
    bucket: state.chain.bucket,
    expiry: state.chain.expiry,
    source,
    spot: index.spot.lastPrice,
    forward: state.forward?.value ?? null,
    forwardMethod: state.forward?.method ?? null,
  }
}

function knownSlots(state: ChainState): readonly PricedSlot[] {
  return state.chain.contracts.flatMap((contract, slot) => {
    const receivedAt = state.receivedAt[slot] ?? Number.NaN
    return contract === null || Number.isNaN(receivedAt) ? [] : [pricedSlot(state, slot, receivedAt)]
  })
}
