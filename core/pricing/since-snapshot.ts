import type { ChainSnapshot, SnapshotLeg } from '../domain/chain-snapshot.ts'
import { oiChange as change } from './build-up.ts'

/**
 * The same with changes of price and open interest counted from an earlier snapshot of the same chain, in place of
 * those that the file tells; null where a contract has no earlier value.
 */
export function sinceSnapshot(snapshot: ChainSnapshot, before: ChainSnapshot): ChainSnapshot {
  const earlier = new Map(before.legs.map((leg) => [contractOf(leg), leg]))
  const legs = snapshot.legs.map((leg) => {
    const then = earlier.get(contractOf(leg))
    return { ...leg, oiChange: change(leg.oi, then?.oi ?? null), priceChange: change(leg.last, then?.last ?? null) }
  })
  return { ...snapshot, legs }
}

function contractOf({ expiry, strike, right }: SnapshotLeg): string {
  return `${expiry} ${strike} ${right}`
}
