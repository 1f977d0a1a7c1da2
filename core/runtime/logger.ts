import type { Settings } from '../contract/settings.ts'
import type { Logger } from '../kernel/logger.ts'
import { createPinoLogger } from '../platform/pino-logger.ts'

/** The product's logger by its settings; `write` takes whole lines. */
export function createLogger(
  settings: Settings,
  tty: boolean,
  secrets: readonly string[],
  write: (line: string) => void,
): Logger {
  return createPinoLogger({
    level: settings.DEBUG ? 'debug' : settings.LOG_LEVEL,
    format: settings.LOG_FORMAT ?? (tty ? 'pretty' : 'json'),
    includeHostname: settings.LOG_INCLUDE_HOSTNAME,
    includePid: settings.LOG_INCLUDE_PROCESS_ID,
    service: 'optrade',
    secrets,
    write,
  })
}
