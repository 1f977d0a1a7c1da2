import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { IndexName } from '../domain/index-catalog.ts'
import type { Bucket } from '../domain/instrument.ts'
import type { SmilePoint } from '../domain/journal-entry.ts'
import type { Leg } from '../domain/leg.ts'
import {
  type DayCounts,
  type DayReader,
  type LegPage,
  type LegQuery,
  openDayReader,
  type StoredGap,
} from './day-reader.ts'
import type { RecordedGap, Sample, SampleQuery } from './series-reader.ts'

/** What was recorded, by IST trading day (`YYYY-MM-DD`). A day without a file is empty. */
export interface LegHistory {
  /** Days that have a file, oldest first. */
  days(): readonly string[]
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
  /** Closes the files; what is asked for next opens them again. */
  close(): void
  /** Closes the file of one day; what is asked for next opens it again. */
  release(date: string): void
  /** Keeps one file open instead of a few: each holds up to 16 MB of its pages. */
  spare(sparing: boolean): void
}

/** Reads the day files in `folder`; a few stay open. */
export function createDayHistory(folder: string): DayHistory {
  const open = new Map<string, DayReader>()
  let mostOpen = OPEN_READERS
  const close = () => {
    for (const reader of open.values()) reader.close()
    open.clear()
  }
  const readerOf = (date: string): DayReader | null => {
    const known = open.get(date)
    if (known !== undefined) return known
    if (!DAY_FILE.test(`${date}.db`) || !existsSync(dayPath(folder, date))) return null
    const [oldest] = open.keys()
    if (oldest !== undefined && open.size >= mostOpen) {
      open.get(oldest)?.close()
      open.delete(oldest)
    }
    const reader = openDayReader(dayPath(folder, date))
    open.set(date, reader)
    return reader
  }
  return {
    days: () => listDays(folder),
    legsOfDay: (date, query) => readerOf(date)?.legs(query) ?? { legs: [], next: null },
    lastLegPerContract: (date, index, bucket, atMs) => readerOf(date)?.lastLegs(index, bucket, atMs ?? null) ?? [],
    lastLegsOfExpiry: (date, index, expiry) => readerOf(date)?.lastLegsOfExpiry(index, expiry) ?? [],
    lastSmile: (date, index, expiry) => readerOf(date)?.lastSmile(index, expiry) ?? [],
    samplesOfDay: (date, query) => readerOf(date)?.samples(query) ?? [],
    gapsOfDay: (date, index, from, to) => readerOf(date)?.gaps(index, from, to) ?? [],
    previousCloseOi(date, index) {
      const earlier = listDays(folder).filter((day) => day < date)
      for (const day of earlier.slice(-DAYS_BACK).reverse()) {
        const found = readerOf(day)?.lastOi(index)
        if (found !== undefined && found.size > 0) return found
      }
      return new Map()
    },
    counts: (date) => readerOf(date)?.counts() ?? NO_COUNTS,
    recordedFrom: (date) => readerOf(date)?.recordedFrom() ?? null,
    gapsWritten: (date) => readerOf(date)?.writtenGaps() ?? [],
    coveredUntil() {
      for (const day of listDays(folder).slice(-DAYS_BACK).reverse()) {
        const until = readerOf(day)?.coveredUntil() ?? null
        if (until !== null) return until
      }
      return null
    },
    close,
    release(date) {
      open.get(date)?.close()
      open.delete(date)
    },
    spare(sparing) {
      mostOpen = sparing ? 1 : OPEN_READERS
      if (sparing) close()
    },
  }
}
