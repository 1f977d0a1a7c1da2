import type { Clock } from '../kernel/clock.ts'

export interface FakeClock extends Clock {
  /** Moves all three clocks on and runs what falls due, in order. */
  advance(ms: number): void
  /** Sets the market and wall clocks without running timers: a clock that jumped. */
  jump(epochMs: number): void
}

interface Timer {
  due: number
  readonly run: () => void
  readonly intervalMs: number | null
}

/** A clock that moves only when told; starts at `startMs` (market and wall). */
export function createFakeClock(startMs: number): FakeClock {
  let now = startMs
  let monotonic = 0
  const timers = new Set<Timer>()
  const add = (delayMs: number, run: () => void, intervalMs: number | null) => {
    const timer: Timer = { due: monotonic + delayMs, run, intervalMs }
    timers.add(timer)
    return () => timers.delete(timer)
  }
  const nextDue = (end: number) => [...timers].filter((timer) => timer.due <= end).sort((a, b) => a.due - b.due)[0]
  const moveTo = (instant: number) => {
    now += instant - monotonic
    monotonic = instant
  }
  return {
    now: () => now,
    wallNow: () => now,
    monotonicMs: () => monotonic,
    after: (delayMs, run) => add(delayMs, run, null),
    every: (intervalMs, run) => add(intervalMs, run, intervalMs),
    advance(ms) {
      const end = monotonic + ms
      for (let timer = nextDue(end); timer !== undefined; timer = nextDue(end)) {
        moveTo(timer.due)
        if (timer.intervalMs === null) timers.delete(timer)
        else timer.due += timer.intervalMs
        timer.run()
      }
      moveTo(end)
    },
    jump(epochMs) {
      now = epochMs
    },
  }
}
