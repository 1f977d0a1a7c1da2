import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { addDays, istDate } from '../domain/ist.ts'
import type { Clock } from '../kernel/clock.ts'
import { toOpError } from '../kernel/errors.ts'
import { type Component, type ComponentState, type ComponentStatus, once } from '../kernel/lifecycle.ts'
import type { Logger } from '../kernel/logger.ts'
import type { FileCipher } from '../ports/file-cipher.ts'
import { encryptArchived, removeArchived } from './archive-day.ts'
import { type ArchiveManifest, onlineSum, readManifest } from './archive-manifest.ts'
import type { DayStores } from './day-store.ts'

export interface ArchiverDeps {
  readonly clock: Clock
  readonly logger: Logger
  readonly days: Pick<DayStores, 'days' | 'sealOf' | 'release' | 'retire' | 'archive'>
  /** Whether every consumer of the journal has everything that is in it. */
  readonly caughtUp: () => boolean
  /** Writes the archive of a day somewhere where it holds up nobody; aborted, it may be left half done. */
  readonly archiveDay: (date: string, signal: AbortSignal) => Promise<ArchiveManifest>
  /** Encrypts the archive where that is asked for, and opens files that are encrypted. */
  readonly cipher: FileCipher
}

export interface ArchiverOptions {
  /** The folder that holds `store/`, `legs/` and `archive/`. */
  readonly root: string
  /** A day is archived when it is older, in days of the market's calendar date. */
  readonly afterDays: number
}

export interface ArchivedDay {
  readonly date: string
  /** Wall time, epoch milliseconds. */
  readonly at: number
  /** Online and in the archive. */
  readonly bytesBefore: number
  readonly bytesAfter: number
}

export interface Archiver extends Component {
  status(): ComponentStatus
  /** The one that was archived last, by this process or an earlier one; null = none was. */
  last(): ArchivedDay | null
  /** The next recorded day that will be archived; null = no day waits. */
  next(): string | null
}

const LOOK_MS = 60_000
/** What waits since the last run is taken up soon after a start, when the feed is connected. */
const FIRST_LOOK_MS = 5_000
/** A day that could not be archived or encrypted is tried again after this. */
const RETRY_MS = 15 * 60_000

/**
 * Moves sealed days that are old enough into the archive, oldest first, one at a time. The newest recorded day stays online
 * whatever its age. Online files go when the archive is whole, on the medium, and gives back what they hold: killed
 * anywhere, one of the two forms is whole, and the next look completes what was begun. What lies in the archive is then
 * encrypted where that is asked for, whenever it was archived.
 */
export function createArchiver(deps: ArchiverDeps, { root, afterDays }: ArchiverOptions): Archiver {
  const { clock, logger, days } = deps
  const stopping = new AbortController()
  const { signal } = stopping
  const { become, attempt, status } = createAttempts(deps, signal)
  const encryption = createArchiveEncryption(deps, root, attempt, signal)
  let last: ArchivedDay | null | undefined
  let cancel: () => void = () => {}
  let working: Promise<void> | null = null

  const waiting = () => {
    const online = days.days().filter((date) => existsSync(join(root, 'store', `${date}.db`)))
    return online.slice(0, -1)
  }
  const isDue = (date: string) => addDays(date, afterDays) < istDate(clock.now()) && days.sealOf(date) !== null
  const archiveAll = async () => {
    for (const date of waiting().filter(isDue)) {
      if (signal.aborted || !deps.caughtUp()) return
      await attempt(`${date} cannot be archived`, async () => {
        last = (await move(deps, root, date, signal)) ?? last
        encryption.lookAgain(date)
      })
    }
  }
  const look = (task: () => Promise<void>) => {
    working ??= task()
      .catch((fault: unknown) => {
        const { code, message } = toOpError(fault)
        logger.error(`days to archive cannot be looked for: ${message}`, { code })
        become('degraded', message)
      })
      .finally(() => {
        working = null
      })
  }
  return {
    name: 'archive',
    async start() {
      become('running')
      const lookAtAll = () => look(() => archiveAll().then(encryption.run))
      const cancelFirst = clock.after(FIRST_LOOK_MS, lookAtAll)
      const cancelOthers = clock.every(LOOK_MS, lookAtAll)
      cancel = () => {
        cancelFirst()
        cancelOthers()
      }
      look(encryption.run)
    },
    stop: once(async () => {
      cancel()
      stopping.abort()
      await working
      become('stopped')
    }),
    status,
    last() {
      last ??= newest(root, days.archive.days())
      return last
    },
    next: () => waiting()[0] ?? null,
  }
}

type Attempt = (failure: string, task: () => Promise<void>) => Promise<void>

/** Encrypts what lies plain in the archive, a day after the other. */
function createArchiveEncryption(
  { days, cipher }: ArchiverDeps,
  root: string,
  attempt: Attempt,
  signal: AbortSignal,
): { lookAgain(date: string): void; run(): Promise<void> } {
  /** Days in which nothing is left. */
  const done = new Set<string>()
  return {
    lookAgain: (date) => void done.delete(date),
    async run() {
      for (const date of days.archive.days().filter((one) => !done.has(one))) {
        await setImmediate()
        if (signal.aborted || !cipher.encrypts()) return
        await attempt(`the archive of ${date} cannot be encrypted`, async () => {
          await encryptArchived(cipher, root, date, signal)
          done.add(date)
        })
      }
    },
  }
}

/** How the work stands; what failed is not tried again at once. */
function createAttempts({ clock, logger }: Pick<ArchiverDeps, 'clock' | 'logger'>, signal: AbortSignal) {
  const retryAt = new Map<string, number>()
  let status: ComponentStatus = { state: 'idle', since: 0, issue: null, detail: null }
  const become = (state: ComponentState, detail: string | null = null) => {
    status = { state, since: clock.wallNow(), issue: state === 'degraded' ? 'archive_failed' : null, detail }
  }
  return {
    become,
    status: () => status,
    /** `failure` begins the sentence that says what went wrong, and names what is attempted. */
    attempt: async (failure: string, task: () => Promise<void>): Promise<void> => {
      if (clock.wallNow() < (retryAt.get(failure) ?? 0)) return
      try {
        await task()
        retryAt.delete(failure)
        if (retryAt.size === 0 && status.state !== 'running') become('running')
      } catch (fault) {
        if (signal.aborted) return
        const { code, message, hint } = toOpError(fault)
        retryAt.set(failure, clock.wallNow() + RETRY_MS)
        become('degraded', `${failure}: ${message}. ${hint}`)
        logger.error(`${failure}: ${message}`, { code })
      }
    },
  }
}

/** Archives a day and removes its online files; null when the archive was there and only their removal was left. */
async function move(
  { clock, logger, days, archiveDay, cipher }: ArchiverDeps,
  root: string,
  date: string,
  signal: AbortSignal,
): Promise<ArchivedDay | null> {
  days.release(date)
  let moved: ArchivedDay | null = null
  if (!days.archive.has(date) || (await removeArchived(root, date, cipher)).length > 0) {
    const began = clock.monotonicMs()
    moved = summary(await archiveDay(date, signal))
    days.archive.add(date)
    const duration_ms = Math.round(clock.monotonicMs() - began)
    logger.info(`archived ${date}`, { bytes_before: moved.bytesBefore, bytes_after: moved.bytesAfter, duration_ms })
  }
  days.retire(date)
  const kept = await removeArchived(root, date, cipher)
  if (kept.length > 0) logger.warning(`files of ${date} stay: they are not those that were archived`, { files: kept })
  return moved
}

function summary({ date, archived_at, files }: ArchiveManifest): ArchivedDay {
  const online = files.filter(({ from }) => from !== null)
  const bytesBefore = online.reduce((sum, file) => sum + onlineSum(file).bytes, 0)
  return { date, at: archived_at, bytesBefore, bytesAfter: files.reduce((sum, { bytes }) => sum + bytes, 0) }
}

function newest(root: string, dates: readonly string[]): ArchivedDay | null {
  const date = dates.at(-1)
  return date === undefined ? null : summary(readManifest(root, date))
}
