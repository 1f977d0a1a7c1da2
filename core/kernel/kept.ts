/** Values that were made at last, by key; of the others each is made again when it is asked for. */
export interface Kept<Value> {
  of(key: string, make: () => Value): Value
  forget(key: string): void
}

/** Keeps the `most` values that were asked for last. */
export function createKept<Value>(most: number): Kept<Value> {
  const values = new Map<string, { readonly value: Value }>()
  return {
    of(key, make) {
      const held = values.get(key) ?? { value: make() }
      values.delete(key)
      values.set(key, held)
      const [oldest] = values.keys()
      if (oldest !== undefined && values.size > most) values.delete(oldest)
      return held.value
    },
    forget: (key) => void values.delete(key),
  }
}
