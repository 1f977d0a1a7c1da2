import type { Logger } from '../kernel/logger.ts'
import type { JournalRecord } from '../ports/journal.ts'
import type { Projection } from '../ports/projection.ts'
import { batchOf } from './bus-projection.ts'

/** A projection that says at level DEBUG which batches it took, by their trace: the last leg of a batch's way. */
export function traceProjection(projection: Projection, logger: Logger): Projection {
  return {
    name: projection.name,
    start: (signal) => projection.start(signal),
    stop: () => projection.stop(),
    position: () => projection.position(),
    flush: () => projection.flush(),
    async apply(records) {
      await projection.apply(records)
      for (const record of records) logBatch(logger, `${projection.name} took a batch`, record)
    },
  }
}

function logBatch(logger: Logger, message: string, { entry, position }: JournalRecord): void {
  if (entry.kind !== 'batch') return
  const { trace: trace_id, index, bucket, rows } = entry
  logger.debug(message, { trace_id, index, bucket, batch: batchOf(position), count: rows.length })
}
