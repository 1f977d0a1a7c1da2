import type { Unsubscribe } from './lifecycle.ts'

/**
 * Time, injected everywhere. Three clocks, never mixed:
 * the market's (what the exchange calls now: phases, `ts`, expiry), the wall's (schedules, retention,
 * token expiry) and the monotonic one (durations). They differ when the market is simulated.
 */
export interface Clock {
  /** Market time, epoch milliseconds UTC. */
  now(): number
  /** Wall time, epoch milliseconds UTC. */
  wallNow(): number
  /** Monotonic milliseconds since an arbitrary origin. */
  monotonicMs(): number
  /** Runs once after `delayMs` of real time. */
  after(delayMs: number, run: () => void): Unsubscribe
  /** Runs every `intervalMs` of real time. */
  every(intervalMs: number, run: () => void): Unsubscribe
}

/** Resolves after `delayMs`, or rejects with the signal's reason when it is aborted first. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const aborted = () => {
      cancel()
      reject(signal?.reason)
    }
    const cancel = clock.after(delayMs, () => {
      signal?.removeEventListener('abort', aborted)
      resolve()
    })
    signal?.addEventListener('abort', aborted, { once: true })
  })
}
