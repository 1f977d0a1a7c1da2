import type { ComponentStatus } from '../kernel/lifecycle.ts'
import { createSignal } from '../kernel/signal.ts'
import type { FeedEvent, FrameEvent, MarketFeed } from '../ports/market-feed.ts'
import type { InstrumentsDump, LastPrice, MarketReference } from '../ports/market-reference.ts'
import { listing } from './market-builder.ts'

export interface FakeMarketFeed extends MarketFeed {
  readonly subscriptions: (readonly number[])[]
  readonly starts: () => number
  readonly refreshes: () => number
  readonly loginRetries: () => number
  readonly stops: () => number
  readonly expected: () => boolean
  frame(event: FrameEvent): void
  event(event: FeedEvent): void
  /** What `status()` says: null = running. */
  trouble(issue: string | null): void
  /** What `tokensOf` says of a connection. Until then connection 1 has all that was subscribed last. */
  assign(connection: number, tokens: readonly number[]): void
}

/** A feed that does what a test tells it. */
export function createFakeMarketFeed(): FakeMarketFeed {
  const frames = createSignal<FrameEvent>()
  const events = createSignal<FeedEvent>()
  const subscriptions: (readonly number[])[] = []
  let starts = 0
  let stops = 0
  let refreshes = 0
  let loginRetries = 0
  const assigned = new Map<number, ReadonlySet<number>>()
  let issue: string | null = null
  let packetsExpected = false
  const status = (): ComponentStatus => ({
    state: issue === null ? 'running' : 'degraded',
    since: 0,
    issue,
    detail: issue,
  })
  return {
    name: 'feed',
    subscriptions,
    starts: () => starts,
    stops: () => stops,
    refreshes: () => refreshes,
    loginRetries: () => loginRetries,
    expected: () => packetsExpected,
    async start() {
      starts += 1
    },
    async stop() {
      stops += 1
    },
    subscribe: (tokens) => void subscriptions.push(tokens),
    tokensOf(connection) {
      if (assigned.size === 0 && connection === 1) return new Set(subscriptions.at(-1))
      return assigned.get(connection) ?? new Set()
    },
    refresh() {
      refreshes += 1
    },
    retryLogin() {
      loginRetries += 1
    },
    onFrame: frames.subscribe,
    onEvent: events.subscribe,
    status,
    expectPackets(expected) {
      packetsExpected = expected
    },
    counts: () => ({ received: 0, rejected: {} }),
    frame: frames.emit,
    event: events.emit,
    trouble(next) {
      issue = next
    },
    assign: (connection, tokens) => void assigned.set(connection, new Set(tokens)),
  }
}

export interface FakeReference extends MarketReference {
  instruments: MarketReference['instruments']
  /** What each call does before it answers; throws or waits as the test likes. */
  before: (call: 'profile' | 'instruments' | 'lastPrices') => Promise<void> | void
  dump: InstrumentsDump['instruments']
  sha256: string
  prices: ReadonlyMap<string, LastPrice>
  readonly calls: string[]
}

/** A broker that answers what a test tells it. */
export function createFakeReference(): FakeReference {
  const calls: string[] = []
  const enter = async (call: Parameters<FakeReference['before']>[0]) => {
    calls.push(call)
    await reference.before(call)
  }
  const reference: FakeReference = {
    before: () => {},
    dump: listing(),
    sha256: 'ab'.repeat(32),
    prices: new Map(),
    calls,
    async profile() {
      await enter('profile')
      return { userId: 'AB1234', userName: 'A Trader' }
    },
    async instruments(exchange) {
      await enter('instruments')
      return { exchange, instruments: reference.dump, sha256: reference.sha256 }
    },
    async lastPrices() {
      await enter('lastPrices')
      return reference.prices
    },
  }
  return reference
}
