import { type Clock, sleep } from './clock.ts'

export interface BackoffOptions {
  readonly firstMs: number
  readonly maxMs: number
  /** Uniform in [0, 1). */
  readonly random: () => number
}

/**
 * Delay before attempt `attempt` (1 = first retry): doubles up to `maxMs`, with "equal jitter"
 * (half fixed, half random), so that many clients do not come back in step and none comes back at once.
 */
export function backoffMs(attempt: number, options: BackoffOptions): number {
  const ceiling = Math.min(options.maxMs, options.firstMs * 2 ** (attempt - 1))
  return ceiling / 2 + (ceiling / 2) * options.random()
}

export interface RetryOptions extends BackoffOptions {
  /** How often to try again after the first failure. */
  readonly retries: number
  readonly retryable: (fault: unknown) => boolean
}

/** Runs `attempt` until it succeeds, fails in a way that a retry cannot help, or the retries are used up. */
export async function retry<T>(
  clock: Clock,
  options: RetryOptions,
  attempt: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await attempt()
    } catch (fault) {
      if (tried > options.retries || !options.retryable(fault)) throw fault
      await sleep(clock, backoffMs(tried, options), signal)
    }
  }
}
