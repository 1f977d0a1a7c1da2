import { prepareDataDir } from '../config/data-dir.ts'
import { calendarFor, type LoadedSettings } from '../config/load.ts'
import type { HealthReport } from '../contract/api-schema.ts'
import { formatIst } from '../domain/ist.ts'
import { createApiServer, createMetricsServer, type HttpServer } from '../http/server.ts'
import type { Component } from '../kernel/lifecycle.ts'
import { once, stopAll } from '../kernel/lifecycle.ts'
import { createPrometheusMetrics } from '../metrics/prometheus-metrics.ts'
import { createSystemClock } from '../platform/system-clock.ts'
import type { MonitorApi } from '../ports/monitor-api.ts'
import type { Secrets } from '../ports/secrets.ts'
import { composeAlerts } from './alert-calls.ts'
import { composeHistory, createMonitorApi } from './api.ts'
import { composeMarket, composeRecord, type Foundation, newTrace, type RecordParts } from './compose.ts'
import { coveredUntil } from './covered-until.ts'
import { createEncryption } from './encryption.ts'
import { createEventStream } from './event-stream.ts'
import type { ExportJobs } from './export-jobs.ts'
import { chooseFileAccess } from './file-access.ts'
import { createHealthWatch } from './health-watch.ts'
import type { RememberingLogger } from './logger.ts'
import { openSource, planSource } from './market-source.ts'
import { composeOperations } from './operations.ts'
import { createInstanceLock, writeOwner } from './owner-file.ts'
import { isPortFree } from './port-free.ts'
import { createSettingsCalls } from './settings-calls.ts'
import { checkSupported } from './unsupported.ts'

export interface MonitorInputs {
  readonly loaded: LoadedSettings
  readonly logger: RememberingLogger
  /** The system's keychain, where there is one; `loaded` was read with it. */
  readonly secrets?: Secrets
  /** The newest access token there is, read anew at each call. */
  readonly accessToken: () => string | null
  /** Of the product, as package.json has it. */
  readonly version: string
  /** Where the build of the page lies. */
  readonly pageFolder: string
  /** The program of the thread that archives days: `archive-worker.ts`, or its bundle. */
  readonly archiveWorker: string
  /** A port that is taken gives way to a free one; otherwise the start fails with `port_taken`. */
  readonly anyPort: boolean
  /** Whether the machine is kept awake in market hours; left out where nothing can do that. */
  readonly keepsAwake?: () => boolean
  /** Told of each part before it is stopped. */
  readonly onStop?: (part: string) => void
}

/** The running product. */
export interface Monitor {
  /** `http://host:port` of the API. */
  readonly address: string
  readonly metricsAddress: string
  readonly dataRoot: string
  health(): HealthReport
  /** What a page can ask, for shells that do not go over HTTP. */
  readonly calls: MonitorApi['calls']
  readonly stream: MonitorApi['stream']
  /** For shells that write files where the user says. */
  readonly exports: Pick<ExportJobs, 'job' | 'cancel' | 'save'>
  /** The machine goes to sleep, or is awake again. */
  onPower(event: 'sleep' | 'wake'): void
  /** The page of the desktop window had to be loaded again. */
  countPageFault(reason: 'gone' | 'unresponsive'): void
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
  inputs: MonitorInputs,
  started: readonly Component[],
  begin: (component: Component) => Promise<void>,
): Promise<Monitor> {
  const { logger, accessToken, version } = inputs
  const { foundation, follow } = await lay(inputs, begin)
  const { settings, clock, metrics, plan } = foundation
  const record = composeRecord(foundation)
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
  const servers = composeServers(foundation, api, inputs, await chosenPorts(inputs))
  await begin(market.relay)
  await begin(alerts)
  await begin(history.exports)
  for (const server of servers) await begin(server)
  for (const part of operations.parts) await begin(part)
  const { health } = api
  await begin(createHealthWatch({ clock, metrics, logger, bus: record.bus, stream, health, newTrace }))
  const [http, metricsServer] = servers
  await begin(ownerComponent(settings.DATA_DIR, http))
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
    address: `http://${settings.API_HOST}:${http.port()}`,
    metricsAddress: `http://${settings.METRICS_HOST}:${metricsServer.port()}`,
    dataRoot: plan.dataRoot,
    health,
    calls: api.calls,
    stream: api.stream,
    exports: history.exports,
    onPower: (event) => market.gaps.onPower(event, clock.now()),
    countPageFault: (reason) => metrics.increment('op_page_reloads_total', { reason }),
    stop: once(() => stopAll(started, inputs.onStop)),
  }
}

function settingsCalls({ loaded, logger, secrets }: MonitorInputs, { clock }: Foundation, { journal }: RecordParts) {
  const { takeUp, hide } = logger
  const keychain = secrets === undefined ? {} : { secrets }
  return createSettingsCalls({ loaded, clock, journal, logger, takeUp, hide, ...keychain })
}

/** What every part stands on; `follow` gives the clock its market time once there is a market. */
async function lay({ loaded, logger, secrets }: MonitorInputs, begin: (component: Component) => Promise<void>) {
  const { settings } = loaded
  checkSupported(loaded, logger)
  prepareDataDir(settings.DATA_DIR)
  await begin(createInstanceLock(settings.DATA_DIR))
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

/** The ports to listen on: those of the settings, 0 (any) in the place of one that is taken. */
async function chosenPorts({ loaded, logger, anyPort }: MonitorInputs) {
  const { API_HOST, API_PORT, METRICS_HOST, METRICS_PORT } = loaded.settings
  if (!anyPort) return { api: API_PORT, metrics: METRICS_PORT }
  const choose = async (setting: string, host: string, port: number) => {
    if (await isPortFree(host, port)) return port
    logger.warning(`port ${port} (${setting}) is taken by another program: a free one is used`)
    return 0
  }
  return {
    api: await choose('API_PORT', API_HOST, API_PORT),
    metrics: await choose('METRICS_PORT', METRICS_HOST, METRICS_PORT),
  }
}

function composeServers(
  { settings, clock, logger, metrics }: Foundation,
  api: MonitorApi,
  { version, pageFolder }: MonitorInputs,
  ports: Awaited<ReturnType<typeof chosenPorts>>,
) {
  const deps = { clock, logger: logger.child({ service: 'http' }), metrics, newTrace }
  const common = { metricsToken: settings.METRICS_TOKEN, version }
  const http: HttpServer = createApiServer(deps, api, {
    ...common,
    name: 'api',
    host: settings.API_HOST,
    port: ports.api,
    portSetting: 'API_PORT',
    allowedHosts: settings.ALLOWED_HOSTS ?? [],
    pageFolder,
  })
  const metricsServer: HttpServer = createMetricsServer(deps, {
    ...common,
    name: 'metrics',
    host: settings.METRICS_HOST,
    port: ports.metrics,
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
