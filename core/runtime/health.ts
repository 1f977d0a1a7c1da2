import type { HealthReport } from '../contract/api-schema.ts'
import type { Calendar } from '../domain/calendar.ts'
import type { Source } from '../domain/instrument.ts'
import { formatIst } from '../domain/ist.ts'
import type { Collector } from '../engine/collector.ts'
import type { MarketState } from '../engine/market-state.ts'
import type { Relay } from '../engine/relay.ts'
import type { Clock } from '../kernel/clock.ts'
import type { ComponentStatus } from '../kernel/lifecycle.ts'
import type { MemoryState } from '../platform/memory-governor.ts'
import type { Journal } from '../ports/journal.ts'
import type { DiskForecast } from './disk-forecast.ts'
import type { LastFaults } from './last-faults.ts'
import type { ProcessFacts } from './process-watch.ts'
import type { RecordTally } from './record-tally.ts'

export interface HealthInputs {
  readonly clock: Clock
  readonly calendar: Calendar
  readonly source: Source
  readonly version: string
  readonly collector: Collector
  readonly journal: Journal
  readonly relay: Relay
  readonly tally: RecordTally
  readonly components: Readonly<Record<string, () => ComponentStatus>>
  /** Packets refused by the feed, by reason. */
  readonly rejected: () => Readonly<Record<string, number>>
  readonly faults: LastFaults
  readonly process: ProcessFacts
  readonly memoryLimitBytes: number
  readonly memory: MemoryState
  readonly forecast: DiskForecast
  readonly archive: HealthReport['archive']
  /** Market time; null while collecting goes on. */
  readonly pausedSince: number | null
  readonly token: HealthReport['token']
  readonly clients: number
}

/** The body of `/health`: healthy while no component has an issue. */
export function healthReport(inputs: HealthInputs): HealthReport {
  const { clock, calendar, source, version, collector, tally } = inputs
  const now = clock.now()
  const phase = calendar.phaseAt(now)
  const statuses = Object.entries(inputs.components).map(([name, status]) => [name, status()] as const)
  for (const [name, status] of statuses) inputs.faults.see(name, status, clock.wallNow())
  const issues = statuses.flatMap(([, status]) => (status.issue === null ? [] : [status.issue]))
  const counts = collector.counts()
  const market = collector.market()
  return {
    status: issues.length === 0 ? 'healthy' : 'degraded',
    issues: [...new Set(issues)],
    version,
    source,
    simulated: source !== 'kite',
    market: {
      time: formatIst(now),
      phase: phase.phase,
      until: formatIst(phase.until),
      note: phase.note,
      index_frozen: phase.indexFrozen,
    },
    components: Object.fromEntries(
      statuses.map(([name, status]) => {
        const fault = inputs.faults.of(name)
        const last_error = fault === null ? null : { ...fault, at: formatIst(fault.at) }
        return [name, { ...status, since: formatIst(status.since), last_error }]
      }),
    ),
    feed: {
      legs_per_second: tally.legsPerSecond(),
      lag_ms: tally.lagMs(now),
      received: counts.received,
      recorded: counts.recorded,
      underlyings: counts.underlyings,
      dropped: { ...inputs.rejected(), ...counts.dropped },
    },
    record: recordReport(inputs),
    indices: market === null ? [] : indexReports(market, tally, phase.indexFrozen),
    process: processReport(inputs),
    disk: diskReport(inputs),
    archive: inputs.archive,
    collecting: { paused: inputs.pausedSince !== null, since: instantOf(inputs.pausedSince) },
    token: inputs.token,
    clients: inputs.clients,
  }
}

function instantOf(epochMs: number | null): string | null {
  return epochMs === null ? null : formatIst(epochMs)
}

function processReport({ process: facts, memoryLimitBytes, memory }: HealthInputs): HealthReport['process'] {
  return {
    started_at: formatIst(facts.startedAt),
    uptime_s: Math.round(facts.uptimeMs / 1000),
    pid: process.pid,
    memory_bytes: facts.memoryBytes,
    memory_limit_bytes: memoryLimitBytes,
    sparing: { ...memory, reduced: [...memory.reduced], since: formatIst(memory.since) },
    event_loop_lag_ms: Math.round(10 * facts.eventLoopLagMs) / 10,
    stalls: facts.stalls,
    last_stall_at: instantOf(facts.lastStallAt),
    cpu_ratio: Math.round(1000 * facts.cpuRatio) / 1000,
  }
}

function diskReport({ process: { diskFreeBytes }, forecast }: HealthInputs): HealthReport['disk'] {
  const perDay = forecast.bytesPerDay()
  const left = forecast.daysLeft(diskFreeBytes)
  return {
    free_bytes: diskFreeBytes,
    bytes_per_day: perDay === null ? null : Math.round(perDay),
    days_left: left === null ? null : Math.floor(left),
  }
}

function recordReport({ journal, relay, tally }: HealthInputs): HealthReport['record'] {
  const durable = journal.durable()
  return {
    epoch: journal.epoch,
    durable_batch: durable === null ? null : `${durable.epoch}-${durable.seq}`,
    durable_legs: tally.durableLegs(),
    pending: { ...relay.pending() },
  }
}

function indexReports(market: MarketState, tally: RecordTally, frozen: boolean): HealthReport['indices'] {
  return [...market.indices.values()].map(({ index, spot, chains }) => {
    const nearest = chains[0]
    const last = tally.lastLegAt(index)
    return {
      index,
      spot: spot.lastPrice,
      spot_frozen: frozen,
      atm: nearest === undefined || nearest.atm === null ? null : (nearest.chain.strikes[nearest.atm] ?? null),
      last_leg: last === null ? null : formatIst(last),
      subscribed: chains.reduce((sum, { chain }) => sum + chain.contracts.filter((row) => row !== null).length, 0),
    }
  })
}
