import type { SimClock } from './sim-clock.ts'

/** Market time that can be made to stand still. */
export interface Pace {
  now(): number
  /** Whether it stands still. */
  held(): boolean
  /** Stops market time; calling it again changes nothing. */
  hold(): void
  /** Lets it run on from where it stood. */
  release(): void
}

/** Stands at `startMs` until it is released for the first time. */
export function createPace(marketClock: Pick<SimClock, 'now'>, startMs: number): Pace {
  let lostMs = 0
  let heldAt: number | null = startMs
  const now = () => heldAt ?? marketClock.now() - lostMs
  return {
    now,
    held: () => heldAt !== null,
    hold() {
      heldAt ??= now()
    },
    release() {
      if (heldAt === null) return
      lostMs = marketClock.now() - heldAt
      heldAt = null
    },
  }
}
