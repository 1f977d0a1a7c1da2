import type { Clock } from '../kernel/clock.ts'
import type { Unsubscribe } from '../kernel/lifecycle.ts'

/** Scripted faults that last on the sockets. */
export interface SocketFaults {
  muted(): boolean
  mute(forMs: number): void
  /** Whether no packets are sent, with heartbeats or without. */
  quiet(): boolean
  quieten(forMs: number): void
  /** Takes one from the number of frames that are to be spoilt; false when none is. */
  takeCorruption(): boolean
  corrupt(frames: number): void
  /** Freezes what is given now, and thaws it after `forMs`. */
  halfOpen(frozen: readonly { freeze(): void; thaw(): void }[], forMs: number): void
  /** Releases the timers. */
  close(): void
}

export function createSocketFaults(clock: Pick<Clock, 'monotonicMs' | 'after'>): SocketFaults {
  const timers = new Set<Unsubscribe>()
  let mutedUntil = Number.NEGATIVE_INFINITY
  let quietUntil = Number.NEGATIVE_INFINITY
  let toCorrupt = 0
  return {
    muted: () => clock.monotonicMs() < mutedUntil,
    mute(forMs) {
      mutedUntil = clock.monotonicMs() + forMs
    },
    quiet: () => clock.monotonicMs() < Math.max(mutedUntil, quietUntil),
    quieten(forMs) {
      quietUntil = clock.monotonicMs() + forMs
    },
    takeCorruption() {
      if (toCorrupt === 0) return false
      toCorrupt -= 1
      return true
    },
    corrupt(frames) {
      toCorrupt += frames
    },
    halfOpen(frozen, forMs) {
      for (const one of frozen) one.freeze()
      const cancel = clock.after(forMs, () => {
        timers.delete(cancel)
        for (const one of frozen) one.thaw()
      })
      timers.add(cancel)
    },
    close() {
      for (const cancel of timers) cancel()
      timers.clear()
    },
  }
}
