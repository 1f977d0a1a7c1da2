import { hostname } from 'node:os'
import { Writable } from 'node:stream'
import { type DestinationStream, type Logger as PinoLogger, pino } from 'pino'
import pretty from 'pino-pretty'
import type { LogFields, Logger } from '../kernel/logger.ts'

export interface LogOptions {
  readonly level: keyof typeof LEVELS
  /** `json`: one object a line with the contract's fields; `pretty`: for people. */
  readonly format: 'json' | 'pretty'
  readonly includeHostname: boolean
  readonly includePid: boolean
  /** false: the message alone, without fields. */
  readonly structured: boolean
  /** Fields that are left out. */
  readonly omit: ReadonlySet<string>
  /** Which part of the product speaks. */
  readonly service: string
  /** Values that must never appear in a line: each is replaced by `(hidden)`. May grow while the logger is in use. */
  readonly secrets: ReadonlySet<string>
  /** Takes whole lines. */
  readonly write: (line: string) => void
  /** Gets every line that is written as its parts, secrets hidden. */
  readonly tap?: (line: TappedLine) => void
}

export interface TappedLine {
  /** Wall time, epoch milliseconds. */
  readonly at: number
  readonly level: keyof typeof LEVELS
  readonly message: string
  /** As text; `service` among them. */
  readonly fields: Readonly<Record<string, string>>
}

const LEVELS = { debug: 20, info: 30, warning: 40, error: 50, critical: 60 } as const

/** Anything shorter is part of ordinary words: hiding it would spoil every line and protect nothing. */
const SHORTEST_SECRET = 6

export interface LevelledLogger extends Logger {
  /** From now on the least that is written, by this logger and its children. */
  setLevel(level: keyof typeof LEVELS): void
}

/** The contract's log lines (CONTRACT.md section 2) by pino. An Error in the field `error` becomes its message. */
export function createPinoLogger(options: LogOptions): LevelledLogger {
  const hide = createHiding(options.secrets)
  const write = (line: string) => options.write(hide(line))
  const logger = pino(
    {
      base: {
        ...(options.includeHostname ? { hostname: hostname() } : {}),
        ...(options.includePid ? { pid: process.pid } : {}),
      },
      level: options.level,
      customLevels: LEVELS,
      useOnlyCustomLevels: true,
      messageKey: 'message',
      timestamp: () => `,"timestamp":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label.toUpperCase() }) },
    },
    options.format === 'pretty' ? prettyLines(write) : { write },
  )
  const setLevel = (level: keyof typeof LEVELS) => {
    logger.level = level
  }
  return { ...wrap({ logger, options, hide }, { service: options.service }), setLevel }
}

function prettyLines(write: (line: string) => void): DestinationStream {
  const destination = new Writable({
    write(chunk, _encoding, done) {
      write(String(chunk))
      done()
    },
  })
  const customLevels = Object.entries(LEVELS).map(([name, value]) => `${name}:${value}`)
  return pretty({
    destination,
    sync: true,
    singleLine: true,
    colorize: process.stdout.isTTY === true,
    ignore: 'pid,hostname,service',
    timestampKey: 'timestamp',
    translateTime: 'SYS:HH:MM:ss',
    messageKey: 'message',
    customLevels: customLevels.join(','),
  })
}

/** A secret as it is, as JSON writes it, and as an address does; the longest first, so that none is cut in two. */
function spellings(secret: string): readonly string[] {
  if (secret.length < SHORTEST_SECRET) return []
  const all = new Set([secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)])
  return [...all].sort((a, b) => b.length - a.length)
}

function createHiding(secrets: ReadonlySet<string>): (line: string) => string {
  let known = 0
  let hidden: readonly string[] = []
  return (line) => {
    if (secrets.size !== known) hidden = [...secrets].flatMap(spellings)
    known = secrets.size
    return hidden.reduce((text, secret) => text.replaceAll(secret, '(hidden)'), line)
  }
}

type PinoLines = PinoLogger<keyof typeof LEVELS, true>

interface Writing {
  readonly logger: PinoLines
  readonly options: LogOptions
  readonly hide: (line: string) => string
}

/** Fields are merged here and not by pino's children, which would write a field twice when a child replaces it. */
function wrap(writing: Writing, fields: LogFields): Logger {
  const { logger, options } = writing
  const at = (level: keyof typeof LEVELS) => (message: string, more?: LogFields) => {
    if (!logger.isLevelEnabled(level)) return
    const all = written({ ...fields, ...more }, options)
    logger[level](all, message)
    options.tap?.(tapped(level, message, all, writing.hide))
  }
  return {
    debug: at('debug'),
    info: at('info'),
    warning: at('warning'),
    error: at('error'),
    critical: at('critical'),
    child: (more) => wrap(writing, { ...fields, ...more }),
  }
}

function tapped(
  level: keyof typeof LEVELS,
  message: string,
  fields: Readonly<Record<string, unknown>>,
  hide: Writing['hide'],
): TappedLine {
  const texts = Object.entries(fields).flatMap(([name, value]) => {
    const text = textOf(value)
    return text === null ? [] : [[name, hide(text)] as const]
  })
  return { at: Date.now(), level, message: hide(message), fields: Object.fromEntries(texts) }
}

/** null for what is not there. */
function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value
  try {
    return JSON.stringify(value) ?? null
  } catch {
    // A circle or a bigint: a line is written all the same.
    return String(value)
  }
}

/** The fields as they are written: those that are wanted, an Error as its message. */
function written(fields: LogFields, { structured, omit }: LogOptions): Record<string, unknown> {
  const wanted = Object.entries(fields).filter(([name]) => !omit.has(name) && (structured || name === 'service'))
  return Object.fromEntries(wanted.map(([name, value]) => [name, value instanceof Error ? value.message : value]))
}
