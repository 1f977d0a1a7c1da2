import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { IndexName } from '../domain/index-catalog.ts'
import type { Bucket } from '../domain/instrument.ts'
import { istDate } from '../domain/ist.ts'
import type { SmilePoint } from '../domain/journal-entry.ts'
import type { Leg } from '../domain/leg.ts'
import { OpError } from '../kernel/errors.ts'
import { createDayArchive, type DayArchive } from './day-archive.ts'
import {
  type DayCounts,
  type DayReader,
  type LegPage,
  type LegQuery,
  openDayReader,
  type StoredGap,
} from './day-reader.ts'
import type { ChangesQuery, Instants, RecordedStretch, WindowQuery } from './instant-reader.ts'
import type { RecordedGap, Sample, SampleQuery } from './series-reader.ts'

/**
 * What was recorded, by IST trading day (`YYYY-MM-DD`). A day without a file is empty.
 *
 * A day of the archive answers at once for its close: last legs, last samples, gaps. For anything else it must be
 * `open`, or `internal` is thrown: unpacking takes seconds, in which nothing else may wait.
 */
export interface LegHistory {
  /** Days that have a file or lie in the archive, oldest first. */
  days(): readonly string[]
  /**
   * Makes all of a day readable; nothing to do but for archived ones. It stays so until others are asked for: read
   * before anything else is awaited. Throws `archive_damaged`.
   */
  open(date: string): Promise<void>
  /** Legs in the order of the record. */
  legsOfDay(date: string, query: LegQuery): LegPage
  /** The last leg of each contract, up to `atMs` inclusive when it is given; by strike, CE before PE. */
  lastLegPerContract(date: string, index: IndexName, bucket: Bucket, atMs?: number): readonly Leg[]
  /** As `lastLegPerContract`, of an expiry, whatever bucket it was in that day. */
  lastLegsOfExpiry(date: string, index: IndexName, expiry: string): readonly Leg[]
  /** The newest smile of an expiry that day; empty when none was taken. */
  lastSmile(date: string, index: IndexName, expiry: string): readonly SmilePoint[]
  /** Samples of a chain's metrics, ascending. */
  samplesOfDay(date: string, query: SampleQuery): readonly Sample[]
  /** Gaps of an index that were written down that day and touch a stretch, which may lie days before. */
  gapsOfDay(date: string, index: IndexName, from: number, to: number): readonly RecordedGap[]
  /** Receipts of the legs of a recorded bucket nearest to an instant, on that day. */
  instantsAround(date: string, index: IndexName, bucket: Bucket, at: number): Instants
  /** The last leg of each contract in the recorded window at an instant, and maybe of others; in any order. */
  lastLegsInWindow(date: string, query: WindowQuery): readonly Leg[]
  /** What each step of a stretch changes: the last leg of each contract that was received in it. */
  changes(date: string, query: ChangesQuery): readonly (readonly Leg[])[]
  /** From the first to the last leg of an index that day; null when it has none. */
  recordedStretch(date: string, index: IndexName): RecordedStretch | null
  /** Last open interest by symbol on the latest day before `date` that has legs of the index. Empty when none has. */
  previousCloseOi(date: string, index: IndexName): ReadonlyMap<string, number>
  counts(date: string): DayCounts
  /** Market time of the first packet of a day; null when it has none. */
  recordedFrom(date: string): number | null
  /** Gaps that were written down on that day, whenever they were: those of a stop with the next start. */
  gapsWritten(date: string): readonly StoredGap[]
  /** Market time up to which the latest days have packets or gaps; null when they have neither. */
  coveredUntil(): number | null
}

const DAY_FILE = /^(\d{4}-\d{2}-\d{2})\.db$/
/** Longer than any run of holidays, shorter than a hunt through years of files. */
const DAYS_BACK = 15
const OPEN_READERS = 4
const NO_INSTANTS: Instants = { before: null, after: null }
const NO_COUNTS: DayCounts = { batches: 0, legs: 0, underlyings: 0, gaps: 0, sessions: 0 }

/** Days that have a file in `folder`, oldest first. */
export function listDays(folder: string): readonly string[] {
  if (!existsSync(folder)) return []
  const names = readdirSync(folder).map((name) => DAY_FILE.exec(name)?.[1])
  return names.filter((date) => date !== undefined).sort()
}

export function dayPath(folder: string, date: string): string {
  return join(folder, `${date}.db`)
}

export interface DayHistory extends LegHistory {
  /** Closes what is open of a day, so that its file can be replaced or removed. */
  release(date: string): void
  /** Whether the day was read within the last minutes. */
  inUse(date: string): boolean
  /** Keeps one file open instead of a few: each holds up to 16 MB of its pages. */
  spare(sparing: boolean): void
  close(): void
}

/** Reads the day files in `folder`, and those of the archive; a few stay open. */
export function createDayHistory(
  folder: string,
  archive: DayArchive = createDayArchive({ root: dirname(folder) }),
): DayHistory {
  const readers = createReaders()
  archive.onRemove(readers.release)
  const online = (date: string) => DAY_FILE.test(`${date}.db`) && existsSync(dayPath(folder, date))
  const pathOf = (date: string) => (online(date) ? dayPath(folder, date) : archive.whole(date))
  const readerOf = (date: string): DayReader | null => {
    const path = pathOf(date)
    if (path !== null) return readers.at(date, path)
    if (archive.has(date)) throw new OpError('internal', { reason: `the archived day ${date} was not opened` })
    return null
  }
  /** Has what stood at the close. */
  const closingOf = (date: string): DayReader | null => {
    const path = pathOf(date) ?? (archive.has(date) ? archive.closing(date) : null)
    return path === null ? null : readers.at(date, path)
  }
  const days = () => [...new Set([...archive.days(), ...listDays(folder)])].sort()
  return {
    days,
    async open(date) {
      if (!online(date) && archive.has(date)) await archive.unpack(date)
    },
    legsOfDay: (date, query) => readerOf(date)?.legs(query) ?? { legs: [], next: null },
    lastLegPerContract: (date, index, bucket, atMs) =>
      (atMs === undefined ? closingOf(date) : readerOf(date))?.lastLegs(index, bucket, atMs ?? null) ?? [],
    lastLegsOfExpiry: (date, index, expiry) => closingOf(date)?.lastLegsOfExpiry(index, expiry) ?? [],
    lastSmile: (date, index, expiry) => closingOf(date)?.lastSmile(index, expiry) ?? [],
    samplesOfDay: (date, query) => (isOfClose(date, query) ? closingOf(date) : readerOf(date))?.samples(query) ?? [],
    gapsOfDay: (date, index, from, to) => closingOf(date)?.gaps(index, from, to) ?? [],
    instantsAround: (date, index, bucket, at) => readerOf(date)?.instantsAround(index, bucket, at) ?? NO_INSTANTS,
    lastLegsInWindow: (date, query) => readerOf(date)?.lastLegsInWindow(query) ?? [],
    changes: (date, query) => readerOf(date)?.changes(query) ?? Array.from({ length: query.steps }, () => []),
    recordedStretch: (date, index) => readerOf(date)?.recordedStretch(index) ?? null,
    previousCloseOi(date, index) {
      const earlier = days().filter((day) => day < date)
      for (const day of earlier.slice(-DAYS_BACK).reverse()) {
        const found = closingOf(day)?.lastOi(index)
        if (found !== undefined && found.size > 0) return found
      }
      return new Map()
    },
    counts: (date) => readerOf(date)?.counts() ?? NO_COUNTS,
    recordedFrom: (date) => closingOf(date)?.recordedFrom() ?? null,
    gapsWritten: (date) => closingOf(date)?.writtenGaps() ?? [],
    coveredUntil() {
      for (const day of days().slice(-DAYS_BACK).reverse()) {
        const until = closingOf(day)?.coveredUntil() ?? null
        if (until !== null) return until
      }
      return null
    },
    release: readers.release,
    inUse: readers.inUse,
    spare: readers.spare,
    close() {
      readers.close()
      archive.close()
    },
  }
}

/** Whether the day's last sample answers. */
function isOfClose(date: string, { lastOnly = false, to }: SampleQuery): boolean {
  return lastOnly && istDate(to) > date
}

/** A day that was read so lately may be read on. */
const IN_USE_MS = 10 * 60_000

/** Files that were read last stay open. */
function createReaders() {
  const open = new Map<string, { readonly path: string; readonly reader: DayReader }>()
  const usedAt = new Map<string, number>()
  let mostOpen = OPEN_READERS
  const release = (date: string) => {
    open.get(date)?.reader.close()
    open.delete(date)
  }
  const close = () => {
    for (const date of [...open.keys()]) release(date)
  }
  return {
    at(date: string, path: string): DayReader {
      usedAt.set(date, performance.now())
      const known = open.get(date)
      if (known?.path === path) return known.reader
      release(date)
      const [oldest] = open.keys()
      if (oldest !== undefined && open.size >= mostOpen) release(oldest)
      const reader = openDayReader(path)
      open.set(date, { path, reader })
      return reader
    },
    release,
    inUse: (date: string) => performance.now() - (usedAt.get(date) ?? Number.NEGATIVE_INFINITY) < IN_USE_MS,
    spare(sparing: boolean) {
      mostOpen = sparing ? 1 : OPEN_READERS
      if (sparing) close()
    },
    close,
  }
}
