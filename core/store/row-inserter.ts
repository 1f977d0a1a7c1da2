import type { Statement } from 'better-sqlite3'
import type { SqlValue } from './row-checksum.ts'
import type { Database } from './sqlite.ts'

/** Rows in one statement: the gain over single rows is had at about forty. */
const ROWS_PER_STATEMENT = 40

/** Inserts rows given as one flat array of values, many rows a statement. */
export interface RowInserter {
  /** Width of a row. */
  readonly columns: number
  insert(values: readonly SqlValue[]): void
}

export function createRowInserter(
  database: Database,
  table: string,
  columns: number,
  verb: 'INSERT' | 'REPLACE' | 'INSERT OR IGNORE' = 'INSERT',
): RowInserter {
  const row = `(${Array(columns).fill('?').join(',')})`
  const statements = new Map<number, Statement<[readonly SqlValue[]]>>()
  const statementFor = (rows: number) => {
    const known = statements.get(rows)
    if (known !== undefined) return known
    const sql = `${verb} INTO ${table} VALUES ${Array(rows).fill(row).join(',')}`
    const statement = database.prepare<[readonly SqlValue[]]>(sql)
    statements.set(rows, statement)
    return statement
  }
  return {
    columns,
    insert(values) {
      const step = columns * ROWS_PER_STATEMENT
      for (let at = 0; at < values.length; at += step) {
        const part = values.slice(at, at + step)
        statementFor(part.length / columns).run(part)
      }
    },
  }
}
