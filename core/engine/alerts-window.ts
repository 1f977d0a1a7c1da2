/** Steps that a window is made of: what it remembers is bounded however long it is. */
const STEPS = 120

interface Stretch {
  readonly from: number
  low: number
  high: number
}

/** The range of a value within the last so many milliseconds, forgotten in steps of a 120th, a second at least. */
export interface ValueWindow {
  add(time: number, value: number): void
  /** The remembered value that differs most from `value`; null when nothing is remembered. */
  farthestFrom(value: number): number | null
}

export function createValueWindow(lengthMs: number): ValueWindow {
  const stepMs = Math.max(1_000, lengthMs / STEPS)
  let stretches: Stretch[] = []
  let newest = Number.NEGATIVE_INFINITY
  return {
    add(time, value) {
      // A market clock that was set back begins anew.
      if (time < newest) stretches = []
      newest = time
      stretches = stretches.filter(({ from }) => from >= time - lengthMs)
      const last = stretches.at(-1)
      if (last === undefined || time - last.from >= stepMs) stretches.push({ from: time, low: value, high: value })
      else {
        last.low = Math.min(last.low, value)
        last.high = Math.max(last.high, value)
      }
    },
    farthestFrom(value) {
      let farthest: number | null = null
      for (const { low, high } of stretches) {
        for (const known of [low, high]) {
          if (farthest === null || Math.abs(value - known) > Math.abs(value - farthest)) farthest = known
        }
      }
      return farthest
    },
  }
}
