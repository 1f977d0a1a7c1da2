import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createFileCipher } from '../cipher/file-cipher.ts'
import { keychainPlace, keyFile } from '../cipher/key-places.ts'
import { createKeyring, type Keyring, type KeyState } from '../cipher/keyring.ts'
import type { Settings } from '../contract/settings.ts'
import { ERRORS } from '../kernel/error-table.ts'
import { OpError } from '../kernel/errors.ts'
import type { ComponentStatus } from '../kernel/lifecycle.ts'
import { encryptedPath, type FileCipher } from '../ports/file-cipher.ts'
import { bytesOf } from '../ports/file-reader.ts'
import type { Secrets } from '../ports/secrets.ts'

export interface Encryption {
  readonly cipher: FileCipher
  readonly keyring: Keyring
  /** Where a key that is not in the keychain lies. */
  readonly keyFile: string
  readonly recoveryFile: string
  /** Whether something is encrypted, or is to be. */
  isInUse(): boolean
  /** For `/health`. */
  status(wallNow: number): ComponentStatus
}

/** Encryption of a data folder's finished files; with `secrets` the key lies in the system's keychain where it has one. */
export function createEncryption(
  settings: Pick<Settings, 'DATA_DIR' | 'ENABLE_DATA_ENCRYPTION_AT_REST' | 'DATA_ENCRYPTION_KEY_FILE'>,
  secrets?: Secrets,
): Encryption {
  const root = settings.DATA_DIR
  const enabled = settings.ENABLE_DATA_ENCRYPTION_AT_REST
  // Beside the folder, not in it: whoever copies the folder does not copy the key.
  const path = settings.DATA_ENCRYPTION_KEY_FILE ?? `${root}.key`
  const recoveryFile = join(root, 'recovery-key.json')
  const places =
    secrets?.state() === 'available' ? ([keychainPlace(secrets), keyFile(path)] as const) : ([keyFile(path)] as const)
  const keyring = createKeyring({ places, recoveryFile, monotonicMs: () => performance.now() })
  let last: ComponentStatus | null = null
  return {
    cipher: createFileCipher(keyring, { root, enabled }),
    keyring,
    keyFile: path,
    recoveryFile,
    isInUse: () => enabled || keyring.state().kind !== 'not_set_up',
    status(wallNow) {
      const next = statusOf(keyring.state(), enabled)
      if (last === null || last.issue !== next.issue || last.detail !== next.detail) last = { ...next, since: wallNow }
      return last
    },
  }
}

/** Writes what went into an encrypted file to `out`, which has its name only when it is whole. */
export async function decryptFile({ cipher }: Encryption, file: string, out: string): Promise<void> {
  const path = resolve(file).replace(/\.enc$/, '')
  if (encryptedPath(path) !== resolve(file)) throw new OpError('usage', { reason: `${file} does not end in .enc` })
  const partial = `${out}.partial`
  try {
    const opened = await cipher.open(path)
    await pipeline(bytesOf(opened), createWriteStream(partial, { flush: true }))
    await rename(partial, out)
  } catch (fault) {
    await rm(partial, { force: true })
    if (fault instanceof OpError) throw fault
    const reason = fault instanceof Error ? fault.message : String(fault)
    throw new OpError('file_unreadable', { path: file, reason }, { cause: fault })
  }
}

const WELL = { state: 'running', issue: null, detail: null } as const

/** Where nothing is to be encrypted, only a key that is missing for what was encrypted before matters. */
function statusOf(state: KeyState, enabled: boolean): Omit<ComponentStatus, 'since'> {
  switch (state.kind) {
    case 'ready':
      return WELL
    case 'locked': {
      const what = enabled ? 'Encrypted files cannot be read, and none is encrypted' : 'Encrypted files cannot be read'
      return {
        state: 'degraded',
        issue: 'data_locked',
        detail: `${what}: ${state.sentence}. ${ERRORS.data_locked.hint}`,
      }
    }
    case 'not_set_up':
    case 'unrecoverable': {
      if (!enabled) return WELL
      const detail = `No file is encrypted: ${state.sentence}. ${ERRORS.encryption_not_set_up.hint}`
      return { state: 'degraded', issue: 'encryption_not_set_up', detail }
    }
  }
}
