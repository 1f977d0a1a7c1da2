import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { OpError } from '../kernel/errors.ts'
import type { FinishedFiles } from '../ports/finished-files.ts'
import { isMissing, isOfDisk, isSame, readArchived, sumOf } from './archive-bytes.ts'
import {
  type ArchivedFile,
  type ArchiveManifest,
  archivePath,
  damaged,
  fileIn,
  isStore,
  parquetName,
  readManifest,
} from './archive-manifest.ts'
import { type LegParts, putLegs } from './leg-rows.ts'
import { type DigestOf, verifyDay } from './verify-day.ts'

export interface UnpackDayDeps extends FinishedFiles {
  readonly digestOf: DigestOf
  /** The legs of an archived Parquet file in the order of the record. Throws what is wrong with it. */
  readonly readParquet: (path: string) => LegParts
}

/** The folder that holds `archive/`, and where the store is to be written; what is there gives way. */
export interface UnpackDayOptions {
  readonly root: string
  readonly date: string
  readonly to: string
}

/**
 * Writes the store of an archived day as it was sealed. A store that was archived without the rows of its legs gets them
 * from the Parquet file, and is held against the digest of every batch and the seal: a minute of work for a large day.
 * What failed leaves nothing. Throws `archive_damaged`, `data_locked` when the key is missing, and what the disk says.
 */
export async function unpackDay(deps: UnpackDayDeps, options: UnpackDayOptions): Promise<void> {
  const { root, date, to } = options
  const manifest = readManifest(root, date)
  try {
    await unpackFile(deps, options, fileIn(manifest, root, isStore), to)
    if (manifest.version > 1) await putBack(deps, options, manifest)
  } catch (fault) {
    await rm(to, { force: true })
    throw fault
  }
}

/** A plain copy of a file of the archive that is what was archived. */
async function unpackFile(
  files: FinishedFiles,
  { root, date }: UnpackDayOptions,
  { name, plain }: ArchivedFile,
  to: string,
): Promise<void> {
  const from = join(archivePath(root, date), name)
  const found = await readSum(from, to, files)
  if (!isSame(found, plain)) throw damaged(from, 'it does not give back what was archived')
}

async function readSum(from: string, to: string, files: FinishedFiles) {
  try {
    return await sumOf(await readArchived(from, files), createWriteStream(to, { mode: 0o600 }))
  } catch (fault) {
    throw isDamage(fault) ? damaged(from, fault) : fault
  }
}

/** What a damaged compressed file gives is an error of zlib's; a key or a disk that is missing is another matter. */
function isDamage(fault: unknown): boolean {
  if (fault instanceof OpError) return fault.code === 'encrypted_file_damaged'
  return isMissing(fault) || (fault instanceof Error && 'code' in fault && String(fault.code).startsWith('Z_'))
}

async function putBack(deps: UnpackDayDeps, options: UnpackDayOptions, manifest: ArchiveManifest): Promise<void> {
  const { root, date, to } = options
  const name = parquetName(date)
  const parquet = `${to}.parquet`
  try {
    await unpackFile(
      deps,
      options,
      fileIn(manifest, root, (file) => file.name === name),
      parquet,
    )
    await putLegs(to, deps.readParquet(parquet)).catch((fault: unknown) => {
      throw isOfDisk(fault) ? fault : damaged(join(archivePath(root, date), name), fault)
    })
  } finally {
    await rm(parquet, { force: true })
  }
  const { digest, faults } = verifyDay(to, deps.digestOf)
  if (digest === manifest.digest) return
  throw damaged(
    archivePath(root, date),
    `it does not give back the day that was sealed: ${faults[0] ?? 'another digest'}`,
  )
}
