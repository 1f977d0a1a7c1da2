/** Fields of a log line beyond its message; names are the contract's (`index`, `bucket`, `duration_ms`, `trace_id`, `code` …). */
export type LogFields = Readonly<Record<string, unknown>>

/** Structured log, injected. Errors are logged once, at the boundary that decides what happens next. */
export interface Logger {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warning(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
  critical(message: string, fields?: LogFields): void
  /** A logger that adds `fields` to every line. */
  child(fields: LogFields): Logger
}
