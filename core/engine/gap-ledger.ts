import type { Calendar } from '../domain/calendar.ts'
import type { IndexName } from '../domain/index-catalog.ts'
import type { GapCause, GapEntry } from '../domain/journal-entry.ts'
import type { Clock } from '../kernel/clock.ts'
import { OpError } from '../kernel/errors.ts'
import type { Logger } from '../kernel/logger.ts'
import type { Journal } from '../ports/journal.ts'
import type { FeedEvent } from '../ports/market-feed.ts'
import type { Metrics } from '../ports/metrics.ts'
import { type Coverage, createCoverage } from './coverage.ts'
import { openStretches } from './open-stretches.ts'

/** A tick so late means that the machine slept, or that the process was held. */
const ASLEEP_MS = 15_000
/** The same once the system has said that it goes to sleep. */
const ASLEEP_AS_SAID_MS = 2_500
/** What is open is written down so often: a kill takes at most so much of it. */
const PIECE_MS = 60_000
/** Stands for all connections. */
const EVERYWHERE = 0

export interface GapLedgerDeps {
  readonly clock: Clock
  readonly calendar: Calendar
  readonly journal: Journal
  readonly metrics: Metrics
  readonly logger: Logger
  readonly indices: readonly IndexName[]
  /** The indices that need packets of a connection; null = all. */
  readonly indicesOf: (connection: number) => readonly IndexName[] | null
}

/** Writes down every stretch of an open session for which packets are missing, with its cause. */
export interface GapLedger {
  /** Records what was missed between the last record and now, while the product did not run, and until the first packet. */
  open(lastTs: number | null, now: number): void
  onEvent(event: FeedEvent): void
  /**
   * A packet ends the gap of its connection, and that of all once nothing keeps packets away any more; `outage` is
   * only asked while there is such a gap.
   */
  onPacket(receivedAt: number, connection: number, outage: () => GapCause | null): void
  /** Packets that could not be recorded since the last tick. */
  onLost(count: number, now: number): void
  /** Called every second: sees outages that no event told, writes gaps down every minute, sets the coverage. */
  onTick(now: number, outage: GapCause | null): void
  /** The user stops and resumes collecting: what is missing meanwhile has the cause `paused`, whatever else happens. */
  setPaused(paused: boolean, now: number): void
  /**
   * The machine says that it goes to sleep, and that it is awake again. A short sleep is noticed then, too; which of
   * the two and the next tick comes first does not matter.
   */
  onPower(event: 'sleep' | 'wake', now: number): void
  /** What is missing until now and not written down yet. */
  unwritten(now: number): readonly Missing[]
  /** Writes down what is missing until now; for the end of the run. */
  close(now: number): void
}

export type Missing = Pick<GapEntry, 'from' | 'to' | 'cause' | 'index' | 'dropped'>

interface OpenGap {
  readonly from: number
  readonly cause: GapCause
  /** null = all. */
  readonly indices: readonly IndexName[] | null
  /** Its beginning is written down already. */
  readonly continued: boolean
}

interface Ledger {
  readonly deps: GapLedgerDeps
  readonly coverage: Coverage
  /** By connection, or `EVERYWHERE` alone. */
  readonly open: Map<number, OpenGap>
  /** Gaps that the journal has not taken yet, oldest first. */
  unwritten: Missing[]
  lastPacketAt: number | null
  tick: { readonly at: number; readonly wall: number; readonly trading: boolean } | null
  /** The machine has said that it goes to sleep, and was not seen awake since. */
  sleepSaid: boolean
}

export function createGapLedger(deps: GapLedgerDeps): GapLedger {
  const coverage = createCoverage(deps.calendar)
  const ledger: Ledger = {
    deps,
    coverage,
    open: new Map(),
    unwritten: [],
    lastPacketAt: null,
    tick: null,
    sleepSaid: false,
  }
  return {
    open(lastTs, now) {
      if (lastTs === null) return
      note(ledger, { from: lastTs, cause: 'app_stopped', indices: null, continued: false }, now)
      writeDown(ledger)
      beginEverywhere(ledger, 'app_stopped', now)
    },
    onEvent: (event) => onEvent(ledger, event),
    onPacket(receivedAt, connection, outage) {
      if (ledger.open.size > 0) {
        end(ledger, connection, receivedAt)
        if (ledger.open.has(EVERYWHERE) && outage() === null) end(ledger, EVERYWHERE, receivedAt)
      }
      ledger.lastPacketAt = receivedAt
    },
    onLost(count, now) {
      queue(ledger, { from: ledger.tick?.at ?? now, to: now, cause: 'journal_full', index: null, dropped: count })
    },
    onTick: (now, outage) => onTick(ledger, now, outage),
    setPaused: (paused, now) => setPaused(ledger, paused, now),
    onPower(event, now) {
      if (event === 'sleep') {
        ledger.sleepSaid = true
        writeDown(ledger)
        return
      }
      noteSleep(ledger)
      ledger.sleepSaid = false
      // The next tick does not find the same sleep once more.
      if (ledger.tick !== null) ledger.tick = { ...ledger.tick, at: now, wall: deps.clock.wallNow() }
    },
    unwritten: (now) => [
      ...ledger.unwritten,
      ...[...ledger.open.values()].flatMap((gap) => missingOf(ledger, gap, now)),
    ],
    close(now) {
      for (const connection of [...ledger.open.keys()]) end(ledger, connection, now)
      writeDown(ledger)
    },
  }
}

function onEvent(ledger: Ledger, event: FeedEvent): void {
  const now = ledger.deps.clock.now()
  switch (event.kind) {
    case 'disconnected':
      beginOn(ledger, event.connection, 'feed_disconnected', event.quietSince)
      break
    case 'stale':
      beginOn(ledger, event.connection, 'feed_stale', event.quietSince)
      break
    case 'login_required':
      if (ledger.open.size === 0) beginEverywhere(ledger, 'login_required', ledger.lastPacketAt ?? now)
      break
    case 'left':
      end(ledger, event.connection, now)
      break
    case 'connected':
      break
  }
}

/** All connections are closed on purpose; what was missing until now keeps its own cause. */
function setPaused(ledger: Ledger, paused: boolean, now: number): void {
  for (const connection of [...ledger.open.keys()]) end(ledger, connection, now)
  if (paused) beginEverywhere(ledger, 'paused', now)
  // Nothing before is missed by what is found missing from here on.
  else ledger.lastPacketAt = now
}

/** A tick that is late, or an awakening so long after the last tick: the time between was slept through. */
function noteSleep(ledger: Ledger): void {
  const { tick, sleepSaid, deps } = ledger
  if (tick === null) return
  const quietMs = deps.clock.wallNow() - tick.wall
  if (quietMs <= (sleepSaid ? ASLEEP_AS_SAID_MS : ASLEEP_MS)) return
  ledger.sleepSaid = false
  beginEverywhere(ledger, 'machine_asleep', tick.at)
}

function onTick(ledger: Ledger, now: number, outage: GapCause | null): void {
  const { calendar, clock } = ledger.deps
  const before = ledger.tick
  const trading = calendar.phaseAt(now).optionsTrade
  const wall = clock.wallNow()
  noteSleep(ledger)
  if (outage !== null && ledger.open.size === 0) beginEverywhere(ledger, outage, ledger.lastPacketAt ?? now)
  const closes = before?.trading === true && !trading
  for (const [connection, gap] of ledger.open) if (closes || now - gap.from >= PIECE_MS) cut(ledger, connection, now)
  ledger.tick = { at: now, wall, trading }
  writeDown(ledger)
  // Outside sessions it stands still.
  if (trading || before?.trading !== false) setCoverage(ledger, now)
}

function setCoverage({ deps, coverage, open }: Ledger, now: number): void {
  for (const index of deps.indices) {
    const missing = [...open.values()].filter(({ indices }) => indices === null || indices.includes(index))
    const ratio = coverage.ratio(
      index,
      now,
      missing.map(({ from }) => [from, now]),
    )
    deps.metrics.set('op_coverage_ratio', { index }, ratio)
  }
}

/** Nothing while all is missing already, or this connection is. */
function beginOn(ledger: Ledger, connection: number, cause: GapCause, from: number): void {
  const { open, deps } = ledger
  if (open.has(EVERYWHERE) || open.has(connection)) return
  open.set(connection, { from, cause, indices: deps.indicesOf(connection), continued: false })
}

/** Takes the place of what single connections miss. */
function beginEverywhere(ledger: Ledger, cause: GapCause, from: number): void {
  const { open } = ledger
  if (open.has(EVERYWHERE)) return
  for (const connection of [...open.keys()]) end(ledger, connection, from)
  open.set(EVERYWHERE, { from, cause, indices: null, continued: false })
}

function end(ledger: Ledger, connection: number, to: number): void {
  const gap = ledger.open.get(connection)
  if (gap === undefined) return
  ledger.open.delete(connection)
  note(ledger, gap, to)
  writeDown(ledger)
}

/** Writes down what is missing until now; the outage itself goes on. */
function cut(ledger: Ledger, connection: number, now: number): void {
  const gap = ledger.open.get(connection)
  if (gap === undefined) return
  note(ledger, { ...gap, continued: true }, now)
  ledger.open.set(connection, { ...gap, from: now, continued: true })
}

/** Only what lies in open sessions is missing; a short end of a gap belongs to it. */
function note(ledger: Ledger, gap: OpenGap, to: number): void {
  for (const missing of missingOf(ledger, gap, to)) queue(ledger, missing)
}

function missingOf({ deps }: Ledger, { from, cause, indices, continued }: OpenGap, to: number): readonly Missing[] {
  const stretches = openStretches(deps.calendar, from, to, continued ? 1 : undefined)
  return stretches.flatMap(([start, stop]) =>
    (indices ?? [null]).map((index) => ({ from: start, to: stop, cause, index, dropped: null })),
  )
}

/** While the journal takes nothing, seconds of the same cause become one gap: the queue stays short. */
function queue(ledger: Ledger, missing: Missing): void {
  const { coverage, deps, unwritten } = ledger
  coverage.add(deps.clock.now(), missing.index, missing.from, missing.to)
  const place = unwritten.findLastIndex(({ index }) => index === missing.index)
  const last = unwritten[place]
  if (last === undefined || last.cause !== missing.cause || last.to < missing.from) {
    unwritten.push(missing)
    return
  }
  const dropped = last.dropped === null ? missing.dropped : last.dropped + (missing.dropped ?? 0)
  unwritten[place] = { ...last, to: missing.to, dropped }
}

/** Hands gaps to the journal; those that it cannot take now stay for the next tick. */
function writeDown(ledger: Ledger): void {
  const { clock, journal, metrics, logger, indices } = ledger.deps
  for (let gap = ledger.unwritten[0]; gap !== undefined; gap = ledger.unwritten[0]) {
    try {
      journal.append({ kind: 'gap', ts: clock.now(), ...gap })
    } catch (fault) {
      if (fault instanceof OpError && fault.code === 'journal_full') return
      throw fault
    }
    ledger.unwritten.shift()
    const { from, to, cause, index, dropped } = gap
    const seconds = (to - from) / 1000
    for (const one of index === null ? indices : [index])
      metrics.increment('op_feed_gap_seconds_total', { index: one, cause }, seconds)
    logger.warning(`packets are missing for ${Math.round(seconds)} s`, { cause, index, from, to, dropped })
  }
}
