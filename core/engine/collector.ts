import { packetBytes } from '../contract/kite-wire.ts'
import type { RecordComposer } from '../contract/leg-record.ts'
import type { TickFrame } from '../contract/tick-frame.ts'
import type { Calendar } from '../domain/calendar.ts'
import type { IndexName } from '../domain/index-catalog.ts'
import type { Source } from '../domain/instrument.ts'
import type { BatchEntry, LegRow, UnderlyingsEntry } from '../domain/journal-entry.ts'
import type { Leg } from '../domain/leg.ts'
import type { Clock } from '../kernel/clock.ts'
import { OpError } from '../kernel/errors.ts'
import type { Unsubscribe } from '../kernel/lifecycle.ts'
import { createSignal, type Signal } from '../kernel/signal.ts'
import type { Journal } from '../ports/journal.ts'
import type { FrameEvent } from '../ports/market-feed.ts'
import type { Metrics } from '../ports/metrics.ts'
import type { ChainState } from './chain-state.ts'
import type { Enricher, PricedSlot } from './enrich.ts'
import { type IndexState, type MarketState, takeUnderlying, type UnderlyingState } from './market-state.ts'
import { createPendingPackets, type PendingPackets } from './pending-packets.ts'

/** How long packets of one chain gather before they become a batch. */
const FLUSH_MS = 50
/** A chain is flushed at once when so many of its packets wait: what one frame of the record can hold. */
const MAX_PENDING = 2000

export interface CollectorDeps {
  readonly clock: Clock
  readonly calendar: Calendar
  readonly journal: Journal
  readonly metrics: Metrics
  readonly enricher: Enricher
  readonly composer: RecordComposer
  readonly newTrace: () => string
}

export interface CollectorOptions {
  readonly source: Source
  /** Strike offsets that are recorded; null = every strike. */
  readonly offsets: ReadonlySet<number> | null
}

/** Every packet is in exactly one of these. */
export interface CollectorCounts {
  readonly received: number
  /** Option packets that became legs. */
  readonly recorded: number
  /** Packets of spots, futures and VIX that went into the record. */
  readonly underlyings: number
  /** By reason: `repeat`, `outside_window`, `not_full`, `unknown_token`, `no_reference`, `journal_full`. */
  readonly dropped: Readonly<Record<string, number>>
  /** Packets that wait for the next flush. */
  readonly pending: number
}

export interface LiveBatch {
  readonly entry: BatchEntry
  readonly batch: string
  readonly legs: readonly Leg[]
  /** Monotonic milliseconds of the socket read of its first packet. */
  readonly receivedMonotonicMs: number
}

export interface Collector {
  /** Starts on a new universe; what was pending of the old one is recorded first. */
  use(market: MarketState): void
  market(): MarketState | null
  onFrame(event: FrameEvent): void
  /** Records what is pending; call it before stopping. */
  flush(): void
  counts(): CollectorCounts
  /** Each batch as it is handed to the journal, before it is durable. */
  readonly batches: Signal<LiveBatch>
  /** Packets that the journal could not take since the last call, for the gap ledger. */
  takeLost(): number
}

interface PendingChain {
  readonly state: ChainState
  readonly index: IndexState
  readonly packets: PendingPackets
  priced: PricedSlot[]
  firstMonotonicMs: number
}

interface PendingUnderlyings {
  readonly packets: PendingPackets
  rows: { readonly state: UnderlyingState; readonly index: IndexName | null; readonly receivedAt: number }[]
}

/**
 * Turns frames into batches: every full packet of a recorded contract becomes a leg with its raw bytes beside it.
 * Packets of all contracts wait up to `FLUSH_MS`; only then is the forward found, the window centred, and decided
 * what is recorded, so that the tick that moves the window is itself judged by the new one and none is lost.
 */
export function createCollector(deps: CollectorDeps, options: CollectorOptions): Collector {
  const { clock, journal, metrics, enricher } = deps
  let market: MarketState | null = null
  let pending = new Map<ChainState, PendingChain>()
  const underlyings: PendingUnderlyings = { packets: createPendingPackets(), rows: [] }
  let cancelFlush: Unsubscribe | null = null
  let received = 0
  let recorded = 0
  let underlyingsRecorded = 0
  let lost = 0
  const dropped: Record<string, number> = {}
  const batches = createSignal<LiveBatch>()

  const drop = (reason: string, count = 1) => {
    dropped[reason] = (dropped[reason] ?? 0) + count
    metrics.increment('op_ticks_dropped_total', { reason }, count)
  }

  const record = (entry: BatchEntry | UnderlyingsEntry, legs?: readonly Leg[]): boolean => {
    try {
      journal.append(entry, legs)
      return true
    } catch (fault) {
      if (!(fault instanceof OpError) || fault.code !== 'journal_full') throw fault
      drop('journal_full', entry.rows.length)
      lost += entry.rows.length
      return false
    }
  }

  const take = (frame: TickFrame, i: number, event: FrameEvent) => {
    const role = market?.roleOf(frame.token[i] ?? 0)
    received += 1
    if (market === null || role === undefined) return drop('unknown_token')
    metrics.increment('op_ticks_received_total', { index: role.index ?? 'VIX' })
    if (role.kind === 'underlying') {
      takeUnderlying(role.underlying, frame, i, event.receivedAt)
      underlyings.packets.add(packetBytes(frame, i))
      underlyings.rows.push({ state: role.underlying, index: role.index, receivedAt: event.receivedAt })
      return
    }
    const intake = role.chain.take(frame, i, role.slot, event.receivedAt)
    if (intake !== 'changed') return drop(intake)
    const index = market.indices.get(role.index)
    if (index !== undefined) addPending(role.chain, index, role.slot, frame, i, event)
  }

  const addPending = (
    state: ChainState,
    index: IndexState,
    slot: number,
    frame: TickFrame,
    i: number,
    event: FrameEvent,
  ) => {
    let chain = pending.get(state)
    if (chain === undefined) {
      const firstMonotonicMs = event.receivedMonotonicMs
      chain = { state, index, packets: createPendingPackets(), priced: [], firstMonotonicMs }
      pending.set(state, chain)
    }
    if (chain.priced.length === 0) chain.firstMonotonicMs = event.receivedMonotonicMs
    chain.packets.add(packetBytes(frame, i))
    chain.priced.push(pricedSlot(state, slot, event.receivedAt))
    if (chain.priced.length >= MAX_PENDING) flushChain(chain)
  }

  const flushUnderlyings = () => {
    const { rows, packets } = underlyings
    const ts = rows.at(-1)?.receivedAt
    if (ts === undefined) return
    const entry: UnderlyingsEntry = {
      kind: 'underlyings',
      ts,
      source: options.source,
      frame: packets.frame(rows.map((_, place) => place)),
      rows: rows.map((row) => [row.state.symbol, row.index, ts - row.receivedAt]),
    }
    if (record(entry)) underlyingsRecorded += rows.length
    packets.clear()
    underlyings.rows = []
  }

  const flushChain = (chain: PendingChain) => {
    const { state, packets, priced } = chain
    const ts = priced.at(-1)?.receivedAt
    if (ts === undefined) return
    enricher.refresh(state, chain.index, ts)
    const keep = state.atm === null ? [] : recordedPlaces(state, priced, options.offsets)
    const outside = priced.length - keep.length
    if (outside > 0) drop(state.atm === null ? 'no_reference' : 'outside_window', outside)
    if (keep.length > 0) recordBatch(chain, keep, ts)
    packets.clear()
    chain.priced = []
  }

  const recordBatch = (chain: PendingChain, keep: readonly number[], ts: number) => {
    const { state, index, packets, priced } = chain
    const kept = keep.flatMap((place) => priced[place] ?? [])
    const entry = batchEntry(deps, options.source, state, index, ts, packets.frame(keep), enricher.rows(state, kept, ts))
    const batch = journal.nextBatch()
    const legs = deps.composer.legsOf(entry, batch)
    if (!record(entry, legs)) return
    recorded += legs.length
    batches.emit({ entry, batch, legs, receivedMonotonicMs: chain.firstMonotonicMs })
  }

  const flush = () => {
    cancelFlush?.()
    cancelFlush = null
    flushUnderlyings()
    for (const chain of pending.values()) flushChain(chain)
  }

  return {
    batches,
    market: () => market,
    use(next) {
      flush()
      pending = new Map()
      market = next
    },
    onFrame(event) {
      for (let i = 0; i < event.frame.count; i += 1) take(event.frame, i, event)
      cancelFlush ??= clock.after(FLUSH_MS, flush)
    },
    flush,
    counts: () => ({
      received,
      recorded,
      underlyings: underlyingsRecorded,
      dropped: { ...dropped },
      pending: underlyings.rows.length + [...pending.values()].reduce((sum, chain) => sum + chain.priced.length, 0),
    }),
    takeLost() {
      const count = lost
      lost = 0
      return count
    },
  }
}

function pricedSlot(state: ChainState, slot: number, receivedAt: number): PricedSlot {
  return {
    slot,
    price: state.price[slot] ?? Number.NaN,
    used: state.used[slot] ?? 0,
    wide: state.wide[slot] ?? 0,
    receivedAt,
  }
}

/** Places in `priced` whose contract is inside the recorded window around the ATM. */
function recordedPlaces(
  state: ChainState,
  priced: readonly PricedSlot[],
  offsets: ReadonlySet<number> | null,
): readonly number[] {
  const atm = state.atm ?? 0
  return priced.flatMap(({ slot }, place) => (offsets === null || offsets.has((slot >> 1) - atm) ? [place] : []))
}

function batchEntry(
  deps: CollectorDeps,
  source: Source,
  state: ChainState,
  index: IndexState,
  ts: number,
  frame: Uint8Array,
  rows: readonly LegRow[],
): BatchEntry {
  const { chain, forward } = state
  return {
    kind: 'batch',
    ts,
    trace: deps.newTrace(),
    source,
    index: chain.index,
    bucket: chain.bucket,
    expiry: chain.expiry,
    spot: index.spot.lastPrice,
    spotFrozen: deps.calendar.phaseAt(ts).indexFrozen,
    forward: forward === null ? null : Math.round(forward.value * 100) / 100,
    forwardMethod: forward?.method ?? null,
    frame,
    rows,
  }
}
