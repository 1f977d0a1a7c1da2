import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { prepareDataDir } from '../config/data-dir.ts'
import { calendarFor, type LoadedSettings } from '../config/load.ts'
import type { HealthReport } from '../contract/api-schema.ts'
import { formatIst } from '../domain/ist.ts'
import { createApiServer, createMetricsServer, type HttpServer } from '../http/server.ts'
import type { Component } from '../kernel/lifecycle.ts'
import { stopAll } from '../kernel/lifecycle.ts'
import type { Logger } from '../kernel/logger.ts'
import { createPrometheusMetrics } from '../metrics/prometheus-metrics.ts'
import { createSystemClock } from '../platform/system-clock.ts'
import { createMonitorApi } from './api.ts'
import { composeMarket, composeRecord, type Foundation, newTrace } from './compose.ts'
import { coveredUntil } from './covered-until.ts'
import { createEventStream } from './event-stream.ts'
import { createHealthWatch } from './health-watch.ts'
import { openSource, planSource } from './market-source.ts'
import { createInstanceLock, writeOwner } from './owner-file.ts'
import { createProcessWatch } from './process-watch.ts'
import { checkSupported } from './unsupported.ts'

export interface MonitorInputs {
  readonly loaded: LoadedSettings
  readonly logger: Logger
  /** The newest access token there is, read anew at each call. */
  readonly accessToken: () => string | null
}

/** The running product. */
export interface Monitor {
  /** `http://host:port` of the API. */
  readonly address: string
  readonly metricsAddress: string
  readonly dataRoot: string
  health(): HealthReport
  /** Stops intake first, then records and hands on what there is; safe to call again. */
  stop(): Promise<void>
}

/** Starts everything in order; when a part fails, those already started are stopped and the fault is thrown. */
export async function startMonitor(inputs: MonitorInputs): Promise<Monitor> {
  const started: Component[] = []
  const begin = async (component: Component) => {
    started.push(component)
    await component.start()
  }
  try {
    return await start(inputs, started, begin)
  } catch (fault) {
    await stopAll(started).catch((second: unknown) => {
      inputs.logger.error('what had started could not be stopped cleanly', { error: second })
    })
    throw fault
  }
}

async function start(
  { loaded, logger, accessToken }: MonitorInputs,
  started: readonly Component[],
  begin: (component: Component) => Promise<void>,
): Promise<Monitor> {
  const { settings } = loaded
  checkSupported(loaded, logger)
  prepareDataDir(settings.DATA_DIR)
  await begin(createInstanceLock(settings.DATA_DIR))
  const calendar = calendarFor(settings.DATA_DIR)
  const plan = await planSource(settings)
  const metrics = createPrometheusMetrics()
  let marketNow: () => number = Date.now
  const clock = createSystemClock(() => marketNow())
  const foundation: Foundation = {
    settings,
    offsets: settings.CHAIN_SCOPE === 'full' ? null : new Set(settings.ACTIVE_STRIKE_OFFSETS),
    clock,
    calendar,
    logger,
    metrics,
    plan,
  }
  const record = composeRecord(foundation)
  await begin(record.journal)
  const lastTs = record.journal.lastTs()
  const source = await openSource({
    settings,
    plan,
    calendar,
    clock,
    logger,
    random: Math.random,
    lastTs,
    accessToken,
    begin,
  })
  marketNow = source.marketNow
  for (const component of [record.meta, record.days, ...record.files, record.bus]) await begin(component)
  const market = composeMarket(foundation, record, source)
  const stream = createEventStream()
  stream.follow(record.bus)
  const api = createMonitorApi({ foundation, record, market, stream, version: versionOf() })
  const servers = composeServers(foundation, api)
  await begin(market.relay)
  for (const server of servers) await begin(server)
  await begin(createProcessWatch({ clock, metrics }, settings.DATA_DIR))
  const { health } = api
  await begin(createHealthWatch({ clock, metrics, logger, bus: record.bus, stream, health, newTrace }))
  const [http, metricsServer] = servers
  await begin(ownerComponent(settings.DATA_DIR, http))
  // The exchange of this process begins where the record ends; any other went on meanwhile.
  if (plan.external !== null) market.gaps.open(await coveredUntil({ ...record, logger }), clock.now())
  await begin(sessionMarks(foundation, record.journal, clock.now))
  await begin(market.session)
  logger.info(`recording ${plan.source} data in ${plan.dataRoot}`, {
    source: plan.source,
    market_time: formatIst(clock.now()),
  })
  return {
    address: `http://${settings.API_HOST}:${http.port()}`,
    metricsAddress: `http://${settings.METRICS_HOST}:${metricsServer.port()}`,
    dataRoot: plan.dataRoot,
    health,
    stop: () => stopAll(started),
  }
}

function composeServers({ settings, clock, logger, metrics }: Foundation, api: ReturnType<typeof createMonitorApi>) {
  const deps = { clock, logger: logger.child({ service: 'http' }), metrics, newTrace }
  const common = { metricsToken: settings.METRICS_TOKEN, version: versionOf() }
  const http: HttpServer = createApiServer(deps, api, {
    ...common,
    name: 'api',
    host: settings.API_HOST,
    port: settings.API_PORT,
    portSetting: 'API_PORT',
    allowedHosts: settings.ALLOWED_HOSTS ?? [],
    pageFolder: fileURLToPath(new URL('../../out/page', import.meta.url)),
  })
  const metricsServer: HttpServer = createMetricsServer(deps, {
    ...common,
    name: 'metrics',
    host: settings.METRICS_HOST,
    port: settings.METRICS_PORT,
    portSetting: 'METRICS_PORT',
    allowedHosts: [],
  })
  return [http, metricsServer] as const
}

/** Says in `run/owner.json` who runs here, while it runs. */
function ownerComponent(dataDir: string, http: HttpServer): Component {
  let remove: () => void = () => {}
  return {
    name: 'owner',
    async start() {
      remove = writeOwner(dataDir, http.port())
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
): Component {
  const mark = (event: 'started' | 'stopped') =>
    journal.append({ kind: 'session', ts: now(), source: plan.source, event, detail: `version ${versionOf()}` })
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

function versionOf(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return /"version":\s*"([^"]+)"/.exec(text)?.[1] ?? '0.0.0'
}
