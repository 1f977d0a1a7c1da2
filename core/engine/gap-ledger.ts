import type { Calendar } from '../domain/calendar.ts'
import type { IndexName } from '../domain/index-catalog.ts'
import { addDays, istDate } from '../domain/ist.ts'
import type { GapCause, GapEntry } from '../domain/journal-entry.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Logger } from '../kernel/logger.ts'
import type { Journal } from '../ports/journal.ts'
import type { FeedEvent } from '../ports/market-feed.ts'
import type { Metrics } from '../ports/metrics.ts'

/** A stop longer than this many days is one gap per session of the last ones only. */
const MAX_DAYS_BACK = 31
/** Stops shorter than this are within the cadence of the feed. */
const SHORTEST_MS = 1_000

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
  /** Records what was missed between the last record and now, while the product did not run. */
  open(lastTs: number | null, now: number): void
  onEvent(event: FeedEvent): void
  onPacket(receivedAt: number): void
  /** Packets that could not be recorded. */
  onLost(count: number, now: number): void
  /** Called every second: closes a gap at the end of the session, and sets the coverage. */
  onTick(now: number): void
}

export function createGapLedger(deps: GapLedgerDeps): GapLedger {
  let openGap: { readonly from: number; readonly cause: GapCause } | null = null
  let lastPacketAt: number | null = null
  let lastTickAt: number | null = null
  let openMs = 0
  let gapMs = 0

  const write = (from: number, to: number, cause: GapCause, dropped: number | null) => {
    const entry: GapEntry = { kind: 'gap', ts: deps.clock.now(), from, to, cause, index: null, dropped }
    deps.journal.append(entry)
    for (const index of deps.indices) {
      deps.metrics.increment('op_feed_gap_seconds_total', { index, cause }, (to - from) / 1000)
    }
    deps.logger.warning(`packets are missing for ${Math.round((to - from) / 1000)} s`, { cause, from, to, dropped })
  }
  const begin = (cause: GapCause, now: number) => {
    if (openGap === null && deps.calendar.phaseAt(now).optionsTrade) openGap = { from: lastPacketAt ?? now, cause }
  }
  const close = (to: number) => {
    if (openGap === null) return
    const { from, cause } = openGap
    openGap = null
    if (to - from >= SHORTEST_MS) write(from, to, cause, null)
  }
  return {
    open(lastTs, now) {
      if (lastTs === null) return
      for (const [from, to] of openStretches(deps.calendar, lastTs, now)) write(from, to, 'app_stopped', null)
    },
    onEvent(event) {
      const cause = causeOf(event)
      if (cause !== null) begin(cause, deps.clock.now())
    },
    onPacket(receivedAt) {
      close(receivedAt)
      lastPacketAt = receivedAt
    },
    onLost(count, now) {
      write(lastTickAt ?? now, now, 'journal_full', count)
    },
    onTick(now) {
      const step = lastTickAt === null ? 0 : now - lastTickAt
      const trading = deps.calendar.phaseAt(now).optionsTrade
      if (trading) {
        openMs += step
        if (openGap !== null) gapMs += step
      } else close(lastTickAt ?? now)
      lastTickAt = now
      const ratio = openMs === 0 ? 1 : 1 - gapMs / openMs
      for (const index of deps.indices) deps.metrics.set('op_coverage_ratio', { index }, ratio)
    },
  }
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
      return null
  }
}

/** The parts of [from, to) in which options traded, one a day, at most `MAX_DAYS_BACK` days back. */
export function openStretches(calendar: Calendar, from: number, to: number): readonly (readonly [number, number])[] {
  const stretches: [number, number][] = []
  const last = istDate(to)
  const oldest = addDays(last, -MAX_DAYS_BACK)
  let date = istDate(from)
  if (date < oldest) date = oldest
  for (; date <= last; date = addDays(date, 1)) {
    const day = calendar.day(date)
    if (day === null) continue
    const start = Math.max(from, day.opensAt)
    const end = Math.min(to, day.tradeEndsAt)
    if (end - start >= SHORTEST_MS) stretches.push([start, end])
  }
  return stretches
}
