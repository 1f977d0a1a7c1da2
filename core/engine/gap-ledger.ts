import type { Calendar } from '../domain/calendar.ts'
import type { IndexName } from '../domain/index-catalog.ts'
import { addDays, istDate, istInstant } from '../domain/ist.ts'
import type { GapCause, GapEntry } from '../domain/journal-entry.ts'
import type { Clock } from '../kernel/clock.ts'
import { OpError } from '../kernel/errors.ts'
import type { Logger } from '../kernel/logger.ts'
import type { Journal } from '../ports/journal.ts'
import type { FeedEvent } from '../ports/market-feed.ts'
import type { Metrics } from '../ports/metrics.ts'

/** Of a longer stop only the sessions of so many days are written down. */
const MAX_DAYS_BACK = 31
/** Stops shorter than this are within the cadence of the feed. */
const SHORTEST_MS = 1_000
/** A tick so late means that the machine slept, or that the process was held. */
const ASLEEP_MS = 15_000

export interface GapLedgerDeps {
  readonly clock: Clock
  readonly calendar: Calendar
  readonly journal: Journal
  readonly metrics: Metrics
  readonly logger: Logger
  readonly indices: readonly IndexName[]
}

/** Writes down every stretch of an open session for which packets are missing, with its cause. */
export interface GapLedger {
  /** Records what was missed between the last record and now, while the product did not run, and until the first packet. */
  open(lastTs: number | null, now: number): void
  onEvent(event: FeedEvent): void
  /** A packet ends a gap once nothing keeps packets away any more; `outage` is only asked while there is a gap. */
  onPacket(receivedAt: number, outage: () => GapCause | null): void
  /** Packets that could not be recorded since the last tick. */
  onLost(count: number, now: number): void
  /** Called every second: sees outages that no event told, writes gaps down at the end of a session, sets the coverage. */
  onTick(now: number, outage: GapCause | null): void
  /** Writes down what is missing until now; for the end of the run. */
  close(now: number): void
}

type Missing = Pick<GapEntry, 'from' | 'to' | 'cause' | 'dropped'>

interface Ledger {
  readonly deps: GapLedgerDeps
  open: { readonly from: number; readonly cause: GapCause } | null
  /** Gaps that the journal has not taken yet, oldest first. */
  unwritten: Missing[]
  lastPacketAt: number | null
  tick: { readonly at: number; readonly wall: number; readonly trading: boolean } | null
  openMs: number
  gapMs: number
}

export function createGapLedger(deps: GapLedgerDeps): GapLedger {
  const ledger: Ledger = {
    deps,
    open: null,
    unwritten: [],
    lastPacketAt: null,
    tick: null,
    openMs: 0,
    gapMs: 0,
  }
  return {
    open(lastTs, now) {
      if (lastTs === null) return
      note(ledger, lastTs, now, 'app_stopped', null)
      writeDown(ledger)
      begin(ledger, 'app_stopped', now)
    },
    onEvent(event) {
      const cause = causeOf(event)
      if (cause !== null) begin(ledger, cause, deps.clock.now())
    },
    onPacket(receivedAt, outage) {
      if (ledger.open !== null && outage() === null) end(ledger, receivedAt)
      ledger.lastPacketAt = receivedAt
    },
    onLost(count, now) {
      const from = ledger.tick?.at ?? now
      ledger.gapMs += now - from
      queue(ledger, { from, to: now, cause: 'journal_full', dropped: count })
    },
    onTick: (now, outage) => onTick(ledger, now, outage),
    close(now) {
      end(ledger, now)
      writeDown(ledger)
    },
  }
}

function onTick(ledger: Ledger, now: number, outage: GapCause | null): void {
  const { calendar, clock, metrics, indices } = ledger.deps
  const before = ledger.tick
  const trading = calendar.phaseAt(now).optionsTrade
  const wall = clock.wallNow()
  if (before !== null && wall - before.wall > ASLEEP_MS) beginAt(ledger, 'machine_asleep', before.at)
  if (outage !== null) begin(ledger, outage, now)
  const step = before === null ? 0 : now - before.at
  if (trading) {
    ledger.openMs += step
    if (ledger.open !== null) ledger.gapMs += step
  } else if (before?.trading === true) interrupt(ledger, now)
  ledger.tick = { at: now, wall, trading }
  writeDown(ledger)
  const ratio = ledger.openMs === 0 ? 1 : Math.max(0, 1 - ledger.gapMs / ledger.openMs)
  for (const index of indices) metrics.set('op_coverage_ratio', { index }, ratio)
}

function causeOf(event: FeedEvent): GapCause | null {
  switch (event.kind) {
    case 'disconnected':
      return 'feed_disconnected'
    case 'login_required':
      return 'login_required'
    case 'stale':
      return 'feed_stale'
    case 'connected':
    case 'left':
      return null
  }
}

/** From the last packet on, unless something is missing already. */
function begin(ledger: Ledger, cause: GapCause, now: number): void {
  beginAt(ledger, cause, ledger.lastPacketAt ?? now)
}

function beginAt(ledger: Ledger, cause: GapCause, from: number): void {
  ledger.open ??= { from, cause }
}

function end(ledger: Ledger, to: number): void {
  if (ledger.open === null) return
  const { from, cause } = ledger.open
  ledger.open = null
  note(ledger, from, to, cause, null)
  writeDown(ledger)
}

/** The session is over: what is missing of it is known; the outage itself goes on. */
function interrupt(ledger: Ledger, now: number): void {
  const { open } = ledger
  end(ledger, now)
  if (open !== null) ledger.open = { from: now, cause: open.cause }
}

/** Only what lies in open sessions is missing. */
function note(ledger: Ledger, from: number, to: number, cause: GapCause, dropped: number | null): void {
  for (const [start, stop] of openStretches(ledger.deps.calendar, from, to)) {
    queue(ledger, { from: start, to: stop, cause, dropped })
  }
}

/** While the journal takes nothing, seconds of the same cause become one gap: the queue stays short. */
function queue(ledger: Ledger, missing: Missing): void {
  const last = ledger.unwritten.at(-1)
  if (last === undefined || last.cause !== missing.cause || last.to < missing.from) {
    ledger.unwritten.push(missing)
    return
  }
  const dropped = last.dropped === null ? missing.dropped : last.dropped + (missing.dropped ?? 0)
  ledger.unwritten[ledger.unwritten.length - 1] = { ...last, to: missing.to, dropped }
}

/** Hands gaps to the journal; those that it cannot take now stay for the next tick. */
function writeDown(ledger: Ledger): void {
  const { clock, journal, metrics, logger, indices } = ledger.deps
  for (let gap = ledger.unwritten[0]; gap !== undefined; gap = ledger.unwritten[0]) {
    try {
      journal.append({ kind: 'gap', ts: clock.now(), index: null, ...gap })
    } catch (fault) {
      if (fault instanceof OpError && fault.code === 'journal_full') return
      throw fault
    }
    ledger.unwritten.shift()
    const { from, to, cause, dropped } = gap
    const seconds = (to - from) / 1000
    for (const index of indices) metrics.increment('op_feed_gap_seconds_total', { index, cause }, seconds)
    logger.warning(`packets are missing for ${Math.round(seconds)} s`, { cause, from, to, dropped })
  }
}

/** The parts of [from, to) in which options traded, at most `MAX_DAYS_BACK` days back; those too short are left out. */
export function openStretches(calendar: Calendar, from: number, to: number): readonly (readonly [number, number])[] {
  const oldest = istInstant(addDays(istDate(to), -MAX_DAYS_BACK))
  const stretches: [number, number][] = []
  for (let at = Math.max(from, oldest); at < to; ) {
    const { optionsTrade, until } = calendar.phaseAt(at)
    const end = Math.min(until, to)
    const last = stretches.at(-1)
    if (optionsTrade && last?.[1] === at) last[1] = end
    else if (optionsTrade) stretches.push([at, end])
    at = until
  }
  return stretches.filter(([start, end]) => end - start >= SHORTEST_MS)
}
