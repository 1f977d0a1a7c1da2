import type { IndexName } from '../domain/index-catalog.ts'
import type { Bucket } from '../domain/instrument.ts'
import { DAY_MS, istInstant } from '../domain/ist.ts'
import type { Leg } from '../domain/leg.ts'
import type { LegHistory } from '../store/day-history.ts'

/** Days over which rank and percentile are taken: a year of sessions. */
const DAYS = 252

/** ATM IV at the close of the recorded days before one, oldest first. */
export type ClosingIvs = (date: string, index: IndexName, bucket: Bucket) => readonly number[]

/**
 * A day is read once, whoever asks. The close is the last recorded legs at the money; where the expiry was recorded under
 * another of its names that day, the last sample of its chain. A day whose series had expired by then, or that has no
 * IV, is passed over.
 */
export function createClosingIvs(
  history: Pick<LegHistory, 'days' | 'lastLegPerContract' | 'samplesOfDay'>,
): ClosingIvs {
  const known = new Map<string, number | null>()
  const lastSampled = (day: string, index: IndexName, bucket: Bucket) => {
    const from = istInstant(day)
    const last = { from, to: from + DAY_MS, lastOnly: true, scope: 'full', metrics: ['atm_iv'] } as const
    return history.samplesOfDay(day, { index, bucket, ...last })[0]?.values[0] ?? null
  }
  const closeOf = (day: string, index: IndexName, bucket: Bucket) => {
    const key = `${day} ${index} ${bucket}`
    const before = known.get(key)
    if (before !== undefined) return before
    const legs = history.lastLegPerContract(day, index, bucket)
    const iv = legs.length > 0 ? atmIv(legs) : lastSampled(day, index, bucket)
    known.set(key, iv)
    return iv
  }
  return (date, index, bucket) => {
    const days = history.days().filter((day) => day < date)
    return days.slice(-DAYS).flatMap((day) => closeOf(day, index, bucket) ?? [])
  }
}

/** Mean IV of the newest call and put at offset 0; the one that is known where the other is not. */
function atmIv(legs: readonly Leg[]): number | null {
  const newest = legs.filter((leg) => leg.offset === 0 && leg.iv !== null).toSorted((a, b) => b.ts - a.ts)
  const strike = newest[0]?.strike
  const ivs = newest.filter((leg) => leg.strike === strike).flatMap((leg) => leg.iv ?? [])
  return ivs.length === 0 ? null : ivs.reduce((sum, iv) => sum + iv, 0) / ivs.length
}
