import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'
import { OpError } from '../../core/kernel/errors.ts'
import type { Secrets, SecretsState } from '../../core/ports/secrets.ts'

/** Of Electron's safeStorage what is used; `getSelectedStorageBackend` exists on Linux only. */
export interface Keychain {
  isEncryptionAvailable(): boolean
  encryptString(text: string): Buffer
  decryptString(encrypted: Buffer): string
  getSelectedStorageBackend?(): string
}

const fileSchema = z.record(z.string(), z.base64())

/**
 * Secrets in one file (mode 600), each encrypted with a key that the system keeps for this user and application. Where
 * there is none, or the key is known to all (`basic_text`), nothing is written here: `state` says so.
 */
export function createSecrets(keychain: Keychain, path: string): Secrets {
  const read = () => {
    try {
      return fileSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
    } catch {
      // No file yet, or one that is damaged: as after a move to another machine the secrets are entered anew.
      return {}
    }
  }
  const write = (texts: Readonly<Record<string, string>>) => {
    try {
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(`${path}.draft`, `${JSON.stringify(texts)}\n`, { mode: 0o600, flush: true })
      renameSync(`${path}.draft`, path)
    } catch (fault) {
      throw new OpError('file_unwritable', { path, reason: String(fault) }, { cause: fault })
    }
  }
  return {
    state: () => stateOf(keychain),
    read(name) {
      const text = read()[name]
      if (text === undefined || stateOf(keychain) !== 'available') return null
      try {
        return keychain.decryptString(Buffer.from(text, 'base64'))
      } catch {
        // Encrypted for another user or machine.
        return null
      }
    },
    write(name, value) {
      const state = stateOf(keychain)
      if (state !== 'available') throw new OpError('file_unwritable', { path, reason: `the keychain is ${state}` })
      write({ ...read(), [name]: keychain.encryptString(value).toString('base64') })
    },
    remove(name) {
      const { [name]: removed, ...others } = read()
      if (removed !== undefined) write(others)
    },
  }
}

function stateOf(keychain: Keychain): SecretsState {
  if (!keychain.isEncryptionAvailable()) return 'unavailable'
  return keychain.getSelectedStorageBackend?.() === 'basic_text' ? 'weak' : 'available'
}
