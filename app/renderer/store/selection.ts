import type { IndicesReport } from '../../../core/contract/api-schema.ts'
import type { IndexName } from '../../../core/domain/index-catalog.ts'
import { BUCKETS, type Bucket } from '../../../core/domain/instrument.ts'
import type { Preferences } from './preferences.ts'

/** The chain that is shown. */
export interface Selection {
  readonly index: IndexName
  readonly bucket: Bucket
}

/**
 * The expiry with which an index is shown: the one chosen last for it, else, or where that is not listed, its nearest.
 * Before the lists have come (null) it is taken as listed; a chain that cannot be had is left for one that can.
 */
export function bucketOf(
  index: IndexName,
  { buckets: chosen }: Pick<Preferences, 'buckets'>,
  indices: IndicesReport | null,
): Bucket {
  const listed = indices?.indices.find((entry) => entry.index === index)?.buckets ?? null
  const wanted = chosen[index] ?? BUCKETS[0]
  return listed === null || wanted in listed ? wanted : (nearest(listed) ?? wanted)
}

/** Of the listed expiries that of the earliest day, which comes first in the order of buckets; null for none. */
export function nearest(listed: Readonly<Record<string, string>>): Bucket | null {
  return BUCKETS.find((bucket) => bucket in listed) ?? null
}
