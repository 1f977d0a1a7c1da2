import { createHash, type Hash } from 'node:crypto'
import { closeSync, createReadStream, createWriteStream, existsSync, fstatSync, openSync, readSync } from 'node:fs'
import { open, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import { OpError } from '../kernel/errors.ts'
import type { OpenFileReader } from '../ports/file-reader.ts'
import { unwritable } from './line-file.ts'

/** A finished file as gzip, beside where the plain one was. Where both are there, the plain one counts. */
export const packedPath = (path: string): string => `${path}.gz`

/** Whether only the compressed file is there. */
export function isPacked(path: string): boolean {
  return !existsSync(path) && existsSync(packedPath(path))
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

const CHUNK_BYTES = 1024 * 1024

/** The bytes of a finished file from its beginning: by `open`, or by the file system's own calls. */
function bytesOf(path: string, open: OpenFileReader | undefined): AsyncIterable<Uint8Array> {
  return open === undefined ? createReadStream(path) : chunksOf(path, open)
}

async function* chunksOf(path: string, open: OpenFileReader): AsyncGenerator<Uint8Array> {
  const file = await open(path)
  try {
    for (let at = 0; at < file.size; at += CHUNK_BYTES) yield await file.read(at, CHUNK_BYTES)
  } finally {
    await file.close()
  }
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
    const plain = hashed(bytesOf(path, openFinished), before)
    await pipeline(plain, createGzip({ level }), createWriteStream(temporary), { signal })
    const after = createHash('sha256')
    await pipeline(bytesOf(temporary, openFinished), createGunzip(), after, { signal })
    if (before.digest('hex') !== after.digest('hex'))
      throw new OpError('file_unwritable', { path: temporary, reason: 'the compressed copy differs' })
  })
}

/** Brings the plain file back, to be written on, and removes the compressed one. Throws `file_unwritable`. */
export async function unpackFile(path: string, openFinished?: OpenFileReader): Promise<void> {
  await replace(packedPath(path), path, (temporary) =>
    pipeline(bytesOf(packedPath(path), openFinished), createGunzip(), createWriteStream(temporary)),
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

/** Makes `to` out of `from`, durable under its name before `from` goes. */
async function replace(from: string, to: string, make: (temporary: string) => Promise<void>): Promise<void> {
  const temporary = `${to}.tmp`
  try {
    await make(temporary)
    await syncPath(temporary, 'r+')
    await rename(temporary, to)
    await syncFolder(dirname(to))
    await rm(from)
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
