import { INDEX_CATALOG, type IndexName } from '../domain/index-catalog.ts'
import type { Bucket } from '../domain/instrument.ts'
import { buildUniverse, type Chain } from '../engine/universe.ts'
import type { ReferenceArchive } from '../files/reference-archive.ts'
import { OpError } from '../kernel/errors.ts'
import type { LegHistory } from '../store/day-history.ts'
import type { RecordedDays } from './leg-pages.ts'

/** The chains that a day's own instruments dump lists. Throws `not_on_record` where that day has none. */
export type DayChains = (index: IndexName, date: string) => Promise<readonly Chain[]>

const MOST_KEPT = 10

/** Keeps the newest days that were asked for: their dumps do not change, and take a while to read. */
export function createDayChains(reference: Pick<ReferenceArchive, 'read'>, buckets: readonly Bucket[]): DayChains {
  const kept = new Map<string, Promise<readonly Chain[]>>()
  const read: DayChains = async (index, date) => {
    const instruments = await reference.read(date, INDEX_CATALOG[index].optionsExchange)
    if (instruments === null) throw new OpError('not_on_record', { what: `${index} on ${date}` })
    const universe = buildUniverse({ date, indices: [index], buckets, instruments, spotTokens: new Map() })
    return universe.indices[0]?.chains ?? []
  }
  return (index, date) => {
    const key = `${index} ${date}`
    const chains = kept.get(key) ?? read(index, date)
    kept.delete(key)
    kept.set(key, chains)
    chains.catch(() => kept.delete(key))
    const [oldest] = kept.keys()
    if (oldest !== undefined && kept.size > MOST_KEPT) kept.delete(oldest)
    return chains
  }
}

/**
 * Recorded legs by any name that an expiry had on their day. A leg is recorded under one of them, so a name under which
 * there is none is looked up in that day's own list of contracts; where that is not on record, the name stands.
 */
export function recordedDays(history: Pick<LegHistory, 'days' | 'open' | 'legsOfDay'>, chainsOn: DayChains): RecordedDays {
  return {
    history,
    async recordedBucket(date, index, bucket) {
      if (history.legsOfDay(date, { index, bucket, limit: 1 }).legs.length > 0) return bucket
      try {
        const chains = await chainsOn(index, date)
        return chains.find(({ aliases }) => aliases.includes(bucket))?.bucket ?? bucket
      } catch (fault) {
        if (fault instanceof OpError && (fault.code === 'not_on_record' || fault.code === 'universe_empty'))
          return bucket
        throw fault
      }
    },
  }
}
