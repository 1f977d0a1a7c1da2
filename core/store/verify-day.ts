import { LEG_COLUMNS, type Leg } from '../domain/leg.ts'
import { DAY_MIGRATIONS } from './day-file.ts'
import { type Database, openReadOnly } from './sqlite.ts'
import { databaseFaults } from './verify-database.ts'

export interface DayVerification {
  readonly batches: number
  readonly legs: number
  /** What is not as it was written, one sentence each; empty = sound. At most 20 and how many more there are. */
  readonly faults: readonly string[]
}

const MAX_FAULTS = 20

interface KeyedLeg extends Leg {
  readonly key_epoch: number
  readonly key_seq: number
  readonly key_row: number
}

interface StoredBatch {
  readonly epoch: number
  readonly seq: number
  readonly count: number
  readonly digest: Uint8Array
}

const LEGS = `SELECT epoch AS key_epoch, seq AS key_seq, row AS key_row, ${LEG_COLUMNS.map(({ name }) => `"${name}"`).join(', ')}
  FROM keyed_legs ORDER BY epoch, seq, row`

/** The table of last legs and what the rows give: the same by two ways. */
const LAST_LEGS = 'SELECT contract, epoch, seq, row FROM last_legs'
const LAST_ROWS = `SELECT contract, epoch, seq, row FROM (SELECT contract, epoch, seq, row,
  row_number() OVER (PARTITION BY contract ORDER BY epoch DESC, seq DESC, row DESC) AS nth FROM leg_rows) WHERE nth = 1`
const WRONG_LAST_LEGS = `SELECT (SELECT count(*) FROM (${LAST_LEGS} EXCEPT ${LAST_ROWS}))
  + (SELECT count(*) FROM (${LAST_ROWS} EXCEPT ${LAST_LEGS}))`

/**
 * Reads a day's file whole and holds every batch against the digest that was stored beside it, and every other row
 * against its checksum: a flipped bit that SQLite's own check passes over is found so. Throws `store_unreadable` when
 * the file cannot be opened.
 */
export function verifyDay(path: string, digestOf: (legs: readonly Leg[]) => Uint8Array): DayVerification {
  const database = openReadOnly(path)
  const faults: string[] = []
  try {
    // One state of a file that may be written to meanwhile.
    database.exec('BEGIN')
    faults.push(...databaseFaults(database, DAY_MIGRATIONS))
    const { batches, legs } = checkBatches(database, digestOf, faults)
    const wrong = Number(database.prepare(WRONG_LAST_LEGS).pluck().get())
    if (wrong > 0) faults.push(`${wrong} of the contracts' last legs are not the last ones`)
    return { batches, legs, faults: shortened(faults) }
  } catch (fault) {
    // Whatever SQLite meets while it reads is damage; it must not hide what was found before.
    faults.push(fault instanceof Error ? fault.message : String(fault))
    return { batches: 0, legs: 0, faults: shortened(faults) }
  } finally {
    database.close()
  }
}

function checkBatches(
  database: Database,
  digestOf: (legs: readonly Leg[]) => Uint8Array,
  faults: string[],
): { readonly batches: number; readonly legs: number } {
  const stored = database.prepare<[], StoredBatch>('SELECT epoch, seq, count, digest FROM batches ORDER BY epoch, seq')
  const groups = legGroups(database)
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
      const name = `${batch.epoch}-${batch.seq}`
      if (own.length !== batch.count) faults.push(`batch ${name} has ${own.length} of its ${batch.count} legs`)
      else if (own.some((leg, row) => leg.key_row !== row)) faults.push(`the legs of batch ${name} are not numbered`)
      else if (Buffer.compare(digestOf(own), batch.digest) !== 0) faults.push(`batch ${name} is not what was written`)
    }
  } finally {
    // A query that is still open would keep the file from being closed.
    groups.return([])
  }
  const orphans = Number(database.prepare('SELECT count(*) FROM leg_rows').pluck().get()) - legs
  if (orphans !== 0) faults.push(`${orphans} legs belong to no batch`)
  return { batches, legs }
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
