/** One row of the table of errors. `{name}` in `message` and `hint` is filled from the error's details. */
export interface ErrorSpec {
  readonly message: string
  /** HTTP status of the problem reply. */
  readonly http: number
  /** Exit status of a command that ends with it: 1 failed, 2 wrong use. */
  readonly exit: 1 | 2
  /** Whether the same call may succeed later without anybody changing anything. */
  readonly retryable: boolean
  /** What the operator should do. */
  readonly hint: string
}

/** Every error of the product. docs/errors.md is generated from it. Keep it sorted by code. */
export const ERRORS = {
  alert_refused: {
    message: 'the {channel} alert was refused: {reason}',
    http: 502,
    exit: 1,
    retryable: false,
    hint: 'Check ALERT_EMAIL_TO and SMTP_URL, or ALERT_WEBHOOK_URL; the alert itself stands on the Alerts page.',
  },
  alert_rule_invalid: {
    message: '{reason}',
    http: 400,
    exit: 2,
    retryable: false,
    hint: 'In the API IV and skew are fractions: 0.145 is 14.5 %. Prices are in rupees, open interest and volume in units.',
  },
  alert_rule_limit: {
    message: 'there are {most} alert rules already, which is the most there can be',
    http: 409,
    exit: 1,
    retryable: false,
    hint: 'Delete rules that are no longer needed.',
  },
  alert_undelivered: {
    message: 'the {channel} alert could not be delivered: {reason}',
    http: 503,
    exit: 1,
    retryable: true,
    hint: 'It is tried again a few times; after that it stands on the Alerts page only. Check the network and the server.',
  },
  alert_unknown: {
    message: 'there is no {what} {id}',
    http: 404,
    exit: 1,
    retryable: false,
    hint: 'GET /alerts lists the rules and what they raised; somebody else may have removed it.',
  },
  archive_damaged: {
    message: 'the archive of a day cannot be used: {path}: {reason}',
    http: 500,
    exit: 1,
    retryable: false,
    hint: 'It was left as it is. Put the folder of that day back from a backup of DATA_DIR/archive; other days are not touched.',
  },
  auth_expired: {
    message: 'Kite no longer accepts the access token',
    http: 503,
    exit: 1,
    retryable: false,
    hint: 'Log in to Kite again and set KITE_ACCESS_TOKEN; the product takes it up without a restart. Is a new one refused too, look at KITE_API_KEY.',
  },
  bucket_not_listed: {
    message: '{index} lists no {bucket} expiry',
    http: 404,
    exit: 1,
    retryable: false,
    hint: 'GET /expiries/{index} shows the buckets that exist today.',
  },
  chain_unreadable: {
    message: 'no option chain can be read from {path}: {reason}',
    http: 500,
    exit: 1,
    retryable: false,
    hint: "Give the reply of NSE's or BSE's option chain as JSON, or a CSV file of DATA_DIR/legs; gzipped or not.",
  },
  data_dir_synced: {
    message: 'DATA_DIR {path} lies in a folder that {service} synchronises',
    http: 500,
    exit: 1,
    retryable: false,
    hint: 'Synchronising services lock and replace database files. Choose a local folder with DATA_DIR.',
  },
  data_dir_taken: {
    message: 'another OP Trading (pid {pid}) writes to {path}',
    http: 409,
    exit: 1,
    retryable: false,
    hint: 'Stop the other instance, or choose another folder with DATA_DIR.',
  },
  data_dir_unwritable: {
    message: 'cannot write to DATA_DIR {path}: {reason}',
    http: 500,
    exit: 1,
    retryable: false,
    hint: 'Give this user write permission there, free disk space, or choose another folder with DATA_DIR.',
  },
  exchange_not_simulated: {
    message: 'no simulated exchange answers at {root} (KITE_ROOT)',
    http: 503,
    exit: 1,
    retryable: true,
    hint: 'Start it with `optrade sim serve`, or unset KITE_ROOT; for the live market set DATA_SOURCE=kite.',
  },
  exchange_simulated: {
    message: 'the exchange at {root} is simulated, and this run records live data: nothing of it is taken',
    http: 503,
    exit: 1,
    retryable: false,
    hint: 'Restart the product with DATA_SOURCE=sim to record it as simulated, or put a live exchange there.',
  },
  exchange_unreachable: {
    message: '{host} does not answer: {reason}',
    http: 503,
    exit: 1,
    retryable: true,
    hint: 'Check the network and KITE_ROOT; the product keeps trying.',
  },
  export_limit: {
    message: '{most} exports are running already',
    http: 409,
    exit: 1,
    retryable: true,
    hint: 'Wait until one has ended, or cancel one.',
  },
  feed_rejected: {
    message: 'the exchange refused the WebSocket with status {status}',
    http: 503,
    exit: 1,
    retryable: true,
    hint: 'Status 429 means more than three connections for this API key: stop the other program that uses it.',
  },
  file_unreadable: {
    message: 'cannot read {path}: {reason}',
    http: 500,
    exit: 1,
    retryable: false,
    hint: 'Check that the file exists and that this user may read it.',
  },
  file_unwritable: {
    message: 'cannot write {path}: {reason}',
    http: 503,
    exit: 1,
    retryable: true,
    hint: 'Free disk space and check the disk; nothing is lost meanwhile, the journal has it and writing goes on by itself.',
  },
  host_refused: {
    message: 'requests for {host} are not answered here',
    http: 403,
    exit: 1,
    retryable: false,
    hint: 'Use http://127.0.0.1 with the port that `optrade run` prints, or add the name to ALLOWED_HOSTS.',
  },
  index_unknown: {
    message: '{index} is not one of {known}',
    http: 404,
    exit: 2,
    retryable: false,
    hint: 'GET /indices lists the indices that are collected; INDICES sets them.',
  },
  instruments_empty: {
    message: 'the instruments dump of {exchange} holds no usable contract',
    http: 503,
    exit: 1,
    retryable: true,
    hint: 'Kite publishes the dump at about 08:30 IST; the product tries again by itself.',
  },
  internal: {
    message: 'something failed that should not have: {reason}',
    http: 500,
    exit: 1,
    retryable: false,
    hint: 'Look for the trace id in the log, and report it.',
  },
  job_unknown: {
    message: 'there is no job {id}',
    http: 404,
    exit: 1,
    retryable: false,
    hint: 'Jobs are forgotten at a restart, and when many newer ones have begun. Begin a new one.',
  },
  journal_corrupt: {
    message: 'journal segment {path} is damaged at byte {offset}: {reason}',
    http: 500,
    exit: 1,
    retryable: false,
    hint: 'Keep the file: records before the damage are intact and stay readable.',
  },
  journal_full: {
    message: 'the journal cannot keep up: {pendingBytes} bytes wait for the disk',
    http: 503,
    exit: 1,
    retryable: true,
    hint: 'Free disk space or use a faster disk; what is dropped meanwhile is recorded as a gap.',
  },
  kite_data: {
    message: 'Kite could not answer {what}: {reason}',
    http: 502,
    exit: 1,
    retryable: true,
    hint: 'A passing fault at the broker; the product tries again.',
  },
  kite_input: {
    message: 'Kite refused {what}: {reason}',
    http: 502,
    exit: 1,
    retryable: false,
    hint: 'Check the API key, the secret and the symbols; a retry cannot help.',
  },
  kite_permission: {
    message: 'the Kite subscription does not include {what}: {reason}',
    http: 403,
    exit: 1,
    retryable: false,
    hint: 'Check the plan of the app at developers.kite.trade; a new login does not help.',
  },
  login_required: {
    message: 'there is no Kite access token',
    http: 503,
    exit: 1,
    retryable: false,
    hint: 'Log in to Kite and set KITE_API_KEY and KITE_ACCESS_TOKEN.',
  },
  metrics_refused: {
    message: 'metrics are for this machine only',
    http: 401,
    exit: 1,
    retryable: false,
    hint: 'Send `Authorization: Bearer` with METRICS_TOKEN.',
  },
  not_found: {
    message: 'there is nothing at {path}',
    http: 404,
    exit: 1,
    retryable: false,
    hint: 'GET /docs lists what can be asked.',
  },
  not_on_record: {
    message: 'nothing is on record of {what}',
    http: 404,
    exit: 1,
    retryable: false,
    hint: 'GET /coverage/:index shows what a day has; a chain of the past needs the instruments dump of its day, kept in DATA_DIR/reference.',
  },
  not_running: {
    message: 'no OP Trading runs on {path}',
    http: 503,
    exit: 1,
    retryable: false,
    hint: 'Start it with `optrade run`, or name its folder with --data-dir.',
  },
  not_supported_yet: {
    message: '{what} is not part of this version',
    http: 501,
    exit: 2,
    retryable: false,
    hint: 'CHANGELOG.md says what each version can do.',
  },
  port_refused: {
    message: 'the system does not let the product listen on port {port} of {host} ({setting}): {reason}',
    http: 500,
    exit: 1,
    retryable: false,
    hint: 'Name an address of this machine (127.0.0.1), and with {setting} a port above 1023.',
  },
  port_taken: {
    message: 'port {port} on {host} is in use ({setting})',
    http: 500,
    exit: 1,
    retryable: false,
    hint: 'Stop the program that holds it, or set {setting} to a free port.',
  },
  rate_limited: {
    message: 'too many requests: {what}',
    http: 429,
    exit: 1,
    retryable: true,
    hint: 'Wait a second and ask again.',
  },
  request_invalid: {
    message: '{reason}',
    http: 400,
    exit: 2,
    retryable: false,
    hint: 'GET /docs shows what the request may hold.',
  },
  sender_refused: {
    message: 'only the page of OP Trading is answered here',
    http: 403,
    exit: 1,
    retryable: false,
    hint: 'Another page or frame asked. Close it; restart the application when this comes back.',
  },
  settings_invalid: {
    message: 'the settings are wrong:\n{faults}',
    http: 500,
    exit: 2,
    retryable: false,
    hint: 'docs/configuration.md lists every setting with its allowed values.',
  },
  settings_refused: {
    message: 'nothing was written: {faults}',
    http: 422,
    exit: 2,
    retryable: false,
    hint: 'The reply names each setting under "faults"; GET /settings says what is allowed and what is fixed.',
  },
  stop_incomplete: {
    message: '{count} parts did not stop cleanly',
    http: 500,
    exit: 1,
    retryable: false,
    hint: 'What was recorded before is safe; what is missing is named above.',
  },
  store_unreadable: {
    message: 'cannot use the database {path}: {reason}',
    http: 500,
    exit: 1,
    retryable: false,
    hint: 'The file was left as it is. Move a day store away and it is rebuilt from the journal; meta.db comes back from a backup.',
  },
  universe_empty: {
    message: 'no contract of {indices} is listed in the instruments dump',
    http: 503,
    exit: 1,
    retryable: true,
    hint: 'Check INDICES and EXPIRY_BUCKETS; the dump is read again by itself.',
  },
  universe_unknown: {
    message: 'the list of instruments has not been read yet',
    http: 503,
    exit: 1,
    retryable: true,
    hint: 'GET /health says what the product waits for.',
  },
  usage: {
    message: '{reason}',
    http: 400,
    exit: 2,
    retryable: false,
    hint: '--help shows what can be said.',
  },
} as const satisfies Record<string, ErrorSpec>

export type ErrorCode = keyof typeof ERRORS
export type ErrorDetails = Readonly<Record<string, string | number | boolean | null>>

/** Fills `{name}` from details; an unknown name stays as it is, so that a mistake is seen. */
function fill(template: string, details: ErrorDetails): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => (name in details ? String(details[name]) : whole))
}

/** The only error class that the product throws on purpose. */
export class OpError extends Error {
  readonly code: ErrorCode
  readonly details: ErrorDetails

  constructor(code: ErrorCode, details: ErrorDetails = {}, options?: { cause?: unknown }) {
    super(fill(ERRORS[code].message, details), options)
    this.name = 'OpError'
    this.code = code
    this.details = details
  }

  get spec(): ErrorSpec {
    return ERRORS[this.code]
  }

  get hint(): string {
    return fill(ERRORS[this.code].hint, this.details)
  }
}

/** Any thrown thing as an OpError: ours as it is, everything else as `internal` with its message and cause. */
export function toOpError(fault: unknown): OpError {
  if (fault instanceof OpError) return fault
  const reason = fault instanceof Error ? fault.message : String(fault)
  return new OpError('internal', { reason }, { cause: fault })
}
