import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { relative, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { OpError } from '../kernel/errors.ts'
import { encryptedPath, type FileCipher, type FileOpener } from '../ports/file-cipher.ts'
import { bytesOf, type FileReader } from '../ports/file-reader.ts'
import { type FindKey, openEncrypted, writeEncrypted } from './encrypted-file.ts'
import { type FoundKey, type Keyring, keyFault } from './keyring.ts'
import { removeFile, replaceFile } from './replace-file.ts'

export interface FileCipherOptions {
  /** DATA_DIR: a file only opens under the path from there under which it was encrypted. */
  readonly root: string
  /** Whether finished files are to be encrypted. Those that are open either way. */
  readonly enabled: boolean
}

/** Files encrypted with the keyring's key. */
export function createFileCipher(keyring: Keyring, { root, enabled }: FileCipherOptions): FileCipher {
  const openAs = (file: string, path: string) => openEncrypted(file, nameIn(root, path), finder(keyring.find, file))
  return {
    ...createFileOpener(keyring.find, root),
    encrypts: () => enabled && keyring.state().kind === 'ready',
    async encrypt(path, signal) {
      const state = keyring.state()
      if (state.kind !== 'ready') throw keyFault(state, path)
      await replaceFile(encryptedPath(path), async (temporary) => {
        await writeEncrypted({ source: path, target: temporary, key: state.key, name: nameIn(root, path), signal })
        await compare(path, () => openAs(temporary, path), signal)
      })
      await removeFile(path)
    },
  }
}

/** Opens the files below `root` (DATA_DIR) where there is no keyring: in a thread that was given what one found. */
export function createFileOpener(find: () => FoundKey, root: string): FileOpener {
  return {
    open(path) {
      const file = encryptedPath(path)
      return openEncrypted(file, nameIn(root, path), finder(find, file))
    },
  }
}

function nameIn(root: string, path: string): string {
  return relative(root, path).split(sep).join('/')
}

function finder(find: () => FoundKey, file: string): FindKey {
  return (id) => {
    const found = find()
    if (found.key === null) throw new OpError('data_locked', { what: file, reason: found.sentence })
    if (found.key.id === id) return found.key
    const reason = `it was encrypted with key ${id}, and the one ${found.place} is ${found.key.id}`
    throw new OpError('data_locked', { what: file, reason })
  }
}

/** What was written is read from the disk again. */
async function compare(path: string, openCopy: () => Promise<FileReader>, signal: AbortSignal): Promise<void> {
  const before = createHash('sha256')
  await pipeline(createReadStream(path), before, { signal })
  const after = createHash('sha256')
  await pipeline(bytesOf(await openCopy()), after, { signal })
  if (before.digest('hex') !== after.digest('hex'))
    throw new OpError('file_unwritable', { path, reason: 'the encrypted copy differs' })
}
