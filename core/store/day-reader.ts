import type { IndexName } from '../domain/index-catalog.ts'
import type { Bucket, Right } from '../domain/instrument.ts'
import type { GapEntry, SmilePoint } from '../domain/journal-entry.ts'
import { LEG_COLUMNS, type Leg } from '../domain/leg.ts'
import {
  type ChangesQuery,
  changesIn,
  type Instants,
  instantsAroundIn,
  lastBatch,
  lastLegsInWindowIn,
  type RecordedStretch,
  recordedStretchIn,
  type WindowQuery,
} from './instant-reader.ts'
import type { SqlValue } from './row-checksum.ts'
import {
  gapsIn,
  lastLegsOfExpiryIn,
  lastSmileIn,
  type RecordedGap,
  type Sample,
  type SampleQuery,
  samplesIn,
} from './series-reader.ts'
import { type Database, openReadOnly } from './sqlite.ts'

/** The place of a leg in a day, for paging. */
export interface LegCursor {
  readonly epoch: number
  readonly seq: number
  readonly row: number
}

export interface LegQuery {
  readonly index?: IndexName
  readonly bucket?: Bucket
  /** Epoch milliseconds of receipt, inclusive. */
  readonly from?: number
  /** Epoch milliseconds of receipt, exclusive. */
  readonly to?: number
  readonly strike?: number
  readonly right?: Right
  /** Only legs after this one. */
  readonly after?: LegCursor
  readonly limit: number
}

export interface LegPage {
  readonly legs: readonly Leg[]
  /** Where the next page begins, null when this was the last. */
  readonly next: LegCursor | null
}

export interface DayCounts {
  readonly batches: number
  readonly legs: number
  readonly underlyings: number
  readonly gaps: number
  readonly sessions: number
}

export type StoredGap = Omit<GapEntry, 'kind'>

/** The database of one trading day, open for reading. */
export interface DayReader {
  legs(query: LegQuery): LegPage
  lastLegs(index: IndexName, bucket: Bucket, atMs: number | null): readonly Leg[]
  lastOi(index: IndexName): ReadonlyMap<string, number>
  lastLegsOfExpiry(index: IndexName, expiry: string): readonly Leg[]
  lastSmile(index: IndexName, expiry: string): readonly SmilePoint[]
  samples(query: SampleQuery): readonly Sample[]
  gaps(index: IndexName, from: number, to: number): readonly RecordedGap[]
  instantsAround(index: IndexName, bucket: Bucket, at: number): Instants
  lastLegsInWindow(query: WindowQuery): readonly Leg[]
  changes(query: ChangesQuery): readonly (readonly Leg[])[]
  recordedStretch(index: IndexName): RecordedStretch | null
  counts(): DayCounts
  /** As they were written down: pieces, in the order of the record. */
  writtenGaps(): readonly StoredGap[]
  /** Market time of the day's first packet; null = it has none. */
  recordedFrom(): number | null
  /** Market time up to which the day has packets, or gaps that say that there are none; null = it has neither. */
  coveredUntil(): number | null
  close(): void
}

const LEG_SELECT = LEG_COLUMNS.map(({ name }) => `k."${name}"`).join(', ')

/** Where a chain's stretch of time lies in the order of the record: looked up, since there is no index by time. */
function boundsOf(database: Database, { index, bucket, from, to }: LegQuery) {
  if (index === undefined || bucket === undefined) return {}
  const chain = { index, bucket }
  const before = from === undefined ? null : lastBatch(database, chain, ({ ts }) => ts < from)
  const last = to === undefined ? null : lastBatch(database, chain, ({ firstTs }) => firstTs < to)
  return { ...(before === null ? {} : { before }), ...(last === null ? {} : { last }) }
}

/** Conditions of a query and their values, in step. */
function conditionsOf(database: Database, query: LegQuery): { readonly where: string; readonly values: SqlValue[] } {
  const { index, bucket, from, to, strike, right, after } = query
  const { before, last } = boundsOf(database, query)
  const given: [sql: string, values: (SqlValue | undefined)[]][] = [
    ['k."index" = ?', [index]],
    ['k.bucket = ?', [bucket]],
    ['(k.epoch, k.seq) > (?, ?)', [before?.epoch, before?.seq]],
    ['(k.epoch, k.seq) <= (?, ?)', [last?.epoch, last?.seq]],
    ['k.batch_ts >= ?', [from]],
    ['k.ts >= ?', [from]],
    ['k.batch_first_ts < ?', [to]],
    ['k.ts < ?', [to]],
    // Of the number of the contract a row needs no look at the contract itself.
    ['k.contract IN (SELECT id FROM contracts WHERE strike = ?)', [strike]],
    ['k.contract IN (SELECT id FROM contracts WHERE "right" = ?)', [right]],
    ['(k.epoch, k.seq) >= (?, ?)', [after?.epoch, after?.seq]],
    ['(k.epoch, k.seq, k.row) > (?, ?, ?)', [after?.epoch, after?.seq, after?.row]],
  ]
  const used = given.filter(([, values]) => !values.includes(undefined))
  return {
    where: used.length === 0 ? '' : `WHERE ${used.map(([sql]) => sql).join(' AND ')}`,
    values: used.flatMap(([, values]) => values).filter((value) => value !== undefined),
  }
}

function legsIn(database: Database, query: LegQuery): LegPage {
  const { where, values } = conditionsOf(database, query)
  const sql = `SELECT k.epoch AS key_epoch, k.seq AS key_seq, k.row AS key_row, ${LEG_SELECT} FROM keyed_legs k ${where}
    ORDER BY k.epoch, k.seq, k.row LIMIT ?`
  type KeyedLeg = Leg & { readonly key_epoch: number; readonly key_seq: number; readonly key_row: number }
  const rows = database.prepare<SqlValue[], KeyedLeg>(sql).all(...values, query.limit)
  const last = rows.at(-1)
  const full = rows.length === query.limit && last !== undefined
  return {
    legs: rows.map(({ key_epoch, key_seq, key_row, ...leg }) => leg),
    next: full ? { epoch: last.key_epoch, seq: last.key_seq, row: last.key_row } : null,
  }
}

type LegKey = LegCursor & { readonly contract: number }

/** Keys of the last legs of contracts that came no more after an instant, such as those that left the window. */
function settledKeys(database: Database, index: IndexName, bucket: Bucket, atMs: number): readonly LegKey[] {
  const settled = database.prepare<[string, string, number], LegKey>(
    `SELECT x.epoch, x.seq, x.row, x.contract FROM contracts c JOIN last_legs x ON x.contract = c.id
     JOIN batches b ON b.epoch = x.epoch AND b.seq = x.seq
     JOIN leg_rows l ON l.epoch = x.epoch AND l.seq = x.seq AND l.row = x.row
     WHERE c."index" = ? AND c.bucket = ? AND b.ts - l.ago <= ?`,
  )
  return settled.all(index, bucket, atMs)
}

/**
 * Keys of the last leg of each contract up to an instant: backwards until every contract of the day was met. One that
 * came earlier only would lead back to where it was last, so those are asked for by themselves.
 */
function lastKeysAt(database: Database, index: IndexName, bucket: Bucket, atMs: number): readonly LegKey[] {
  const contracts = Number(
    database.prepare('SELECT count(*) FROM contracts WHERE "index" = ? AND bucket = ?').pluck().get(index, bucket),
  )
  const backwards = database.prepare<[string, string, number, number], LegKey>(
    `SELECT l.epoch, l.seq, l.row, l.contract FROM batches b JOIN leg_rows l ON l.epoch = b.epoch AND l.seq = b.seq
     WHERE b."index" = ? AND b.bucket = ? AND b.first_ts <= ? AND b.ts - l.ago <= ?
     ORDER BY b.epoch DESC, b.seq DESC, l.row DESC`,
  )
  const found = new Map(settledKeys(database, index, bucket, atMs).map((key) => [key.contract, key]))
  if (found.size === contracts) return [...found.values()]
  for (const key of backwards.iterate(index, bucket, atMs, atMs)) {
    if (!found.has(key.contract)) found.set(key.contract, key)
    if (found.size === contracts) break
  }
  return [...found.values()]
}

function lastLegsIn(database: Database, index: IndexName, bucket: Bucket, atMs: number | null): readonly Leg[] {
  if (atMs === null) {
    const sql = `SELECT ${LEG_SELECT} FROM contracts c JOIN last_legs x ON x.contract = c.id
      JOIN keyed_legs k ON k.epoch = x.epoch AND k.seq = x.seq AND k.row = x.row WHERE c."index" = ? AND c.bucket = ?`
    return database.prepare<[string, string], Leg>(sql).all(index, bucket)
  }
  const byKey = database.prepare<[number, number, number], Leg>(
    `SELECT ${LEG_SELECT} FROM keyed_legs k WHERE k.epoch = ? AND k.seq = ? AND k.row = ?`,
  )
  return lastKeysAt(database, index, bucket, atMs).flatMap(({ epoch, seq, row }) => byKey.all(epoch, seq, row))
}

function inOrder(legs: readonly Leg[]): readonly Leg[] {
  return legs.toSorted((a, b) => a.strike - b.strike || a.right.localeCompare(b.right))
}

function lastOiIn(database: Database, index: IndexName): ReadonlyMap<string, number> {
  const sql = `SELECT c.symbol, l.oi FROM contracts c JOIN last_legs x ON x.contract = c.id
    JOIN leg_rows l ON l.epoch = x.epoch AND l.seq = x.seq AND l.row = x.row WHERE c."index" = ? AND l.oi IS NOT NULL`
  const rows = database.prepare<[string], { symbol: string; oi: number }>(sql).all(index)
  return new Map(rows.map(({ symbol, oi }) => [symbol, oi]))
}

function countsIn(database: Database): DayCounts {
  const count = (table: string) => Number(database.prepare(`SELECT count(*) FROM ${table}`).pluck().get())
  return {
    batches: count('batches'),
    legs: count('leg_rows'),
    underlyings: count('underlying_rows'),
    gaps: count('gaps'),
    sessions: count('sessions'),
  }
}

const GAPS = 'SELECT ts, "from", "to", cause, "index", dropped FROM gaps ORDER BY epoch, seq, nth'

const RECORDED_FROM = `SELECT min(at) FROM (SELECT * FROM (SELECT first_ts AS at FROM batches ORDER BY epoch, seq LIMIT 1)
  UNION ALL SELECT * FROM (SELECT ts FROM underlying_rows ORDER BY epoch, seq, nth, row LIMIT 1))`

const COVERED_UNTIL = `SELECT max(at) FROM (SELECT max(ts) AS at FROM batches
  UNION ALL SELECT max(ts) FROM underlying_rows UNION ALL SELECT max("to") FROM gaps)`

/** Opens the file of a day. Throws `store_unreadable`. */
export function openDayReader(path: string): DayReader {
  const database = openReadOnly(path)
  return {
    legs: (query) => legsIn(database, query),
    lastLegs: (index, bucket, atMs) => inOrder(lastLegsIn(database, index, bucket, atMs)),
    lastOi: (index) => lastOiIn(database, index),
    lastLegsOfExpiry: (index, expiry) => lastLegsOfExpiryIn(database, index, expiry),
    lastSmile: (index, expiry) => lastSmileIn(database, index, expiry),
    samples: (query) => samplesIn(database, query),
    gaps: (index, from, to) => gapsIn(database, index, from, to),
    instantsAround: (index, bucket, at) => instantsAroundIn(database, index, bucket, at),
    lastLegsInWindow: (query) => lastLegsInWindowIn(database, query),
    changes: (query) => changesIn(database, query),
    recordedStretch: (index) => recordedStretchIn(database, index),
    counts: () => countsIn(database),
    writtenGaps: () => database.prepare<[], StoredGap>(GAPS).all(),
    recordedFrom: () => database.prepare<[], number | null>(RECORDED_FROM).pluck().get() ?? null,
    coveredUntil: () => database.prepare<[], number | null>(COVERED_UNTIL).pluck().get() ?? null,
    close: () => database.close(),
  }
}
