import { rmSync } from 'node:fs'
import Sqlite from 'better-sqlite3'
import type { Database } from './sqlite.ts'

interface SchemaItem {
  readonly type: string
  readonly name: string
  readonly sql: string
}

/**
 * Writes a database of the same schema with some of the rows: of each table those that `rowsOf` gives a condition for
 * (`''`: all), none where it gives null. It is not synced yet.
 */
export function copyStore(from: string, to: string, rowsOf: (table: string) => string | null): void {
  rmSync(to, { force: true })
  const database = new Sqlite(from, { readonly: true, fileMustExist: true })
  try {
    copyTo(database, to, rowsOf)
  } finally {
    database.close()
  }
}

function copyTo(from: Database, to: string, rowsOf: (table: string) => string | null): void {
  const items = from
    .prepare<[], SchemaItem>(
      "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY rowid",
    )
    .all()
  const copy = new Sqlite(to)
  try {
    copy.transaction(() => {
      for (const { sql } of items) copy.exec(sql)
      for (const { type, name } of items) {
        const where = type === 'table' ? rowsOf(name) : null
        if (where !== null) copyRows(from, copy, name, where)
      }
    })()
    copy.pragma(`user_version = ${Number(from.pragma('user_version', { simple: true }))}`)
  } finally {
    copy.close()
  }
}

function copyRows(from: Database, to: Database, table: string, where: string): void {
  const rows = from.prepare<[], unknown[]>(`SELECT * FROM "${table}" ${where}`).raw()
  const insert = to.prepare(
    `INSERT INTO "${table}" VALUES (${rows
      .columns()
      .map(() => '?')
      .join(', ')})`,
  )
  for (const row of rows.iterate()) insert.run(...row)
}
