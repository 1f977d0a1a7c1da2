/** The market's clock of a simulated exchange. */
export interface SimClock {
  /** Market time, epoch milliseconds. */
  now(): number
  /** Market seconds per real second. */
  readonly speed: number
}

/** A market clock that stood at `startMs` when it was made, and runs `speed` times as fast as real time. */
export function createSimClock(
  deps: { monotonicMs(): number },
  options: { readonly startMs: number; readonly speed: number },
): SimClock {
  const { startMs, speed } = options
  const origin = deps.monotonicMs()
  return {
    speed,
    now: () => Math.floor(startMs + (deps.monotonicMs() - origin) * speed),
  }
}
