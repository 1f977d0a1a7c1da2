import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { OpError } from '../kernel/errors.ts'
import { archivePath, closingName, damaged, fileIn, MANIFEST, readManifest } from './archive-manifest.ts'

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
  /** Unpacks the store of an archived day. Throws what `unpackDay` throws. */
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
  /** Left out: no day can be unpacked. */
  readonly unpackDay?: UnpackArchived | undefined
}

/**
 * Writes the store of an archived day, as it was sealed, to a path; aborted, it may be left half done. Throws
 * `archive_damaged`, `data_locked` when the key is missing, and what the disk says.
 */
export type UnpackArchived = (date: string, to: string, signal: AbortSignal) => Promise<void>

const unpackNothing: UnpackArchived = async (date) => {
  throw new OpError('internal', { reason: `nothing is there to unpack the archived day ${date}` })
}

const GIB = 1024 ** 3

/** Reads `archive/`. What is unpacked lies in `cache/<pid>`, for this process alone. */
export function createDayArchive(options: DayArchiveOptions): DayArchive {
  const { root, maxBytes = 4 * GIB, unpackDay = unpackNothing } = options
  let known: Set<string> | null = null
  const sound = new Set<string>()
  const listeners: ((date: string) => void)[] = []
  const beforeRemoval = (date: string) => {
    for (const listener of listeners) listener(date)
  }
  const cache = createUnpacked({ folder: join(root, 'cache'), maxBytes, unpackDay, beforeRemoval })
  const dates = () => {
    known ??= new Set(listArchived(root))
    return known
  }
  const closing = (date: string) => {
    const path = join(archivePath(root, date), closingName(date))
    if (sound.has(date)) return path
    const expected = fileIn(readManifest(root, date), root, ({ name }) => name === closingName(date))
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
    unpack: cache.add,
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
  readonly unpackDay: UnpackArchived
  readonly beforeRemoval: (date: string) => void
}

/** Unpacked stores, the one that was asked for last at the end. */
function createUnpacked({ folder, maxBytes, unpackDay, beforeRemoval }: UnpackedOptions) {
  const own = join(folder, String(process.pid))
  const closing = new AbortController()
  const held = new Map<string, Unpacked>()
  const underway = new Map<string, Promise<void>>()
  let last: Promise<void> = Promise.resolve()
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
  const unpack = async (date: string) => {
    closing.signal.throwIfAborted()
    const path = join(own, `${date}.db`)
    const partial = join(own, `${date}.partial`)
    mkdirSync(partial, { recursive: true, mode: 0o700 })
    try {
      const whole = join(partial, `${date}.db`)
      await unpackDay(date, whole, closing.signal)
      await rename(whole, path)
    } finally {
      await rm(partial, { recursive: true, force: true })
    }
    held.set(date, { path, bytes: statSync(path).size })
    makeRoom()
  }
  /** One at a time: each takes a processor and some hundred megabytes. */
  const unpackInTurn = (date: string) => {
    const turn = last.then(() => unpack(date))
    last = turn.catch(() => {})
    return turn
  }
  return {
    path: (date: string) => held.get(date)?.path ?? null,
    add(date: string): Promise<void> {
      const one = held.get(date)
      if (one !== undefined) {
        held.delete(date)
        held.set(date, one)
        return Promise.resolve()
      }
      const running = underway.get(date) ?? unpackInTurn(date).finally(() => underway.delete(date))
      underway.set(date, running)
      return running
    },
    remove,
    clean,
    close() {
      closing.abort()
      for (const date of [...held.keys()]) remove(date)
      rmSync(own, { recursive: true, force: true })
    },
  }
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
