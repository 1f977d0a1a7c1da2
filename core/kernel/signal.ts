import type { Unsubscribe } from './lifecycle.ts'

/** A typed list of listeners. Subscribing returns unsubscribing. */
export interface Signal<T> {
  subscribe(listener: (value: T) => void): Unsubscribe
  emit(value: T): void
}

export function createSignal<T>(): Signal<T> {
  const listeners = new Set<(value: T) => void>()
  return {
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    emit(value) {
      for (const listener of [...listeners]) listener(value)
    },
  }
}
