import type { IndexName } from '../domain/index-catalog.ts'
import { istDate } from '../domain/ist.ts'
import type { Collector, LiveBatch } from '../engine/collector.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Journal, Position } from '../ports/journal.ts'
import type { MarketFeed } from '../ports/market-feed.ts'
import type { Metrics } from '../ports/metrics.ts'
import { createThroughput } from './throughput.ts'

/** What was collected and became durable, for health, metrics and the status block. */
export interface RecordTally {
  durableLegs(): number
  legsPerSecond(): number
  /** Market milliseconds since the last packet; null before the first. */
  lagMs(now: number): number | null
  lastLegAt(index: IndexName): number | null
  /** `<epoch>-<seq>` of the batch in which a token was last recorded. */
  lastBatch(token: number): string | null
}

export interface TallyDeps {
  readonly clock: Clock
  readonly metrics: Metrics
  readonly journal: Journal
  readonly collector: Collector
  readonly feed: MarketFeed
}

/** Batches on their way to the disk, counted when they arrive there. */
export function createRecordTally(deps: TallyDeps): RecordTally {
  const { clock, metrics, journal, collector, feed } = deps
  const underway: { readonly seq: number; readonly live: LiveBatch }[] = []
  const throughput = createThroughput()
  const lastLeg = new Map<IndexName, number>()
  const lastBatches = new Map<number, string>()
  let durableLegs = 0
  let lastPacketAt: number | null = null
  let day = ''
  collector.batches.subscribe((live) => {
    if (istDate(live.entry.ts) !== day) lastBatches.clear()
    day = istDate(live.entry.ts)
    underway.push({ seq: Number(live.batch.split('-')[1]), live })
    lastLeg.set(live.entry.index, live.entry.ts)
    for (const leg of live.legs) lastBatches.set(leg.token, live.batch)
  })
  feed.onFrame(({ receivedAt }) => {
    lastPacketAt = receivedAt
  })
  journal.onDurable((position: Position) => {
    const now = clock.monotonicMs()
    while (underway[0] !== undefined && underway[0].seq <= position.seq) {
      const { live } = underway.shift() ?? underway[0]
      const { index, bucket } = live.entry
      durableLegs += live.legs.length
      throughput.add(live.legs.length, now)
      metrics.increment('options_legs_collected_total', { index, bucket }, live.legs.length)
      metrics.observe('op_tick_to_store_seconds', {}, Math.max(0, now - live.receivedMonotonicMs) / 1000)
    }
  })
  return {
    durableLegs: () => durableLegs,
    legsPerSecond: () => throughput.perSecond(clock.monotonicMs()),
    lagMs: (now) => (lastPacketAt === null ? null : Math.max(0, Math.round(now - lastPacketAt))),
    lastLegAt: (index) => lastLeg.get(index) ?? null,
    lastBatch: (token) => lastBatches.get(token) ?? null,
  }
}
