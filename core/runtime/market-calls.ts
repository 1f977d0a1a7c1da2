import type { HealthReport } from '../contract/api-schema.ts'
import type { MARKET_CALLS } from '../contract/monitor-calls.ts'
import type { IndexName } from '../domain/index-catalog.ts'
import type { Bucket } from '../domain/instrument.ts'
import type { LiveView } from '../engine/live-view.ts'
import { OpError } from '../kernel/errors.ts'
import type { CallHandlers } from '../ports/monitor-api.ts'

type MarketHandlers = Pick<CallHandlers, keyof typeof MARKET_CALLS>

/** The live market as pages ask for it. */
export function createMarketCalls(view: LiveView, health: () => HealthReport): MarketHandlers {
  return {
    health,
    indices: view.indices,
    expiries: ({ index }) => view.expiries(index),
    summary: ({ index, bucket }) => view.summary(index, bucket ?? nearestBucket(view, index)),
  }
}

/** Not every index lists a weekly expiry: the default is its nearest. */
export function nearestBucket(view: Pick<LiveView, 'expiries'>, index: IndexName): Bucket {
  const bucket = view.expiries(index).expiries[0]?.buckets[0]
  if (bucket === undefined) throw new OpError('universe_unknown')
  return bucket
}
