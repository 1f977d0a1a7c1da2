import { createFileCipher } from '../cipher/file-cipher.ts'
import type { Keyring } from '../cipher/keyring.ts'
import { type MasterKey, makeMasterKey, masterKeyOf } from '../cipher/master-key.ts'
import type { FileCipher } from '../ports/file-cipher.ts'

/** A key that a test takes away and puts back. */
export interface MemoryKey {
  key: MasterKey | null
}

export function newMemoryKey(): MemoryKey & { key: MasterKey } {
  return { key: makeMasterKey() }
}

/** The same in every process. */
export function knownMemoryKey(): MemoryKey {
  return { key: masterKeyOf(Buffer.alloc(32, 9)) }
}

/** A keyring without files: none of it costs a derivation. */
function memoryKeyring(held: MemoryKey): Keyring {
  const nothing = async () => {}
  const sentence = 'it was taken away'
  return {
    state: () =>
      held.key === null ? { kind: 'locked', sentence } : { kind: 'ready', key: held.key, place: 'in this test' },
    find: () =>
      held.key === null ? { key: null, isAbsent: true, sentence } : { key: held.key, place: 'in this test' },
    setUp: nothing,
    recover: nothing,
    changePassphrase: nothing,
  }
}

/** The product's cipher with a key of its own, for the files below `root`. */
export function memoryCipher(root: string, enabled = true, held: MemoryKey = newMemoryKey()): FileCipher {
  return createFileCipher(memoryKeyring(held), { root, enabled })
}
