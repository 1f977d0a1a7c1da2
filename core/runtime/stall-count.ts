import type { Clock } from '../kernel/clock.ts'
import { type Component, once } from '../kernel/lifecycle.ts'
import type { Metrics } from '../ports/metrics.ts'

const INTERVAL_MS = 50
/** Longer than this and a user notices that the window hangs. */
const STALL_MS = 250
/** So long a silence is the machine's sleep, which the gap ledger writes down. */
const ASLEEP_MS = 15_000

export interface StallCount extends Component {
  /** How often the main thread did not answer for longer than `STALL_MS`. */
  count(): number
  /** Wall time, epoch milliseconds; null before the first. */
  lastAt(): number | null
}

/** Counts stalls of the main thread: a timer that comes late was held up by whatever ran before it. */
export function createStallCount({ clock, metrics }: { clock: Clock; metrics: Metrics }): StallCount {
  let count = 0
  let lastAt: number | null = null
  let tickedAt = 0
  let cancel: () => void = () => {}
  const tick = () => {
    const now = clock.monotonicMs()
    const lateMs = now - tickedAt - INTERVAL_MS
    tickedAt = now
    if (lateMs <= STALL_MS || lateMs > ASLEEP_MS) return
    count += 1
    lastAt = clock.wallNow()
    metrics.increment('op_main_thread_stalls_total', {})
  }
  return {
    name: 'stall-count',
    async start() {
      tickedAt = clock.monotonicMs()
      cancel = clock.every(INTERVAL_MS, tick)
    },
    stop: once(async () => cancel()),
    count: () => count,
    lastAt: () => lastAt,
  }
}
