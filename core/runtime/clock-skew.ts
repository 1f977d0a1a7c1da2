import type { TickFrame } from '../contract/tick-frame.ts'
import type { FrameEvent } from '../ports/market-feed.ts'

/** One smallest difference a minute, of so many minutes. */
const KEPT_MINUTES = 5
const MINUTE_MS = 60_000

export interface ClockSkew {
  onFrame(event: FrameEvent): void
  /**
   * Milliseconds that this computer's clock is ahead of the exchange's, with the way of the packets in it; negative when
   * it is behind. null before a packet with a time, and when none came for minutes.
   */
  skewMs(now: number): number | null
}

/**
 * Compares the receipt of packets with the exchange's own time in them. The exchange says whole seconds, and packets
 * take their time: the smallest difference of the last minutes comes nearest, and is less than a second too large.
 */
export function createClockSkew(): ClockSkew {
  const minutes: { readonly minute: number; leastMs: number }[] = []
  return {
    onFrame({ frame, receivedAt }) {
      const newest = newestTime(frame)
      if (newest === 0) return
      const difference = receivedAt - newest
      const minute = Math.floor(receivedAt / MINUTE_MS)
      const last = minutes.at(-1)
      if (last?.minute === minute) last.leastMs = Math.min(last.leastMs, difference)
      else minutes.push({ minute, leastMs: difference })
      if (minutes.length > KEPT_MINUTES) minutes.shift()
    },
    skewMs(now) {
      const oldest = Math.floor(now / MINUTE_MS) - KEPT_MINUTES
      const fresh = minutes.filter(({ minute }) => minute > oldest)
      return fresh.length === 0 ? null : Math.min(...fresh.map(({ leastMs }) => leastMs))
    },
  }
}

/** Epoch milliseconds; 0 = no packet has one. */
function newestTime({ exchangeTime, count }: TickFrame): number {
  let newest = 0
  for (let i = 0; i < count; i += 1) newest = Math.max(newest, exchangeTime[i] ?? 0)
  return 1000 * newest
}
