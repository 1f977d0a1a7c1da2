import { chmodSync, createReadStream, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { rename, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import Sqlite from 'better-sqlite3'
import { LEG_COLUMNS, type Leg, type PlacedLeg } from '../domain/leg.ts'
import { OpError } from '../kernel/errors.ts'
import { encryptedPath, type FileCipher, type FileOpener } from '../ports/file-cipher.ts'
import type { FinishedFiles } from '../ports/finished-files.ts'
import {
  isMissing,
  isOfDisk,
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
  manifestText,
  onlineSum,
  parquetName,
  readManifest,
} from './archive-manifest.ts'
import { writeClosingFile } from './closing-file.ts'
import { digestSteps, readSeal } from './day-seal.ts'
import { differenceOfLegs, LEG_ROWS, type LegParts, writeWithoutLegs } from './leg-rows.ts'
import { openReadOnly } from './sqlite.ts'
import { stepThrough, verifyDay } from './verify-day.ts'

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

export interface ArchiveDayDeps extends FinishedFiles {
  readonly digestOf: (legs: readonly Leg[]) => Uint8Array
  /** Writes legs as Parquet; `exact`: numbers with all digits, whatever the record is to have. */
  readonly writeParquet: (path: string, legs: Iterable<PlacedLeg>, exact: boolean) => Promise<unknown>
  /** Gives them back, in the order of the record. */
  readonly readParquet: (path: string) => LegParts
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
      await archiveStore(options, partial),
      await archiveParquet(deps, store, partial, date),
    ]
    for (const text of onlineTexts(root, date)) files.push(await archiveFile(deps, options, partial, text))
    const manifest: ArchiveManifest = { version: 2, date, source, product, archived_at: now, ...facts, files }
    writeFileSync(join(partial, MANIFEST), manifestText(manifest), { mode: 0o600 })
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
  files: FinishedFiles,
  options: ArchiveDayOptions,
  folder: string,
  from: string,
): Promise<ArchivedFile> {
  return { from, ...(await pack(options, folder, basename(from), await readOnline(join(options.root, from), files))) }
}

const PLAIN: FinishedFiles = { cipher: null }

/** Compressed where that is asked for; read back. */
async function pack({ compress, level }: ArchiveDayOptions, folder: string, plainName: string, bytes: Readable) {
  const name = compress ? `${plainName}.gz` : plainName
  const path = join(folder, name)
  const written = await writeArchived(path, bytes, level)
  const back = await sumOf(await readArchived(path, PLAIN))
  if (!isSame(back, written.plain))
    throw new OpError('file_unwritable', { path, reason: 'it does not give back what was written' })
  return { name, ...written }
}

/** The store without the rows of its legs, which stand in the Parquet file. */
async function archiveStore(options: ArchiveDayOptions, folder: string): Promise<ArchivedFile> {
  const { root, date } = options
  const from = onlineStore(date)
  const store = join(root, from)
  const bare = join(folder, 'without-legs.db')
  writeWithoutLegs(store, bare)
  if (digestOfOthers(bare) !== digestOfOthers(store))
    throw new OpError('file_unwritable', { path: bare, reason: 'it is not the store that it was made of' })
  const packed = await pack(options, folder, basename(from), createReadStream(bare))
  rmSync(bare)
  return { from, ...packed, online: await sumOf(createReadStream(store)) }
}

/** Of all tables but that of the legs. */
function digestOfOthers(path: string): string {
  const database = openReadOnly(path)
  try {
    return stepThrough(digestSteps(database, new Set([LEG_ROWS])))
  } finally {
    database.close()
  }
}

/** Another form of a text file is there before one goes, so that it may be compressed or encrypted meanwhile. */
async function readOnline(path: string, { cipher, openFinished }: FinishedFiles) {
  try {
    return await readArchived(path, { cipher: null, openFinished })
  } catch (fault) {
    if (!isMissing(fault)) throw fault
    return readArchived(`${path}.gz`, { cipher, openFinished })
  }
}

const LEGS = `SELECT row, ${LEG_COLUMNS.map(({ name }) => `"${name}"`).join(', ')}
  FROM keyed_legs ORDER BY epoch, seq, row`

/**
 * What is left of the legs once the online files are gone, so every row that the store has must come back from it. A day
 * with more digits than the record is to have keeps them: its numbers are doubles.
 */
async function archiveParquet(
  { writeParquet, readParquet }: ArchiveDayDeps,
  store: string,
  folder: string,
  date: string,
): Promise<ArchivedFile> {
  const path = join(folder, parquetName(date))
  let difference: string | null = null
  for (const exact of [false, true]) {
    await writeParquet(path, legsOf(store), exact)
    difference = await differenceOfLegs(store, readParquet(path)).catch(sentenceOf)
    if (difference === null) return described(path)
  }
  throw new OpError('file_unwritable', { path, reason: `it does not give back what was written: ${difference}` })
}

/** What cannot be read is different, too; throws what the disk is to blame for. */
function sentenceOf(fault: unknown): string {
  if (isOfDisk(fault)) throw fault
  return fault instanceof Error ? fault.message : String(fault)
}

/** Legs in the order of the record, one at a time. */
function* legsOf(store: string): Generator<PlacedLeg> {
  const database = new Sqlite(store, { readonly: true, fileMustExist: true })
  try {
    yield* database.prepare<[], PlacedLeg>(LEGS).iterate()
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
      if (archived !== undefined && (await isStill(path, onlineSum(archived), cipher))) removeFile(path)
      else changed.push(form)
    }
  }
  return changed
}

async function isStill(path: string, plain: Sum, cipher: FileOpener | null): Promise<boolean> {
  // A log beside a store holds what the file itself lacks.
  if (((await stat(`${path}-wal`).catch(() => null))?.size ?? 0) > 0) return false
  return isSame(await sumOf(await readArchived(path.replace(/\.enc$/, ''), { cipher })), plain)
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
