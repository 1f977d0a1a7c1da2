import type { Logger } from '../kernel/logger.ts'

/** A logger that says nothing. */
export const silentLogger: Logger = {
  debug() {},
  info() {},
  warning() {},
  error() {},
  critical() {},
  child: () => silentLogger,
}
