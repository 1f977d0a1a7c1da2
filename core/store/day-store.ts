import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { istDate } from '../domain/ist.ts'
import type { Clock } from '../kernel/clock.ts'
import { OpError, toOpError } from '../kernel/errors.ts'
import { once, type Unsubscribe } from '../kernel/lifecycle.ts'
import type { Logger } from '../kernel/logger.ts'
import type { Cursors } from '../ports/cursors.ts'
import type { JournalRecord, Position } from '../ports/journal.ts'
import type { Projection } from '../ports/projection.ts'
import { type ClosedDays, createClosedDays } from './closed-days.ts'
import { createDayArchive, type DayArchive, type UnpackArchived } from './day-archive.ts'
import { type DayFile, type DayFileDeps, isAfter, type NumberedRecord, openDayFile } from './day-file.ts'
import { createDayHistory, type DayHistory, dayPath, type LegHistory, listDays } from './day-history.ts'
import type { NumberedPosition } from './day-rows.ts'
import { positionIn } from './day-seal.ts'
import { createDaySealer } from './day-sealer.ts'
import { createDaySeals, type DaySeal, type DaySeals } from './day-seals.ts'

export interface DayStoresDeps extends DayFileDeps {
  readonly clock: Clock
  readonly logger: Logger
  /** Keeps the list of the days that were written, so that a day whose file is gone is noticed, and their seals. */
  readonly cursors: Cursors
  /** The last record that is durable: a store that has it has everything. */
  readonly durable: () => Position | null
  /** Left out: archived days answer for their close alone. */
  readonly unpackDay?: UnpackArchived
}

export interface DayStoresOptions {
  /** The folder that holds `store/`: DATA_DIR, or `sim/` or `replay/` in it. */
  readonly folder: string
}

export interface DayStores extends Projection, LegHistory, Pick<DayHistory, 'release' | 'inUse' | 'spare'> {
  /** What a day amounts to once nothing is written to it any more; null = it may still be. */
  sealOf(date: string): DaySeal | null
  readonly archive: DayArchive
  /** Usable between start and stop. */
  readonly closed: ClosedDays
  /** Days that were written here and are neither archived nor deleted, whether or not their file is there. */
  kept(): readonly string[]
  /** The day is archived or deleted: its file is not missed, and records of it are passed over. */
  retire(date: string): void
}

const WAL_CHECKPOINT_MS = 60_000
/** How many of the newest files are asked where the record was left. An answer that is too old only costs time. */
const NEWEST_FILES = 10

function isSame(a: Position | null, b: Position | null): boolean {
  return a !== null && b !== null && a.epoch === b.epoch && a.seq === b.seq && a.crc === b.crc
}

/** Gives each record its place among those that share its `seq`; passes over what `last` and those before it cover. */
function number(records: readonly JournalRecord[], last: NumberedPosition | null): NumberedRecord[] {
  let before = last
  const covered = records.findLastIndex((record) => isSame(record.position, last))
  return records.slice(covered + 1).flatMap((record) => {
    const { epoch, seq, crc } = record.position
    const shared = before !== null && before.epoch === epoch && before.seq === seq
    const nth = record.entry.kind === 'batch' ? 0 : 1 + (shared ? (before?.nth ?? 0) : 0)
    const at = { epoch, seq, crc, nth }
    if (!isAfter(at, before)) return []
    before = at
    return [{ record, at }]
  })
}

/** Where the record was left, and in the file of which day. */
interface Reached {
  readonly position: NumberedPosition | null
  readonly date: string
}

/** The furthest position of the newest files. */
function furthest(folder: string, deps: DayFileDeps, seals: DaySeals): Reached {
  let found: Reached = { position: null, date: '' }
  for (const date of listDays(folder).slice(-NEWEST_FILES)) {
    const path = dayPath(folder, date)
    const position = seals.of(date) === null ? positionOfOpen(path, deps) : positionIn(path)
    if (position !== null && isAfter(position, found.position)) found = { position, date }
  }
  return found
}

function positionOfOpen(path: string, deps: DayFileDeps): NumberedPosition | null {
  const file = openDayFile(path, deps)
  try {
    return file.position()
  } finally {
    file.close()
  }
}

/** The days that were ever written here. */
interface WrittenDays {
  /** Those that are not closed, whether or not their file is there. */
  kept(): readonly string[]
  add(date: string): void
  remove(date: string): void
  /** Those whose file is gone. */
  missing(): readonly string[]
}

const WRITTEN_DAYS = 'store:days'

function createWrittenDays(folder: string, cursors: Cursors, closed: ClosedDays): WrittenDays {
  let known: ReadonlySet<string> | null = null
  const read = () => {
    known ??= new Set((cursors.load(WRITTEN_DAYS) ?? '').split(',').filter((date) => date !== ''))
    return known
  }
  const save = (dates: readonly string[]) => {
    cursors.save(WRITTEN_DAYS, dates.join(','))
    known = new Set(dates)
  }
  return {
    kept: () => [...new Set([...read(), ...listDays(folder)])].filter((date) => !closed.has(date)).sort(),
    add(date) {
      if (!read().has(date)) save([...read(), date])
    },
    remove(date) {
      if (read().has(date)) save([...read()].filter((other) => other !== date))
    },
    missing: () => [...read()].filter((date) => !closed.has(date) && !listDays(folder).includes(date)),
  }
}

/** The one day file that is written to. */
interface CurrentDay {
  write(date: string, records: readonly NumberedRecord[]): void
  file(): DayFile | null
  /** Closes the file of a day, with all in it safe; returns its last record. */
  finish(date: string): NumberedPosition | null
  close(): void
}

interface CurrentDayDeps extends DayFileDeps {
  readonly logger: Logger
  readonly written: WrittenDays
  readonly seals: DaySeals
}

function createCurrentDay(folder: string, deps: CurrentDayDeps): CurrentDay {
  const { logger, written, seals } = deps
  let current: { readonly date: string; readonly file: DayFile } | null = null
  /** Positions of sealed files: those do not move. */
  const sealedAt = new Map<string, NumberedPosition | null>()

  const close = () => {
    try {
      // Nothing may be safe in the next file before all is in this one: the furthest position speaks for every file.
      current?.file.makeDurable()
    } finally {
      current?.file.close()
      current = null
    }
  }
  const isSealed = (date: string) => seals.of(date) !== null && existsSync(dayPath(folder, date))
  const hasAll = (date: string, records: readonly NumberedRecord[]) => {
    const position = sealedAt.get(date) ?? positionIn(dayPath(folder, date))
    sealedAt.set(date, position)
    return records.every(({ at }) => !isAfter(at, position))
  }
  const breakSeal = (date: string) => {
    logger.warning(`a record of ${date} came after the day was sealed: it is opened again and will be sealed anew`)
    sealedAt.delete(date)
    seals.revoke(date)
  }
  const open = (date: string) => {
    close()
    // A file that is gone is built again, and is another one until it is sealed.
    if (seals.of(date) !== null && !existsSync(dayPath(folder, date))) seals.revoke(date)
    written.add(date)
    current = { date, file: openDayFile(dayPath(folder, date), deps) }
    return current.file
  }
  return {
    write(date, records) {
      if (current?.date === date) return current.file.write(records)
      if (isSealed(date)) {
        if (hasAll(date, records)) return
        breakSeal(date)
      }
      open(date).write(records)
    },
    file: () => current?.file ?? null,
    finish(date) {
      if (current?.date !== date) open(date)
      const position = current?.file.position() ?? null
      close()
      return position
    },
    close,
  }
}

function retire(date: string, history: Pick<DayHistory, 'release'>, written: WrittenDays): void {
  history.release(date)
  written.remove(date)
}

/** The journal brings them when it is read from its beginning; only a clock that was set back brings new ones. */
function createPassOver(logger: Logger): (date: string) => void {
  const said = new Set<string>()
  return (date) => {
    if (!said.has(date)) logger.info(`records of ${date} are passed over: the day is archived or deleted`)
    said.add(date)
  }
}

/** Runs of records of the same IST day. */
function byDay(records: readonly NumberedRecord[]): [date: string, records: NumberedRecord[]][] {
  const runs: [string, NumberedRecord[]][] = []
  for (const numbered of records) {
    const date = istDate(numbered.record.entry.ts)
    const run = runs.at(-1)
    if (run?.[0] === date) run[1].push(numbered)
    else runs.push([date, [numbered]])
  }
  return runs
}

/**
 * SQLite, a file per IST trading day: `store/YYYY-MM-DD.db`, a projection of the journal and the history that the
 * API reads.
 *
 * Data and position move in one transaction, so whatever a crash or a power cut leaves is consistent, and the journal
 * brings the rest again from there; `position()` is therefore the last commit, which `flush` also makes durable. Each
 * file passes over what it already has, and a day whose file is gone brings the whole record again.
 *
 * A day is sealed (ADR 15) when it is over in India and the store has what comes after it, or everything. A record that
 * comes for it nevertheless, when a clock was set back, breaks the seal.
 */
export function createDayStores(deps: DayStoresDeps, options: DayStoresOptions): DayStores {
  const folder = join(options.folder, 'store')
  const archive = createDayArchive({ root: options.folder, unpackDay: deps.unpackDay })
  const closed = createClosedDays(archive, deps.cursors)
  const written = createWrittenDays(folder, deps.cursors, closed)
  const seals = createDaySeals(deps.cursors)
  const current = createCurrentDay(folder, { ...deps, written, seals })
  const { close: closeHistory, ...history } = createDayHistory(folder, archive)
  let position: NumberedPosition | null = null
  let lastDate = ''
  let cancelTimer: Unsubscribe = () => {}
  let open = false
  const passOver = createPassOver(deps.logger)

  const checkpoint = () => {
    try {
      current.file()?.checkpoint()
    } catch (fault) {
      deps.logger.warning('the log of the day store could not be emptied', { error: toOpError(fault).message })
    }
  }

  const sealer = createDaySealer({
    ...{ clock: deps.clock, logger: deps.logger, seals, release: history.release },
    days: () => listDays(folder).filter((date) => !closed.has(date)),
    path: (date) => dayPath(folder, date),
    isPast: (date) => lastDate > date || isSame(deps.durable(), position),
    finish: current.finish,
  })

  return {
    ...history,
    ...{ archive, closed, kept: written.kept },
    retire: (date) => retire(date, history, written),
    name: 'store',
    sealOf: seals.of,
    position: () => (position === null ? null : { epoch: position.epoch, seq: position.seq, crc: position.crc }),
    async start() {
      mkdirSync(folder, { recursive: true })
      const missing = written.missing()
      if (missing.length > 0) deps.logger.warning(`day files are gone and are built again: ${missing.join(', ')}`)
      const reached = furthest(folder, deps, seals)
      position = missing.length > 0 ? null : reached.position
      lastDate = missing.length > 0 ? '' : reached.date
      archive.clean()
      cancelTimer = deps.clock.every(WAL_CHECKPOINT_MS, () => {
        checkpoint()
        sealer.look()
      })
      open = true
    },
    async apply(records) {
      if (!open) throw new OpError('internal', { reason: 'the day store is not open' })
      const numbered = number(records, position)
      for (const [date, run] of byDay(numbered)) {
        if (closed.has(date)) passOver(date)
        else current.write(date, run)
        lastDate = date
      }
      position = numbered.at(-1)?.at ?? position
    },
    async flush() {
      current.file()?.makeDurable()
    },
    stop: once(async () => {
      open = false
      cancelTimer()
      await sealer.stop()
      closeHistory()
      current.close()
    }),
  }
}
