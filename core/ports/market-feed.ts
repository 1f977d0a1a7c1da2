import type { TickFrame } from '../contract/tick-frame.ts'
import type { Component, ComponentStatus, Unsubscribe } from '../kernel/lifecycle.ts'

/** One decoded frame. `frame` is reused: copy what must outlive the call. */
export interface FrameEvent {
  readonly frame: TickFrame
  /** Which connection brought it: 1, 2 or 3. */
  readonly connection: number
  /** Receipt, market clock, epoch milliseconds. */
  readonly receivedAt: number
  /** Receipt, monotonic milliseconds: for durations. */
  readonly receivedMonotonicMs: number
}

/** `quietSince`: market time of the last packet on that connection, or of its opening when none came; epoch ms. */
export type FeedEvent =
  | { readonly kind: 'connected'; readonly connection: number }
  | {
      readonly kind: 'disconnected'
      readonly connection: number
      readonly reason: string
      readonly quietSince: number
    }
  /** Closed by us, because nothing needs it any more: no packet is missed. */
  | { readonly kind: 'left'; readonly connection: number }
  | { readonly kind: 'login_required'; readonly reason: string }
  | {
      readonly kind: 'stale'
      readonly connection: number
      readonly sinceMs: number
      readonly quietSince: number
    }

/** Live packets of the subscribed instruments, all in full mode. Reconnects by itself, for ever; never throws into listeners' callers. */
export interface MarketFeed extends Component {
  /** Replaces the set of subscribed tokens; at most 3 × 3000, spread over connections. */
  subscribe(tokens: readonly number[]): void
  /** What that connection is responsible for, whether it is up or not; empty when it is not used. */
  tokensOf(connection: number): ReadonlySet<number>
  /** Asks for the state of every subscribed instrument anew on the sockets that are open; none is closed. */
  refresh(): void
  /** The access token is known to be accepted (REST took it): when a login was asked for, attempts begin anew. */
  retryLogin(): void
  onFrame(listener: (event: FrameEvent) => void): Unsubscribe
  onEvent(listener: (event: FeedEvent) => void): Unsubscribe
  status(): ComponentStatus
  /** Whether packets are expected now; the watchdog sleeps while they are not. */
  expectPackets(expected: boolean): void
  /** Counts since start: packets taken, and packets or frames refused by reason. */
  counts(): { readonly received: number; readonly rejected: Readonly<Record<string, number>> }
}
