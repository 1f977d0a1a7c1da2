import { z } from 'zod'
import { INDEX_NAMES } from '../domain/index-catalog.ts'
import { BUCKETS } from '../domain/instrument.ts'
import {
  choice,
  choices,
  date,
  decimal,
  flag,
  instant,
  keepingDays,
  longText,
  names,
  offsets,
  path,
  port,
  type SettingControl,
  type SettingKind,
  type SettingValue,
  speed,
  text,
  timeOfDay,
  url,
  whole,
} from './setting-kinds.ts'

export const SETTING_GROUPS = {
  general: 'General',
  source: 'Where the data comes from',
  universe: 'What is collected',
  files: 'CSV and JSON files',
  keeping: 'How long data is kept',
  servers: 'Other servers',
  api: 'API and metrics',
  logs: 'Logs',
  alerts: 'Alerts',
  recovery: 'Backups and recovery',
  grafana: 'Grafana',
} as const
export type SettingGroup = keyof typeof SETTING_GROUPS

/** What is known of a setting beside its values. */
export interface SettingFacts {
  readonly group: SettingGroup
  /** As the user would write it; null = unset. */
  readonly default: string | null
  /** What is allowed, as the end of the sentence "must be …". */
  readonly allowed: string
  readonly doc: string
  /** Never shown: not in logs, errors, `config show`. */
  readonly secret: boolean
  /** Whether a change waits for the next start. */
  readonly restart: boolean
  /** What a form needs to offer it. */
  readonly control: SettingControl
  /** What a number counts; null for numbers of themselves and for everything else. */
  readonly unit: string | null
}

/** The text that gives a value of a setting again. */
type Writer = (value: SettingValue) => string

interface Traits {
  readonly secret?: true
  /** false: taken up by the running product. */
  readonly restart?: false
  readonly unit?: string
}

const facts = z.registry<SettingFacts & { readonly write: Writer }>()

/** Returns how a group's settings are written down: kind, default (null = unset), what it is for. */
function group(name: SettingGroup) {
  function setting<T>(kind: SettingKind<T>, standard: string, doc: string, traits?: Traits): z.ZodType<T>
  function setting<T>(kind: SettingKind<T>, standard: null, doc: string, traits?: Traits): z.ZodType<T | null>
  function setting<T>(kind: SettingKind<T>, standard: string | null, doc: string, traits: Traits = {}) {
    const schema = standard === null ? kind.schema.nullable().prefault(null) : kind.schema.prefault(standard)
    facts.add(schema, {
      group: name,
      default: standard,
      allowed: kind.allowed,
      doc,
      secret: traits.secret ?? false,
      restart: traits.restart ?? true,
      control: kind.control,
      unit: traits.unit ?? null,
      write: kind.write ?? String,
    })
    return schema
  }
  return setting
}

const general = group('general')
const source = group('source')
const universe = group('universe')
const files = group('files')
const keeping = group('keeping')
const servers = group('servers')
const api = group('api')
const logs = group('logs')
const alerts = group('alerts')
const recovery = group('recovery')
const grafana = group('grafana')

const secret = { secret: true } as const
const live = { restart: false } as const
const gzipLevel = whole(1, 9)
const bufferBytes = whole(1, 67_108_864)
const days = whole(1, 36_500)
const host = text('a host name or an address')
const hosts = names('host names or addresses')
const web = url('http', 'https')

/** Every setting (CONTRACT.md section 2). Input: text by name, what is not given left out. Unset = null. */
export const settingsSchema = z.strictObject({
  ENVIRONMENT: general(
    choice(['development', 'staging', 'production', 'test']),
    'development',
    'The kind of installation; it labels logs and stands in the readiness checks.',
  ),
  DEBUG: general(flag, 'false', 'Writes debug lines to the log, whatever LOG_LEVEL says.', live),
  DATA_DIR: general(path('folder'), './data', 'Everything the product records lies in this folder.'),
  PREVENT_SLEEP: general(
    flag,
    'true',
    'Keeps the machine awake in market hours while the desktop application records the live market.',
    live,
  ),

  DATA_SOURCE: source(
    choice(['sim', 'kite', 'replay']),
    'sim',
    'sim: the simulated exchange; kite: the live market; replay: a recorded day.',
  ),
  KITE_API_KEY: source(text('the key of a Kite Connect app'), null, 'Key of your Kite Connect app.', secret),
  KITE_API_SECRET: source(text('the secret of a Kite Connect app'), null, 'Secret of your Kite Connect app.', secret),
  KITE_ACCESS_TOKEN: source(
    text('the access token of a Kite login'),
    null,
    'Token of the day, when another program does the login. It ends at about 06:00 IST.',
    { secret: true, restart: false },
  ),
  KITE_ROOT: source(web, null, "Address of Kite's REST API; unset: the one that belongs to the source."),
  KITE_TICKER_ROOT: source(
    url('ws', 'wss'),
    null,
    "Address of Kite's WebSocket; unset: the one that belongs to the source.",
  ),
  KITE_REDIRECT_URL: source(
    web,
    'http://127.0.0.1:8765/kite',
    'Where Kite sends the browser after a login; the same must be registered for the app.',
  ),
  REPLAY_DATE: source(date, null, 'The recorded day to replay; needed with DATA_SOURCE=replay.'),
  REPLAY_SPEED: source(speed, '1', 'How fast the recorded day runs.', { unit: '× real time' }),
  SIM_SEED: source(whole(0, 4_294_967_295), '42', 'The same seed gives the same simulated market.'),
  SIM_AT: source(
    instant,
    null,
    "Where the simulated market's clock starts; unset: after the last recorded instant, at first 10:00 IST.",
  ),
  SIM_SPEED: source(speed, '1', "How fast the simulated market's clock runs.", { unit: '× real time' }),

  INDICES: universe(choices(INDEX_NAMES), INDEX_NAMES.join(','), 'Indices whose options are collected.'),
  EXPIRY_BUCKETS: universe(choices(BUCKETS), BUCKETS.join(','), 'Expiries that are collected.'),
  ACTIVE_STRIKE_OFFSETS: universe(
    offsets(100),
    '-2,-1,0,1,2',
    'Strikes that are recorded: listed strikes counted from the ATM. When set it wins over FEATURE_EXTENDED_ANALYSIS.',
  ),
  FEATURE_EXTENDED_ANALYSIS: universe(flag, 'false', 'Records the offsets -5 to 5.'),
  CHAIN_SCOPE: universe(
    choice(['offsets', 'full']),
    'offsets',
    'What is recorded: the offsets around the ATM, or every listed strike. The live view has whole chains anyway.',
  ),
  RISK_FREE_RATE: universe(decimal(-0.1, 1), '0.065', 'Yearly rate for discounting, as a fraction.'),

  ENABLE_CSV: files(flag, 'true', 'Writes CSV files.'),
  ENABLE_JSON: files(flag, 'true', 'Writes JSONL files.'),
  USE_MEMORY_MAPPING: files(
    flag,
    'false',
    'Reads finished files, and writes the live CSV and JSONL files, through mapped memory.',
  ),
  COMPRESSION_ENABLED: files(flag, 'false', 'Compresses finished parts to .csv.gz and .jsonl.gz.'),
  COMPRESSION_LEVEL: files(gzipLevel, '6', 'Level of that compression.'),
  CSV_BUFFER_SIZE: files(
    bufferBytes,
    '8192',
    'Bytes that wait at most for a CSV file; flushed after a second anyway.',
    { unit: 'bytes' },
  ),
  JSON_BUFFER_SIZE: files(bufferBytes, '16384', 'The same for a JSONL file.', { unit: 'bytes' }),
  MAX_MEMORY_USAGE_MB: files(
    whole(128, 1_048_576),
    '2048',
    'Soft limit of memory: from 75 % caches shrink, from 85 % series are thinner, from 95 % batches are larger. Nothing is dropped.',
    { unit: 'MB' },
  ),

  DATA_RETENTION_PERIOD: keeping(keepingDays, 'infinite', 'Days older than this are deleted.'),
  ENABLE_ARCHIVAL: keeping(flag, 'true', 'Moves old days to the archive.'),
  ARCHIVAL_AFTER_DAYS: keeping(days, '30', 'Age in days at which a day is archived.', { unit: 'days' }),
  ARCHIVE_COMPRESSION_ENABLED: keeping(flag, 'true', 'Compresses the archive.'),
  ARCHIVE_COMPRESSION_LEVEL: keeping(gzipLevel, '9', 'Level of that compression.'),
  ENABLE_DATA_ENCRYPTION_AT_REST: keeping(
    flag,
    'false',
    'Encrypts finished files of the journal, CSV, JSONL and the archive. `optrade encryption enable` makes the key and turns it on.',
  ),
  DATA_ENCRYPTION_KEY_FILE: keeping(
    path('file'),
    null,
    'File with the key of that encryption; unset: beside DATA_DIR, with .key behind its name. The keychain of the desktop comes first.',
  ),

  REDIS_URL: servers(url('redis', 'rediss'), null, 'Redis for the bus; unset: the bus is in the process.', secret),
  REDIS_SAVE_ENABLED: servers(flag, 'true', 'Lets Redis write snapshots.'),
  REDIS_SAVE_INTERVAL: servers(whole(1, 86_400), '900', 'Seconds between those snapshots.', { unit: 'seconds' }),
  REDIS_AOF_ENABLED: servers(flag, 'true', 'Lets Redis write its append-only file.'),
  INFLUXDB_URL: servers(web, null, 'InfluxDB to which legs are written; unset: none.'),
  INFLUXDB_TOKEN: servers(text('a token of InfluxDB'), null, 'Token for InfluxDB.', secret),
  INFLUXDB_ORG: servers(text('a name'), null, 'Organisation in InfluxDB.'),
  INFLUXDB_BUCKET: servers(text('a name'), null, 'Bucket in InfluxDB.'),

  API_HOST: api(host, '127.0.0.1', 'Address at which the API listens.'),
  API_PORT: api(port, '8000', 'Port of the API.'),
  API_RELOAD: api(flag, 'false', 'Restarts when a source file changes.'),
  METRICS_HOST: api(host, '127.0.0.1', 'Address at which the metrics listen.'),
  METRICS_PORT: api(port, '8080', 'Port of the metrics; each role has its own.'),
  METRICS_TOKEN: api(longText(16), null, 'Bearer token for metrics asked from another machine.', secret),
  ALLOWED_HOSTS: api(hosts, null, 'Host names by which the API may be asked, beside the loopback ones.'),
  CORS_ORIGINS: api(names('origins as https://example.org'), null, 'Web pages of other origins that may ask the API.'),
  TRUSTED_PROXIES: api(hosts, null, 'Proxies whose X-Forwarded-For is believed.'),
  TLS_CERT_FILE: api(path('file'), null, 'Certificate (PEM) of the API; with TLS_KEY_FILE.'),
  TLS_KEY_FILE: api(path('file'), null, 'Private key (PEM) of the API; with TLS_CERT_FILE.'),
  JWT_SECRET_KEY: api(
    longText(32),
    null,
    'Signs logins; made on the first start. Mandatory with REDIS_URL, since every replica needs the same.',
    secret,
  ),
  JWT_ALGORITHM: api(choice(['HS256']), 'HS256', 'How logins are signed.'),
  JWT_EXPIRATION_HOURS: api(whole(1, 720), '24', 'Hours that a login lasts.', { unit: 'hours' }),
  JWT_REFRESH_TOKEN_EXPIRE_DAYS: api(whole(1, 365), '7', 'Days in which a login can be renewed.', { unit: 'days' }),

  LOG_LEVEL: logs(choice(['debug', 'info', 'warning', 'error', 'critical']), 'info', 'The least that is logged.', live),
  ENABLE_STRUCTURED_LOGGING: logs(flag, 'true', 'Writes fields; false: the message alone.'),
  LOG_FORMAT: logs(
    choice(['json', 'pretty']),
    null,
    'Form of a log line; unset: pretty on a terminal, json elsewhere.',
  ),
  INCLUDE_TRACE_ID: logs(flag, 'true', 'Log lines carry trace_id.'),
  INCLUDE_REQUEST_ID: logs(flag, 'true', 'Log lines carry request_id.'),
  INCLUDE_USER_ID: logs(flag, 'true', 'Log lines carry user_id.'),
  LOG_INCLUDE_HOSTNAME: logs(flag, 'true', 'Log lines carry hostname.'),
  LOG_INCLUDE_PROCESS_ID: logs(flag, 'true', 'Log lines carry pid.'),

  ALERT_EMAIL_TO: alerts(names('e-mail addresses'), null, 'Who gets alerts by e-mail.'),
  SMTP_URL: alerts(url('smtp', 'smtps'), null, 'Mail server for them, with user and password.', secret),
  ALERT_WEBHOOK_URL: alerts(web, null, 'Address to which alerts are posted.', secret),
  DESKTOP_NOTIFICATIONS: alerts(flag, 'true', 'Shows alerts on the desktop.', live),

  ENABLE_AUTOMATED_BACKUP: recovery(flag, 'true', 'Makes backups by itself.'),
  BACKUP_DIR: recovery(path('folder'), 'DATA_DIR/backups', 'Where backups go; another disk is better.'),
  BACKUP_INTERVAL_HOURS: recovery(whole(1, 8760), '24', 'Hours between backups.', { unit: 'hours' }),
  BACKUP_RETENTION_DAYS: recovery(days, '30', 'Days for which a backup is kept.', { unit: 'days' }),
  BACKUP_COMPRESSION: recovery(flag, 'true', 'Makes each backup one .tar.gz.'),
  ENABLE_POINT_IN_TIME_RECOVERY: recovery(
    flag,
    'true',
    'Keeps the journal for restores to any instant; false: until its day is archived and verified.',
  ),
  RECOVERY_LOG_RETENTION_DAYS: recovery(days, '7', 'Days of journal for such restores.', { unit: 'days' }),
  AUTO_RECOVERY_ENABLED: recovery(flag, 'false', 'Repairs damage without being asked.'),
  RECOVERY_VERIFICATION_ENABLED: recovery(flag, 'true', 'Verifies repaired data; false: publishes it as unverified.'),
  HEALTH_CHECK_AT: recovery(timeOfDay, '02:00', 'When finished files of the record are verified.'),

  GRAFANA_URL: grafana(web, null, 'Address of Grafana for `optrade grafana import`.'),
  GRAFANA_API_KEY: grafana(
    text('a token of a service account, or an API key'),
    null,
    'Token of a service account of Grafana, or an old API key.',
    secret,
  ),
  GRAFANA_DATASOURCE_UID: grafana(text('the uid of a data source'), null, 'Data source of the dashboards.'),
})

export type Settings = Readonly<z.output<typeof settingsSchema>>
export type SettingName = keyof Settings

export const SETTING_NAMES: readonly SettingName[] = settingsSchema.keyof().options

export function isSettingName(name: string): name is SettingName {
  return (SETTING_NAMES as readonly string[]).includes(name)
}

function known(name: SettingName) {
  const found = facts.get(settingsSchema.shape[name])
  if (found === undefined) throw new TypeError(`${name} has no facts`)
  return found
}

/** Group, default, allowed values and meaning of a setting. */
export function settingFacts(name: SettingName): SettingFacts {
  return known(name)
}

/** A value as its user would write it: read again, the text gives the same value. null = unset. */
export function settingText(settings: Settings, name: SettingName): string | null {
  const value = settings[name]
  return value === null ? null : known(name).write(value)
}

/** The value of a setting as it may be shown to anybody: without secrets and without users of URLs. */
export function withoutSecret(name: SettingName, written: string): string {
  return settingFacts(name).secret ? '(hidden)' : written.replace(/\/\/[^/?#]*@/g, '//(hidden)@')
}

/** Text by name; names that are not given are absent. */
export type SettingTexts = Readonly<Partial<Record<SettingName, string>>>

export interface SettingFault {
  readonly name: SettingName
  /** What it must be, and when only in some cases, why. */
  readonly must: string
}

export type ParsedSettings =
  | { readonly settings: Settings; readonly faults: readonly [] }
  | { readonly settings: null; readonly faults: readonly SettingFault[] }

/** Faults between settings that are right one by one. */
function conflicts(settings: Settings): SettingFault[] {
  const faults: SettingFault[] = []
  const need = (name: SettingName, because: string) =>
    faults.push({ name, must: `${settingFacts(name).allowed}, because ${because}` })
  if (settings.REDIS_URL !== null && settings.JWT_SECRET_KEY === null) need('JWT_SECRET_KEY', 'REDIS_URL is set')
  if (settings.DATA_SOURCE === 'kite' && settings.KITE_API_KEY === null) need('KITE_API_KEY', 'DATA_SOURCE is kite')
  if (settings.DATA_SOURCE === 'replay' && settings.REPLAY_DATE === null) need('REPLAY_DATE', 'DATA_SOURCE is replay')
  if (settings.TLS_CERT_FILE !== null && settings.TLS_KEY_FILE === null) need('TLS_KEY_FILE', 'TLS_CERT_FILE is set')
  if (settings.TLS_KEY_FILE !== null && settings.TLS_CERT_FILE === null) need('TLS_CERT_FILE', 'TLS_KEY_FILE is set')
  return faults
}

/** Makes values of texts, or tells every fault. The faults hold no values: whoever shows them minds secrets. */
export function parseSettings(texts: SettingTexts): ParsedSettings {
  const parsed = settingsSchema.safeParse(texts)
  if (parsed.success) {
    const faults = conflicts(parsed.data)
    return faults.length === 0 ? { settings: parsed.data, faults: [] } : { settings: null, faults }
  }
  const wrong = new Set(parsed.error.issues.map((issue) => issue.path[0]))
  const faults = SETTING_NAMES.filter((name) => wrong.has(name)).map((name) => ({
    name,
    must: settingFacts(name).allowed,
  }))
  return { settings: null, faults }
}
