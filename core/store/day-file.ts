import { chmodSync, statSync } from 'node:fs'
import type { Underlying } from '../contract/leg-record.ts'
import type { BatchEntry, UnderlyingsEntry } from '../domain/journal-entry.ts'
import type { Leg } from '../domain/leg.ts'
import type { JournalRecord } from '../ports/journal.ts'
import { type ContractIds, createContractIds } from './contract-ids.ts'
import {
  analyticsRow,
  batchRow,
  bucketRows,
  gapRow,
  type NumberedPosition,
  pushLegRow,
  ROW_WIDTH,
  sessionRow,
  smileRow,
  underlyingRow,
} from './day-rows.ts'
import { dayRecord } from './migrations/day-001-record.ts'
import { dayTwin } from './migrations/day-002-twin.ts'
import { dayAnalytics } from './migrations/day-003-analytics.ts'
import { daySmiles } from './migrations/day-004-smiles.ts'
import { dayChecksums } from './migrations/day-005-checksums.ts'
import { daySeal } from './migrations/day-006-seal.ts'
import { rowChecksum, type SqlValue } from './row-checksum.ts'
import { createRowInserter } from './row-inserter.ts'
import { checkpointWal, type Database, guardWrite, openDatabase } from './sqlite.ts'

export const DAY_MIGRATIONS = [dayRecord, dayTwin, dayAnalytics, daySmiles, dayChecksums, daySeal]

export interface DayFileDeps {
  readonly legsOf: (entry: BatchEntry, batch: string) => readonly Leg[]
  readonly underlyingsOf: (entry: UnderlyingsEntry) => readonly Underlying[]
  /** 32 bytes over a batch's legs, stored beside it. */
  readonly digestOf: (legs: readonly Leg[]) => Uint8Array
}

/** A record and its place among those that share its `seq`. */
export interface NumberedRecord {
  readonly record: JournalRecord
  readonly at: NumberedPosition
}

/** The database of one trading day, open for writing. */
export interface DayFile {
  /** The last record in it, null in a new file. */
  position(): NumberedPosition | null
  /** Writes what is after `position()`, and the position with it: all in one transaction, or nothing. */
  write(records: readonly NumberedRecord[]): void
  /** Makes every commit so far survive a power cut. */
  makeDurable(): void
  checkpoint(): void
  close(): void
}

export function isAfter(a: NumberedPosition, b: NumberedPosition | null): boolean {
  if (b === null) return true
  return (a.epoch - b.epoch || a.seq - b.seq || a.nth - b.nth) > 0
}

const OWNER_WRITES = 0o200

/** Rows of one transaction, by table. */
interface PendingRows {
  readonly batches: SqlValue[]
  readonly legs: SqlValue[]
  readonly underlyings: SqlValue[]
  readonly gaps: SqlValue[]
  readonly sessions: SqlValue[]
  readonly analytics: SqlValue[]
  readonly buckets: SqlValue[]
  readonly smiles: SqlValue[]
  /** Last leg by contract. */
  readonly last: Map<number, SqlValue[]>
}

function noRows(): PendingRows {
  return {
    batches: [],
    legs: [],
    underlyings: [],
    gaps: [],
    sessions: [],
    analytics: [],
    buckets: [],
    smiles: [],
    last: new Map(),
  }
}

function collectBatch(
  to: PendingRows,
  { record, at }: NumberedRecord,
  entry: BatchEntry,
  deps: DayFileDeps,
  ids: ContractIds,
) {
  const legs = record.legs ?? deps.legsOf(entry, `${at.epoch}-${at.seq}`)
  to.batches.push(...batchRow(at, entry, legs, deps.digestOf(legs)))
  let row = 0
  for (const leg of legs) {
    const contract = ids.idOf(leg)
    pushLegRow(to.legs, at, row, contract, entry.ts, leg)
    to.last.set(contract, [contract, at.epoch, at.seq, row])
    row += 1
  }
}

function collect(to: PendingRows, numbered: NumberedRecord, deps: DayFileDeps, ids: ContractIds): void {
  const { entry } = numbered.record
  switch (entry.kind) {
    case 'batch':
      collectBatch(to, numbered, entry, deps, ids)
      return
    case 'underlyings':
      for (const [row, item] of deps.underlyingsOf(entry).entries())
        to.underlyings.push(...underlyingRow(numbered.at, row, item))
      return
    case 'gap':
      to.gaps.push(...gapRow(numbered.at, entry))
      return
    case 'session':
      to.sessions.push(...sessionRow(numbered.at, entry))
      return
    case 'analytics':
      to.analytics.push(...analyticsRow(entry))
      to.buckets.push(...bucketRows(entry))
      if (entry.smile !== null) to.smiles.push(...smileRow(entry, entry.smile))
      return
    case 'reference':
    case 'settings':
      return
  }
}

function createRowWriter(database: Database): (rows: PendingRows) => void {
  const batches = createRowInserter(database, 'batches', ROW_WIDTH.batch)
  const legs = createRowInserter(database, 'leg_rows', ROW_WIDTH.leg)
  const underlyings = createRowInserter(database, 'underlying_rows', ROW_WIDTH.underlying)
  const gaps = createRowInserter(database, 'gaps', ROW_WIDTH.gap)
  const sessions = createRowInserter(database, 'sessions', ROW_WIDTH.session)
  const analytics = createRowInserter(database, 'analytics', ROW_WIDTH.analytics, 'REPLACE')
  const buckets = createRowInserter(database, 'buckets', ROW_WIDTH.bucket, 'INSERT OR IGNORE')
  const smiles = createRowInserter(database, 'smiles', ROW_WIDTH.smile, 'REPLACE')
  const lastLegs = createRowInserter(database, 'last_legs', ROW_WIDTH.lastLeg, 'REPLACE')
  return (rows) => {
    batches.insert(rows.batches)
    legs.insert(rows.legs)
    underlyings.insert(rows.underlyings)
    gaps.insert(rows.gaps)
    sessions.insert(rows.sessions)
    analytics.insert(rows.analytics)
    buckets.insert(rows.buckets)
    smiles.insert(rows.smiles)
    lastLegs.insert([...rows.last.values()].flat())
  }
}

export function readPosition(database: Database): NumberedPosition | null {
  return database.prepare<[], NumberedPosition>('SELECT epoch, seq, nth, crc FROM position').get() ?? null
}

/** A sealed file may not be written to, not even by its owner. */
function allowWriting(path: string): void {
  const mode = statSync(path, { throwIfNoEntry: false })?.mode
  if (mode !== undefined && (mode & OWNER_WRITES) === 0) chmodSync(path, mode | OWNER_WRITES)
}

/** Opens or creates the file of a day; a seal in it is broken. Throws `store_unreadable`. */
export function openDayFile(path: string, deps: DayFileDeps): DayFile {
  allowWriting(path)
  const database = openDatabase(path, { synchronous: 'NORMAL', migrations: DAY_MIGRATIONS })
  guardWrite(path, () => database.exec('DELETE FROM seal'))
  const ids = createContractIds(database)
  const writeRows = createRowWriter(database)
  const setPosition = database.prepare('REPLACE INTO position VALUES (1, ?, ?, ?, ?, 0, ?)')
  let position = readPosition(database)

  const commit = database.transaction((records: readonly NumberedRecord[], last: NumberedPosition) => {
    const rows = noRows()
    for (const numbered of records) collect(rows, numbered, deps, ids)
    writeRows(rows)
    const { epoch, seq, nth, crc } = last
    setPosition.run(epoch, seq, nth, crc, rowChecksum([1, epoch, seq, nth, crc]))
  })

  return {
    position: () => position,
    write(records) {
      const fresh = records.filter(({ at }) => isAfter(at, position))
      const last = fresh.at(-1)
      if (last === undefined) return
      try {
        guardWrite(path, () => commit(fresh, last.at))
      } catch (fault) {
        ids.reload()
        throw fault
      }
      position = last.at
    },
    makeDurable() {
      // A commit at FULL syncs the log, and with it every commit before.
      guardWrite(path, () => {
        database.pragma('synchronous = FULL')
        database.prepare('UPDATE position SET synced = synced + 1').run()
        database.pragma('synchronous = NORMAL')
      })
    },
    checkpoint: () => guardWrite(path, () => checkpointWal(database)),
    close: () => database.close(),
  }
}
