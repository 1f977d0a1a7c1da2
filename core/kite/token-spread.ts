/** Source: kite.trade/docs/connect/v3/websocket: three connections for an API key, 3000 instruments each. */
export const MAX_CONNECTIONS = 3
export const MAX_TOKENS = 3_000

export interface Spread {
  /** Tokens of each connection. */
  readonly connections: readonly ReadonlySet<number>[]
  /** How many did not fit. */
  readonly leftOut: number
}

export const EMPTY_SPREAD: Spread = {
  connections: Array.from({ length: MAX_CONNECTIONS }, () => new Set<number>()),
  leftOut: 0,
}

/**
 * Assigns tokens to connections. A token stays where it is, so that a change of the universe interrupts nothing; new
 * ones fill the first connection with room, so that no more connections are used than needed: the other programs of
 * the same user need some as well.
 */
export function spreadTokens(current: Spread, wanted: readonly number[], capacity = MAX_TOKENS): Spread {
  const pending = new Set(wanted)
  const connections = current.connections.map((tokens) => {
    const kept = new Set<number>()
    for (const token of tokens) if (pending.delete(token)) kept.add(token)
    return kept
  })
  let leftOut = 0
  for (const token of pending) {
    const room = connections.find((tokens) => tokens.size < capacity)
    if (room === undefined) leftOut += 1
    else room.add(token)
  }
  return { connections, leftOut }
}
