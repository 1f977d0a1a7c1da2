import { existsSync, mkdirSync } from 'node:fs'
import { readdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { addDays, istDate } from '../domain/ist.ts'
import type { Clock } from '../kernel/clock.ts'
import { OpError } from '../kernel/errors.ts'
import type { Logger } from '../kernel/logger.ts'
import { syncFolder } from './archive-bytes.ts'
import { archivePath } from './archive-manifest.ts'
import { listArchived } from './day-archive.ts'
import type { DayStores } from './day-store.ts'

export interface RetentionDeps {
  readonly clock: Pick<Clock, 'now'>
  readonly logger: Logger
  readonly days: Pick<DayStores, 'inUse' | 'retire' | 'archive' | 'closed'>
}

export interface RetentionOptions {
  /** The folder that holds `store/`, `legs/`, `archive/` and `reference/`. */
  readonly root: string
  /** Days for which data is kept, counted back from the newest recorded day. */
  readonly keptDays: number
}

export interface Deleted {
  /** Taken out of the record now. */
  readonly dates: readonly string[]
  /** Still due after this run. */
  readonly left: number
}

/** A mistake with the period is seen before much is gone. */
const MOST_OF_ALL = 0.2
const DATE = /^\d{4}-\d{2}-\d{2}/

/**
 * One run of deleting what is older than the period. It has two steps, in two runs: the day is moved to `deleted/<date>`,
 * where nothing reads it and whence it can be put back by hand, and goes for good with the next run. At most a fifth of
 * the days go in a run, oldest first; a day that is being read, and what comes after it, waits.
 *
 * The age counts from the newest recorded day, not from the clock: a clock far ahead makes nothing older. Throws what the
 * disk says, and deletes nothing when a folder cannot be listed.
 */
export async function deleteOld(deps: RetentionDeps, { root, keptDays }: RetentionOptions): Promise<Deleted> {
  const { clock, logger, days } = deps
  const recorded = await recordedDays(root)
  const buried = await namesIn(join(root, 'deleted'))
  const newest = recorded.at(-1)
  if (newest === undefined) return { dates: [], left: 0 }
  const today = istDate(clock.now())
  const horizon = addDays(newest < today ? newest : today, -keptDays)
  for (const date of buried.filter((name) => name < horizon)) {
    await rm(join(root, 'deleted', date), { recursive: true, force: true })
    logger.info(`deleted ${date} for good`)
  }
  const due = recorded.filter((date) => date < horizon)
  const dates: string[] = []
  for (const date of due.slice(0, Math.max(1, Math.floor(recorded.length * MOST_OF_ALL)))) {
    if (days.inUse(date)) break
    days.closed.deleteUntil(date)
    days.retire(date)
    days.archive.remove(date)
    await bury(root, date)
    logger.info(`took ${date} out of the record: it is older than ${keptDays} days`)
    dates.push(date)
  }
  return { dates, left: due.length - dates.length }
}

/** Every date that has a store, text files or an archive, ascending. */
async function recordedDays(root: string): Promise<string[]> {
  const online = [...(await namesIn(join(root, 'store'))), ...(await namesIn(join(root, 'legs')))]
  const dates = online.filter((name) => DATE.test(name)).map((name) => name.slice(0, '2026-11-23'.length))
  return [...new Set([...dates, ...listArchived(root)])].sort()
}

/** Nothing where there is no folder; any other fault must not look like that. */
async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (fault) {
    if (fault instanceof Error && 'code' in fault && fault.code === 'ENOENT') return []
    const reason = fault instanceof Error ? fault.message : String(fault)
    throw new OpError('file_unreadable', { path: folder, reason }, { cause: fault })
  }
}

/** Moves all of a day out of the way. Killed between two moves, the next run goes on. */
async function bury(root: string, date: string): Promise<void> {
  const grave = join(root, 'deleted', date)
  mkdirSync(grave, { recursive: true, mode: 0o700 })
  const store = ['', '-wal', '-shm'].map((ending) => [join(root, 'store', `${date}.db${ending}`), `store.db${ending}`])
  const pieces = [
    ...store,
    [join(root, 'legs', date), 'legs'],
    [archivePath(root, date), 'archive'],
    [join(root, 'reference', date), 'reference'],
  ] as const
  for (const [from = '', name = ''] of pieces) {
    if (!existsSync(from)) continue
    await rm(join(grave, name), { recursive: true, force: true })
    await rename(from, join(grave, name))
    await syncFolder(dirname(from))
  }
  await syncFolder(grave)
}
