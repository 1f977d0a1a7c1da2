import type { Migration } from '../sqlite.ts'

/** IV by strike through the day, strike and IV by turns as JSON; the last one is what the next day compares with. */
export const daySmiles: Migration = {
  version: 4,
  sql: `
CREATE TABLE smiles (
  "index" TEXT    NOT NULL,
  expiry  TEXT    NOT NULL,
  ts      INTEGER NOT NULL,
  points  TEXT    NOT NULL,
  PRIMARY KEY ("index", expiry, ts)
) STRICT, WITHOUT ROWID;
`,
}
