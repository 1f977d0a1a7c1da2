import { chmodSync, createReadStream, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { rename, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { LEG_COLUMNS, type Leg } from '../domain/leg.ts'
import { OpError } from '../kernel/errors.ts'
import { encryptedPath, type FileCipher, type FileOpener } from '../ports/file-cipher.ts'
import {
  isMissing,
  isSame,
  readArchived,
  type Sum,
  sumOf,
  syncFile,
  syncFolder,
  writeArchived,
} from './archive-bytes.ts'
import {
  type ArchivedFile,
  type ArchiveManifest,
  archivePath,
  closingName,
  MANIFEST,
  parquetName,
  readManifest,
} from './archive-manifest.ts'
import { writeClosingFile } from './closing-file.ts'
import { readSeal } from './day-seal.ts'
import { verifyDay } from './verify-day.ts'

export interface ArchiveDayOptions {
  /** The folder that holds `store/`, `legs/` and `archive/`. */
  readonly root: string
  readonly date: string
  readonly source: string
  readonly product: string
  /** Wall time, epoch milliseconds. */
  readonly now: number
  readonly compress: boolean
  /** gzip, 1 to 9. */
  readonly level: number
}

export interface ArchiveDayDeps {
  readonly digestOf: (legs: readonly Leg[]) => Uint8Array
  /** Writes legs as Parquet and has seen that they can be read back; returns how many. */
  readonly writeParquet: (path: string, legs: Iterable<Leg>) => Promise<number>
  /** Opens text files that are encrypted already; null: none is. */
  readonly cipher: FileOpener | null
}

/**
 * Writes the archive of a sealed day, and sees that it gives everything back. The folder has its name only when it is
 * whole and on the medium, so that a kill leaves the archived form whole or not there. The online files stay.
 *
 * Throws `store_unreadable` for a day that is not as it was written, `file_unwritable`, what the cipher throws, and what
 * the disk says.
 */
export async function archiveDay(deps: ArchiveDayDeps, options: ArchiveDayOptions): Promise<ArchiveManifest> {
  const { root, date, source, product, now } = options
  const target = archivePath(root, date)
  const partial = `${target}.partial`
  rmSync(partial, { recursive: true, force: true })
  try {
    mkdirSync(partial, { recursive: true, mode: 0o700 })
    const store = join(root, onlineStore(date))
    const facts = factsOf(store, deps)
    const files = [
      await archiveClosing(store, partial, date),
      await archiveFile(deps, options, partial, onlineStore(date)),
      await archiveParquet(deps, store, partial, options, facts.legs),
    ]
    for (const text of onlineTexts(root, date)) files.push(await archiveFile(deps, options, partial, text))
    const manifest: ArchiveManifest = { version: 1, date, source, product, archived_at: now, ...facts, files }
    writeFileSync(join(partial, MANIFEST), `${JSON.stringify(manifest, null, 1)}\n`, { mode: 0o600 })
    await syncFile(join(partial, MANIFEST))
    await syncFolder(partial)
    await publish(partial, target, root)
    return manifest
  } catch (fault) {
    rmSync(partial, { recursive: true, force: true })
    throw isDiskFull(fault) ? new OpError('file_unwritable', { path: target, reason: fault.message }) : fault
  }
}

const FULL = ['ENOSPC', 'EDQUOT', 'SQLITE_FULL']

function isDiskFull(fault: unknown): fault is Error {
  return fault instanceof Error && 'code' in fault && FULL.includes(String(fault.code))
}

const onlineStore = (date: string) => `store/${date}.db`

/** A text file, compressed, encrypted or neither; its first group is the plain name. */
const TEXT = /^([\w.-]+\.(?:csv|jsonl))(?:\.gz(?:\.enc)?)?$/

/** CSV and JSONL of a day by the names of the plain files, from the data folder on. */
function onlineTexts(root: string, date: string): string[] {
  const folder = join(root, 'legs', date)
  if (!existsSync(folder)) return []
  const names = readdirSync(folder).flatMap((name) => TEXT.exec(name)?.[1] ?? [])
  return [...new Set(names)].sort().map((name) => `legs/${date}/${name}`)
}

/** The forms in which an online file may be there, the one that counts first. */
function formsOf(from: string): readonly string[] {
  return TEXT.test(basename(from)) ? [from, `${from}.gz`, encryptedPath(`${from}.gz`)] : [from]
}

function factsOf(path: string, { digestOf }: ArchiveDayDeps) {
  const { batches, legs, faults } = verifyDay(path, digestOf)
  if (faults.length > 0) throw new OpError('store_unreadable', { path, reason: faults.join('; ') })
  const database = new Sqlite(path, { readonly: true, fileMustExist: true })
  try {
    const digest = readSeal(database)
    if (digest === null) throw new OpError('store_unreadable', { path, reason: 'it is not sealed' })
    return { batches, legs, digest, schema: Number(database.pragma('user_version', { simple: true })) }
  } finally {
    database.close()
  }
}

async function archiveClosing(store: string, folder: string, date: string): Promise<ArchivedFile> {
  const path = join(folder, closingName(date))
  writeClosingFile(store, path)
  return described(path)
}

/** A file that the archive made of its own, made durable. */
async function described(path: string): Promise<ArchivedFile> {
  await syncFile(path)
  const sum = await sumOf(createReadStream(path))
  return { name: basename(path), from: null, ...sum, plain: sum }
}

async function archiveFile(
  { cipher }: ArchiveDayDeps,
  { root, compress, level }: ArchiveDayOptions,
  folder: string,
  from: string,
): Promise<ArchivedFile> {
  const name = compress ? `${basename(from)}.gz` : basename(from)
  const path = join(folder, name)
  const written = await writeArchived(path, await readOnline(join(root, from), cipher), level)
  const back = await sumOf(await readArchived(path, null))
  if (!isSame(back, written.plain))
    throw new OpError('file_unwritable', { path, reason: 'it does not give back what was written' })
  return { name, from, ...written }
}

/** Another form of a text file is there before one goes, so that it may be compressed or encrypted meanwhile. */
async function readOnline(path: string, cipher: FileOpener | null) {
  try {
    return await readArchived(path, null)
  } catch (fault) {
    if (!isMissing(fault)) throw fault
    return readArchived(`${path}.gz`, cipher)
  }
}

const LEGS = `SELECT ${LEG_COLUMNS.map(({ name }) => `"${name}"`).join(', ')} FROM keyed_legs ORDER BY epoch, seq, row`

async function archiveParquet(
  { writeParquet }: ArchiveDayDeps,
  store: string,
  folder: string,
  { date }: ArchiveDayOptions,
  expected: number,
): Promise<ArchivedFile> {
  const path = join(folder, parquetName(date))
  const rows = await writeParquet(path, legsOf(store))
  if (rows !== expected) throw new OpError('file_unwritable', { path, reason: `it has ${rows} of ${expected} legs` })
  return described(path)
}

/** Legs in the order of the record, one at a time. */
function* legsOf(store: string): Generator<Leg> {
  const database = new Sqlite(store, { readonly: true, fileMustExist: true })
  try {
    yield* database.prepare<[], Leg>(LEGS).iterate()
  } finally {
    database.close()
  }
}

/** An older archive of the day gives way: the online files, which are still there, have changed since. */
async function publish(partial: string, target: string, root: string): Promise<void> {
  rmSync(target, { recursive: true, force: true })
  await rename(partial, target)
  for (let folder = dirname(target); folder.length >= root.length; folder = dirname(folder)) await syncFolder(folder)
}

/**
 * Removes the online files of an archived day, those that are still what was archived. Returns the others: they were
 * written to since. Throws what the cipher throws and what the disk says; calling it again completes it.
 */
export async function removeArchived(
  root: string,
  date: string,
  cipher: FileOpener | null,
): Promise<readonly string[]> {
  const { files } = readManifest(root, date)
  const texts = await removeStill(root, onlineTexts(root, date), files, cipher)
  await removeEmpty(join(root, 'legs', date))
  // Last: as long as it is there, the archiver comes back to what a kill has left.
  const store = await removeStill(root, [onlineStore(date)], files, cipher)
  if (store.length === 0)
    for (const ending of ['-wal', '-shm']) rmSync(join(root, `${onlineStore(date)}${ending}`), { force: true })
  return [...store, ...texts]
}

/** Removes every form of the files that is still what was archived; returns the others. */
async function removeStill(
  root: string,
  online: readonly string[],
  files: readonly ArchivedFile[],
  cipher: FileOpener | null,
): Promise<readonly string[]> {
  const changed: string[] = []
  for (const from of online) {
    const archived = files.find((file) => file.from === from)
    for (const form of formsOf(from)) {
      const path = join(root, form)
      if (!existsSync(path)) continue
      if (archived !== undefined && (await isStill(path, archived.plain, cipher))) removeFile(path)
      else changed.push(form)
    }
  }
  return changed
}

async function isStill(path: string, plain: Sum, cipher: FileOpener | null): Promise<boolean> {
  // A log beside a store holds what the file itself lacks.
  if (((await stat(`${path}-wal`).catch(() => null))?.size ?? 0) > 0) return false
  return isSame(await sumOf(await readArchived(path.replace(/\.enc$/, ''), cipher)), plain)
}

/** Windows removes nothing that is not to be written. */
function removeFile(path: string): void {
  chmodSync(path, 0o600)
  rmSync(path)
}

async function removeEmpty(folder: string): Promise<void> {
  if (existsSync(folder) && readdirSync(folder).length === 0) rmSync(folder, { recursive: true })
}

/**
 * Encrypts what lies plain in the archive of a day; what answers for its close stays as it is, and so does the manifest,
 * which names the files as they were. Killed anywhere, each is whole in one form, and calling it again completes it.
 * Throws what the cipher throws.
 */
export async function encryptArchived(
  cipher: FileCipher,
  root: string,
  date: string,
  signal: AbortSignal,
): Promise<void> {
  for (const { name } of readManifest(root, date).files) {
    const path = join(archivePath(root, date), name)
    if (name !== closingName(date) && existsSync(path)) await cipher.encrypt(path, signal)
  }
}
