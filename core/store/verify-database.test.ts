import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DAY_MIGRATIONS } from './day-file.ts'
import { META_MIGRATIONS } from './meta-store.ts'
import { type Migration, openDatabase } from './sqlite.ts'
import { databaseFaults } from './verify-database.ts'

describe('a database of an older version', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'older-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const open = (migrations: readonly Migration[]) =>
    openDatabase(join(folder, 'some.db'), { synchronous: 'NORMAL', migrations })

  const written = (migrations: readonly Migration[], sql: string) => {
    const older = open(migrations)
    older.exec(sql)
    expect(databaseFaults(older, migrations)).toEqual([])
    older.close()
  }

  it('has the rows of a day checked once it was opened for writing', () => {
    written(
      DAY_MIGRATIONS.slice(0, 4),
      `INSERT INTO position VALUES (1, 1, 1, 0, 77, 3);
       INSERT INTO contracts VALUES (1, 'NIFTY', 'this_week', '2026-11-24', 24000.5, 'CE', 'NIFTY26NOV24000CE', 256);
       INSERT INTO batches VALUES (1, 1, 5, 4, 'NIFTY', 'this_week', 'sim', 0, 2405010, 0, NULL, NULL, x'00ff');
       INSERT INTO underlying_rows VALUES (1, 1, 1, 0, 5, 'NIFTY 50', 'NIFTY', 2405010, 1, 2, 3, 4, NULL, NULL, 5000);
       INSERT INTO gaps VALUES (1, 1, 2, 5, 1, 4, 'disk', NULL, NULL);
       INSERT INTO sessions VALUES (1, 1, 3, 5, 'sim', 'phase', 'open “F&O”');
       INSERT INTO analytics ("index", expiry, ts, every_ms, vix, full_pe_oi) VALUES ('NIFTY', '2026-11-24', 5, 5000, 11.25, 3e9);
       INSERT INTO buckets VALUES ('NIFTY', 'this_week', '2026-11-24');
       INSERT INTO smiles VALUES ('NIFTY', '2026-11-24', 5, '[24000,0.123456]')`,
    )
    const now = open(DAY_MIGRATIONS)
    expect(databaseFaults(now, DAY_MIGRATIONS)).toEqual([])
    now.exec('UPDATE analytics SET vix = 11.26')
    expect(databaseFaults(now, DAY_MIGRATIONS)).toEqual(['1 rows of analytics are not what was written'])
    now.close()
  })

  it('keeps rules, alerts and that there were some', () => {
    written(
      META_MIGRATIONS.slice(0, 2),
      `INSERT INTO cursors VALUES ('csv', 'a');
       INSERT INTO alert_rules (id, fields, active, fired_at) VALUES ('r-1', '{}', 1, 5), ('r-2', '{}', NULL, NULL);
       DELETE FROM alert_rules WHERE id = 'r-1';
       INSERT INTO alerts (id, alert) VALUES ('a-1', '{"value":1}')`,
    )
    const now = open(META_MIGRATIONS)
    expect(databaseFaults(now, META_MIGRATIONS)).toEqual([])
    expect(now.prepare('SELECT place, id FROM alert_rules').all()).toEqual([{ place: 2, id: 'r-2' }])
    expect(now.prepare('SELECT had_rules FROM alert_state').pluck().get()).toBe(1)
    expect(now.prepare('SELECT id, alert FROM alerts').all()).toEqual([{ id: 'a-1', alert: '{"value":1}' }])
    now.close()
  })
})
