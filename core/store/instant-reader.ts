import type { IndexName } from '../domain/index-catalog.ts'
import type { Bucket } from '../domain/instrument.ts'
import { LEG_COLUMNS, type Leg } from '../domain/leg.ts'
import type { Database } from './sqlite.ts'

/** Recorded instants nearest to a given one, epoch milliseconds; null where that day has none. */
export interface Instants {
  readonly before: number | null
  readonly after: number | null
}

export interface ChangesQuery {
  readonly index: IndexName
  readonly bucket: Bucket
  /** The stretch begins right after it, epoch milliseconds. */
  readonly from: number
  readonly stepMs: number
  readonly steps: number
}

export interface RecordedStretch {
  readonly from: number
  readonly to: number
}

export interface BatchKey {
  readonly epoch: number
  readonly seq: number
  /** Of its oldest leg. */
  readonly firstTs: number
  readonly ts: number
}

interface LegKey extends BatchKey {
  readonly row: number
  readonly contract: number
}

const LEG_SELECT = LEG_COLUMNS.map(({ name }) => `k."${name}"`).join(', ')
const KEY = 'epoch, seq, first_ts AS firstTs, ts'
const OF_CHAIN = 'FROM batches WHERE "index" = ? AND bucket = ?'

/** Runs of the recorder that have batches of a chain, newest first: one look into the index for each. */
const EPOCHS = `WITH RECURSIVE runs(epoch) AS (SELECT min(epoch) ${OF_CHAIN} UNION ALL
  SELECT (SELECT min(epoch) ${OF_CHAIN} AND epoch > runs.epoch) FROM runs WHERE runs.epoch IS NOT NULL)
  SELECT epoch FROM runs WHERE epoch IS NOT NULL ORDER BY epoch DESC`

/**
 * The last batch of a chain of which something holds that holds of every batch before it. Within a run time and number
 * rise together, so that halving the numbers finds it in a score of look-ups, however long the day and without an index
 * by time.
 */
export function lastBatch(
  database: Database,
  { index, bucket }: Pick<ChangesQuery, 'index' | 'bucket'>,
  holds: (batch: BatchKey) => boolean,
): BatchKey | null {
  const upTo = database.prepare<[string, string, number, number], BatchKey>(
    `SELECT ${KEY} ${OF_CHAIN} AND epoch = ? AND seq <= ? ORDER BY epoch DESC, seq DESC LIMIT 1`,
  )
  const firstOf = database.prepare<[string, string, number], BatchKey>(
    `SELECT ${KEY} ${OF_CHAIN} AND epoch = ? ORDER BY epoch, seq LIMIT 1`,
  )
  const epochs = database.prepare<string[], number>(EPOCHS).pluck().all(index, bucket, index, bucket)
  for (const epoch of epochs) {
    const holdsUpTo = (seq: number) => {
      const batch = upTo.get(index, bucket, epoch, seq)
      return batch !== undefined && holds(batch)
    }
    const first = firstOf.get(index, bucket, epoch)
    if (first === undefined || !holds(first)) continue
    let low = first.seq
    let high = upTo.get(index, bucket, epoch, Number.MAX_SAFE_INTEGER)?.seq ?? low
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if (holdsUpTo(middle)) low = middle
      else high = middle - 1
    }
    return upTo.get(index, bucket, epoch, low) ?? first
  }
  return null
}

/** The chain that is looked at: its recorded bucket, and the strikes that were listed that day, ascending. */
export interface WindowQuery {
  readonly index: IndexName
  readonly bucket: Bucket
  readonly strikes: readonly number[]
  /** Epoch milliseconds, inclusive. */
  readonly at: number
}

interface WindowKey extends LegKey {
  readonly offset: number
  readonly strike: number
}

/**
 * The last leg of each contract that was in the recorded window at an instant, and of some that had left it: backwards
 * from the instant until every one of the window was met. Those that left it in the morning are not waited for, which
 * would be the whole day.
 */
export function lastLegsInWindowIn(database: Database, query: WindowQuery): readonly Leg[] {
  const { index, bucket, strikes, at } = query
  const last = lastBatch(database, query, ({ firstTs }) => firstTs <= at)
  if (last === null) return []
  const backwards = database.prepare<[string, string, number, number, number], WindowKey>(
    `SELECT l.epoch, l.seq, l.row, l.contract, l.offset, c.strike, b.ts - l.ago AS ts, b.first_ts AS firstTs
     FROM batches b JOIN leg_rows l ON l.epoch = b.epoch AND l.seq = b.seq JOIN contracts c ON c.id = l.contract
     WHERE b."index" = ? AND b.bucket = ? AND (b.epoch, b.seq) <= (?, ?) AND b.ts - l.ago <= ?
     ORDER BY b.epoch DESC, b.seq DESC, l.row DESC`,
  )
  const window = recordedWindow(database, index, bucket)
  const found = new Map<number, LegKey>()
  let awaited: Set<number> | null = null
  for (const key of backwards.iterate(index, bucket, last.epoch, last.seq, at)) {
    awaited ??= window.around(strikes.indexOf(key.strike) - key.offset, strikes)
    if (!found.has(key.contract)) found.set(key.contract, key)
    awaited.delete(key.contract)
    if (awaited.size === 0) break
  }
  return legsOf(database, [...found.values()])
}

/** Offsets from the ATM that the day recorded, by the last leg of each contract. */
function recordedWindow(database: Database, index: IndexName, bucket: Bucket) {
  const last = database.prepare<[string, string], { contract: number; strike: number; offset: number }>(
    `SELECT c.id AS contract, c.strike, l.offset FROM contracts c JOIN last_legs x ON x.contract = c.id
     JOIN leg_rows l ON l.epoch = x.epoch AND l.seq = x.seq AND l.row = x.row WHERE c."index" = ? AND c.bucket = ?`,
  )
  const contracts = last.all(index, bucket)
  const offsets = contracts.map(({ offset }) => offset)
  const [least, most] = [Math.min(...offsets), Math.max(...offsets)]
  return {
    /** Contracts of the window while the ATM is the strike at a place. */
    around(atm: number, strikes: readonly number[]): Set<number> {
      const within = contracts.filter(({ strike }) => {
        const offset = strikes.indexOf(strike) - atm
        return offset >= least && offset <= most
      })
      return new Set(within.map(({ contract }) => contract))
    },
  }
}

function legsOf(database: Database, keys: readonly LegKey[]): readonly Leg[] {
  const byKey = database.prepare<[number, number, number], Leg>(
    `SELECT ${LEG_SELECT} FROM keyed_legs k WHERE k.epoch = ? AND k.seq = ? AND k.row = ?`,
  )
  return keys.flatMap(({ epoch, seq, row }) => byKey.all(epoch, seq, row))
}

/** Receipts of a chain's legs nearest to an instant on either side of it. */
export function instantsAroundIn(database: Database, index: IndexName, bucket: Bucket, at: number): Instants {
  const chain = { index, bucket }
  const earlier = lastBatch(database, chain, ({ firstTs }) => firstTs < at)
  const passed = lastBatch(database, chain, ({ ts }) => ts <= at)
  const newestBefore = database
    .prepare<[number, number, number], number | null>(
      `SELECT max(b.ts - l.ago) FROM batches b JOIN leg_rows l ON l.epoch = b.epoch AND l.seq = b.seq
       WHERE b.epoch = ? AND b.seq = ? AND b.ts - l.ago < ?`,
    )
    .pluck()
  return {
    before: earlier === null ? null : (newestBefore.get(earlier.epoch, earlier.seq, at) ?? null),
    after: firstAfter(database, chain, passed, at),
  }
}

function firstAfter(
  database: Database,
  { index, bucket }: Pick<ChangesQuery, 'index' | 'bucket'>,
  passed: BatchKey | null,
  at: number,
): number | null {
  const key = [passed?.epoch ?? -1, passed?.seq ?? -1] as const
  const legs = database.prepare<[string, string, number, number, number], LegKey>(
    `SELECT l.epoch, l.seq, l.row, l.contract, b.ts - l.ago AS ts, b.first_ts AS firstTs
     FROM batches b JOIN leg_rows l ON l.epoch = b.epoch AND l.seq = b.seq
     WHERE b."index" = ? AND b.bucket = ? AND (b.epoch, b.seq) > (?, ?) AND b.ts - l.ago > ?
     ORDER BY b.epoch, b.seq, l.row`,
  )
  let found: LegKey | null = null
  for (const leg of legs.iterate(index, bucket, ...key, at)) {
    // The oldest of the first batch that has any.
    if (found !== null && (leg.epoch !== found.epoch || leg.seq !== found.seq)) break
    if (found === null || leg.ts < found.ts) found = leg
  }
  return found?.ts ?? null
}

/** The last leg of each contract that was received within each step of a stretch, in the order of the record. */
export function changesIn(database: Database, query: ChangesQuery): readonly (readonly Leg[])[] {
  const { from, stepMs, steps } = query
  const until = from + steps * stepMs
  const byStep = Array.from({ length: steps }, () => new Map<number, LegKey>())
  for (const key of keysSince(database, query, until)) {
    byStep[Math.ceil((key.ts - from) / stepMs) - 1]?.set(key.contract, key)
  }
  return byStep.map((keys) => legsOf(database, [...keys.values()]))
}

function* keysSince(database: Database, query: ChangesQuery, until: number): Iterable<LegKey> {
  const { index, bucket, from } = query
  const first = lastBatch(database, query, ({ firstTs }) => firstTs <= from)
  const legs = database.prepare<[string, string, number, number], LegKey>(
    `SELECT l.epoch, l.seq, l.row, l.contract, b.ts - l.ago AS ts, b.first_ts AS firstTs
     FROM batches b JOIN leg_rows l ON l.epoch = b.epoch AND l.seq = b.seq
     WHERE b."index" = ? AND b.bucket = ? AND (b.epoch, b.seq) >= (?, ?) ORDER BY b.epoch, b.seq, l.row`,
  )
  for (const key of legs.iterate(index, bucket, first?.epoch ?? 0, first?.seq ?? 0)) {
    if (key.firstTs > until) return
    if (key.ts > from && key.ts <= until) yield key
  }
}

/** From the first to the last batch of an index; null when the day has none. */
export function recordedStretchIn(database: Database, index: IndexName): RecordedStretch | null {
  const end = (order: 'ASC' | 'DESC') =>
    database.prepare<[string, string], BatchKey>(
      `SELECT ${KEY} ${OF_CHAIN} ORDER BY epoch ${order}, seq ${order} LIMIT 1`,
    )
  const [firstOf, lastOf] = [end('ASC'), end('DESC')]
  const buckets = database.prepare<[string], string>('SELECT DISTINCT bucket FROM contracts WHERE "index" = ?').pluck()
  const ends = buckets.all(index).flatMap((bucket) => {
    const [first, last] = [firstOf.get(index, bucket), lastOf.get(index, bucket)]
    return first === undefined || last === undefined ? [] : [{ from: first.firstTs, to: last.ts }]
  })
  if (ends.length === 0) return null
  return { from: Math.min(...ends.map(({ from }) => from)), to: Math.max(...ends.map(({ to }) => to)) }
}
