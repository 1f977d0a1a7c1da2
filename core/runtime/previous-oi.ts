import type { IndexName } from '../domain/index-catalog.ts'
import type { LegHistory } from '../store/day-history.ts'

/**
 * Open interest at the previous close, from the record: read once a day and index. null where the record does not
 * know it, since a change without a baseline would be the open interest itself.
 */
export function createPreviousOi(days: LegHistory, date: () => string | null) {
  let known = new Map<IndexName, ReadonlyMap<string, number>>()
  let knownFor: string | null = null
  return (index: IndexName, symbol: string): number | null => {
    const today = date()
    if (today === null) return null
    if (today !== knownFor) known = new Map()
    knownFor = today
    let ofIndex = known.get(index)
    if (ofIndex === undefined) {
      ofIndex = days.previousCloseOi(today, index)
      known.set(index, ofIndex)
    }
    return ofIndex.get(symbol) ?? null
  }
}
