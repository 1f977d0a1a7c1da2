import { loadSettings } from '../config/load.ts'
import type { HealthReport } from '../contract/api-schema.ts'
import { createRecordComposer } from '../contract/leg-record.ts'
import { formatIst } from '../domain/ist.ts'
import { createAlerts } from '../engine/alerts.ts'
import { createCollector } from '../engine/collector.ts'
import { createEnricher } from '../engine/enrich.ts'
import { createLiveStream } from '../engine/live-stream.ts'
import type { LiveView } from '../engine/live-view.ts'
import { createLiveView } from '../engine/live-view.ts'
import { OpError } from '../kernel/errors.ts'
import { createSignal } from '../kernel/signal.ts'
import type { MonitorApi } from '../ports/monitor-api.ts'
import { createAlertCalls } from '../runtime/alert-calls.ts'
import type { DayListings } from '../runtime/day-listings.ts'
import { createEventStream, type EventStream } from '../runtime/event-stream.ts'
import { createExportCalls, createExportJobs } from '../runtime/export-jobs.ts'
import { createHistoryCalls } from '../runtime/history-calls.ts'
import type { RecordedDays } from '../runtime/leg-pages.ts'
import { createLogMemory } from '../runtime/log-memory.ts'
import { createMarketCalls } from '../runtime/market-calls.ts'
import { createOperationCalls } from '../runtime/operation-calls.ts'
import { createRecordedLegs } from '../runtime/recorded-legs.ts'
import { createSeriesCalls } from '../runtime/series-calls.ts'
import { createSettingsCalls } from '../runtime/settings-calls.ts'
import { topicStream } from '../runtime/topic-stream.ts'
import { createFakeClock } from './fake-clock.ts'
import { createMemoryJournal } from './journal-memory.ts'
import { buildMarket, calendar, chainPackets, frameEvent, spotPacket, TEN } from './market-builder.ts'
import { createMemoryAlertStore } from './memory-alert-store.ts'
import { realClock } from './real-clock.ts'
import { createRecordedMetrics } from './recorded-metrics.ts'
import { silentLogger } from './silent-logger.ts'

const SPOT = 24_060

/** A live view of a quoted chain at ten o'clock. */
async function quotedView(): Promise<LiveView> {
  const clock = createFakeClock(TEN)
  const journal = createMemoryJournal()
  await journal.start()
  const enricher = createEnricher(calendar, 0.065)
  const parts = {
    clock,
    calendar,
    journal,
    metrics: createRecordedMetrics(),
    enricher,
    newTrace: () => 'trace',
    logger: silentLogger,
    lastLegs: () => [],
  }
  const options = { source: 'sim', offsets: null } as const
  const collector = createCollector({ ...parts, composer: createRecordComposer() }, options)
  collector.use(buildMarket())
  collector.onFrame(frameEvent([spotPacket(SPOT), ...chainPackets(SPOT)], TEN))
  collector.flush()
  const deps = {
    clock,
    calendar,
    enricher,
    market: collector.market,
    previousOi: () => null,
    lastBatch: () => null,
    closingIvs: () => [],
  }
  return createLiveView(deps, { ...options, rate: 0.065 })
}

export interface FakeMonitorApi extends MonitorApi {
  readonly events: EventStream
  /** What `health` and `ready` answer. */
  state: { status: HealthReport['status']; ready: boolean }
  /** What the next call of `indices` does instead of answering. */
  fail: ((call: 'indices') => never) | null
}

/** The handlers on a built market, without a feed or a disk. */
export async function createFakeMonitorApi(): Promise<FakeMonitorApi> {
  const view = await quotedView()
  const events = createEventStream()
  const exports = createExportJobs({ clock: createFakeClock(TEN), calendar, days: NO_DAYS })
  const api: FakeMonitorApi = {
    ...view,
    events,
    state: { status: 'healthy', ready: true },
    fail: null,
    indices: () => (api.fail === null ? view.indices() : api.fail('indices')),
    health: () => healthReport(api.state.status),
    ready: () => api.state.ready,
    pastChain: async (index) => {
      throw new OpError('not_on_record', { what: index })
    },
    legs: createRecordedLegs({ clock: createFakeClock(TEN), calendar, source: 'sim', days: NO_DAYS }),
    exportFile: exports.file,
    calls: {
      ...createMarketCalls(view, () => api.health()),
      ...alertCalls(view, () => api.health()),
      ...seriesOf(view),
      ...createExportCalls(exports),
      ...settingsCalls(),
      ...operationCalls(),
      ...historyCalls(),
    },
    stream: topicStream(events, createLiveStream(realClock, view.live, createSignal())),
  }
  return api
}

const NO_DAYS: RecordedDays = {
  history: { days: () => [], open: async () => {}, legsOfDay: () => ({ legs: [], next: null }) },
  recordedBucket: async (_date, _index, bucket) => bucket,
}

/** Rules that nobody watches. */
function alertCalls(view: LiveView, health: () => HealthReport) {
  let ids = 0
  const newId = () => {
    ids += 1
    return `id-${ids}`
  }
  const clock = createFakeClock(TEN)
  const metrics = createRecordedMetrics()
  const deps = { clock, calendar, logger: silentLogger, metrics, random: () => 0.5, newId, market: () => null, view }
  const parts = { health, store: createMemoryAlertStore(), senders: [], onAlert: () => {} }
  return createAlertCalls(createAlerts({ ...deps, ...parts }, { simulated: true }))
}

/** Series of a record without days. */
function seriesOf(view: LiveView) {
  const history = {
    days: () => [],
    open: async () => {},
    samplesOfDay: () => [],
    gapsOfDay: () => [],
    lastLegsOfExpiry: () => [],
    lastSmile: () => [],
  }
  return createSeriesCalls({ clock: createFakeClock(TEN), calendar, source: 'sim', view, listings: noListing, history })
}

const noListing: DayListings = async (index, date) => {
  throw new OpError('not_on_record', { what: `${index} on ${date}` })
}

/** Of a record without days. */
function historyCalls() {
  const history = {
    days: () => [],
    open: async () => {},
    lastLegsInWindow: () => [],
    samplesOfDay: () => [],
    gapsOfDay: () => [],
    previousCloseOi: () => new Map(),
    instantsAround: () => ({ before: null, after: null }),
    changes: () => [],
    recordedStretch: () => null,
  }
  const fixed = { calendar, source: 'sim', rate: 0.065, indices: ['NIFTY'] } as const
  return createHistoryCalls({ ...fixed, listings: noListing, closingIvs: () => [], unwritten: () => [], history })
}

/** Of a record without days; what is paused stays so. */
function operationCalls() {
  const clock = createFakeClock(TEN)
  const days = { name: 'store', days: () => [], recordedFrom: () => null, gapsWritten: () => [], position: () => null }
  const journal = { scan: async function* () {} }
  const gaps = { unwritten: () => [] }
  let paused = false
  return createOperationCalls({
    coverage: { clock, calendar, source: 'sim', days, journal, pending: () => ({}), gaps },
    log: createLogMemory(),
    readiness: () => ({ checked_at: formatIst(TEN), state: 'pass', sentence: 'Ready.', items: [] }),
    session: {
      setPaused(next) {
        paused = next
      },
      pausedSince: () => (paused ? TEN : null),
    },
  })
}

/** The settings as delivered, in a folder that is not there: none can be written. */
function settingsCalls() {
  const loaded = loadSettings({ env: {}, envFile: null, cwd: '/nowhere' })
  const journal = { append() {} }
  return createSettingsCalls({ loaded, clock: realClock, journal, logger: silentLogger, takeUp() {}, hide() {} })
}

function healthReport(status: HealthReport['status']): HealthReport {
  const since = '2026-11-23T10:00:00.000+05:30'
  const issues = status === 'healthy' ? [] : ['feed_disconnected']
  return {
    status,
    issues,
    version: '0.0.0',
    source: 'sim',
    simulated: true,
    market: { time: since, phase: 'open', until: since, note: null, index_frozen: false },
    components: { feed: { state: 'running', since, issue: null, detail: null, last_error: null } },
    feed: { legs_per_second: 0, lag_ms: null, received: 1, recorded: 1, underlyings: 0, dropped: {} },
    record: { epoch: 1, durable_batch: null, durable_legs: 0, pending: {} },
    indices: [],
    process: {
      started_at: since,
      uptime_s: 60,
      pid: 1,
      memory_bytes: 100e6,
      memory_limit_bytes: 2e9,
      sparing: { stage: 0, stages: 3, since: formatIst(TEN), reduced: [], remedy: null },
      event_loop_lag_ms: 0,
      stalls: 0,
      last_stall_at: null,
      cpu_ratio: 0.1,
    },
    disk: { free_bytes: 100e9, bytes_per_day: null, days_left: null },
    collecting: { paused: false, since: null },
    token: { state: 'not_needed', expires_at: null },
    archive: { days: 0, last: null, next: null },
    clients: 0,
  }
}
