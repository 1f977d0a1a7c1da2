import type { Clock } from '../kernel/clock.ts'

/** Kite's limit classes, requests per second and API key. Source: Kite docs, "Rate limits". */
const PER_SECOND = { quote: 1, historical: 3, rest: 10 } as const
export type LimitClass = keyof typeof PER_SECOND

const WINDOW_MS = 1000

export interface RequestLimits {
  /** Whether one more request of the class may pass now; a refused one does not count. */
  allow(limitClass: LimitClass): boolean
}

/** Sliding windows of one second of real time for one API key. */
export function createRequestLimits(clock: Pick<Clock, 'monotonicMs'>): RequestLimits {
  const passed: Record<LimitClass, number[]> = { quote: [], historical: [], rest: [] }
  return {
    allow(limitClass) {
      const now = clock.monotonicMs()
      const recent = passed[limitClass].filter((at) => now - at < WINDOW_MS)
      passed[limitClass] = recent
      if (recent.length >= PER_SECOND[limitClass]) return false
      recent.push(now)
      return true
    },
  }
}
