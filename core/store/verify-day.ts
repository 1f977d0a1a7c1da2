import { LEG_COLUMNS, type Leg } from '../domain/leg.ts'
import { DAY_MIGRATIONS } from './day-file.ts'
import { digestSteps, readSeal } from './day-seal.ts'
import { type Database, openReadOnly } from './sqlite.ts'
import { databaseFaults } from './verify-database.ts'

export interface DayVerification {
  readonly batches: number
  readonly legs: number
  /** The digest that a sealed day carries and was found to have; null = not sealed, or damaged. */
  readonly digest: string | null
  /** What is not as it was written, one sentence each; empty = sound. At most 20 and how many more there are. */
  readonly faults: readonly string[]
}

export type DigestOf = (legs: readonly Leg[]) => Uint8Array

const MAX_FAULTS = 20

interface KeyedLeg extends Leg {
  readonly key_epoch: number
  readonly key_seq: number
  readonly key_row: number
  readonly contract: number
}

interface StoredBatch {
  readonly epoch: number
  readonly seq: number
  readonly count: number
  readonly digest: Uint8Array
}

interface LastLeg {
  readonly contract: number
  readonly epoch: number
  readonly seq: number
  readonly row: number
}

const LEGS = `SELECT epoch AS key_epoch, seq AS key_seq, row AS key_row, contract,
  ${LEG_COLUMNS.map(({ name }) => `"${name}"`).join(', ')} FROM keyed_legs ORDER BY epoch, seq, row`

/**
 * Reads a day's file whole and holds every batch against the digest that was stored beside it, every other row against
 * its checksum, and a sealed day against its seal: a flipped bit that SQLite's own check passes over is found so.
 * Throws `store_unreadable` when the file cannot be opened.
 */
export function verifyDay(path: string, digestOf: DigestOf): DayVerification {
  return stepThrough(verifyDaySteps(path, digestOf))
}

/** All steps without a pause. */
export function stepThrough<Result>(steps: Generator<void, Result>): Result {
  for (let step = steps.next(); ; step = steps.next()) if (step.done) return step.value
}

/** The same by steps of a few milliseconds; SQLite's own check of a large file alone takes longer. */
export function* verifyDaySteps(path: string, digestOf: DigestOf): Generator<void, DayVerification> {
  const database = openReadOnly(path)
  const faults: string[] = []
  try {
    // One state of a file that may be written to meanwhile.
    database.exec('BEGIN')
    faults.push(...databaseFaults(database, DAY_MIGRATIONS))
    yield
    const { batches, legs } = yield* checkBatches(database, digestOf, faults)
    const seal = readSeal(database)
    if (seal !== null && (yield* digestSteps(database)) !== seal) faults.push('the day is not what was sealed')
    return { batches, legs, digest: faults.length === 0 ? seal : null, faults: shortened(faults) }
  } catch (fault) {
    // Whatever SQLite meets while it reads is damage; it must not hide what was found before.
    faults.push(fault instanceof Error ? fault.message : String(fault))
    return { batches: 0, legs: 0, digest: null, faults: shortened(faults) }
  } finally {
    database.close()
  }
}

function* checkBatches(
  database: Database,
  digestOf: DigestOf,
  faults: string[],
): Generator<void, { readonly batches: number; readonly legs: number }> {
  const stored = database.prepare<[], StoredBatch>('SELECT epoch, seq, count, digest FROM batches ORDER BY epoch, seq')
  const groups = legGroups(database)
  const last = new Map<number, KeyedLeg>()
  let batches = 0
  let legs = 0
  try {
    let group = groups.next()
    // Both are in the order of the record, and the view has no legs but those of a batch.
    for (const batch of stored.iterate()) {
      const own = !group.done && isOf(group.value[0], batch) ? group.value : []
      if (own.length > 0) group = groups.next()
      batches += 1
      legs += own.length
      for (const leg of own) last.set(leg.contract, leg)
      faults.push(...batchFaults(batch, own, digestOf))
      yield
    }
  } finally {
    // A query that is still open would keep the file from being closed.
    groups.return([])
  }
  const orphans = Number(database.prepare('SELECT count(*) FROM leg_rows').pluck().get()) - legs
  if (orphans !== 0) faults.push(`${orphans} legs belong to no batch`)
  const wrong = wrongLastLegs(database, last)
  if (wrong > 0) faults.push(`${wrong} of the contracts' last legs are not the last ones`)
  return { batches, legs }
}

function batchFaults(
  { epoch, seq, count, digest }: StoredBatch,
  own: readonly KeyedLeg[],
  digestOf: DigestOf,
): string[] {
  const name = `batch ${epoch}-${seq}`
  if (own.length !== count) return [`${name} has ${own.length} of its ${count} legs`]
  if (own.some((leg, row) => leg.key_row !== row)) return [`the legs of ${name} are not numbered`]
  return Buffer.compare(digestOf(own), digest) === 0 ? [] : [`${name} is not what was written`]
}

/** How many contracts have another last leg in their table than the rows give, or only in one of the two. */
function wrongLastLegs(database: Database, last: ReadonlyMap<number, KeyedLeg>): number {
  const stored = database.prepare<[], LastLeg>('SELECT contract, epoch, seq, row FROM last_legs').all()
  const same = stored.filter(({ contract, epoch, seq, row }) => {
    const leg = last.get(contract)
    return leg?.key_epoch === epoch && leg.key_seq === seq && leg.key_row === row
  })
  return Math.max(stored.length, last.size) - same.length
}

function isOf(leg: KeyedLeg | undefined, { epoch, seq }: StoredBatch): boolean {
  return leg?.key_epoch === epoch && leg.key_seq === seq
}

/** Legs batch by batch; one batch is in memory at a time. */
function* legGroups(database: Database): Generator<KeyedLeg[]> {
  let group: KeyedLeg[] = []
  for (const leg of database.prepare<[], KeyedLeg>(LEGS).iterate()) {
    const [first] = group
    if (first !== undefined && (first.key_epoch !== leg.key_epoch || first.key_seq !== leg.key_seq)) {
      yield group
      group = []
    }
    group.push(leg)
  }
  if (group.length > 0) yield group
}

function shortened(faults: readonly string[]): readonly string[] {
  if (faults.length <= MAX_FAULTS) return faults
  return [...faults.slice(0, MAX_FAULTS), `and ${faults.length - MAX_FAULTS} more`]
}

/** Digests of the batches of an index and bucket in a day's file, by `<epoch>-<seq>`. Throws `store_unreadable`. */
export function batchDigestsIn(path: string, index: string, bucket: string): ReadonlyMap<string, Uint8Array> {
  const database = openReadOnly(path)
  try {
    const sql = 'SELECT epoch, seq, digest FROM batches WHERE "index" = ? AND bucket = ?'
    type Row = Omit<StoredBatch, 'count'>
    const rows = database.prepare<[string, string], Row>(sql).all(index, bucket)
    return new Map(rows.map(({ epoch, seq, digest }) => [`${epoch}-${seq}`, digest]))
  } finally {
    database.close()
  }
}
