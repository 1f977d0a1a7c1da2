/** Source: kite.trade/docs/connect/v3/websocket: three connections for an API key, 3000 instruments each. */
export const MAX_CONNECTIONS = 3
export const MAX_TOKENS = 3_000
/**
 * How many of the first tokens each connection gets. The caller lists spots and near futures first: with some of
 * them on it, a connection without packets is mute, and not just one of contracts that nobody trades.
 */
const CANARIES = 10

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
 * Assigns tokens, the most traded first, to no more connections than needed: the other programs of the same user need
 * some as well. New tokens are dealt out evenly in their order, so that each connection has near contracts. A token
 * stays where it is, so that a change of the universe interrupts nothing; only of the first ones some move when
 * a connection has too few of them.
 */
export function spreadTokens(current: Spread, wanted: readonly number[], capacity = MAX_TOKENS): Spread {
  const unique = new Set(wanted)
  const needed = Math.ceil(unique.size / capacity)
  const isUsed = current.connections.map((tokens, i) => i < needed || [...tokens].some((token) => unique.has(token)))
  const used = isUsed.filter(Boolean).length
  const ranked = [...unique]
  const canaries = new Set(ranked.slice(0, Math.min(CANARIES, capacity) * used))
  const share = Math.ceil(canaries.size / Math.max(1, used))
  const connections = current.connections.map(() => new Set<number>())
  const deal = (tokens: ReadonlySet<number>, roomOf: (place: number) => number): number =>
    dealOut({ tokens, current: current.connections, into: connections, roomOf })
  deal(canaries, (place) => (isUsed[place] ? share : 0))
  const others = new Set(ranked.filter((token) => !canaries.has(token)))
  const leftOut = deal(others, (place) => (isUsed[place] ? capacity : 0))
  return { connections, leftOut }
}

interface Deal {
  readonly tokens: ReadonlySet<number>
  readonly current: readonly ReadonlySet<number>[]
  readonly into: readonly Set<number>[]
  /** How many tokens a connection may hold then. */
  readonly roomOf: (place: number) => number
}

/** Puts each token where it was if there is room, and the others on the emptiest connection; returns how many did not fit. */
function dealOut({ tokens, current, into, roomOf }: Deal): number {
  const pending = new Set(tokens)
  const places = into.map((target, place) => ({ target, room: roomOf(place) }))
  places.forEach(({ target, room }, place) => {
    for (const token of current[place] ?? []) {
      if (target.size < room && pending.delete(token)) target.add(token)
    }
  })
  let leftOut = 0
  for (const token of pending) {
    const free = places.filter(({ target, room }) => target.size < room)
    const emptiest = free.reduce<Set<number> | null>(
      (least, { target }) => (least === null || target.size < least.size ? target : least),
      null,
    )
    if (emptiest === null) leftOut += 1
    else emptiest.add(token)
  }
  return leftOut
}
