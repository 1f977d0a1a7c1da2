import { createStore, type StoreApi } from 'zustand/vanilla'
import type { HealthReport } from '../../../../core/contract/api-schema.ts'
import type { MarketState } from '../../store/market.ts'

/** What the page draws of the last minutes. */
export const HISTORY_MS = 5 * 60_000
const MOST_SAMPLES = 600

export interface HealthSample {
  /** Monotonic milliseconds. */
  readonly at: number
  readonly legsPerSecond: number
  readonly lagMs: number | null
  readonly eventLoopLagMs: number
  readonly memoryBytes: number
  /** Batches that the slowest consumer has not taken yet. */
  readonly pending: number
}

/** The health of the last minutes, one sample for each report; those that are older are dropped. */
export function createHealthHistory(
  market: Pick<StoreApi<MarketState>, 'subscribe'>,
  elapsed: () => number,
): StoreApi<readonly HealthSample[]> {
  const history = createStore<readonly HealthSample[]>(() => [])
  let seen: HealthReport | null = null
  market.subscribe(({ health }) => {
    if (health === null || health === seen) return
    seen = health
    const sample = sampleOf(health, elapsed())
    const recent = history.getState().filter(({ at }) => at > sample.at - HISTORY_MS)
    history.setState([...recent.slice(1 - MOST_SAMPLES), sample], true)
  })
  return history
}

function sampleOf({ feed, process, record }: HealthReport, at: number): HealthSample {
  return {
    at,
    legsPerSecond: feed.legs_per_second,
    lagMs: feed.lag_ms,
    eventLoopLagMs: process.event_loop_lag_ms,
    memoryBytes: process.memory_bytes,
    pending: Math.max(0, ...Object.values(record.pending)),
  }
}
