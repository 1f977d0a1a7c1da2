export interface Point {
  /** Milliseconds of any clock, ascending. */
  readonly at: number
  readonly value: number | null
}

/** A longer silence between two points is a hole in the line. */
const HOLE_MS = 5_000

/** Runs of points without a hole. */
export function stretchesOf(points: readonly Point[]): { readonly at: number; readonly value: number }[][] {
  const stretches: { at: number; value: number }[][] = []
  for (const { at, value } of points) {
    if (value === null) {
      stretches.push([])
      continue
    }
    const last = stretches.at(-1)
    const before = last?.at(-1)
    if (last === undefined || (before !== undefined && at - before.at > HOLE_MS)) stretches.push([{ at, value }])
    else last.push({ at, value })
  }
  return stretches.filter((stretch) => stretch.length > 0)
}
