import type { Migration } from '../sqlite.ts'

/** Where each consumer of the journal stands. */
export const metaCursors: Migration = {
  version: 1,
  sql: `
CREATE TABLE cursors (
  name  TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`,
}
