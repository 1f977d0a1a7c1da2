import type { Migration } from '../sqlite.ts'

/** What a day that is over amounts to (ADR 15). A file with a row here has no log and is not written to. */
export const daySeal: Migration = {
  version: 6,
  sql: `
CREATE TABLE seal (
  id       INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
  digest   TEXT    NOT NULL,
  checksum INTEGER NOT NULL
) STRICT;
`,
}
