import { createHash } from 'node:crypto'
import { createWriteStream, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { OpError } from '../kernel/errors.ts'
import type { FileOpener } from '../ports/file-cipher.ts'
import { isMissing, isSame, readArchived, sumOf } from './archive-bytes.ts'
import {
  type ArchivedFile,
  archivePath,
  closingName,
  damaged,
  isStore,
  MANIFEST,
  readManifest,
} from './archive-manifest.ts'

/** Days that lie in the archive, and their stores: unpacked on demand, a few at a time. */
export interface DayArchive {
  /** Ascending. */
  days(): readonly string[]
  has(date: string): boolean
  /** The archiver has written a day; a day that was unpacked from an older archive is forgotten. */
  add(date: string): void
  /** The day is no longer kept. */
  remove(date: string): void
  /** A small database of what stood at the day's close. Throws `archive_damaged`. */
  closing(date: string): string
  /** The unpacked store; null until `unpack` has brought it. */
  whole(date: string): string | null
  /**
   * Unpacks the store of an archived day and holds it against its manifest. Throws `archive_damaged`, `data_locked` when
   * the key is missing, and what the disk says.
   */
  unpack(date: string): Promise<void>
  /** Called before an unpacked store goes. */
  onRemove(listener: (date: string) => void): void
  /** Removes what earlier processes left unpacked. */
  clean(): void
  /** Removes what was unpacked. */
  close(): void
}

export interface DayArchiveOptions {
  /** The folder that holds `archive/`. */
  readonly root: string
  /** What unpacked stores may take together; the newest stays whatever its size (default 4 GiB). */
  readonly maxBytes?: number
  /** Opens what is encrypted; null (default): nothing is. */
  readonly cipher?: FileOpener | null
}

const GIB = 1024 ** 3

/** Reads `archive/`. What is unpacked lies in `cache/<pid>`, for this process alone. */
export function createDayArchive({ root, maxBytes = 4 * GIB, cipher = null }: DayArchiveOptions): DayArchive {
  let known: Set<string> | null = null
  const sound = new Set<string>()
  const listeners: ((date: string) => void)[] = []
  const beforeRemoval = (date: string) => {
    for (const listener of listeners) listener(date)
  }
  const cache = createUnpacked({ folder: join(root, 'cache'), maxBytes, cipher, beforeRemoval })
  const dates = () => {
    known ??= new Set(listArchived(root))
    return known
  }
  const closing = (date: string) => {
    const path = join(archivePath(root, date), closingName(date))
    if (sound.has(date)) return path
    const expected = fileOf(root, date, ({ name }) => name === closingName(date))
    const found = createHash('sha256').update(readOrDamaged(path)).digest('hex')
    if (found !== expected.sha256) throw damaged(path, 'it is not what was written')
    sound.add(date)
    return path
  }
  const forget = (date: string) => {
    sound.delete(date)
    cache.remove(date)
  }
  return {
    days: () => [...dates()].sort(),
    has: (date) => dates().has(date),
    add(date) {
      forget(date)
      dates().add(date)
    },
    remove(date) {
      dates().delete(date)
      forget(date)
    },
    closing,
    whole: cache.path,
    unpack: (date) => cache.add(date, () => fileOf(root, date, isStore), archivePath(root, date)),
    onRemove(listener) {
      listeners.push(listener)
    },
    clean: cache.clean,
    close: cache.close,
  }
}

const PARTS = [/^\d{4}$/, /^\d{2}$/, /^\d{4}-\d{2}-\d{2}$/]

/** Days in `archive/YYYY/MM` that have a manifest. Throws what the disk says; no archive at all is none. */
export function listArchived(root: string): string[] {
  let folders = [join(root, 'archive')]
  if (!existsSync(join(root, 'archive'))) return []
  for (const part of PARTS)
    folders = folders.flatMap((folder) => {
      const names = readdirSync(folder).filter((name) => part.test(name))
      return names.map((name) => join(folder, name))
    })
  return folders
    .filter((folder) => existsSync(join(folder, MANIFEST)))
    .map((folder) => folder.slice(-'2026-11-23'.length))
    .sort()
}

function fileOf(root: string, date: string, is: (file: ArchivedFile) => boolean): ArchivedFile {
  const found = readManifest(root, date).files.find(is)
  if (found === undefined) throw damaged(join(archivePath(root, date), MANIFEST), 'it names no store')
  return found
}

function readOrDamaged(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (fault) {
    throw damaged(path, fault)
  }
}

interface Unpacked {
  readonly path: string
  readonly bytes: number
}

interface UnpackedOptions {
  readonly folder: string
  readonly maxBytes: number
  readonly cipher: FileOpener | null
  readonly beforeRemoval: (date: string) => void
}

/** Unpacked stores, the one that was asked for last at the end. */
function createUnpacked({ folder, maxBytes, cipher, beforeRemoval }: UnpackedOptions) {
  const own = join(folder, String(process.pid))
  const held = new Map<string, Unpacked>()
  const underway = new Map<string, Promise<void>>()
  const remove = (date: string) => {
    const one = held.get(date)
    if (one === undefined) return
    beforeRemoval(date)
    held.delete(date)
    for (const ending of ['', '-wal', '-shm']) rmSync(`${one.path}${ending}`, { force: true })
  }
  const clean = () => {
    // A number is used again, in a container always.
    if (underway.size === 0) rmSync(own, { recursive: true, force: true })
    removeStale(folder)
  }
  const makeRoom = () => {
    const total = () => [...held.values()].reduce((sum, { bytes }) => sum + bytes, 0)
    for (const date of [...held.keys()].slice(0, -1)) if (total() > maxBytes) remove(date)
  }
  const unpack = async (date: string, { name, plain }: ArchivedFile, from: string) => {
    mkdirSync(own, { recursive: true, mode: 0o700 })
    const path = join(own, `${date}.db`)
    const partial = `${path}.partial`
    try {
      const found = await readSum(join(from, name), partial, cipher)
      if (!isSame(found, plain)) throw damaged(join(from, name), 'it does not give back what was archived')
      await rename(partial, path)
    } finally {
      await rm(partial, { force: true })
    }
    held.set(date, { path, bytes: plain.bytes })
    makeRoom()
  }
  return {
    path: (date: string) => held.get(date)?.path ?? null,
    add(date: string, file: () => ArchivedFile, from: string): Promise<void> {
      const one = held.get(date)
      if (one !== undefined) {
        held.delete(date)
        held.set(date, one)
        return Promise.resolve()
      }
      const running =
        underway.get(date) ?? (async () => unpack(date, file(), from))().finally(() => underway.delete(date))
      underway.set(date, running)
      return running
    },
    remove,
    clean,
    close() {
      for (const date of [...held.keys()]) remove(date)
      rmSync(own, { recursive: true, force: true })
    },
  }
}

async function readSum(from: string, to: string, cipher: FileOpener | null) {
  try {
    return await sumOf(await readArchived(from, cipher), createWriteStream(to, { mode: 0o600 }))
  } catch (fault) {
    throw isDamage(fault) ? damaged(from, fault) : fault
  }
}

/** What a damaged compressed file gives is an error of zlib's; a key or a disk that is missing is another matter. */
function isDamage(fault: unknown): boolean {
  if (fault instanceof OpError) return fault.code === 'encrypted_file_damaged'
  return isMissing(fault) || (fault instanceof Error && 'code' in fault && String(fault.code).startsWith('Z_'))
}

function removeStale(folder: string): void {
  if (!existsSync(folder)) return
  for (const name of readdirSync(folder)) {
    if (!isRunning(Number(name))) rmSync(join(folder, name), { recursive: true, force: true })
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (fault) {
    return fault instanceof Error && 'code' in fault && fault.code === 'EPERM'
  }
}
