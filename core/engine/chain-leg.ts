import type { ChainLeg } from '../contract/api-schema.ts'
import { formatIst } from '../domain/ist.ts'
import type { Leg } from '../domain/leg.ts'
import { priceTime } from '../domain/price-time.ts'
import { buildUp, oiChange } from '../pricing/build-up.ts'

/** What a chain's row says of a leg beyond the leg itself. */
export interface LegContext {
  /** The instant that the chain shows. */
  readonly now: number
  /** Open interest at the previous close, units; null when it is not on record. */
  readonly previousOi: number | null
  readonly batch: string | null
}

/** A leg as a chain's row shows it: without what the head and the row already say. */
export function chainLeg(leg: Leg, { now, previousOi, batch }: LegContext): ChainLeg {
  const { index, bucket, expiry, source, spot, forward, forward_method, strike, offset, ts, ...rest } = leg
  const change = oiChange(leg.oi, previousOi)
  return {
    ...rest,
    ts: formatIst(ts),
    exchange_ts: leg.exchange_ts === null ? null : formatIst(leg.exchange_ts),
    batch,
    age_ms: Math.max(0, Math.round(now - priceTime(ts, leg.exchange_ts))),
    oi_change: change,
    build_up: buildUp(priceChangeOf(leg), change),
  }
}

/** Rupees since the previous close. */
export function priceChangeOf({ ltp, close }: Leg): number | null {
  return ltp === null || close === null ? null : ltp - close
}
