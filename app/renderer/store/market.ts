import { createStore, type StoreApi } from 'zustand/vanilla'
import type { Alert } from '../../../core/contract/alerts.ts'
import type { ExpiriesReport, HealthReport, IndicesReport } from '../../../core/contract/api-schema.ts'
import {
  type ChainMessage,
  type ChainUnavailable,
  chainTopic,
  readChainTopic,
} from '../../../core/contract/chain-stream.ts'
import type { ChainAt } from '../../../core/contract/history.ts'
import type { IndexName } from '../../../core/domain/index-catalog.ts'
import type { Link, MonitorClient } from '../client/monitor-client.ts'
import { applyMessages, type ChainData } from './chain-data.ts'
import { nearest, type Selection } from './selection.ts'

export interface MarketState {
  readonly link: Link
  /** Market time of the newest message, epoch milliseconds; what "as of" says when the link is lost. */
  readonly asOf: number | null
  /** The market's clock as it must be now, whole seconds in milliseconds. */
  readonly now: number | null
  readonly selection: Selection
  readonly indices: IndicesReport | null
  readonly expiries: ExpiriesReport | null
  readonly chain: ChainData | null
  /** Why there is no chain. */
  readonly unavailable: ChainUnavailable | null
  readonly health: HealthReport | null
  /** The screen stands still while the market goes on. */
  readonly frozen: boolean
  /** What is known of an instant of the record that is shown in place of now; null = this is the market of now. */
  readonly past: PastFacts | null
}

export interface PastFacts {
  /** Until when is null outside of a session. */
  readonly session: { readonly phase: string; readonly until: string | null; readonly note: string | null } | null
  readonly spots: ChainAt['frames'][number]['spots']
  /** null until the first answer. */
  readonly summary: ChainAt['summary'] | null
}

/** Phase of the market at the shown instant; null while it is not known. */
export function sessionOf({ past, health }: MarketState): PastFacts['session'] {
  return past === null ? (health?.market ?? null) : past.session
}

export function spotOf({ past, health, chain }: MarketState, index: IndexName): number | null {
  // The same number as in the strip above its chain.
  if (chain !== null && readChainTopic(chain.topic).index === index) return chain.head.spot
  if (past !== null) return past.spots[index] ?? null
  return health?.indices.find((row) => row.index === index)?.spot ?? null
}

export interface MarketDeps {
  readonly client: MonitorClient
  readonly onAlert: (alert: Alert) => void
  /** Calls once before the next paint; the returned function cancels. */
  readonly onFrame: (run: () => void) => () => void
  readonly every: (intervalMs: number, run: () => void) => () => void
  /** Monotonic milliseconds. */
  readonly elapsed: () => number
}

/** The market as the page follows it. */
export interface Market {
  readonly store: StoreApi<MarketState>
  start(): void
  stop(): void
  select(selection: Selection): void
  /** While nobody sees the page its chain is not followed; health and alerts are. */
  setVisible(visible: boolean): void
  setFrozen(frozen: boolean): void
}

/** What has come and is not drawn yet. */
interface Arrived {
  readonly messages: ChainMessage[]
  readonly latest: { -readonly [Part in keyof MarketState]?: MarketState[Part] }
}

interface Work {
  readonly deps: MarketDeps
  readonly store: StoreApi<MarketState>
  arrived: Arrived
  /** The chain as it goes on while the screen is frozen. */
  hidden: ChainData | null
  cancelFrame: (() => void) | null
  visible: boolean
  unfollow: () => void
  stopClock: () => void
  /** Market time of the newest message, and when that came. */
  clockAt: { readonly market: number; readonly elapsed: number }
}

/** Messages that may wait while nothing is painted (a hidden tab): then they are merged at once. */
const MOST_WAITING = 50
const CLOCK_MS = 500

export function createMarket(deps: MarketDeps, first: Selection): Market {
  const work: Work = {
    deps,
    store: createStore<MarketState>(() => emptyState(first)),
    arrived: { messages: [], latest: {} },
    hidden: null,
    cancelFrame: null,
    visible: true,
    unfollow: () => {},
    stopClock: () => {},
    clockAt: { market: 0, elapsed: 0 },
  }
  const { store } = work
  return {
    store,
    start() {
      follow(work)
      work.stopClock = deps.every(CLOCK_MS, () => tick(work))
    },
    stop() {
      work.unfollow()
      work.stopClock()
      work.cancelFrame?.()
    },
    select: (selection) => select(work, selection),
    setVisible(visible) {
      if (visible === work.visible) return
      work.visible = visible
      follow(work)
    },
    setFrozen(frozen) {
      if (frozen === store.getState().frozen) return
      const chain = work.hidden
      work.hidden = null
      store.setState(frozen || chain === null ? { frozen } : { frozen, chain })
    },
  }
}

export function emptyState(selection: Selection): MarketState {
  return {
    link: 'connecting',
    asOf: null,
    now: null,
    selection,
    indices: null,
    expiries: null,
    chain: null,
    unavailable: null,
    health: null,
    frozen: false,
    past: null,
  }
}

function select(work: Work, selection: Selection): void {
  const { store } = work
  const before = store.getState()
  if (before.selection.index === selection.index && before.selection.bucket === selection.bucket) return
  work.arrived = { messages: [], latest: {} }
  work.hidden = null
  const expiries = before.selection.index === selection.index ? before.expiries : null
  store.setState({ selection, chain: null, unavailable: null, expiries, frozen: false })
  follow(work)
}

function follow(work: Work): void {
  const { deps, store } = work
  work.unfollow()
  const { index, bucket } = store.getState().selection
  // What is shown stays until the chain comes anew: whoever comes back sees no empty page.
  const chain = work.visible ? [chainTopic(index, bucket)] : []
  work.unfollow = deps.client.follow([...chain, 'health', 'alerts'], {
    onLink(link) {
      // Another chain is another stream: that is no interruption.
      if (link !== 'connecting' || store.getState().link !== 'live') store.setState({ link })
    },
    onChain(message) {
      if (message.full) void refreshLists(work)
      work.arrived.messages.push(message)
      note(work, message.head.time, { unavailable: null })
    },
    onUnavailable(unavailable) {
      Object.assign(work.arrived.latest, { unavailable, chain: null })
      schedule(work)
      if (unavailable.code !== 'universe_unknown') void chooseListed(work)
    },
    onAlert: (alert) => deps.onAlert(alert),
    onHealth: (health) => note(work, Date.parse(health.market.time), { health }),
  })
}

/** Keeps what has come, and the time that it tells. */
function note(work: Work, marketTime: number, latest: Partial<MarketState>): void {
  work.clockAt = { market: marketTime, elapsed: work.deps.elapsed() }
  Object.assign(work.arrived.latest, latest, { asOf: marketTime })
  schedule(work)
}

/**
 * Draws what has come: a chain at once, so that its rows are ready when the frame begins, but only the first of a frame;
 * everything else with the next frame.
 */
function schedule(work: Work): void {
  const { messages } = work.arrived
  const isFirst = work.cancelFrame === null
  work.cancelFrame ??= work.deps.onFrame(() => {
    work.cancelFrame = null
    const { arrived } = work
    if (arrived.messages.length > 0 || Object.keys(arrived.latest).length > 0) paint(work)
  })
  if ((isFirst && messages.length > 0) || messages.length > MOST_WAITING) paint(work)
}

/** Everything that has come, in one change of the store; the clock with it, so that no chain is without its time. */
function paint(work: Work): void {
  const { store, arrived } = work
  const { asOf } = arrived.latest
  if (typeof asOf === 'number' && store.getState().now === null) arrived.latest.now = wholeSecond(asOf)
  work.arrived = { messages: [], latest: {} }
  const { frozen, chain } = store.getState()
  if (frozen) {
    work.hidden = applyMessages(work.hidden ?? chain, arrived.messages)
    const { chain: _left, ...others } = arrived.latest
    store.setState(others)
    return
  }
  const next = applyMessages(chain, arrived.messages)
  store.setState(next === chain ? arrived.latest : { ...arrived.latest, chain: next })
}

async function refreshLists({ deps, store }: Work): Promise<void> {
  const { index } = store.getState().selection
  try {
    const [indices, expiries] = await Promise.all([
      deps.client.ask('indices', {}),
      deps.client.ask('expiries', { index }),
    ])
    if (store.getState().selection.index === index) store.setState({ indices, expiries })
  } catch {
    // The stream says what is wrong, and its next whole chain asks for the lists again.
  }
}

/** What was chosen the last time may be listed no more: the nearest that is takes its place. */
async function chooseListed(work: Work): Promise<void> {
  const { deps, store } = work
  const { selection } = store.getState()
  try {
    const { indices } = await deps.client.ask('indices', {})
    const entry = indices.find(({ index }) => index === selection.index) ?? indices[0]
    const bucket = entry === undefined ? null : nearest(entry.buckets)
    const isStill = store.getState().selection === selection
    if (entry !== undefined && bucket !== null && isStill) select(work, { index: entry.index, bucket })
  } catch {
    // The stream says every second what is wrong, and with that this is tried again.
  }
}

function tick({ deps, store, clockAt }: Work): void {
  const { link, asOf } = store.getState()
  if (asOf === null || link === 'lost') return
  const now = clockAt.market + deps.elapsed() - clockAt.elapsed
  store.setState({ now: wholeSecond(now) })
}

function wholeSecond(time: number): number {
  return 1000 * Math.floor(time / 1000)
}
