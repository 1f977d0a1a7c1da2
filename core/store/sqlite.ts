import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import Sqlite, { type Database } from 'better-sqlite3'
import { OpError } from '../kernel/errors.ts'
import { rowChecksum, type SqlValue } from './row-checksum.ts'

/**
 * One step of a schema. Steps are numbered from 1 without holes and never change once released. What a step does to rows
 * is for files that are there already: a new file gets the schema alone.
 */
export interface Migration {
  readonly version: number
  readonly sql: string
}

export interface OpenOptions {
  /** FULL: a commit survives a power cut. NORMAL: the file stays whole, the newest commits may go with the power. */
  readonly synchronous: 'FULL' | 'NORMAL'
  readonly migrations: readonly Migration[]
}

export type { Database } from 'better-sqlite3'

/** Before it, two connections could corrupt a file at a WAL reset (SQLite's change log, 3.51.3). */
const OLDEST_SQLITE = [3, 51, 3]
const BUSY_TIMEOUT_MS = 5000
const WAL_LIMIT_BYTES = 64 * 1024 * 1024
/** Half of that limit in pages: with the default of 1000 a busy day would sync every four megabytes. */
const WAL_AUTOCHECKPOINT_PAGES = 8192

function unreadable(path: string, fault: unknown): OpError {
  const reason = fault instanceof Error ? fault.message : String(fault)
  return new OpError('store_unreadable', { path, reason }, { cause: fault })
}

/** Runs `write`; a fault of SQLite becomes `file_unwritable`. Its transaction is rolled back by then. */
export function guardWrite<T>(path: string, write: () => T): T {
  try {
    return write()
  } catch (fault) {
    if (!(fault instanceof Sqlite.SqliteError)) throw fault
    throw new OpError('file_unwritable', { path, reason: fault.message }, { cause: fault })
  }
}

function isOlder(version: readonly number[], than: readonly number[]): boolean {
  const differs = than.findIndex((part, i) => part !== version[i])
  return differs !== -1 && (version[differs] ?? 0) < (than[differs] ?? 0)
}

function assertVersion(database: Database): void {
  const version = String(database.prepare('SELECT sqlite_version()').pluck().get())
  if (isOlder(version.split('.').map(Number), OLDEST_SQLITE))
    throw new Error(`SQLite ${version} is older than ${OLDEST_SQLITE.join('.')}`)
}

/** Makes `row_checksum(…)` known to the statements of a connection. */
function addChecksumFunction(database: Database): void {
  const options = { varargs: true, deterministic: true, directOnly: true }
  database.function('row_checksum', options, (...values: SqlValue[]) => rowChecksum(values))
}

/** Statements by the name of what they make, in their order; null for what SQLite makes itself. */
type Schema = ReadonlyMap<string, string | null>

function schemaIn(database: Database): Schema {
  type Row = { readonly name: string; readonly sql: string | null }
  const rows = database.prepare<[], Row>('SELECT name, sql FROM sqlite_master ORDER BY rowid').all()
  return new Map(rows.filter(({ name }) => !name.startsWith('sqlite_')).map(({ name, sql }) => [name, sql]))
}

const schemas = new WeakMap<readonly Migration[], Map<number, Schema>>()

/** What the steps up to a version make, one after the other. */
function schemaAt(migrations: readonly Migration[], version: number): Schema {
  const known = schemas.get(migrations) ?? new Map<number, Schema>()
  schemas.set(migrations, known)
  const made = known.get(version) ?? makeSchema(migrations.slice(0, version))
  known.set(version, made)
  return made
}

function makeSchema(migrations: readonly Migration[]): Schema {
  const database = new Sqlite(':memory:')
  try {
    addChecksumFunction(database)
    for (const { sql } of migrations) database.exec(sql)
    return schemaIn(database)
  } finally {
    database.close()
  }
}

function migrate(database: Database, migrations: readonly Migration[]): void {
  const latest = migrations.length
  const current = Number(database.pragma('user_version', { simple: true }))
  if (current > latest)
    throw new Error(`it was written by a newer version (schema ${current}, this one knows ${latest})`)
  if (current === latest) return
  // Step by step, a new file would take several times as long: SQLite reads its schema again with each change of a table.
  const steps =
    current === 0 ? [...schemaAt(migrations, latest).values()] : migrations.slice(current).map(({ sql }) => sql)
  database.transaction(() => {
    for (const sql of steps) if (sql !== null) database.exec(sql)
    database.pragma(`user_version = ${latest}`)
  })()
}

/** Opens a database for writing, in WAL, and brings its schema up to date. Throws `store_unreadable`; the file stays. */
export function openDatabase(path: string, { synchronous, migrations }: OpenOptions): Database {
  let database: Database | null = null
  try {
    mkdirSync(dirname(path), { recursive: true })
    database = new Sqlite(path, { timeout: BUSY_TIMEOUT_MS })
    assertVersion(database)
    addChecksumFunction(database)
    database.pragma('journal_mode = WAL')
    // better-sqlite3 leaves a reopened WAL database at NORMAL, whatever it was before.
    database.pragma(`synchronous = ${synchronous}`)
    database.pragma(`journal_size_limit = ${WAL_LIMIT_BYTES}`)
    database.pragma(`wal_autocheckpoint = ${WAL_AUTOCHECKPOINT_PAGES}`)
    migrate(database, migrations)
    return database
  } catch (fault) {
    database?.close()
    throw unreadable(path, fault)
  }
}

/** Opens an existing database for reading. Throws `store_unreadable`. */
export function openReadOnly(path: string): Database {
  try {
    const database = new Sqlite(path, { readonly: true, fileMustExist: true, timeout: BUSY_TIMEOUT_MS })
    addChecksumFunction(database)
    return database
  } catch (fault) {
    throw unreadable(path, fault)
  }
}

/** Tables, indices and views that are not as the migrations make them: a flipped bit may be in a view, too. */
export function alteredSchema(database: Database, migrations: readonly Migration[]): readonly string[] {
  const expected = schemaAt(migrations, Number(database.pragma('user_version', { simple: true })))
  const found = schemaIn(database)
  const names = new Set([...expected.keys(), ...found.keys()])
  return [...names].filter((name) => expected.get(name) !== found.get(name) || !found.has(name))
}

/** Empties the WAL into the file. A reader in the way leaves that to the next time instead of blocking this thread. */
export function checkpointWal(database: Database): void {
  database.pragma('busy_timeout = 0')
  try {
    database.pragma('wal_checkpoint(TRUNCATE)')
  } finally {
    database.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`)
  }
}
