import { createHash } from 'node:crypto'
import { chmodSync } from 'node:fs'
import { DAY_MIGRATIONS, readPosition } from './day-file.ts'
import type { NumberedPosition } from './day-rows.ts'
import { rowText, type SqlValue, withChecksum } from './row-checksum.ts'
import { type Database, guardWrite, openDatabase, openReadOnly } from './sqlite.ts'

/** Rows between two pauses. */
const STEP_ROWS = 500
const READ_ONLY = 0o444
/** The digests of the batches speak for the legs; last legs follow from them; a seal does not cover itself. */
const SPOKEN_FOR: ReadonlySet<string> = new Set(['leg_rows', 'last_legs', 'seal'])

/**
 * The logical digest of a day: sha256 over the rows of every table in the order of its key, legs by the digests of
 * their batches. The same record gives the same digest, whenever and however often its file is built. Each step is a
 * few milliseconds of work. With other tables left out it is a digest of its own, for comparing two files.
 */
export function* digestSteps(database: Database, leftOut: ReadonlySet<string> = SPOKEN_FOR): Generator<void, string> {
  const hash = createHash('sha256')
  const tables: unknown[] = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").pluck().all()
  for (const table of tables.map(String).sort()) {
    if (leftOut.has(table)) continue
    hash.update(`${table}\n`)
    let rows = 0
    for (const row of rowsOf(database, table)) {
      hash.update(`${rowText(row)}\n`)
      rows += 1
      if (rows % STEP_ROWS === 0) yield
    }
  }
  return hash.digest('hex')
}

function rowsOf(database: Database, table: string): IterableIterator<readonly SqlValue[]> {
  type Column = { readonly name: string; readonly pk: number }
  const columns = database.prepare<[string], Column>('SELECT name, pk FROM pragma_table_info(?)').all(table)
  const key = columns.filter(({ pk }) => pk > 0).sort((a, b) => a.pk - b.pk)
  // How often a file was synced says nothing about what is in it.
  const covered = columns.filter(({ name }) => name !== 'synced')
  const list = (some: readonly Column[]) => some.map(({ name }) => `"${name}"`).join(', ')
  return database
    .prepare<[], SqlValue[]>(`SELECT ${list(covered)} FROM "${table}" ORDER BY ${list(key)}`)
    .raw()
    .iterate()
}

/** The digest that stands in a sealed file; null in any other, and in one of an older version. */
export function readSeal(database: Database): string | null {
  if (database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'seal'").get() === undefined) return null
  return database.prepare<[], string>('SELECT digest FROM seal').pluck().get() ?? null
}

/** The last record in a file that stays as it is. Throws `store_unreadable`. */
export function positionIn(path: string): NumberedPosition | null {
  const database = openReadOnly(path)
  try {
    return readPosition(database)
  } finally {
    database.close()
  }
}

/**
 * Writes the digest into a file that holds nothing beyond `last`, ends its log and takes the right to write away.
 * False when the file has changed: nothing is sealed then. Throws OpError, also when somebody else reads the file.
 */
export function sealFile(path: string, last: NumberedPosition | null, digest: string): boolean {
  const database = openDatabase(path, { synchronous: 'FULL', migrations: DAY_MIGRATIONS })
  try {
    // A reader in the way leaves it to the next time instead of blocking this thread.
    database.pragma('busy_timeout = 0')
    if (!isSamePlace(readPosition(database), last)) return false
    guardWrite(path, () => {
      database.prepare('REPLACE INTO seal VALUES (?, ?, ?)').run(...withChecksum([1, digest]))
      database.pragma('journal_mode = DELETE')
    })
  } finally {
    database.close()
  }
  chmodSync(path, READ_ONLY)
  return true
}

function isSamePlace(a: NumberedPosition | null, b: NumberedPosition | null): boolean {
  return a?.epoch === b?.epoch && a?.seq === b?.seq && a?.nth === b?.nth && a?.crc === b?.crc
}
