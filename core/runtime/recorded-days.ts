import { OpError } from '../kernel/errors.ts'
import type { LegHistory } from '../store/day-history.ts'
import type { DayListings } from './day-listings.ts'
import type { RecordedDays } from './leg-pages.ts'

/**
 * Recorded legs by any name that an expiry had on their day. A leg is recorded under one of them, so a name under which
 * there is none is looked up in that day's own list of contracts; where that is not on record, the name stands.
 */
export function recordedDays(
  history: Pick<LegHistory, 'days' | 'open' | 'legsOfDay'>,
  listings: DayListings,
): RecordedDays {
  return {
    history,
    async recordedBucket(date, index, bucket) {
      await history.open(date)
      if (history.legsOfDay(date, { index, bucket, limit: 1 }).legs.length > 0) return bucket
      try {
        const { chains } = await listings(index, date)
        return chains.find(({ aliases }) => aliases.includes(bucket))?.bucket ?? bucket
      } catch (fault) {
        if (fault instanceof OpError && (fault.code === 'not_on_record' || fault.code === 'universe_empty'))
          return bucket
        throw fault
      }
    },
  }
}
