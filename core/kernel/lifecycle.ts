import { OpError } from './errors.ts'

/** States of every component; one table feeds `/health`, the tray and `op_component_up`. */
export type ComponentState = 'idle' | 'starting' | 'running' | 'degraded' | 'stopping' | 'stopped' | 'failed'

/**
 * A part of the product with a beginning and an end.
 * Constructors do no I/O. `start` resolves when the component is usable; `stop` may be called at any
 * time and any number of times, and releases every timer, listener and handle the component made.
 */
export interface Component {
  readonly name: string
  start(signal?: AbortSignal): Promise<void>
  stop(): Promise<void>
}

/** What a component reports of itself beyond its state. */
export interface ComponentStatus {
  readonly state: ComponentState
  /** Epoch milliseconds (wall time) of the last change of state. */
  readonly since: number
  /** Short machine word for `/health` issues, e.g. `feed_disconnected`; null when all is well. */
  readonly issue: string | null
  /** One sentence for the operator, null when there is nothing to say. */
  readonly detail: string | null
}

export type Unsubscribe = () => void

/** Runs `stop` once, whatever the number of callers; all callers share its outcome. */
export function once(run: () => Promise<void>): () => Promise<void> {
  let outcome: Promise<void> | null = null
  return () => {
    outcome ??= run()
    return outcome
  }
}

/**
 * Stops components in reverse order, runs every step, and throws one error that lists what failed. `onStop` is told of
 * each before it is stopped.
 */
export async function stopAll(
  components: readonly Component[],
  onStop: (name: string) => void = () => {},
): Promise<void> {
  const faults: unknown[] = []
  for (const component of [...components].reverse()) {
    try {
      onStop(component.name)
      await component.stop()
    } catch (fault) {
      faults.push(fault)
    }
  }
  if (faults.length > 0)
    throw new OpError('stop_incomplete', { count: faults.length }, { cause: new AggregateError(faults) })
}
