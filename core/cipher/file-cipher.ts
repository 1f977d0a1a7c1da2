import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { relative, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { OpError } from '../kernel/errors.ts'
import { bytesOf, type DecryptedFile, encryptedPath, type FileCipher } from '../ports/file-cipher.ts'
import { type FindKey, openEncrypted, writeEncrypted } from './encrypted-file.ts'
import { type Keyring, keyFault } from './keyring.ts'
import { removeFile, replaceFile } from './replace-file.ts'

export interface FileCipherOptions {
  /** DATA_DIR: a file only opens under the path from there under which it was encrypted. */
  readonly root: string
  /** Whether finished files are to be encrypted. Those that are open either way. */
  readonly enabled: boolean
}

/** Files encrypted with the keyring's key. */
export function createFileCipher(keyring: Keyring, { root, enabled }: FileCipherOptions): FileCipher {
  const nameOf = (path: string) => relative(root, path).split(sep).join('/')
  const openAs = (file: string, path: string) => openEncrypted(file, nameOf(path), finder(keyring, file))
  return {
    encrypts: () => enabled && keyring.state().kind === 'ready',
    open: (path) => openAs(encryptedPath(path), path),
    async encrypt(path, signal) {
      const state = keyring.state()
      if (state.kind !== 'ready') throw keyFault(state, path)
      await replaceFile(encryptedPath(path), async (temporary) => {
        await writeEncrypted({ source: path, target: temporary, key: state.key, name: nameOf(path), signal })
        await compare(path, () => openAs(temporary, path), signal)
      })
      await removeFile(path)
    },
  }
}

function finder(keyring: Keyring, file: string): FindKey {
  return (id) => {
    const found = keyring.find()
    if (found.key === null) throw new OpError('data_locked', { what: file, reason: found.sentence })
    if (found.key.id === id) return found.key
    const reason = `it was encrypted with key ${id}, and the one ${found.place} is ${found.key.id}`
    throw new OpError('data_locked', { what: file, reason })
  }
}

/** What was written is read from the disk again. */
async function compare(path: string, openCopy: () => Promise<DecryptedFile>, signal: AbortSignal): Promise<void> {
  const before = createHash('sha256')
  await pipeline(createReadStream(path), before, { signal })
  const after = createHash('sha256')
  await pipeline(bytesOf(await openCopy()), after, { signal })
  if (before.digest('hex') !== after.digest('hex'))
    throw new OpError('file_unwritable', { path, reason: 'the encrypted copy differs' })
}
