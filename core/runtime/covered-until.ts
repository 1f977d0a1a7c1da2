import type { JournalEntry } from '../domain/journal-entry.ts'
import { toOpError } from '../kernel/errors.ts'
import type { Logger } from '../kernel/logger.ts'
import type { Journal } from '../ports/journal.ts'
import type { DayStores } from '../store/day-store.ts'

export interface CoveredUntilDeps {
  readonly journal: Pick<Journal, 'lastTs' | 'scan'>
  readonly days: Pick<DayStores, 'position' | 'coveredUntil'>
  readonly logger: Logger
}

/**
 * Market time up to which the record has packets, or says that there are none: from there on is missing what came
 * while the product did not run. Later records of phases and connections cover nothing. The day store knows it up to
 * its own position, and the journal has the little that comes after. null in an empty record.
 */
export async function coveredUntil({ journal, days, logger }: CoveredUntilDeps): Promise<number | null> {
  const lastTs = journal.lastTs()
  if (lastTs === null) return null
  try {
    const position = days.position()
    // A store that is built again would have the whole record read before anything is recorded.
    if (position === null) return lastTs
    let until = days.coveredUntil()
    for await (const records of journal.scan(position)) {
      for (const { entry } of records) until = Math.max(until ?? Number.NEGATIVE_INFINITY, coverEnd(entry))
    }
    return until === null || until === Number.NEGATIVE_INFINITY ? lastTs : until
  } catch (fault) {
    const { message, code } = toOpError(fault)
    logger.warning(`the end of the record is taken for its last packet: ${message}`, { code })
    return lastTs
  }
}

function coverEnd(entry: JournalEntry): number {
  switch (entry.kind) {
    case 'batch':
    case 'underlyings':
      return entry.ts
    case 'gap':
      return entry.to
    case 'session':
    case 'reference':
    case 'settings':
    case 'analytics':
      return Number.NEGATIVE_INFINITY
  }
}
