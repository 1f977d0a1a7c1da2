import type { Clock } from '../kernel/clock.ts'

/**
 * The machine's clocks. `marketNow` gives the market's time where it is not the wall's (simulated and replayed days);
 * market time is whole milliseconds.
 */
export function createSystemClock(marketNow: () => number = Date.now): Clock {
  return {
    now: () => Math.floor(marketNow()),
    wallNow: () => Date.now(),
    monotonicMs: () => performance.now(),
    after(delayMs, run) {
      const timer = setTimeout(run, delayMs)
      return () => clearTimeout(timer)
    },
    every(intervalMs, run) {
      const timer = setInterval(run, intervalMs)
      return () => clearInterval(timer)
    },
  }
}
