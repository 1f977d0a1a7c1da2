import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { Readable, Transform, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import { bytesOf } from '../ports/file-reader.ts'
import type { FinishedFiles } from '../ports/finished-files.ts'

/** Length and sha256 of a stretch of bytes. */
export interface Sum {
  readonly bytes: number
  readonly sha256: string
}

/** A file of the archive, and what it gives back when it is read. */
export interface ArchivedBytes extends Sum {
  readonly plain: Sum
}

/** Counts and hashes what passes. */
function tally(): Transform & { sum(): Sum } {
  const hash = createHash('sha256')
  let bytes = 0
  const through = new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      hash.update(chunk)
      bytes += chunk.length
      done(null, chunk)
    },
  })
  return Object.assign(through, { sum: () => ({ bytes, sha256: hash.digest('hex') }) })
}

const isGzip = (path: string) => path.endsWith('.gz')

/** Writes a file of the archive: a name in `.gz` is compressed at `level`. On the medium when it resolves. */
export async function writeArchived(path: string, plain: Readable, level: number): Promise<ArchivedBytes> {
  const before = tally()
  const after = tally()
  const packing = isGzip(path) ? [createGzip({ level })] : []
  await pipeline([plain, before, ...packing, after, createWriteStream(path, { mode: 0o600 })])
  await syncFile(path)
  return { ...after.sum(), plain: before.sum() }
}

/**
 * What a file of the archive holds, uncompressed, whichever form of it is there: plain or encrypted. Where both are, the
 * plain one counts. Throws what the cipher throws and what the disk says.
 */
export async function readArchived(path: string, files: FinishedFiles): Promise<Readable> {
  const file = await storedBytes(path, files)
  if (!isGzip(path)) return file
  const unpacked = createGunzip()
  pipeline(file, unpacked).catch(() => {
    // It reaches whoever reads `unpacked`.
  })
  return unpacked
}

/** The same as it was written there before it was encrypted. */
export async function storedBytes(path: string, { cipher, openFinished }: FinishedFiles): Promise<Readable> {
  try {
    if (openFinished !== undefined) return Readable.from(bytesOf(await openFinished(path)))
    const file = await open(path)
    return file.createReadStream()
  } catch (fault) {
    if (cipher === null || !isMissing(fault)) throw fault
    return Readable.from(bytesOf(await cipher.open(path)))
  }
}

/** Whether the disk says that there is no such file. */
export function isMissing(fault: unknown): boolean {
  return fault instanceof Error && 'code' in fault && fault.code === 'ENOENT'
}

/** Whether the disk is to blame for a fault, and not what was read. */
export function isOfDisk(fault: unknown): boolean {
  if (!(fault instanceof Error) || !('code' in fault)) return false
  return 'syscall' in fault || /^SQLITE_(FULL|IOERR|CANTOPEN)/.test(String(fault.code))
}

/** Of everything that `from` gives; also written to `to` when that is given. */
export async function sumOf(from: Readable, to?: Writable): Promise<Sum> {
  const passed = tally()
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  await pipeline(from, passed, to ?? nowhere)
  return passed.sum()
}

export function isSame(a: Sum, b: Sum): boolean {
  return a.bytes === b.bytes && a.sha256 === b.sha256
}

export async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r+')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Makes the names in a folder durable. */
export async function syncFolder(path: string): Promise<void> {
  // Windows opens no folders; NTFS journals names by itself.
  if (process.platform === 'win32') return
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
