import type { Clock } from '../kernel/clock.ts'
import { OpError } from '../kernel/errors.ts'

/** Kite's classes of requests; each has its own limit for the whole API key. */
export type LimitClass = 'quote' | 'historical' | 'rest'

export interface RateLimiter {
  /**
   * Resolves when a request of the class may be sent, in order of asking. Rejects with the signal's reason when
   * aborted first, and with `rate_limited` when too many wait already.
   */
  take(limit: LimitClass, signal?: AbortSignal): Promise<void>
}

/** Requests a second. Source: kite.trade/docs/connect/v3/exceptions (API rate limit). */
const PER_SECOND: Readonly<Record<LimitClass, number>> = { quote: 1, historical: 3, rest: 10 }

/** A second as the limiter takes it: longer, so that requests which the network brings closer together still fit. */
const SECOND_MS = 1_050

/** More than this is not a queue but a fault: at one request a second, the last one would wait for minutes. */
const MAX_WAITING = 200

interface Waiter {
  readonly go: () => void
}

/** A bucket that holds one token and fills `perSecond` times a second: requests are spread, never in bursts. */
function createBucket(clock: Clock, perSecond: number) {
  const waiters: Waiter[] = []
  const spacingMs = SECOND_MS / perSecond
  let freeAt = Number.NEGATIVE_INFINITY
  let waking = false

  function wakeNext(): void {
    if (waking || waiters.length === 0) return
    waking = true
    clock.after(Math.max(0, freeAt - clock.monotonicMs()), () => {
      waking = false
      const waiter = waiters.shift()
      if (waiter !== undefined) {
        freeAt = clock.monotonicMs() + spacingMs
        waiter.go()
      }
      wakeNext()
    })
  }

  return {
    full: () => waiters.length >= MAX_WAITING,
    /** Takes a token at once when there is one and nobody waits. */
    takeNow(): boolean {
      if (waiters.length > 0 || clock.monotonicMs() < freeAt) return false
      freeAt = clock.monotonicMs() + spacingMs
      return true
    },
    add(waiter: Waiter): void {
      waiters.push(waiter)
      wakeNext()
    },
    remove(waiter: Waiter): void {
      const place = waiters.indexOf(waiter)
      if (place >= 0) waiters.splice(place, 1)
    },
  }
}

/** The limits of one API key: make one for the process and hand it to everything that asks Kite. */
export function createRateLimiter(deps: { readonly clock: Clock }): RateLimiter {
  const buckets = {
    quote: createBucket(deps.clock, PER_SECOND.quote),
    historical: createBucket(deps.clock, PER_SECOND.historical),
    rest: createBucket(deps.clock, PER_SECOND.rest),
  }
  return {
    async take(limit, signal) {
      signal?.throwIfAborted()
      const bucket = buckets[limit]
      if (bucket.takeNow()) return
      if (bucket.full()) throw new OpError('rate_limited', { what: `${MAX_WAITING} requests wait for Kite already` })
      await new Promise<void>((resolve, reject) => {
        const aborted = () => {
          bucket.remove(waiter)
          reject(signal?.reason)
        }
        const waiter: Waiter = {
          go() {
            signal?.removeEventListener('abort', aborted)
            resolve()
          },
        }
        signal?.addEventListener('abort', aborted, { once: true })
        bucket.add(waiter)
      })
    },
  }
}
