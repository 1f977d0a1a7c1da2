import type { MemoryStage } from '../platform/memory-governor.ts'
import type { MarketParts, RecordParts } from './compose.ts'
import type { EventStream } from './event-stream.ts'
import type { LogMemory } from './log-memory.ts'

export interface MemoryHolders {
  readonly record: {
    readonly journal: Pick<RecordParts['journal'], 'spare'>
    readonly days: Pick<RecordParts['days'], 'spare'>
  }
  readonly market: {
    readonly analytics: Pick<MarketParts['analytics'], 'spare'>
    readonly collector: Pick<MarketParts['collector'], 'spare'>
  }
  readonly stream: Pick<EventStream, 'spare'>
  readonly log: Pick<LogMemory, 'spare'>
}

/**
 * What gives way as memory fills, and in which order: first what is only there to save time, then detail of what is
 * computed, last the promptness of the record itself. What waits for the disk is none of it: to shrink that is to drop.
 */
export function memoryStages({ record, market, stream, log }: MemoryHolders): readonly MemoryStage[] {
  return [
    {
      from: 0.75,
      what: 'smaller caches',
      levers: [
        { what: 'fewer events are kept for clients that come back', spare: stream.spare },
        { what: 'fewer records are kept for readers of the journal', spare: record.journal.spare },
        { what: 'one day at a time stays open for reading', spare: record.days.spare },
        { what: 'fewer lines of the log are kept', spare: log.spare },
      ],
    },
    {
      from: 0.85,
      what: 'thinner series',
      levers: [{ what: 'chains are sampled every 15 s instead of 5', spare: market.analytics.spare }],
    },
    {
      from: 0.95,
      what: 'larger batches',
      levers: [{ what: 'packets gather for 250 ms instead of 50', spare: market.collector.spare }],
    },
  ]
}
