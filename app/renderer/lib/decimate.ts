type Column = readonly (number | null)[]

/**
 * Places of the points that a chart of few pixels needs of long columns: of each stretch of equal length the lowest and
 * the highest value of each column and its first null, so that no spike and no hole is lost; besides these the first
 * and the last point. Ascending, at most `most` of them (and never fewer than a stretch needs); all when there are no
 * more than that.
 */
export function keptPlaces(columns: readonly Column[], most: number): readonly number[] {
  const length = columns.reduce((longest, column) => Math.max(longest, column.length), 0)
  if (length <= most) return Array.from({ length }, (_, place) => place)
  const stretches = Math.max(1, Math.floor((most - 2) / (3 * columns.length)))
  const kept = new Set([0, length - 1])
  for (let stretch = 0; stretch < stretches; stretch += 1) {
    const from = Math.floor((stretch * length) / stretches)
    const to = Math.floor(((stretch + 1) * length) / stretches)
    for (const column of columns) keepExtremes(column, from, to, kept)
  }
  return [...kept].sort((a, b) => a - b)
}

function keepExtremes(column: Column, from: number, to: number, kept: Set<number>): void {
  let low = -1
  let high = -1
  let hole = -1
  let least = Number.POSITIVE_INFINITY
  let most = Number.NEGATIVE_INFINITY
  for (let place = from; place < to; place += 1) {
    const value = column[place] ?? null
    if (value === null) {
      if (hole < 0) hole = place
      continue
    }
    if (value < least) {
      least = value
      low = place
    }
    if (value > most) {
      most = value
      high = place
    }
  }
  for (const place of [low, high, hole]) if (place >= 0) kept.add(place)
}
