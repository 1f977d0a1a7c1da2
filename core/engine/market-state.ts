import type { TickFrame } from '../contract/tick-frame.ts'
import { type IndexName, VIX } from '../domain/index-catalog.ts'
import { type ChainState, createChainState } from './chain-state.ts'
import { type Chain, sameChain, type Universe } from './universe.ts'

export interface OptionRole {
  readonly kind: 'option'
  readonly index: IndexName
  readonly chain: ChainState
  readonly slot: number
}

interface UnderlyingRole {
  readonly kind: 'underlying'
  /** null for VIX. */
  readonly index: IndexName | null
  readonly underlying: UnderlyingState
}

/** What an instrument token means to the product. */
export type Role = OptionRole | UnderlyingRole

/** Latest price of a spot, a future or VIX. */
export interface UnderlyingState {
  readonly symbol: string
  readonly type: 'spot' | 'future' | 'vix'
  readonly expiry: string | null
  /** Rupees, null before the first packet. */
  lastPrice: number | null
  /** Receipt of the latest packet, market clock; null before the first. */
  receivedAt: number | null
}

export interface IndexState {
  readonly index: IndexName
  readonly spot: UnderlyingState
  readonly futures: readonly UnderlyingState[]
  readonly chains: readonly ChainState[]
}

/** Everything known of the market now, by instrument. Replaced as a whole when the universe changes. */
export interface MarketState {
  readonly universe: Universe
  readonly indices: ReadonlyMap<IndexName, IndexState>
  readonly vix: UnderlyingState
  roleOf(token: number): Role | undefined
}

/** What was known before stays known on the same date, of every chain and underlying that is listed as before. */
export function createMarketState(universe: Universe, before: MarketState | null = null): MarketState {
  const roles = new Map<number, Role>()
  const indices = new Map<IndexName, IndexState>()
  const known = before?.universe.date === universe.date ? before : null
  const vix = known?.vix ?? underlying(VIX.symbol, 'vix', null)
  roles.set(universe.vixToken, { kind: 'underlying', index: null, underlying: vix })
  for (const entry of universe.indices) {
    const index = entry.spec.name
    const old = known?.indices.get(index)
    const spot = old?.spot ?? underlying(entry.spec.spotSymbol, 'spot', null)
    roles.set(entry.spotToken, { kind: 'underlying', index, underlying: spot })
    const futures = entry.futures.map((row) => {
      const same = old?.futures.find(({ symbol, expiry }) => symbol === row.symbol && expiry === row.expiry)
      const future = same ?? underlying(row.symbol, 'future', row.expiry)
      roles.set(row.token, { kind: 'underlying', index, underlying: future })
      return future
    })
    const chains = entry.chains.map((chain) => {
      const state = knownChain(old, chain) ?? createChainState(chain)
      for (const [slot, contract] of chain.contracts.entries()) {
        if (contract !== null) roles.set(contract.token, { kind: 'option', index, chain: state, slot })
      }
      return state
    })
    indices.set(index, { index, spot, futures, chains })
  }
  return { universe, indices, vix, roleOf: (token) => roles.get(token) }
}

function knownChain(old: IndexState | undefined, chain: Chain): ChainState | undefined {
  return old?.chains.find((state) => sameChain(state.chain, chain))
}

function underlying(symbol: string, type: UnderlyingState['type'], expiry: string | null): UnderlyingState {
  return { symbol, type, expiry, lastPrice: null, receivedAt: null }
}

/** The indices that tokens serve; null = all that are watched, also when it is not known. */
export function indicesServed(market: MarketState | null, tokens: Iterable<number>): readonly IndexName[] | null {
  const served = new Set<IndexName>()
  for (const token of tokens) {
    const index = market?.roleOf(token)?.index ?? null
    if (index !== null) served.add(index)
  }
  return market === null || served.size === 0 || served.size === market.indices.size ? null : [...served]
}

/** Takes packet `i` as the latest of an underlying. */
export function takeUnderlying(state: UnderlyingState, frame: TickFrame, i: number, receivedAt: number): void {
  const raw = frame.lastPrice[i] ?? 0
  if (raw > 0) state.lastPrice = raw / (frame.divisor[i] ?? 100)
  state.receivedAt = receivedAt
}
