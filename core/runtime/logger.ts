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
  /** Takes up DEBUG and LOG_LEVEL. */
  takeUp(settings: Settings): void
  /** From now on this text stands in no line. */
  hide(secret: string): void
}

const levelOf = ({ DEBUG, LOG_LEVEL }: Settings) => (DEBUG ? 'debug' : LOG_LEVEL)

/** The product's logger by its settings; `write` takes whole lines. */
export function createLogger(
  settings: Settings,
  tty: boolean,
  secrets: Set<string>,
  write: (line: string) => void,
): RememberingLogger {
  const memory = createLogMemory()
  const logger = createPinoLogger({
    level: levelOf(settings),
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
  return {
    ...logger,
    memory,
    takeUp: (changed) => logger.setLevel(levelOf(changed)),
    hide: (secret) => void secrets.add(secret),
  }
}
