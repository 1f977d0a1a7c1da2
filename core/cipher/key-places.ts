import { mkdirSync, readFileSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { OpError } from '../kernel/errors.ts'
import type { Secrets } from '../ports/secrets.ts'
import { writePrivateText } from './replace-file.ts'

/** Somewhere a key is kept. */
export interface KeyPlace {
  /** As the end of a sentence: `in the file …`. */
  readonly where: string
  /** null when there is none. Throws OpError when it cannot be read, or others may read it too. */
  read(): string | null
  write(text: string): Promise<void>
}

const OTHERS = 0o077

/** A file of mode 600; one that others may read is refused, not used. */
export function keyFile(path: string): KeyPlace {
  return {
    where: `in the file ${path}`,
    read() {
      const mode = ifPresent(path, () => statSync(path).mode & 0o777)
      if (mode === null) return null
      // Windows knows no such modes; the folder's permissions count there.
      if (process.platform !== 'win32' && (mode & OTHERS) !== 0)
        throw new OpError('file_unreadable', { path, reason: `others may read it too; run chmod 600 ${path}` })
      return ifPresent(path, () => readFileSync(path, 'utf8'))
    },
    async write(text) {
      mkdirSync(dirname(path), { recursive: true })
      await writePrivateText(path, `${text}\n`)
    },
  }
}

function ifPresent<T>(path: string, read: () => T): T | null {
  try {
    return read()
  } catch (fault) {
    const code = fault instanceof Error && 'code' in fault ? String(fault.code) : 'unknown'
    if (code === 'ENOENT' || code === 'ENOTDIR') return null
    throw new OpError('file_unreadable', { path, reason: code }, { cause: fault })
  }
}

const NAME = 'DATA_ENCRYPTION_KEY'

/** The system's keychain. */
export function keychainPlace(secrets: Secrets): KeyPlace {
  return {
    where: 'in the keychain of this system',
    read: () => secrets.read(NAME),
    write: async (text) => secrets.write(NAME, text),
  }
}
