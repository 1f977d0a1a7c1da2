import type { Migration } from '../sqlite.ts'

/**
 * A checksum in every row. AUTOINCREMENT goes, since SQLite keeps its numbers in a table of its own that cannot have
 * one; `alert_state` says instead that there has been a rule.
 */
export const metaChecksums: Migration = {
  version: 3,
  sql: `
ALTER TABLE cursors ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
UPDATE cursors SET checksum = row_checksum(name, value);

CREATE TABLE alert_state (
  id        INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
  had_rules INTEGER NOT NULL CHECK (had_rules IN (0, 1)),
  checksum  INTEGER NOT NULL
) STRICT;
INSERT INTO alert_state SELECT 1, had, row_checksum(1, had)
  FROM (SELECT count(*) AS had FROM sqlite_sequence WHERE name = 'alert_rules');

CREATE TABLE checked_rules (
  place    INTEGER NOT NULL PRIMARY KEY,
  id       TEXT    NOT NULL UNIQUE,
  fields   TEXT    NOT NULL CHECK (json_valid(fields)),
  active   INTEGER CHECK (active IN (0, 1)),
  fired_at INTEGER,
  checksum INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO checked_rules
  SELECT place, id, fields, active, fired_at, row_checksum(place, id, fields, active, fired_at) FROM alert_rules;
DROP TABLE alert_rules;
ALTER TABLE checked_rules RENAME TO alert_rules;

CREATE TABLE checked_alerts (
  place    INTEGER NOT NULL PRIMARY KEY,
  id       TEXT    NOT NULL UNIQUE,
  alert    TEXT    NOT NULL CHECK (json_valid(alert)),
  checksum INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO checked_alerts SELECT place, id, alert, row_checksum(place, id, alert) FROM alerts;
DROP TABLE alerts;
ALTER TABLE checked_alerts RENAME TO alerts;
`,
}
