import { chmodSync, createReadStream, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { rename, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { LEG_COLUMNS, type Leg } from '../domain/leg.ts'
import { OpError } from '../kernel/errors.ts'
import { isSame, readArchived, type Sum, sumOf, syncFile, syncFolder, writeArchived } from './archive-bytes.ts'
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
}

/**
 * Writes the archive of a sealed day, and sees that it gives everything back. The folder has its name only when it is
 * whole and on the medium, so that a kill leaves the archived form whole or not there. The online files stay.
 *
 * Throws `store_unreadable` for a day that is not as it was written, `file_unwritable`, and what the disk says.
 */
export async function archiveDay(deps: ArchiveDayDeps, options: ArchiveDayOptions): Promise<ArchiveManifest> {
  const { root, date, source, product, now } = options
  const target = archivePath(root, date)
  const partial = `${target}.partial`
  rmSync(partial, { recursive: true, force: true })
  mkdirSync(partial, { recursive: true, mode: 0o700 })
  try {
    const store = join(root, onlineStore(date))
    const facts = factsOf(store, deps)
    const files = [
      await archiveClosing(store, partial, date),
      await archiveFile(options, partial, onlineStore(date)),
      await archiveParquet(deps, store, partial, options, facts.legs),
    ]
    for (const text of onlineTexts(root, date)) files.push(await archiveFile(options, partial, text))
    const manifest: ArchiveManifest = { version: 1, date, source, product, archived_at: now, ...facts, files }
    writeFileSync(join(partial, MANIFEST), `${JSON.stringify(manifest, null, 1)}\n`, { mode: 0o600 })
    await syncFile(join(partial, MANIFEST))
    await syncFolder(partial)
    await publish(partial, target, root)
    return manifest
  } catch (fault) {
    rmSync(partial, { recursive: true, force: true })
    throw fault
  }
}

const onlineStore = (date: string) => `store/${date}.db`

/** CSV and JSONL of a day, plain or compressed, from the data folder on. Of two forms of one file the plain one counts. */
function onlineTexts(root: string, date: string): string[] {
  const folder = join(root, 'legs', date)
  if (!existsSync(folder)) return []
  const names = readdirSync(folder).filter((name) => /^[\w.-]+\.(csv|jsonl)(\.gz)?$/.test(name))
  const wanted = names.filter((name) => !name.endsWith('.gz') || !names.includes(name.slice(0, -'.gz'.length)))
  return wanted.sort().map((name) => `legs/${date}/${name}`)
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
  { root, compress, level }: ArchiveDayOptions,
  folder: string,
  from: string,
): Promise<ArchivedFile> {
  const plainName = basename(from).replace(/\.gz$/, '')
  const name = compress ? `${plainName}.gz` : plainName
  const path = join(folder, name)
  const written = await writeArchived(path, readArchived(join(root, from)), level)
  const back = await sumOf(readArchived(path))
  if (!isSame(back, written.plain))
    throw new OpError('file_unwritable', { path, reason: 'it does not give back what was written' })
  return { name, from: from.replace(/\.gz$/, ''), ...written }
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
 * written to since. Throws what the disk says; calling it again completes it.
 */
export async function removeArchived(root: string, date: string): Promise<readonly string[]> {
  const { files } = readManifest(root, date)
  const changed: string[] = []
  const online = [onlineStore(date), ...onlineTexts(root, date), ...onlineTexts(root, date).map((path) => `${path}.gz`)]
  for (const from of online.filter((path) => existsSync(join(root, path)))) {
    const archived = files.find((file) => file.from === from.replace(/\.gz$/, ''))
    const path = join(root, from)
    if (archived !== undefined && (await isStill(path, archived.plain))) removeFile(path)
    else changed.push(from)
  }
  if (!changed.includes(onlineStore(date)))
    for (const ending of ['-wal', '-shm']) rmSync(join(root, `${onlineStore(date)}${ending}`), { force: true })
  await removeEmpty(join(root, 'legs', date))
  return changed
}

async function isStill(path: string, plain: Sum): Promise<boolean> {
  // A log beside a store holds what the file itself lacks.
  if (((await stat(`${path}-wal`).catch(() => null))?.size ?? 0) > 0) return false
  return isSame(await sumOf(readArchived(path)), plain)
}

/** Windows removes nothing that is not to be written. */
function removeFile(path: string): void {
  chmodSync(path, 0o600)
  rmSync(path)
}

async function removeEmpty(folder: string): Promise<void> {
  if (existsSync(folder) && readdirSync(folder).length === 0) rmSync(folder, { recursive: true })
}
