import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Calendar } from '../domain/calendar.ts'
import { istDate } from '../domain/ist.ts'
import { latestSession } from '../engine/coverage.ts'
import { openStretches } from '../engine/open-stretches.ts'
import type { Clock } from '../kernel/clock.ts'
import { type Component, once } from '../kernel/lifecycle.ts'

const INTERVAL_MS = 60_000
/** Before so much of a session is recorded, what was written says little of a whole day. */
const LEAST_OPEN_MS = 2 * 60_000
/** Recorded days that are asked for their size, the newest. */
const DAYS_ASKED = 5

export interface DiskForecastDeps {
  readonly clock: Clock
  readonly calendar: Calendar
  /** Trading days that have a store, ascending. */
  readonly days: () => readonly string[]
  /** Epoch of the journal that is being written. */
  readonly epoch: () => number
  /** Where `journal/`, `store/` and `legs/` lie. */
  readonly folder: string
}

export interface DiskForecast extends Component {
  /** What a trading day takes, the larger of this run's rate and the largest recorded day; null = not known yet. */
  bytesPerDay(): number | null
  /** Trading days until so many free bytes are used; null = not known. */
  daysLeft(freeBytes: number | null): number | null
}

/** Measures what a trading day takes on the disk: what this run has written, and what the last days have. */
export function createDiskForecast(deps: DiskForecastDeps): DiskForecast {
  const { clock, calendar } = deps
  const began = { date: '', at: 0, bytes: 0 }
  let fromDays: number | null = null
  let fromRun: number | null = null
  let cancel: () => void = () => {}
  const measure = async () => {
    const written = (await runBytes(deps, began.date)) - began.bytes
    // Read when the bytes are known: a slow count is not held against the time at which it began.
    const openMs = lengthOf(openStretches(calendar, began.at, clock.now()))
    if (openMs < LEAST_OPEN_MS || written <= 0) return
    fromRun = (written / openMs) * sessionMs(calendar, clock.now())
  }
  const bytesPerDay = () => (fromRun === null && fromDays === null ? null : Math.max(fromRun ?? 0, fromDays ?? 0))
  return {
    name: 'disk-forecast',
    async start() {
      began.date = istDate(clock.now())
      began.at = clock.now()
      began.bytes = await runBytes(deps, began.date)
      fromDays = await largestDay(deps, began.date)
      cancel = clock.every(INTERVAL_MS, () => {
        // What cannot be measured is not known; the next minute measures again.
        measure().catch(() => {
          fromRun = null
        })
      })
    },
    stop: once(async () => cancel()),
    bytesPerDay,
    daysLeft(freeBytes) {
      const perDay = bytesPerDay()
      return perDay === null || perDay === 0 || freeBytes === null ? null : freeBytes / perDay
    },
  }
}

/** What this run writes to: the journal of its epoch, and the days since it began. */
async function runBytes({ folder, days, epoch }: DiskForecastDeps, since: string): Promise<number> {
  const written = days().filter((date) => date >= since)
  const sizes = await Promise.all([
    folderBytes(join(folder, 'journal', String(epoch()))),
    ...written.map((date) => dayBytes(folder, date)),
  ])
  return sum(sizes)
}

/** The largest of the last days before a date, with its share of the journal, which is not kept by days. */
async function largestDay({ folder, days }: DiskForecastDeps, before: string): Promise<number | null> {
  const recorded = days().filter((date) => date < before)
  if (recorded.length === 0) return null
  const sizes = await Promise.all(recorded.map((date) => dayBytes(folder, date)))
  const journal = await folderBytes(join(folder, 'journal'))
  const shareOfJournal = journal / Math.max(1, sum(sizes))
  return Math.max(...sizes.slice(-DAYS_ASKED)) * (1 + shareOfJournal)
}

async function dayBytes(folder: string, date: string): Promise<number> {
  return sum(
    await Promise.all([fileBytes(join(folder, 'store', `${date}.db`)), folderBytes(join(folder, 'legs', date))]),
  )
}

async function folderBytes(path: string): Promise<number> {
  const names = await readdir(path, { recursive: true }).catch(() => [])
  return sum(await Promise.all(names.map((name) => fileBytes(join(path, name)))))
}

/** 0 for what is not there, and for a folder. */
async function fileBytes(path: string): Promise<number> {
  const found = await stat(path).catch(() => null)
  return found?.isFile() ? found.size : 0
}

function sessionMs(calendar: Calendar, now: number): number {
  const day = calendar.day(latestSession(calendar, now))
  return day === null ? 0 : day.tradeEndsAt - day.opensAt
}

function lengthOf(stretches: readonly (readonly [number, number])[]): number {
  return sum(stretches.map(([from, to]) => to - from))
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
