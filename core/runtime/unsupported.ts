import type { LoadedSettings } from '../config/load.ts'
import type { SettingName } from '../contract/settings.ts'
import { OpError } from '../kernel/errors.ts'
import type { Logger } from '../kernel/logger.ts'

/** Settings whose capability a later version brings. Set, they would promise something that does not happen. */
const REFUSED: readonly SettingName[] = [
  'REDIS_URL',
  'INFLUXDB_URL',
  'TLS_CERT_FILE',
  'TLS_KEY_FILE',
  'ENABLE_DATA_ENCRYPTION_AT_REST',
]

const WITHOUT_EFFECT: readonly SettingName[] = [
  'USE_MEMORY_MAPPING',
  'COMPRESSION_ENABLED',
  'DATA_RETENTION_PERIOD',
  'API_RELOAD',
  'CORS_ORIGINS',
  'TRUSTED_PROXIES',
  'ALERT_EMAIL_TO',
  'SMTP_URL',
  'ALERT_WEBHOOK_URL',
  'AUTO_RECOVERY_ENABLED',
  'GRAFANA_URL',
]

/** Beyond this machine the API would answer anybody: login comes with a later version. */
const API_HOSTS: readonly string[] = ['127.0.0.1', 'localhost']

/** Refuses what would lose or expose data without its capability; says once what else has no effect yet. */
export function checkSupported({ settings, origin }: LoadedSettings, logger: Logger): void {
  const set = (name: SettingName) => origin[name] !== 'default' && settings[name] !== null && settings[name] !== false
  const refused = REFUSED.filter(set)
  if (refused.length > 0) throw new OpError('not_supported_yet', { what: refused.join(', ') })
  if (!API_HOSTS.includes(settings.API_HOST)) {
    const what = `API_HOST=${settings.API_HOST} (the API has no login yet, and listens on ${API_HOSTS.join(' or ')} only)`
    throw new OpError('not_supported_yet', { what })
  }
  const idle = WITHOUT_EFFECT.filter(set)
  if (idle.length > 0) logger.warning(`these settings have no effect in this version: ${idle.join(', ')}`)
}
