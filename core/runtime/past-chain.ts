import type { OptionChain } from '../contract/api-schema.ts'
import type { Calendar } from '../domain/calendar.ts'
import type { IndexName } from '../domain/index-catalog.ts'
import type { Bucket } from '../domain/instrument.ts'
import { formatIst, istDate } from '../domain/ist.ts'
import type { Leg } from '../domain/leg.ts'
import { chainLeg } from '../engine/chain-leg.ts'
import type { Chain } from '../engine/universe.ts'
import { OpError } from '../kernel/errors.ts'
import type { LegHistory } from '../store/day-history.ts'
import { chainOf, type DayListings } from './day-listings.ts'

export interface PastChainDeps {
  readonly calendar: Calendar
  readonly listings: DayListings
  readonly history: Pick<LegHistory, 'open' | 'lastLegPerContract' | 'previousCloseOi'>
}

/** In an open session, a chain whose newest leg is older than this is stale. */
const STALE_MS = 10_000

/**
 * The chain of one expiry as it stood at an instant, read from the record: listed strikes and lot from that day's own
 * instruments dump, legs from that day's store. Strikes that were not recorded have no legs. Without a bucket the
 * nearest. Throws `not_on_record`, `bucket_not_listed`.
 */
export function createPastChain(deps: PastChainDeps) {
  return async (index: IndexName, bucket: Bucket | null, at: number): Promise<OptionChain> => {
    const date = istDate(at)
    const chain = chainOf(await deps.listings(index, date), bucket)
    await deps.history.open(date)
    const legs = deps.history.lastLegPerContract(date, index, chain.bucket, at)
    const newest = legs.reduce<Leg | undefined>(
      (last, leg) => (last !== undefined && last.ts >= leg.ts ? last : leg),
      undefined,
    )
    if (newest === undefined) throw new OpError('not_on_record', { what: `${index} up to ${formatIst(at)}` })
    const { phaseAt } = deps.calendar
    // The newest leg says how many strikes it lay from the ATM.
    const atm = chain.strikes.indexOf(newest.strike) - newest.offset
    return {
      index,
      bucket: bucket ?? chain.bucket,
      expiry: chain.expiry,
      source: newest.source,
      timestamp: formatIst(newest.ts),
      stale: phaseAt(at).optionsTrade && at - newest.ts > STALE_MS,
      spot: newest.spot,
      spot_frozen: phaseAt(at).indexFrozen,
      forward: {
        value: newest.forward,
        method: newest.forward_method,
        age_ms: newest.forward === null ? null : Math.round(at - newest.ts),
      },
      atm: chain.strikes[atm] ?? null,
      lot_size: chain.lotSize,
      rows: rowsOf(deps, chain, legs, { at, atm }),
    }
  }
}

function rowsOf(
  { history }: PastChainDeps,
  chain: Chain,
  legs: readonly Leg[],
  { at, atm }: { readonly at: number; readonly atm: number },
): OptionChain['rows'] {
  const oi = history.previousCloseOi(istDate(at), chain.index)
  const place = (right: string) => new Map(legs.filter((leg) => leg.right === right).map((leg) => [leg.strike, leg]))
  const [calls, puts] = [place('CE'), place('PE')]
  const row = (leg: Leg | undefined) =>
    leg === undefined ? null : chainLeg(leg, { now: at, previousOi: oi.get(leg.symbol) ?? null, batch: leg.batch })
  return chain.strikes.map((strike, k) => ({
    strike,
    offset: k - atm,
    call: row(calls.get(strike)),
    put: row(puts.get(strike)),
  }))
}
