import { calendarFor } from '../config/load.ts'
import { formatIst } from '../domain/ist.ts'
import { createApiServer, createMetricsServer } from '../http/server.ts'
import type { Component } from '../kernel/lifecycle.ts'
import { createPrometheusMetrics } from '../metrics/prometheus-metrics.ts'
import { createSystemClock } from '../platform/system-clock.ts'
import type { MonitorApi } from '../ports/monitor-api.ts'
import { composeAlerts } from './alert-calls.ts'
import { composeHistory, createMonitorApi } from './api.ts'
import { composeMarket, composeRecord, type Foundation, newTrace, type RecordParts } from './compose.ts'
import { coveredUntil } from './covered-until.ts'
import { createEncryption } from './encryption.ts'
import { createEventStream } from './event-stream.ts'
import { chooseFileAccess } from './file-access.ts'
import { createHealthWatch } from './health-watch.ts'
import { openSource, planSource } from './market-source.ts'
import type { Doors, Monitor, MonitorInputs } from './monitor-shape.ts'
import { composeOperations } from './operations.ts'
import { writeOwner } from './owner-file.ts'
import { createSettingsCalls } from './settings-calls.ts'

/** The product but for its doors. */
type MonitorParts = Omit<Monitor, 'address' | 'metricsAddress' | 'stop'>

/** Everything behind the doors, in order; what fails leaves to the caller what had started. */
export async function startParts(
  inputs: MonitorInputs,
  doors: Doors,
  begin: (component: Component) => Promise<void>,
): Promise<MonitorParts> {
  const { logger, accessToken, version } = inputs
  const { foundation, follow } = await lay(inputs)
  const { settings, clock, metrics, plan } = foundation
  const record = composeRecord(foundation, inputs.archiveWorker)
  await begin(record.journal)
  await begin(record.packer)
  const lastTs = record.journal.lastTs()
  const source = await openSource({ ...foundation, random: Math.random, lastTs, accessToken, begin })
  follow(source.marketNow)
  for (const component of [record.meta, record.days, ...record.files, record.bus]) await begin(component)
  const market = composeMarket(foundation, record, source)
  const stream = createEventStream()
  stream.follow(record.bus)
  const operations = composeOperations({ foundation, record, market, stream, ...inputs })
  const alerts = composeAlerts({ foundation, record, market, stream, health: operations.health })
  const history = composeHistory(foundation, record)
  const api = createMonitorApi({
    foundation,
    record,
    market,
    stream,
    history,
    operations,
    alerts,
    settings: settingsCalls(inputs, foundation, record),
  })
  const servers = composeServers(foundation, api, doors, version)
  await begin(market.relay)
  await begin(alerts)
  await begin(history.exports)
  for (const server of servers) await begin(server)
  for (const part of operations.parts) await begin(part)
  const { health } = api
  await begin(createHealthWatch({ clock, metrics, logger, bus: record.bus, stream, health, newTrace }))
  await begin(ownerComponent(settings.DATA_DIR, doors.api))
  // The exchange of this process begins where the record ends; any other went on meanwhile.
  if (plan.external !== null) market.gaps.open(await coveredUntil({ ...record, logger }), clock.now())
  await begin(sessionMarks(foundation, record.journal, clock.now, version))
  await begin(market.session)
  await begin(market.analytics)
  logger.info(`recording ${plan.source} data in ${plan.dataRoot}`, {
    source: plan.source,
    market_time: formatIst(clock.now()),
  })
  return {
    dataRoot: plan.dataRoot,
    health,
    calls: api.calls,
    stream: api.stream,
    exports: history.exports,
    onPower: (event) => market.gaps.onPower(event, clock.now()),
    countPageFault: (reason) => metrics.increment('op_page_reloads_total', { reason }),
  }
}

function settingsCalls({ loaded, logger, secrets }: MonitorInputs, { clock }: Foundation, { journal }: RecordParts) {
  const { takeUp, hide } = logger
  const keychain = secrets === undefined ? {} : { secrets }
  return createSettingsCalls({ loaded, clock, journal, logger, takeUp, hide, ...keychain })
}

/** What every part stands on; `follow` gives the clock its market time once there is a market. */
async function lay({ loaded, logger, secrets }: MonitorInputs) {
  const { settings } = loaded
  let marketNow: () => number = Date.now
  const foundation: Foundation = {
    settings,
    offsets: settings.CHAIN_SCOPE === 'full' ? null : new Set(settings.ACTIVE_STRIKE_OFFSETS),
    clock: createSystemClock(() => marketNow()),
    calendar: calendarFor(settings.DATA_DIR),
    logger,
    metrics: createPrometheusMetrics(),
    plan: await planSource(settings),
    access: await chooseFileAccess(settings.USE_MEMORY_MAPPING, logger),
    encryption: createEncryption(settings, secrets),
  }
  const follow = (now: () => number) => {
    marketNow = now
  }
  return { foundation, follow }
}

function composeServers(
  { settings, clock, logger, metrics }: Foundation,
  api: MonitorApi,
  doors: Doors,
  version: string,
): readonly Component[] {
  const deps = { clock, logger: logger.child({ service: 'http' }), metrics, newTrace }
  const common = { metricsToken: settings.METRICS_TOKEN, version }
  return [
    createApiServer(deps, api, doors.api, { ...common, allowedHosts: settings.ALLOWED_HOSTS ?? [] }),
    createMetricsServer(deps, doors.metrics, { ...common, allowedHosts: [] }),
  ]
}

/** Says in `run/owner.json` who runs here, while it runs. */
function ownerComponent(dataDir: string, { port }: Doors['api']): Component {
  let remove: () => void = () => {}
  return {
    name: 'owner',
    async start() {
      remove = writeOwner(dataDir, port())
    },
    async stop() {
      remove()
    },
  }
}

/** Writes the beginning and the end of the run into the record. */
function sessionMarks(
  { plan }: Foundation,
  journal: ReturnType<typeof composeRecord>['journal'],
  now: () => number,
  version: string,
): Component {
  const mark = (event: 'started' | 'stopped') =>
    journal.append({ kind: 'session', ts: now(), source: plan.source, event, detail: `version ${version}` })
  return {
    name: 'session-marks',
    async start() {
      mark('started')
    },
    async stop() {
      mark('stopped')
    },
  }
}
