import { alteredSchema, type Database, type Migration } from './sqlite.ts'

/** The checksum itself, and how often a file was synced, which says nothing about what is in it. */
const UNCOVERED: ReadonlySet<string> = new Set(['checksum', 'synced'])

/**
 * What is not as it was written, in any database of this folder: SQLite's own structure, the schema, and the rows that
 * have a checksum. A sentence each; empty = sound.
 */
export function databaseFaults(database: Database, migrations: readonly Migration[]): readonly string[] {
  const structure: unknown[] = database.prepare('PRAGMA integrity_check(20)').pluck().all()
  const altered = alteredSchema(database, migrations)
  const tables: unknown[] = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").pluck().all()
  return [
    ...structure.map(String).filter((line) => line !== 'ok'),
    ...altered.map((name) => `${name} is not as its version has it`),
    ...tables.flatMap((table) => wrongRows(database, String(table))),
  ]
}

function wrongRows(database: Database, table: string): readonly string[] {
  const names = database.prepare<[string], string>('SELECT name FROM pragma_table_info(?)').pluck().all(table)
  // Files of older versions have none, and nothing is known of their rows.
  if (!names.includes('checksum')) return []
  const covered = names.filter((name) => !UNCOVERED.has(name)).map((name) => `"${name}"`)
  const sql = `SELECT count(*) FROM "${table}" WHERE checksum IS NOT row_checksum(${covered.join(', ')})`
  const count = Number(database.prepare(sql).pluck().get())
  return count === 0 ? [] : [`${count} rows of ${table} are not what was written`]
}
