import { readFile } from 'node:fs/promises'
import { gunzipSync } from 'node:zlib'
import { parse } from 'csv-parse/sync'
import type { Right } from '../domain/instrument.ts'
import { OpError } from '../kernel/errors.ts'

/** The text of a file, unpacked when it is gzipped. Throws `file_unreadable`. */
export async function readText(path: string): Promise<string> {
  try {
    const bytes = await readFile(path)
    const gzipped = bytes[0] === 0x1f && bytes[1] === 0x8b
    return (gzipped ? gunzipSync(bytes) : bytes).toString('utf8')
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new OpError('file_unreadable', { path, reason }, { cause })
  }
}

/** Whether nothing is at a path, as against something that cannot be read. */
export function isMissing(fault: unknown): boolean {
  const cause = fault instanceof OpError ? fault.cause : null
  return cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'
}

/** Rows of a CSV text below a header that must begin with `columns`. Throws `file_unreadable`. */
export function readRows(path: string, text: string, columns: readonly string[]): string[][] {
  const unreadable = (reason: string, cause?: unknown) => new OpError('file_unreadable', { path, reason }, { cause })
  let rows: string[][]
  try {
    rows = parse(text, { relax_column_count: false, skip_empty_lines: true })
  } catch (cause) {
    throw unreadable(cause instanceof Error ? cause.message : String(cause), cause)
  }
  const [header, ...body] = rows
  if (header === undefined) throw unreadable('it is empty')
  if (columns.some((column, place) => header[place] !== column)) {
    throw unreadable(`its columns are ${header.join(',')} instead of ${columns.join(',')}`)
  }
  if (body.length === 0) throw unreadable('it has a header and no rows')
  return body
}

/** Reads the fields of one row; every one that is not what it should be ends in `file_unreadable` with its line. */
export function fieldReader(path: string) {
  const wrong = (line: number, column: string, text: string | undefined) =>
    new OpError('file_unreadable', { path, reason: `line ${line}: ${column} is '${text ?? ''}'` })
  return {
    number(line: number, column: string, text: string | undefined): number {
      const value = text === undefined || text.trim() === '' ? Number.NaN : Number(text)
      if (!Number.isFinite(value)) throw wrong(line, column, text)
      return value
    },
    count(line: number, column: string, text: string | undefined): number {
      const value = text === undefined || text.trim() === '' ? Number.NaN : Number(text)
      if (!Number.isSafeInteger(value) || value < 0) throw wrong(line, column, text)
      return value
    },
    right(line: number, column: string, text: string | undefined): Right {
      if (text !== 'CE' && text !== 'PE') throw wrong(line, column, text)
      return text
    },
    instant(line: number, column: string, text: string | undefined): number {
      const epochMs = Date.parse(text ?? '')
      if (Number.isNaN(epochMs)) throw wrong(line, column, text)
      return epochMs
    },
    text(line: number, column: string, text: string | undefined): string {
      if (text === undefined || text === '') throw wrong(line, column, text)
      return text
    },
  }
}
