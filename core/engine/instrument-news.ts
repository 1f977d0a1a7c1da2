import type { IndexName } from '../domain/index-catalog.ts'
import type { InstrumentChanges } from '../domain/instrument-changes.ts'
import { groupBy } from '../kernel/group-by.ts'
import { dayName, grouped } from './day-words.ts'

const MOST_DATES = 4

/**
 * What the list of contracts of today says otherwise than the last one, in words for a trader, by index:
 * `NIFTY: the expiry of Tue 24 Nov is now Mon 23 Nov, lot 75 → 65 (1 Dec), 12 new strikes`. Empty when there is nothing.
 * What has expired is no news.
 */
export function instrumentNews(
  changes: readonly InstrumentChanges[],
  indices: readonly IndexName[],
  today: string,
): string {
  const parts = indices.flatMap((index) => {
    const news = changes.flatMap((one) => newsOf(one, index, today))
    return news.length === 0 ? [] : [`${index}: ${news.join(', ')}`]
  })
  const reused = changes.reduce((sum, one) => sum + one.reused_tokens.length, 0)
  if (reused > 0)
    parts.push(`${grouped(reused)} ${reused === 1 ? 'token names' : 'tokens name'} another contract than before`)
  return parts.join('; ')
}

function newsOf({ expiries, lots, strikes }: InstrumentChanges, name: string, today: string): readonly string[] {
  const isOurs = (one: { readonly name: string }) => one.name === name
  const added = strikes.filter(isOurs).reduce((sum, one) => sum + one.added.length, 0)
  const gone = strikes.filter(isOurs).reduce((sum, one) => sum + one.removed.length, 0)
  const dates = (these: readonly { readonly expiry: string }[]) => these.map(({ expiry }) => dayName(expiry)).join(', ')
  const begun = expiries.added.filter(isOurs)
  const ended = expiries.removed.filter((one) => isOurs(one) && one.expiry >= today)
  return [
    ...expiries.moved
      .filter(isOurs)
      .map(({ before, after }) => `the expiry of ${dayName(before)} is now ${dayName(after)}`),
    ...(ended.length === 0 ? [] : [`${dates(ended)} no longer listed`]),
    ...(begun.length === 0 ? [] : [`new expiry ${dates(begun)}`]),
    ...lotsOf(lots.filter(isOurs)),
    ...(added === 0 ? [] : [`${grouped(added)} new ${added === 1 ? 'strike' : 'strikes'}`]),
    ...(gone === 0 ? [] : [`${grouped(gone)} ${gone === 1 ? 'strike' : 'strikes'} gone`]),
  ]
}

/** `lot 75 → 65 (Tue 1 Dec, Tue 29 Dec)` */
function lotsOf(lots: InstrumentChanges['lots']): readonly string[] {
  const bySize = groupBy(lots, ({ before, after }) => `${before} → ${after}`)
  return [...bySize].map(([sizes, rows]) => {
    const dates =
      rows.length > MOST_DATES ? `${rows.length} expiries` : rows.map(({ expiry }) => dayName(expiry)).join(', ')
    return `lot ${sizes} (${dates})`
  })
}
