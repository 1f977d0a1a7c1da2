import { readFileSync } from 'node:fs'
import { OpError } from '../kernel/errors.ts'

/** The code of a fault of the file system (`ENOENT`), null for other faults. */
export function faultCode(fault: unknown): string | null {
  return fault instanceof Error && 'code' in fault && typeof fault.code === 'string' ? fault.code : null
}

/** The file's text without a byte order mark; null when there is no file. OpError `file_unreadable` otherwise. */
export function readTextFile(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').replace(/^\uFEFF/, '')
  } catch (fault) {
    const code = faultCode(fault)
    if (code === 'ENOENT' || code === 'ENOTDIR') return null
    throw new OpError('file_unreadable', { path, reason: code ?? 'unknown' }, { cause: fault })
  }
}

/** Where JSON is broken. The parser's own sentence is not used: it quotes the text, which may hold secrets. */
function place(fault: unknown): string {
  const found = fault instanceof Error ? /\(line \d+ column \d+\)/.exec(fault.message) : null
  return found === null ? '' : ` ${found[0]}`
}

/** The file's JSON; undefined when there is no file. OpError `settings_invalid` that names the file when it is broken. */
export function readJsonFile(path: string): unknown {
  const text = readTextFile(path)
  if (text === null) return undefined
  try {
    return JSON.parse(text)
  } catch (fault) {
    throw new OpError('settings_invalid', { faults: `${path}: this is not valid JSON${place(fault)}` })
  }
}
