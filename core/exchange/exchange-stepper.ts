import type { Clock } from '../kernel/clock.ts'
import { sleep } from '../kernel/clock.ts'
import type { Pace } from './exchange-pace.ts'
import type { Market } from './market.ts'
import type { SocketHub } from './socket-hub.ts'

/** A recorded market waits while more than this lies unread at a client … */
const DRAINED_BYTES = 1024 * 1024
const DRAIN_POLL_MS = 5
/** … but drops a client that has not caught up after so long. */
const DRAIN_PATIENCE_MS = 30_000
/** Clients subscribe in several messages; a recorded market starts when they are through. */
const SETTLED_MS = 1000

export interface Stepper {
  /** Brings the market to the present and sends what changed. A step under way goes on instead of a second one. */
  step(): void
  /** Resolves when a step under way has ended; no step begins afterwards. */
  stop(): Promise<void>
}

export interface StepperDeps {
  readonly clock: Clock
  readonly market: Market
  readonly pace: Pace
  readonly hub: Pick<SocketHub, 'step' | 'buffered' | 'dropSlow' | 'settled'>
  /** Called at most once: the market stands still from then on. */
  readonly onFault: (fault: unknown) => void
}

/**
 * Moves the market. One that moves continuously is asked for the present. A recorded one goes from instant to instant,
 * so that every recorded row is sent; its time stands still while clients catch up, and, with `waitForSubscriber`,
 * while nobody is subscribed.
 */
export function createStepper(deps: StepperDeps, options: { readonly waitForSubscriber: boolean }): Stepper {
  const { clock, market, pace, hub } = deps
  const ended = new AbortController()
  let running: Promise<void> | null = null
  let reached = pace.now()

  const advanceTo = (instant: number) => {
    reached = instant
    hub.step(market.advance(instant))
  }
  const drain = async () => {
    if (hub.buffered() <= DRAINED_BYTES) return
    pace.hold()
    const patienceEndsAt = clock.monotonicMs() + DRAIN_PATIENCE_MS
    while (hub.buffered() > DRAINED_BYTES) {
      await sleep(clock, DRAIN_POLL_MS, ended.signal)
      if (clock.monotonicMs() >= patienceEndsAt) hub.dropSlow(DRAINED_BYTES)
    }
    pace.release()
  }
  const replay = async (nextInstant: (afterMs: number) => number | null) => {
    for (;;) {
      const next = nextInstant(reached)
      if (ended.signal.aborted || next === null || next > pace.now()) return
      advanceTo(next)
      await drain()
      // Lets sockets breathe between instants: at high speed hundreds fall due at once.
      await sleep(clock, 0, ended.signal)
    }
  }

  // A market that failed once is not asked again: its state is unknown.
  const fail = (fault: unknown) => {
    if (ended.signal.aborted) return
    ended.abort()
    deps.onFault(fault)
  }
  const run = async () => {
    const nextInstant = market.nextInstant?.bind(market)
    const waiting = nextInstant !== undefined && options.waitForSubscriber && !hub.settled(SETTLED_MS)
    if (waiting) return pace.hold()
    pace.release()
    if (nextInstant === undefined) return advanceTo(pace.now())
    await replay(nextInstant)
  }

  advanceTo(reached)
  return {
    step() {
      if (running !== null || ended.signal.aborted) return
      running = run()
        .catch(fail)
        .finally(() => {
          running = null
        })
    },
    async stop() {
      ended.abort()
      await running
    },
  }
}
