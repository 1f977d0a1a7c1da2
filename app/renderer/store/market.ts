import { createStore, type StoreApi } from 'zustand/vanilla'
import type { ExpiriesReport, HealthReport, IndicesReport } from '../../../core/contract/api-schema.ts'
import { type ChainMessage, type ChainUnavailable, chainTopic } from '../../../core/contract/chain-stream.ts'
import type { IndexName } from '../../../core/domain/index-catalog.ts'
import type { Bucket } from '../../../core/domain/instrument.ts'
import type { Link, MonitorClient } from '../client/monitor-client.ts'
import { applyMessages, type ChainData } from './chain-data.ts'

export interface Selection {
  readonly index: IndexName
  readonly bucket: Bucket
}

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
}

export interface MarketDeps {
  readonly client: MonitorClient
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
  setFrozen(frozen: boolean): void
}

/** What has come since the last frame. */
interface Arrived {
  messages: ChainMessage[]
  latest: Partial<MarketState>
}

/** Full chains that may wait while nothing is painted (a hidden tab): then changes are merged at once. */
const MOST_WAITING = 50

export function createMarket(deps: MarketDeps, first: Selection): Market {
  const { client, onFrame, every, elapsed } = deps
  const store = createStore<MarketState>(() => ({
    link: 'connecting',
    asOf: null,
    now: null,
    selection: first,
    indices: null,
    expiries: null,
    chain: null,
    unavailable: null,
    health: null,
    frozen: false,
  }))
  let arrived: Arrived = { messages: [], latest: {} }
  /** The chain while the screen is frozen. */
  let hidden: ChainData | null = null
  let cancelFrame: (() => void) | null = null
  let unfollow = () => {}
  let stopClock = () => {}
  let clockAt = { market: 0, elapsed: 0 }

  const paint = () => {
    cancelFrame = null
    const { messages, latest } = arrived
    arrived = { messages: [], latest: {} }
    const { frozen, chain } = store.getState()
    if (!frozen)
      return store.setState({ ...latest, ...(messages.length > 0 ? { chain: applyMessages(chain, messages) } : {}) })
    hidden = applyMessages(hidden ?? chain, messages)
    store.setState(latest)
  }
  const schedule = () => {
    cancelFrame ??= onFrame(paint)
    if (arrived.messages.length > MOST_WAITING) {
      cancelFrame()
      paint()
    }
  }
  const note = (latest: Partial<MarketState>) => {
    Object.assign(arrived.latest, latest)
    schedule()
  }
  const setClock = (market: number) => {
    clockAt = { market, elapsed: elapsed() }
  }
  const refreshLists = async () => {
    const { index } = store.getState().selection
    try {
      const [indices, expiries] = await Promise.all([client.indices(), client.expiries(index)])
      if (store.getState().selection.index === index) store.setState({ indices, expiries })
    } catch {
      // The stream says what is wrong, and its next whole chain asks for the lists again.
    }
  }
  const follow = () => {
    unfollow()
    const { index, bucket } = store.getState().selection
    unfollow = client.follow([chainTopic(index, bucket), 'health'], {
      onLink(link) {
        const known = store.getState().link
        if (link === 'connecting' && known === 'live') return
        store.setState({ link })
      },
      onChain(message) {
        if (message.full) void refreshLists()
        arrived.messages.push(message)
        setClock(message.head.time)
        note({ asOf: message.head.time, unavailable: null })
      },
      onUnavailable: (unavailable) => note({ unavailable, chain: null }),
      onHealth(health) {
        setClock(Date.parse(health.market.time))
        note({ health, asOf: Date.parse(health.market.time) })
      },
    })
  }
  const tick = () => {
    const { link, asOf } = store.getState()
    if (asOf === null || link === 'lost') return
    const now = clockAt.market + elapsed() - clockAt.elapsed
    store.setState({ now: 1000 * Math.floor(now / 1000) })
  }
  return {
    store,
    start() {
      follow()
      stopClock = every(500, tick)
    },
    stop() {
      unfollow()
      stopClock()
      cancelFrame?.()
    },
    select(selection) {
      const before = store.getState().selection
      if (before.index === selection.index && before.bucket === selection.bucket) return
      arrived = { messages: [], latest: {} }
      hidden = null
      const expiries = before.index === selection.index ? store.getState().expiries : null
      store.setState({ selection, chain: null, unavailable: null, expiries, frozen: false })
      follow()
      if (expiries === null) void refreshLists()
    },
    setFrozen(frozen) {
      if (frozen === store.getState().frozen) return
      const chain = hidden
      hidden = null
      store.setState(frozen || chain === null ? { frozen } : { frozen, chain })
    },
  }
}
