import type { Relay } from '../engine/relay.ts'
import { type Clock, sleep } from '../kernel/clock.ts'
import type { Logger } from '../kernel/logger.ts'

/** A store that is behind by more is built again: recording does not wait for that. */
const WAIT_MS = 5_000
const POLL_MS = 20

export interface RecordLevelDeps {
  readonly clock: Clock
  readonly logger: Logger
  readonly relay: Pick<Relay, 'pending'>
}

/**
 * Waits until a consumer has taken all that is durable: after a crash it is behind the journal. Then what it tells of
 * today is all that earlier runs recorded. Rejects when the signal aborts.
 */
export function createRecordLevel({ clock, logger, relay }: RecordLevelDeps, consumer: string) {
  return async (signal: AbortSignal): Promise<void> => {
    const end = clock.monotonicMs() + WAIT_MS
    while (relay.pending()[consumer] !== 0) {
      if (clock.monotonicMs() >= end) {
        logger.warning(`${consumer} is still behind the journal: legs of before may be recorded again`)
        return
      }
      await sleep(clock, POLL_MS, signal)
    }
  }
}
