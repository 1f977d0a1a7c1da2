import Sqlite from 'better-sqlite3'
import type { PlacedLeg } from '../domain/leg.ts'
import { createContractIds } from './contract-ids.ts'
import { copyStore } from './copy-store.ts'
import { pushLegRow, ROW_WIDTH } from './day-rows.ts'
import type { SqlValue } from './row-checksum.ts'
import { createRowInserter } from './row-inserter.ts'
import { type Database, openReadOnly } from './sqlite.ts'

/** Legs in the order of the record, in parts of which one is in memory at a time. */
export type LegParts = AsyncIterable<Iterable<PlacedLeg>>

/** The table that an archived store is without. */
export const LEG_ROWS = 'leg_rows'

/** Writes the store of a day without the rows of its legs: some ninth of its bytes. */
export function writeWithoutLegs(from: string, to: string): void {
  copyStore(from, to, (table) => (table === LEG_ROWS ? null : ''))
}

/** Puts the rows of the legs into a store that was written without them. Throws when they do not belong there. */
export async function putLegs(path: string, parts: LegParts): Promise<void> {
  const database = new Sqlite(path, { fileMustExist: true })
  try {
    // A copy that is whole or thrown away needs no way back.
    database.pragma('journal_mode = OFF')
    database.pragma('synchronous = OFF')
    const inserter = createRowInserter(database, LEG_ROWS, ROW_WIDTH.leg)
    const pushRow = createRowMaker(database)
    database.exec('BEGIN')
    for await (const part of parts) {
      let values: SqlValue[] = []
      for (const leg of part) {
        pushRow(values, leg)
        if (values.length < FULL) continue
        inserter.insert(values)
        values = []
      }
      inserter.insert(values)
    }
    database.exec('COMMIT')
  } finally {
    database.close()
  }
}

/** Values that are inserted together. */
const FULL = 4000 * ROW_WIDTH.leg

/**
 * Whether `parts` give back the rows of the legs in a store: every one, in their order, with every value. Returns what is
 * different, null when nothing is; throws what `parts` throw, and when a leg does not belong there.
 */
export async function differenceOfLegs(path: string, parts: LegParts): Promise<string | null> {
  const database = openReadOnly(path)
  const stored = database.prepare<[], SqlValue[]>(`SELECT * FROM ${LEG_ROWS} ORDER BY epoch, seq, row`).raw().iterate()
  try {
    const pushRow = createRowMaker(database)
    for await (const part of parts) {
      for (const leg of part) {
        const row: SqlValue[] = []
        pushRow(row, leg)
        const { value: expected, done } = stored.next()
        if (done === true) return `it has a leg more: ${leg.batch} ${leg.row}`
        if (expected.some((value, column) => value !== row[column])) return `leg ${leg.row} of ${leg.batch} is another`
      }
    }
    return stored.next().done === true ? null : 'legs are missing'
  } finally {
    // A query that is still open would keep the file from being closed.
    stored.return?.()
    database.close()
  }
}

/** What all legs of a batch share. */
type Shared = Pick<PlacedLeg, 'index' | 'bucket' | 'source' | 'spot' | 'forward' | 'forward_method'>

interface StoredBatch extends Shared {
  readonly epoch: number
  readonly seq: number
  readonly ts: number
}

const BATCH = `SELECT epoch, seq, ts, "index", bucket, source, spot / 100.0 AS spot, forward / 100.0 AS forward,
  forward_method FROM batches WHERE epoch = ? AND seq = ?`
const SHARED = ['index', 'bucket', 'source', 'spot', 'forward', 'forward_method'] as const satisfies (keyof Shared)[]

/** Appends the row of a leg as the store has it. Throws when its batch or its contract is not there, or another. */
function createRowMaker(database: Database): (to: SqlValue[], leg: PlacedLeg) => void {
  const select = database.prepare<[number, number], StoredBatch>(BATCH)
  const contracts = createContractIds(database)
  let last: { readonly name: string; readonly batch: StoredBatch } | null = null
  const batchOf = ({ batch: name }: PlacedLeg) => {
    if (last?.name === name) return last.batch
    const [epoch = Number.NaN, seq = Number.NaN] = name.split('-').map(Number)
    const batch = select.get(epoch, seq)
    if (batch === undefined) throw new Error(`there is no batch ${name}`)
    last = { name, batch }
    return batch
  }
  return (to, leg) => {
    const batch = batchOf(leg)
    const wrong = SHARED.find((name) => leg[name] !== batch[name])
    if (wrong !== undefined) throw new Error(`leg ${leg.row} of ${leg.batch} has another ${wrong} than its batch`)
    const contract = contracts.find(leg)
    if (contract === null) throw new Error(`there is no contract ${leg.symbol}`)
    pushLegRow(to, batch, leg.row, contract, batch.ts, leg)
  }
}
