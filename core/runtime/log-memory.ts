import type { z } from 'zod'
import { LOG_LEVEL_NAMES, type LogReport, type logQuerySchema } from '../contract/operations.ts'
import { formatIst } from '../domain/ist.ts'
import type { TappedLine } from '../platform/pino-logger.ts'

/** The newest lines of this run's log. */
export interface LogMemory {
  add(line: TappedLine): void
  /** The newest lines that fit the query, oldest first. */
  read(query: LogQuery): LogReport
  /** Keeps a quarter of the lines. */
  spare(sparing: boolean): void
}

type LogQuery = z.infer<typeof logQuerySchema>
type LogLine = LogReport['lines'][number]

const KEPT_LINES = 2_000
/** So much less is kept while memory is short. */
const SPARING = 4
/** Of a longer text the beginning is kept: a line with a whole reply in it would push out many others. */
const KEPT_CHARACTERS = 4_000

export function createLogMemory(keptLines = KEPT_LINES): LogMemory {
  let most = keptLines
  const lines: LogLine[] = []
  let last = 0
  return {
    add(line) {
      last += 1
      lines.push(lineOf(last, line))
      if (lines.length > most) lines.shift()
    },
    spare(sparing) {
      most = sparing ? Math.ceil(keptLines / SPARING) : keptLines
      lines.splice(0, lines.length - most)
    },
    read({ after = 0, level, text, limit }) {
      const least = LOG_LEVEL_NAMES.indexOf(level)
      const wanted = text.trim().toLowerCase()
      const fits = (line: LogLine) =>
        line.id > after && LOG_LEVEL_NAMES.indexOf(line.level) >= least && (wanted === '' || says(line, wanted))
      return { lines: lines.filter(fits).slice(-limit), dropped: last - lines.length }
    },
  }
}

function lineOf(id: number, { at, level, message, fields }: TappedLine): LogLine {
  const { service = '', ...rest } = fields
  return {
    id,
    timestamp: formatIst(at),
    level: LOG_LEVEL_NAMES.find((name) => name === level.toUpperCase()) ?? 'INFO',
    service,
    message: shortened(message),
    fields: Object.fromEntries(Object.entries(rest).map(([name, text]) => [name, shortened(text)])),
  }
}

function shortened(text: string): string {
  return text.length <= KEPT_CHARACTERS ? text : `${text.slice(0, KEPT_CHARACTERS)} …`
}

function says({ service, message, fields }: LogLine, wanted: string): boolean {
  const texts = [service, message, ...Object.entries(fields).flat()]
  return texts.some((text) => text.toLowerCase().includes(wanted))
}
