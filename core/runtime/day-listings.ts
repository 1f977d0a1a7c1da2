import { INDEX_CATALOG, type IndexName } from '../domain/index-catalog.ts'
import type { Bucket } from '../domain/instrument.ts'
import { buildUniverse, type Chain, type IndexUniverse } from '../engine/universe.ts'
import type { ReferenceArchive } from '../files/reference-archive.ts'
import { OpError } from '../kernel/errors.ts'
import { createKept } from '../kernel/kept.ts'

export interface DayListingsDeps {
  readonly buckets: readonly Bucket[]
  readonly reference: Pick<ReferenceArchive, 'read'>
}

/** What was listed and watched of an index on a day, by that day's own instruments dump. Throws `not_on_record`. */
export type DayListings = (index: IndexName, date: string) => Promise<IndexUniverse>

const MOST_LISTED = 10

/** The newest few stay in memory: dumps of past days do not change, and take a while to read. */
export function createDayListings(deps: DayListingsDeps): DayListings {
  const kept = createKept<Promise<IndexUniverse>>(MOST_LISTED)
  return (index, date) => {
    const key = `${index} ${date}`
    const listing = kept.of(key, () => readListing(deps, index, date))
    listing.catch(() => kept.forget(key))
    return listing
  }
}

async function readListing({ buckets, reference }: DayListingsDeps, index: IndexName, date: string) {
  const instruments = await reference.read(date, INDEX_CATALOG[index].optionsExchange)
  if (instruments === null) throw new OpError('not_on_record', { what: `${index} on ${date}` })
  const universe = buildUniverse({ date, indices: [index], buckets, instruments, spotTokens: new Map() })
  const [listing] = universe.indices
  if (listing === undefined) throw new OpError('not_on_record', { what: `${index} on ${date}` })
  return listing
}

/** The chain that a bucket named that day; without one the nearest. Throws `bucket_not_listed`. */
export function chainOf({ spec, chains }: IndexUniverse, bucket: Bucket | null): Chain {
  const chain = bucket === null ? chains[0] : chains.find(({ aliases }) => aliases.includes(bucket))
  if (chain === undefined) throw new OpError('bucket_not_listed', { index: spec.name, bucket: bucket ?? 'expiry' })
  return chain
}
