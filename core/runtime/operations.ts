import type { HealthReport } from '../contract/api-schema.ts'
import type { Settings } from '../contract/settings.ts'
import type { Component, ComponentStatus } from '../kernel/lifecycle.ts'
import { createMemoryGovernor, type MemoryGovernor } from '../platform/memory-governor.ts'
import type { MonitorApi } from '../ports/monitor-api.ts'
import { createClockSkew } from './clock-skew.ts'
import type { Foundation, MarketParts, RecordParts } from './compose.ts'
import { composeKeepers } from './compose-keeping.ts'
import { createDiskForecast } from './disk-forecast.ts'
import type { EventStream } from './event-stream.ts'
import { healthReport } from './health.ts'
import { createLastFaults, type LastFaults } from './last-faults.ts'
import type { LogMemory } from './log-memory.ts'
import { memoryStages } from './memory-stages.ts'
import { createOperationCalls } from './operation-calls.ts'
import { createProcessWatch } from './process-watch.ts'
import { createReadinessCall } from './readiness.ts'
import { createRecordCheck, type RecordCheck } from './record-check.ts'
import { tokenState } from './token-state.ts'

export interface OperationsDeps {
  readonly foundation: Foundation
  readonly record: RecordParts
  readonly market: MarketParts
  readonly stream: Pick<EventStream, 'spare'>
  readonly version: string
  readonly logger: { readonly memory: LogMemory }
  readonly accessToken: () => string | null
  /** The program of the thread that archives. */
  readonly archiveWorker: string
  /** Whether something keeps the machine awake in market hours; left out where nothing can. */
  readonly keepsAwake?: () => boolean
}

/** What watches over the running product, and what it tells. */
export interface Operations {
  /** To be started before the market. */
  readonly parts: readonly Component[]
  health(): HealthReport
  readonly calls: ReturnType<typeof createOperationCalls>
  /** The same stream, whose open ones are counted. */
  counted(stream: MonitorApi['stream']): MonitorApi['stream']
}

const BYTES_PER_MB = 1024 * 1024

export function composeOperations(deps: OperationsDeps): Operations {
  const { foundation, record, market, version } = deps
  const { clock, calendar, plan, settings } = foundation
  const watch = createProcessWatch(foundation, settings.DATA_DIR)
  const memory = composeGovernor(deps)
  const forecast = createDiskForecast({
    clock,
    calendar,
    days: record.days.days,
    epoch: () => record.journal.epoch,
    folder: plan.dataRoot,
  })
  const faults = createLastFaults()
  noteFeedFaults(faults, deps)
  const { onFrame, skewMs } = createClockSkew()
  market.feed.onFrame(onFrame)
  const check = composeCheck(deps)
  const keepers = composeKeepers({ ...deps, skewMs })
  const components = { ...statusesOf(deps), memory: memory.status, record: check.status, ...keepers.statuses }
  let clients = 0
  const health = () =>
    healthReport({
      clock,
      calendar,
      source: plan.source,
      version,
      collector: market.collector,
      journal: record.journal,
      relay: market.relay,
      tally: market.tally,
      components,
      rejected: () => market.feed.counts().rejected,
      faults,
      process: watch.facts(),
      memoryLimitBytes: limitBytesOf(settings),
      memory: memory.state(),
      forecast,
      archive: keepers.report(),
      pausedSince: market.session.pausedSince(),
      token: tokenOf(deps),
      clients,
    })
  const { relay, gaps, session } = market
  const { journal, days } = record
  const coverage = { clock, calendar, source: plan.source, days, journal, pending: relay.pending, gaps }
  const readiness = createReadinessCall({
    foundation,
    record,
    market,
    components,
    health,
    skewMs,
    keepsAwake: () => deps.keepsAwake?.() ?? null,
  })
  return {
    parts: [watch, forecast, memory, check, ...keepers.parts],
    health,
    calls: createOperationCalls({ coverage, log: deps.logger.memory, readiness, session }),
    counted: (stream) =>
      async function* (...asked) {
        clients += 1
        try {
          yield* stream(...asked)
        } finally {
          clients -= 1
        }
      },
  }
}

const limitBytesOf = ({ MAX_MEMORY_USAGE_MB }: Settings) => MAX_MEMORY_USAGE_MB * BYTES_PER_MB

function composeGovernor({ foundation, record, market, stream, logger }: OperationsDeps): MemoryGovernor {
  const { clock, metrics, settings } = foundation
  return createMemoryGovernor(
    {
      clock,
      metrics,
      logger: foundation.logger.child({ service: 'memory' }),
      measure: () => process.memoryUsage.rss(),
    },
    { limitBytes: limitBytesOf(settings), stages: memoryStages({ record, market, stream, log: logger.memory }) },
  )
}

function composeCheck({ foundation, record, market }: OperationsDeps): RecordCheck {
  const { clock, calendar, metrics, logger, plan, settings } = foundation
  const quiet = () =>
    ['closed', 'holiday'].includes(calendar.phaseAt(clock.now()).phase) &&
    Object.values(market.relay.pending()).every((count) => count === 0)
  return createRecordCheck(
    {
      clock,
      metrics,
      logger: logger.child({ service: 'record' }),
      cursors: record.meta.cursors,
      quiet,
      files: { cipher: foundation.encryption.cipher, ...foundation.access },
    },
    { root: plan.dataRoot, at: settings.HEALTH_CHECK_AT },
  )
}

/** What `/health` lists. */
function statusesOf({
  foundation: { encryption, clock },
  record,
  market,
}: OperationsDeps): Readonly<Record<string, () => ComponentStatus>> {
  const consumers = [record.days, ...record.files].map(({ name }) => name)
  return {
    market: market.session.status,
    feed: () => feedStatus(market),
    journal: record.journal.status,
    ...(encryption.isInUse() ? { encryption: () => encryption.status(clock.wallNow()) } : {}),
    ...Object.fromEntries(consumers.map((name) => [name, () => market.relay.status(name)])),
  }
}

/** The feed is not expected to run before there is something to subscribe. */
function feedStatus({ feed, session, collector }: MarketParts): ComponentStatus {
  return collector.market() === null ? { ...session.status(), issue: null, detail: null } : feed.status()
}

/** A connection that comes back within a second is seen by nobody who looks at states. */
function noteFeedFaults(faults: LastFaults, { foundation: { clock }, market }: OperationsDeps): void {
  market.feed.onEvent((event) => {
    if (event.kind === 'disconnected') faults.note('feed', 'feed_disconnected', event.reason, clock.wallNow())
    if (event.kind === 'login_required') faults.note('feed', 'login_required', event.reason, clock.wallNow())
  })
}

function tokenOf({ foundation, market: { session, feed }, accessToken }: OperationsDeps): HealthReport['token'] {
  return tokenState({
    needed: foundation.plan.source === 'kite',
    current: accessToken,
    issues: [session.status().issue, feed.status().issue],
    endsAt: session.tokenEndsAt(),
    wallNow: foundation.clock.wallNow(),
  })
}
