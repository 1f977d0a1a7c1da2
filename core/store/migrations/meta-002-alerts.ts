import type { Migration } from '../sqlite.ts'

/**
 * Alert rules with where they stand, and what they raised. Numbers of AUTOINCREMENT are never used again: whether there
 * has ever been a rule is known from them. Times are epoch milliseconds of the market's clock.
 */
export const metaAlerts: Migration = {
  version: 2,
  sql: `
CREATE TABLE alert_rules (
  place    INTEGER PRIMARY KEY AUTOINCREMENT,
  id       TEXT    NOT NULL UNIQUE,
  fields   TEXT    NOT NULL CHECK (json_valid(fields)),
  active   INTEGER CHECK (active IN (0, 1)),
  fired_at INTEGER
) STRICT;

CREATE TABLE alerts (
  place INTEGER PRIMARY KEY AUTOINCREMENT,
  id    TEXT    NOT NULL UNIQUE,
  alert TEXT    NOT NULL CHECK (json_valid(alert))
) STRICT;
`,
}
