import type { LoadedSettings, ReadSettings } from '../config/load.ts'
import type { SettingName, Settings } from '../contract/settings.ts'
import { OpError } from '../kernel/errors.ts'
import type { Logger } from '../kernel/logger.ts'

/** Settings whose capability a later version brings. Set, they would promise something that does not happen. */
const REFUSED: readonly SettingName[] = ['REDIS_URL', 'INFLUXDB_URL', 'TLS_CERT_FILE', 'TLS_KEY_FILE']

/** Set, they do nothing; whoever sets one is told at the start. */
const WITHOUT_EFFECT: readonly SettingName[] = [
  'API_RELOAD',
  'CORS_ORIGINS',
  'TRUSTED_PROXIES',
  'AUTO_RECOVERY_ENABLED',
  'GRAFANA_URL',
]

/** The same of settings whose default already is a wish for the future: nothing is said of them at the start. */
const NOT_USED_YET: readonly SettingName[] = [
  'KITE_API_SECRET',
  'KITE_REDIRECT_URL',
  'REPLAY_DATE',
  'REPLAY_SPEED',
  'REDIS_SAVE_ENABLED',
  'REDIS_SAVE_INTERVAL',
  'REDIS_AOF_ENABLED',
  'INFLUXDB_TOKEN',
  'INFLUXDB_ORG',
  'INFLUXDB_BUCKET',
  'JWT_SECRET_KEY',
  'JWT_ALGORITHM',
  'JWT_EXPIRATION_HOURS',
  'JWT_REFRESH_TOKEN_EXPIRE_DAYS',
  'ENABLE_AUTOMATED_BACKUP',
  'BACKUP_DIR',
  'BACKUP_INTERVAL_HOURS',
  'BACKUP_RETENTION_DAYS',
  'BACKUP_COMPRESSION',
  'RECOVERY_VERIFICATION_ENABLED',
  'GRAFANA_API_KEY',
  'GRAFANA_DATASOURCE_UID',
]

/** Beyond this machine the API would answer anybody: login comes with a later version. */
const API_HOSTS: readonly string[] = ['127.0.0.1', 'localhost']

/** What this version does with a setting: `refused` may not be set at all. */
export function effectOf(name: SettingName): 'full' | 'none' | 'refused' {
  if (REFUSED.includes(name)) return 'refused'
  return WITHOUT_EFFECT.includes(name) || NOT_USED_YET.includes(name) ? 'none' : 'full'
}

interface Chosen {
  readonly settings: Settings
  readonly origin: ReadSettings['origin']
}

const isSet = ({ settings, origin }: Chosen, name: SettingName) =>
  origin[name] !== 'default' && settings[name] !== null && settings[name] !== false

/** Values that are right, but with which this version would not start: a sentence by name. */
export function refusals(chosen: Chosen): Readonly<Partial<Record<SettingName, string>>> {
  const refused = REFUSED.filter((name) => isSet(chosen, name))
  const { API_HOST, DATA_SOURCE } = chosen.settings
  return {
    ...Object.fromEntries(refused.map((name) => [name, 'This is not part of this version yet.'])),
    ...(DATA_SOURCE === 'replay' ? { DATA_SOURCE: 'Replays are not part of this version yet.' } : {}),
    ...(API_HOSTS.includes(API_HOST)
      ? {}
      : { API_HOST: `The API has no login yet, and listens on ${API_HOSTS.join(' or ')} only.` }),
  }
}

/** Refuses what would lose or expose data without its capability; says once what else has no effect yet. */
export function checkSupported({ settings, origin }: LoadedSettings, logger: Logger): void {
  const set = (name: SettingName) => isSet({ settings, origin }, name)
  const refused = REFUSED.filter(set)
  if (refused.length > 0) throw new OpError('not_supported_yet', { what: refused.join(', ') })
  if (!API_HOSTS.includes(settings.API_HOST)) {
    const what = `API_HOST=${settings.API_HOST} (the API has no login yet, and listens on ${API_HOSTS.join(' or ')} only)`
    throw new OpError('not_supported_yet', { what })
  }
  const idle = WITHOUT_EFFECT.filter(set)
  if (idle.length > 0) logger.warning(`these settings have no effect in this version: ${idle.join(', ')}`)
}
