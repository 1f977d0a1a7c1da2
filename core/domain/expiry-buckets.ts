import { BUCKETS, type Bucket } from './instrument.ts'

function monthOf(expiry: string): string {
  return expiry.slice(0, 7)
}

/** Last listed expiry of each calendar month, ascending. `sorted` ascends. */
function monthliesOf(sorted: readonly string[]): readonly string[] {
  return sorted.filter((expiry, i) => {
    const next = sorted[i + 1]
    return next === undefined || monthOf(next) !== monthOf(expiry)
  })
}

/**
 * The buckets of one index from its listed expiries alone (`YYYY-MM-DD`, any order, expired ones allowed): no rule
 * of weekdays, so shifted and re-dated expiries come out right. An expiry on `today` is unexpired the whole day.
 * A monthly is the last of its month among what is listed. A bucket that does not exist is absent.
 * The result ascends in the order of BUCKETS.
 */
export function assignBuckets(expiries: readonly string[], today: string): ReadonlyMap<Bucket, string> {
  const sorted = [...new Set(expiries)].sort()
  const monthlies = monthliesOf(sorted)
  const unexpired = sorted.filter((expiry) => expiry >= today)
  const isWeekly = unexpired.some((expiry) => !monthlies.includes(expiry))
  const [thisMonth, nextMonth] = monthlies.filter((expiry) => expiry >= today)
  const [thisWeek, nextWeek] = isWeekly ? unexpired : []
  const buckets = new Map<Bucket, string>()
  for (const [i, expiry] of [thisWeek, nextWeek, thisMonth, nextMonth].entries()) {
    const bucket = BUCKETS[i]
    if (bucket !== undefined && expiry !== undefined) buckets.set(bucket, expiry)
  }
  return buckets
}

/** The one bucket under which legs of this expiry are recorded; null when the expiry is in none. */
export function recordedBucketOf(expiry: string, buckets: ReadonlyMap<Bucket, string>): Bucket | null {
  return BUCKETS.find((bucket) => buckets.get(bucket) === expiry) ?? null
}
