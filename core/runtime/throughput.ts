/** Legs per second over the last seconds. */
export interface Throughput {
  add(count: number, monotonicMs: number): void
  perSecond(monotonicMs: number): number
}

const WINDOW_S = 5

/** Counts in one slot a second, over the last `WINDOW_S` whole seconds. */
export function createThroughput(): Throughput {
  const counts = new Float64Array(WINDOW_S + 1)
  const seconds = new Float64Array(WINDOW_S + 1).fill(Number.NEGATIVE_INFINITY)
  return {
    add(count, monotonicMs) {
      const second = Math.floor(monotonicMs / 1000)
      const slot = second % counts.length
      if (seconds[slot] !== second) counts[slot] = 0
      seconds[slot] = second
      counts[slot] = (counts[slot] ?? 0) + count
    },
    perSecond(monotonicMs) {
      const now = Math.floor(monotonicMs / 1000)
      const total = counts.reduce((sum, count, slot) => {
        const age = now - (seconds[slot] ?? Number.NEGATIVE_INFINITY)
        return age >= 1 && age <= WINDOW_S ? sum + count : sum
      }, 0)
      return total / WINDOW_S
    },
  }
}
