import { z } from 'zod'
import type { Clock } from '../kernel/clock.ts'
import type { Cursors } from '../ports/cursors.ts'

export interface ClockGuardDeps {
  readonly clock: Clock
  readonly cursors: Cursors
  /** Milliseconds that our clock is ahead of the exchange's; null while no packet says it. */
  readonly exchangeSkewMs: () => number | null
}

/** What cannot lie in the future of a clock that is right. */
export interface KnownPast {
  /** Market time of the newest record. */
  readonly recordTs: number | null
  /** Wall time of the newest manifest. */
  readonly archivedAt: number | null
}

export interface ClockDoubt {
  readonly reason: string
  /** It will not clear up by itself: the clock is behind what has already happened. */
  readonly wrong: boolean
}

/** Says whether the clock may be trusted with deleting. */
export interface ClockGuard {
  /** null when it may; then the time is remembered, for the next question. */
  doubt(past: KnownPast): ClockDoubt | null
}

const SEEN = 'retention:clock'
const MOST_JUMP_MS = 26 * 3_600_000
const MOST_SKEW_MS = 3_600_000
const seenSchema = z.object({ wall: z.number() })

/**
 * A clock that jumped must not delete. Behind the newest record, the newest manifest or the time that was seen last, it is
 * wrong. More than 26 hours ahead of what the monotonic clock explains (after a restart: of the time that was seen last),
 * it may be right, since the product may have been off: packets of the exchange decide, which carry its own time.
 */
export function createClockGuard({ clock, cursors, exchangeSkewMs }: ClockGuardDeps): ClockGuard {
  let monotonicAt: number | null = null
  const seen = () => {
    const parsed = seenSchema.safeParse(JSON.parse(cursors.load(SEEN) ?? 'null'))
    return parsed.success ? parsed.data.wall : null
  }
  const jumpMs = (since: number | null) => {
    if (since === null) return Number.POSITIVE_INFINITY
    const explained = monotonicAt === null ? 0 : clock.monotonicMs() - monotonicAt
    return clock.wallNow() - since - explained
  }
  const confirmed = () => {
    const skew = exchangeSkewMs()
    return skew !== null && Math.abs(skew) < MOST_SKEW_MS
  }
  return {
    doubt({ recordTs, archivedAt }) {
      const since = seen()
      if (recordTs !== null && clock.now() < recordTs) return wrong('the newest record')
      if (archivedAt !== null && clock.wallNow() < archivedAt) return wrong('the newest archived day')
      if (jumpMs(since) < -MOST_SKEW_MS) return wrong('the time that was seen last')
      if (jumpMs(since) > MOST_JUMP_MS && !confirmed())
        return { reason: 'it waits until packets of the exchange confirm the date', wrong: false }
      cursors.save(SEEN, JSON.stringify({ wall: clock.wallNow() }))
      monotonicAt = clock.monotonicMs()
      return null
    },
  }
}

function wrong(before: string): ClockDoubt {
  return { reason: `the clock stands before ${before}: set it right`, wrong: true }
}
