import { packetBytes } from '../contract/kite-wire.ts'
import type { RecordComposer } from '../contract/leg-record.ts'
import type { Calendar } from '../domain/calendar.ts'
import type { IndexName } from '../domain/index-catalog.ts'
import type { Source } from '../domain/instrument.ts'
import { istDate } from '../domain/ist.ts'
import type { BatchEntry, LegRow, UnderlyingsEntry } from '../domain/journal-entry.ts'
import type { Leg } from '../domain/leg.ts'
import type { Clock } from '../kernel/clock.ts'
import { OpError, toOpError } from '../kernel/errors.ts'
import type { Unsubscribe } from '../kernel/lifecycle.ts'
import type { Logger } from '../kernel/logger.ts'
import { createSignal, type Signal } from '../kernel/signal.ts'
import type { Journal } from '../ports/journal.ts'
import type { FrameEvent } from '../ports/market-feed.ts'
import type { Metrics } from '../ports/metrics.ts'
import { type ChainState, isFutureTime, pricedSlot } from './chain-state.ts'
import type { Enricher } from './enrich.ts'
import {
  type IndexState,
  type MarketState,
  type OptionRole,
  takeUnderlying,
  type UnderlyingState,
} from './market-state.ts'
import { keptOf, NONE_KEPT, type PendingChain, type Prepared } from './pending-chain.ts'
import { createPendingPackets, type PendingPackets } from './pending-packets.ts'
import { createRecordedLegs, type LastLegs, type RecordedLegs } from './recorded-legs.ts'

/** How long packets of one chain gather before they become a batch. */
const FLUSH_MS = 50
/** While memory is short: fewer and larger batches. */
const SPARING_FLUSH_MS = 250
/** What waits is flushed at once when it is so many packets: one frame of the record holds at most 3000. */
const MAX_PENDING = 2000
const MAX_FAULTS_SAID = 20

export interface CollectorDeps {
  readonly clock: Clock
  readonly calendar: Calendar
  readonly journal: Journal
  readonly metrics: Metrics
  readonly enricher: Enricher
  readonly composer: RecordComposer
  readonly newTrace: () => string
  readonly logger: Logger
  /** From what earlier runs recorded. */
  readonly lastLegs: LastLegs
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
  /** By reason: `repeat`, `closed`, `outside_window`, `not_full`, `unknown_token`, `no_reference`, `journal_full`, `internal`. */
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
  /** Each frame when the market state has it: nothing of it is recorded yet. */
  readonly taken: Signal<FrameEvent>
  /** Each batch as it is handed to the journal, before it is durable. */
  readonly batches: Signal<LiveBatch>
  /** Packets that the journal could not take since the last call, for the gap ledger. */
  takeLost(): number
  /** Lets packets gather for 250 ms instead of 50: fewer batches, each with more legs. */
  spare(sparing: boolean): void
}

interface PendingUnderlyings {
  readonly packets: PendingPackets
  rows: { readonly state: UnderlyingState; readonly index: IndexName | null; readonly receivedAt: number }[]
}

/** The collector's own state; the functions below work on it. */
interface Work {
  readonly deps: CollectorDeps
  readonly options: CollectorOptions
  readonly batches: Signal<LiveBatch>
  readonly recordedLegs: RecordedLegs
  readonly underlyings: PendingUnderlyings
  readonly dropped: Record<string, number>
  /** Counted since the last flush and not yet in the metrics, which are too dear for every packet. */
  unreported: { received: Map<string, number>; dropped: Map<string, number> }
  market: MarketState | null
  pending: Map<ChainState, PendingChain>
  flushMs: number
  cancelFlush: Unsubscribe | null
  received: number
  recorded: number
  underlyingsRecorded: number
  lost: number
  /** Faults that were logged: the same one is not said at every flush. */
  readonly saidFaults: Set<string>
}

/**
 * Turns frames into batches: every full packet of a recorded contract becomes a leg with its raw bytes beside it.
 * Packets of all contracts wait up to `flushMs`; only then is the forward found, the window centred, and decided
 * what is recorded, so that the tick that moves the window is itself judged by the new one and none is lost.
 */
export function createCollector(deps: CollectorDeps, options: CollectorOptions): Collector {
  const work: Work = {
    deps,
    options,
    batches: createSignal<LiveBatch>(),
    recordedLegs: createRecordedLegs(deps.lastLegs, deps.logger),
    underlyings: { packets: createPendingPackets(), rows: [] },
    dropped: {},
    unreported: { received: new Map(), dropped: new Map() },
    market: null,
    pending: new Map(),
    flushMs: FLUSH_MS,
    cancelFlush: null,
    received: 0,
    recorded: 0,
    underlyingsRecorded: 0,
    lost: 0,
    saidFaults: new Set(),
  }
  const taken = createSignal<FrameEvent>()
  return {
    taken,
    batches: work.batches,
    market: () => work.market,
    use(next) {
      flush(work)
      work.pending = new Map()
      work.market = next
      work.recordedLegs.use(next)
    },
    onFrame(event) {
      for (let i = 0; i < event.frame.count; i += 1) takePacket(work, event, i)
      work.cancelFlush ??= deps.clock.after(work.flushMs, () => flush(work))
      taken.emit(event)
    },
    flush: () => flush(work),
    counts: () => countsOf(work),
    takeLost() {
      const count = work.lost
      work.lost = 0
      return count
    },
    spare(sparing) {
      work.flushMs = sparing ? SPARING_FLUSH_MS : FLUSH_MS
    },
  }
}

function countsOf(work: Work): CollectorCounts {
  const waiting = [...work.pending.values()].reduce((sum, chain) => sum + chain.priced.length, 0)
  return {
    received: work.received,
    recorded: work.recorded,
    underlyings: work.underlyingsRecorded,
    dropped: { ...work.dropped },
    pending: work.underlyings.rows.length + waiting,
  }
}

function drop(work: Work, reason: string, count = 1): void {
  work.dropped[reason] = (work.dropped[reason] ?? 0) + count
  add(work.unreported.dropped, reason, count)
}

function add(counts: Map<string, number>, key: string, count: number): void {
  counts.set(key, (counts.get(key) ?? 0) + count)
}

function reportCounts(work: Work): void {
  const { metrics } = work.deps
  const { received, dropped } = work.unreported
  for (const [index, count] of received) metrics.increment('op_ticks_received_total', { index }, count)
  for (const [reason, count] of dropped) metrics.increment('op_ticks_dropped_total', { reason }, count)
  received.clear()
  dropped.clear()
}

function takePacket(work: Work, event: FrameEvent, i: number): void {
  work.received += 1
  const role = work.market?.roleOf(event.frame.token[i] ?? 0)
  if (role === undefined) {
    drop(work, 'unknown_token')
    return
  }
  add(work.unreported.received, role.index ?? 'VIX', 1)
  if (role.kind === 'underlying') takeUnderlyingPacket(work, role.underlying, role.index, event, i)
  else takeOptionPacket(work, role, event, i)
}

function takeUnderlyingPacket(
  work: Work,
  state: UnderlyingState,
  index: IndexName | null,
  event: FrameEvent,
  i: number,
): void {
  const { frame, receivedAt } = event
  takeUnderlying(state, frame, i, receivedAt)
  work.underlyings.packets.add(packetBytes(frame, i))
  work.underlyings.rows.push({ state, index, receivedAt })
  if (work.underlyings.rows.length >= MAX_PENDING) flushUnderlyings(work)
}

function takeOptionPacket(work: Work, role: OptionRole, event: FrameEvent, i: number): void {
  const { frame, receivedAt } = event
  const intake = role.chain.take(frame, i, role.slot, receivedAt)
  // The packet itself is taken as it came; only its time is not believed.
  if (intake !== 'not_full' && isFutureTime(frame, i, receivedAt)) add(work.unreported.dropped, 'future_time', 1)
  const index = work.market?.indices.get(role.index)
  if (intake !== 'changed' || index === undefined) drop(work, intake)
  else addPending(work, role.chain, index, role.slot, event, i)
}

function addPending(
  work: Work,
  state: ChainState,
  index: IndexState,
  slot: number,
  event: FrameEvent,
  i: number,
): void {
  let chain = work.pending.get(state)
  if (chain === undefined) {
    chain = { state, index, packets: createPendingPackets(), priced: [], known: new Set(), firstMonotonicMs: 0 }
    work.pending.set(state, chain)
  }
  if (chain.priced.length === 0) chain.firstMonotonicMs = event.receivedMonotonicMs
  if (work.recordedLegs.holds(state, slot, event.frame, i)) chain.known.add(chain.priced.length)
  chain.packets.add(packetBytes(event.frame, i))
  chain.priced.push(pricedSlot(state, slot, event.receivedAt))
  if (chain.priced.length >= MAX_PENDING) flushChain(work, chain)
}

function flush(work: Work): void {
  work.cancelFlush?.()
  work.cancelFlush = null
  flushUnderlyings(work)
  for (const chain of work.pending.values()) flushChain(work, chain)
  reportCounts(work)
}

function flushUnderlyings(work: Work): void {
  const { rows, packets } = work.underlyings
  const ts = rows.at(-1)?.receivedAt
  if (ts === undefined) return
  const entry: UnderlyingsEntry = {
    kind: 'underlyings',
    ts,
    source: work.options.source,
    frame: packets.frame(rows.map((_, place) => place)),
    rows: rows.map((row) => [row.state.symbol, row.index, ts - row.receivedAt]),
  }
  if (isClosed(work.deps.calendar, ts)) drop(work, 'closed', rows.length)
  else if (record(work, entry)) work.underlyingsRecorded += rows.length
  packets.clear()
  work.underlyings.rows = []
}

/** Takes what waits of a chain. Whatever fails costs these packets alone: other chains and later flushes go on. */
function flushChain(work: Work, chain: PendingChain): void {
  const { state, packets, priced, known } = chain
  const ts = priced.at(-1)?.receivedAt
  if (ts === undefined) return
  let held: ReadonlySet<number> = new Set()
  try {
    held = recordChain(work, chain, prepareChain(work, chain, ts))
  } catch (fault) {
    sayFault(work, fault, chain.state.chain.index)
    drop(work, 'internal', priced.length)
  }
  for (const [place, { slot }] of priced.entries()) state.held[slot] = held.has(place) ? 1 : 0
  packets.clear()
  known.clear()
  chain.priced = []
}

function prepareChain({ deps, options }: Work, chain: PendingChain, ts: number): Prepared {
  const { state, index, packets } = chain
  deps.enricher.refresh(state, index, ts)
  const closed = isClosed(deps.calendar, ts)
  const kept = closed || state.atm === null ? NONE_KEPT : keptOf(chain, options.offsets)
  if (kept.places.length === 0) return { closed, kept, batch: null }
  const rows = deps.enricher.rows(state, kept.slots, ts)
  const entry = batchEntry(deps, options.source, state, index, ts, packets.frame(kept.places), rows)
  const name = deps.journal.nextBatch()
  return { closed, kept, batch: { entry, name, legs: deps.composer.legsOf(entry, name) } }
}

/** Before the first phase of a day, or on one without a session, the exchange repeats what an earlier day has ended on. */
function isClosed(calendar: Calendar, ts: number): boolean {
  const day = calendar.day(istDate(ts))
  return day === null || ts < (day.preOpenFrom ?? day.opensAt)
}

/** Hands a batch on and counts every packet; returns the places of those that are in the record. Throws nothing. */
function recordChain(work: Work, chain: PendingChain, { closed, kept, batch }: Prepared): ReadonlySet<number> {
  const { priced, known, state } = chain
  if (closed) {
    drop(work, 'closed', priced.length)
    return new Set()
  }
  const outside = priced.length - known.size - kept.places.length
  if (outside > 0) drop(work, state.atm === null ? 'no_reference' : 'outside_window', outside)
  if (known.size > 0) drop(work, 'repeat', known.size)
  if (batch === null || !record(work, batch.entry, batch.legs)) return new Set(known)
  const { entry, name, legs } = batch
  work.recorded += legs.length
  work.recordedLegs.add(legs)
  try {
    work.batches.emit({ entry, batch: name, legs, receivedMonotonicMs: chain.firstMonotonicMs })
  } catch (fault) {
    sayFault(work, fault, entry.index)
  }
  return new Set([...known, ...kept.places])
}

/** Hands an entry to the journal; false when the journal could not take it, which is counted by its reason. */
function record(work: Work, entry: BatchEntry | UnderlyingsEntry, legs?: readonly Leg[]): boolean {
  try {
    work.deps.journal.append(entry, legs)
    return true
  } catch (fault) {
    const full = fault instanceof OpError && fault.code === 'journal_full'
    drop(work, full ? 'journal_full' : 'internal', entry.rows.length)
    // The gap ledger writes down what a full journal refused.
    if (full) work.lost += entry.rows.length
    else sayFault(work, fault, entry.kind === 'batch' ? entry.index : null)
    return false
  }
}

function sayFault(work: Work, fault: unknown, index: IndexName | null): void {
  const { message, code } = toOpError(fault)
  if (work.saidFaults.has(message) || work.saidFaults.size >= MAX_FAULTS_SAID) return
  work.saidFaults.add(message)
  work.deps.logger.error(`packets could not be recorded: ${message}`, { code, index })
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
