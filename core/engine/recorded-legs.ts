import { legFromPacket } from '../contract/leg-record.ts'
import type { TickFrame } from '../contract/tick-frame.ts'
import type { IndexName } from '../domain/index-catalog.ts'
import type { Bucket, Instrument } from '../domain/instrument.ts'
import type { LegRow } from '../domain/journal-entry.ts'
import type { Leg } from '../domain/leg.ts'
import { toOpError } from '../kernel/errors.ts'
import type { Logger } from '../kernel/logger.ts'
import type { ChainState } from './chain-state.ts'
import type { MarketState } from './market-state.ts'

/** The last recorded leg of each contract of a day (`YYYY-MM-DD`). */
export type LastLegs = (index: IndexName, bucket: Bucket, date: string) => readonly Leg[]

/**
 * What the record holds of contracts of which nothing was received yet. The exchange answers a subscription with the
 * state of every contract: after a restart that is mostly what the run before has recorded.
 */
export interface RecordedLegs {
  /** Starts on a new universe: chains that it shares with the one before keep what is known of them. */
  use(market: MarketState): void
  /** Remembers what was recorded in this run. */
  add(legs: readonly Leg[]): void
  /** Whether packet `i` says what the last recorded leg of the slot says; a slot is asked until the answer is no. */
  holds(state: ChainState, slot: number, frame: TickFrame, i: number): boolean
}

/** What the exchange says of a contract; the rest of a leg is computed. */
const SAID = [
  'exchange_ts',
  'ltp',
  'bid',
  'ask',
  'bid_qty',
  'ask_qty',
  'volume',
  'oi',
  'oi_day_high',
  'oi_day_low',
  'open',
  'high',
  'low',
  'close',
] as const satisfies readonly (keyof Leg)[]

export function createRecordedLegs(lastLegs: LastLegs, logger: Logger): RecordedLegs {
  let date = ''
  const own = new Map<string, Leg>()
  let known = new Map<ChainState, (Leg | null)[]>()

  const legsBefore = ({ chain }: ChainState): (Leg | null)[] => {
    const before = new Map<string, Leg>()
    for (const leg of readLegs(lastLegs, logger, chain.index, chain.bucket, date)) before.set(keyOf(leg), leg)
    return chain.contracts.map((contract) => {
      if (contract === null) return null
      const key = `${chain.bucket} ${contract.symbol}`
      const leg = own.get(key) ?? before.get(key)
      return leg?.expiry === chain.expiry && leg.token === contract.token ? leg : null
    })
  }

  return {
    use(market) {
      if (market.universe.date !== date) own.clear()
      date = market.universe.date
      const chains = [...market.indices.values()].flatMap((index) => index.chains)
      known = new Map(chains.map((state) => [state, known.get(state) ?? legsBefore(state)]))
    },
    add(legs) {
      for (const leg of legs) own.set(keyOf(leg), leg)
    },
    holds(state, slot, frame, i) {
      const legs = known.get(state)
      const leg = legs?.[slot]
      const contract = state.chain.contracts[slot]
      if (legs === undefined || !leg || !contract) return false
      if (saysTheSame(frame, i, contract, leg)) return true
      legs[slot] = null
      return false
    },
  }
}

function keyOf({ bucket, symbol }: Leg): string {
  return `${bucket} ${symbol}`
}

/** A store that cannot be read costs repeated legs, never the recording. */
function readLegs(lastLegs: LastLegs, logger: Logger, index: IndexName, bucket: Bucket, date: string): readonly Leg[] {
  try {
    return lastLegs(index, bucket, date)
  } catch (fault) {
    const { message, code } = toOpError(fault)
    logger.warning(`what is recorded of today could not be read, legs may be repeated: ${message}`, { code, index })
    return []
  }
}

function saysTheSame(frame: TickFrame, i: number, { symbol, strike, type }: Instrument, leg: Leg): boolean {
  const right = type === 'PE' ? 'PE' : 'CE'
  const row: LegRow = [symbol, strike, right, 0, 0, null, 'ok', null, null, null, null, null, null]
  const received = legFromPacket(frame, i, { ...leg, forwardMethod: null }, row, leg.ts, leg.batch)
  return SAID.every((column) => isClose(received[column], leg[column]))
}

/** Prices come back from the store as quotients, which may differ in the last bit. */
function isClose(a: number | null, b: number | null): boolean {
  return a === null || b === null ? a === b : Math.abs(a - b) < 0.001
}
