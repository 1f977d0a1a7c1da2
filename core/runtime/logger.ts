import type { Settings } from '../contract/settings.ts'
import type { Logger } from '../kernel/logger.ts'
import { createPinoLogger } from '../platform/pino-logger.ts'
import { createLogMemory, type LogMemory } from './log-memory.ts'

const OMITTED = [
  ['INCLUDE_TRACE_ID', 'trace_id'],
  ['INCLUDE_REQUEST_ID', 'request_id'],
  ['INCLUDE_USER_ID', 'user_id'],
] as const

/** A logger whose newest lines can be read. */
export interface RememberingLogger extends Logger {
  readonly memory: LogMemory
}

/** The product's logger by its settings; `write` takes whole lines. */
export function createLogger(
  settings: Settings,
  tty: boolean,
  secrets: ReadonlySet<string>,
  write: (line: string) => void,
): RememberingLogger {
  const memory = createLogMemory()
  const logger = createPinoLogger({
    level: settings.DEBUG ? 'debug' : settings.LOG_LEVEL,
    format: settings.LOG_FORMAT ?? (tty ? 'pretty' : 'json'),
    includeHostname: settings.LOG_INCLUDE_HOSTNAME,
    includePid: settings.LOG_INCLUDE_PROCESS_ID,
    structured: settings.ENABLE_STRUCTURED_LOGGING,
    omit: new Set(OMITTED.flatMap(([setting, field]) => (settings[setting] ? [] : [field]))),
    service: 'optrade',
    secrets,
    write,
    tap: memory.add,
  })
  return { ...logger, memory }
}
