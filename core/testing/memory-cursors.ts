import type { Cursors } from '../ports/cursors.ts'

/** Cursors in memory: they outlive the projections that use them. */
export function createMemoryCursors(): Cursors {
  const values = new Map<string, string>()
  return {
    load: (name) => values.get(name) ?? null,
    save: (name, value) => void values.set(name, value),
    remove: (name) => void values.delete(name),
  }
}
