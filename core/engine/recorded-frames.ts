import {
  type ChainHead,
  type ChainLegRow,
  type ChainMessage,
  type ChainMetrics,
  chainLegRow,
  chainTopic,
} from '../contract/chain-stream.ts'
import type { Calendar } from '../domain/calendar.ts'
import type { Bucket } from '../domain/instrument.ts'
import type { Leg } from '../domain/leg.ts'
import { buildUp, oiChange } from '../pricing/build-up.ts'
import type { Gap } from './analytics-series.ts'
import { priceChangeOf } from './chain-leg.ts'
import { STALE_MS } from './live-view.ts'
import type { Chain } from './universe.ts'

/** What a sample of a chain's metrics says, as recorded. */
export interface FrameSample {
  readonly ts: number
  readonly spot: number | null
  readonly future: number | null
  readonly vix: number | null
  readonly metrics: ChainMetrics
}

export interface RecordedFramesDeps {
  readonly calendar: Calendar
  /** As listed that day, and the bucket that it is shown under. */
  readonly chain: Chain
  readonly bucket: Bucket
  /** Open interest by symbol at the previous close. */
  readonly previousOi: ReadonlyMap<string, number>
  /** Of the chain's index. */
  readonly gaps: readonly Gap[]
}

/** A recorded chain as it went on; shown by the messages of a live one. */
export interface RecordedFrames {
  /** Takes what was received next. */
  take(legs: readonly Leg[]): void
  /** The chain at an instant: whole at first and where something is known no more, else what has changed. */
  frame(at: number, sample: FrameSample | null): ChainMessage
  /** Legs that are known at an instant, by slot. */
  known(at: number): readonly (Leg | null)[]
}

export function createRecordedFrames(deps: RecordedFramesDeps): RecordedFrames {
  const { chain, bucket, previousOi } = deps
  const legs = new Array<Leg | null>(chain.contracts.length).fill(null)
  const rows = new Array<ChainLegRow | null>(legs.length).fill(null)
  let shown: readonly (ChainLegRow | null)[] | null = null
  let shownMetrics: ChainMetrics | null = null
  let seq = -1
  const known = (at: number) => knownLegs(deps, legs, at)
  return {
    known,
    take(newer) {
      for (const leg of newer) {
        const slot = slotOf(chain, leg)
        if (slot === null) continue
        const change = oiChange(leg.oi, previousOi.get(leg.symbol) ?? null)
        legs[slot] = leg
        rows[slot] = chainLegRow(leg, { slot, oiChange: change, buildUp: buildUp(priceChangeOf(leg), change) })
      }
    },
    frame(at, sample) {
      const now = known(at)
      const next = now.map((leg, slot) => (leg === null ? null : (rows[slot] ?? null)))
      const before = shown
      const full = before === null || next.some((row, slot) => row === null && before[slot] !== null)
      const metrics = sample?.metrics ?? null
      const common = { topic: chainTopic(chain.index, bucket), head: headOf(deps, now, at, sample) }
      const changed = next.filter((row, slot) => row !== null && (full || row !== before[slot]))
      const isMeasured = full || JSON.stringify(metrics) !== JSON.stringify(shownMetrics)
      seq += 1
      shown = next
      shownMetrics = metrics
      const message = { ...common, seq, legs: changed.filter((row) => row !== null) }
      if (!full) return { ...message, full, ...(isMeasured ? { metrics } : {}) }
      return { ...message, full, metrics, ...identityOf(deps) }
    },
  }
}

function identityOf({ calendar, chain }: RecordedFramesDeps) {
  return {
    expiry: chain.expiry,
    lot_size: chain.lotSize,
    settles_at: calendar.settlementFixAt(chain.expiry),
    strikes: [...chain.strikes],
    symbols: chain.contracts.map((contract) => contract?.symbol ?? null),
  }
}

/** null for a contract that is not in the list of that day. */
function slotOf({ strikes, expiry }: Chain, leg: Leg): number | null {
  const place = leg.expiry === expiry ? strikes.indexOf(leg.strike) : -1
  return place < 0 ? null : 2 * place + (leg.right === 'CE' ? 0 : 1)
}

/**
 * Of the last recorded legs those that say what was so at the instant. Inside a gap nothing from before it does; and a
 * strike that had left the recorded window is unknown, though it was recorded earlier that day.
 */
function knownLegs({ chain, gaps }: RecordedFramesDeps, legs: readonly (Leg | null)[], at: number) {
  const gap = gaps.find(({ from, to }) => from < at && at < to)
  const heard = legs.map((leg) => (leg === null || (gap !== undefined && leg.ts <= gap.from) ? null : leg))
  const atm = atmOf(chain, newestOf(heard))
  if (atm === null) return heard
  const offsets = heard.flatMap((leg) => leg?.offset ?? [])
  const [least, most] = [Math.min(...offsets), Math.max(...offsets)]
  return heard.map((leg, slot) => {
    const offset = (slot >> 1) - atm
    return offset >= least && offset <= most ? leg : null
  })
}

function newestOf(legs: readonly (Leg | null)[]): Leg | null {
  let newest: Leg | null = null
  for (const leg of legs) if (leg !== null && (newest === null || leg.ts > newest.ts)) newest = leg
  return newest
}

/** Place of the ATM among the strikes: the newest leg says how many strikes it lay from it. */
function atmOf({ strikes }: Chain, newest: Leg | null): number | null {
  return newest === null ? null : strikes.indexOf(newest.strike) - newest.offset
}

function headOf(
  { calendar, chain }: RecordedFramesDeps,
  legs: readonly (Leg | null)[],
  at: number,
  sample: FrameSample | null,
): ChainHead {
  const newest = newestOf(legs)
  const { optionsTrade, indexFrozen } = calendar.phaseAt(at)
  const isSampled = sample !== null && (newest === null || sample.ts > newest.ts)
  const atm = atmOf(chain, newest)
  const times = legs.flatMap((leg) => leg?.exchange_ts ?? [])
  return {
    time: at,
    received_at: newest?.ts ?? null,
    exchange_ts: times.length === 0 ? null : Math.max(...times),
    stale: optionsTrade && newest !== null && at - newest.ts > STALE_MS,
    spot: isSampled ? sample.spot : (newest?.spot ?? null),
    spot_frozen: indexFrozen,
    future: sample?.future ?? null,
    vix: sample?.vix ?? null,
    forward: {
      value: newest?.forward ?? null,
      method: newest?.forward_method ?? null,
      age_ms: newest === null || newest.forward === null ? null : at - newest.ts,
    },
    atm: atm === null ? null : (chain.strikes[atm] ?? null),
  }
}
