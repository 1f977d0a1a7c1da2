import { createHash, type Hash } from 'node:crypto'
import { closeSync, createReadStream, createWriteStream, existsSync, fstatSync, openSync, readSync } from 'node:fs'
import { open, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import { OpError } from '../kernel/errors.ts'
import { encryptedPath } from '../ports/file-cipher.ts'
import { bytesOf, type OpenFileReader } from '../ports/file-reader.ts'
import type { FinishedFiles } from '../ports/finished-files.ts'
import { unwritable } from './line-file.ts'

/** A finished file as gzip, beside where the plain one was. Where both are there, the plain one counts. */
export const packedPath = (path: string): string => `${path}.gz`

/** How a finished file lies there: as it is, compressed, or compressed and encrypted. */
export type FileForm = 'plain' | 'packed' | 'encrypted'

/** null when it is not there at all. */
export function formOf(path: string): FileForm | null {
  if (existsSync(path)) return 'plain'
  if (existsSync(packedPath(path))) return 'packed'
  return existsSync(encryptedPath(packedPath(path))) ? 'encrypted' : null
}

/** Whether no plain file is there, but one that `unpackFile` brings back. */
export function isPacked(path: string): boolean {
  const form = formOf(path)
  return form === 'packed' || form === 'encrypted'
}

/** What the compressed file gives, decrypted where it is encrypted. */
export async function packedBytes(path: string, { cipher, openFinished }: FinishedFiles): Promise<Readable> {
  if (formOf(path) !== 'encrypted') return Readable.from(await read(packedPath(path), openFinished))
  if (cipher === null) throw new OpError('file_unreadable', { path, reason: 'it is encrypted' })
  return Readable.from(bytesOf(await cipher.open(packedPath(path))))
}

const TRAILER_BYTES = 4

/** Length of what a compressed file holds (modulo 2^32), as its last bytes say. */
export function packedLength(path: string): number {
  const handle = openSync(packedPath(path), 'r')
  try {
    const size = fstatSync(handle).size
    const trailer = Buffer.alloc(TRAILER_BYTES)
    const read = readSync(handle, trailer, 0, TRAILER_BYTES, Math.max(0, size - TRAILER_BYTES))
    return read === TRAILER_BYTES ? trailer.readUInt32LE() : 0
  } finally {
    closeSync(handle)
  }
}

/** The bytes of a finished file from its beginning: by `open`, or by the file system's own calls. */
async function read(path: string, open: OpenFileReader | undefined): Promise<AsyncIterable<Uint8Array>> {
  return open === undefined ? createReadStream(path) : bytesOf(await open(path))
}

async function* hashed(chunks: AsyncIterable<Uint8Array>, hash: Hash): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    hash.update(chunk)
    yield chunk
  }
}

/**
 * Compresses the file at `path`, sees that the copy on the disk gives every byte back, and removes the plain file.
 * Killed anywhere, one whole file is there. Throws `file_unwritable`.
 */
export async function packFile(
  path: string,
  level: number,
  signal: AbortSignal,
  openFinished?: OpenFileReader,
): Promise<void> {
  await replace(path, packedPath(path), async (temporary) => {
    const before = createHash('sha256')
    const plain = hashed(await read(path, openFinished), before)
    await pipeline(plain, createGzip({ level }), createWriteStream(temporary), { signal })
    const after = createHash('sha256')
    await pipeline(await read(temporary, openFinished), createGunzip(), after, { signal })
    if (before.digest('hex') !== after.digest('hex'))
      throw new OpError('file_unwritable', { path: temporary, reason: 'the compressed copy differs' })
  })
}

/**
 * Brings the plain file back, to be written on, and removes the compressed one. Throws `file_unwritable`, and what the
 * cipher throws.
 */
export async function unpackFile(path: string, files: FinishedFiles): Promise<void> {
  const packed = formOf(path) === 'encrypted' ? encryptedPath(packedPath(path)) : packedPath(path)
  await replace(packed, path, async (temporary) =>
    pipeline(await packedBytes(path, files), createGunzip(), createWriteStream(temporary)),
  )
}

/** Writes a file that has its name only when it is whole and safe. Throws `file_unwritable`. */
export async function replaceWhole(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.tmp`
  try {
    await writeFile(temporary, bytes)
    await syncPath(temporary, 'r+')
    await rename(temporary, path)
    await syncFolder(dirname(path))
  } catch (fault) {
    await rm(temporary, { force: true })
    throw unwritable(path, fault)
  }
}

/** Makes `to` out of `from`, durable under its name before `from` goes. Who has taken `from` away meanwhile wanted neither. */
async function replace(from: string, to: string, make: (temporary: string) => Promise<void>): Promise<void> {
  const temporary = `${to}.tmp`
  try {
    await make(temporary)
    await syncPath(temporary, 'r+')
    await rename(temporary, to)
    await syncFolder(dirname(to))
    await rm(existsSync(from) ? from : to)
    await syncFolder(dirname(to))
  } catch (fault) {
    await rm(temporary, { force: true })
    throw fault instanceof OpError ? fault : unwritable(to, fault)
  }
}

async function syncFolder(folder: string): Promise<void> {
  // Windows opens no folders; NTFS journals names by itself.
  if (process.platform !== 'win32') await syncPath(folder, 'r')
}

async function syncPath(path: string, flags: 'r' | 'r+'): Promise<void> {
  const handle = await open(path, flags)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
