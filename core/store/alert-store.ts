import {
  type Alert,
  type AlertRuleFields,
  alertRuleFieldsSchema,
  alertSchema,
  MOST_ALERTS,
} from '../contract/alerts.ts'
import type { AlertStore, StoredAlertRule } from '../ports/alert-store.ts'
import { type Database, guardWrite } from './sqlite.ts'

interface RuleRow {
  readonly id: string
  readonly fields: string
  readonly active: 0 | 1 | null
  readonly fired_at: number | null
}

interface AlertRow {
  readonly id: string
  readonly alert: string
}

/** Rules and alerts in `meta.db` at `path`; usable while the database is open. */
export function createAlertStore(path: string, database: () => Database): AlertStore {
  const write = (statements: (database: Database) => void) =>
    guardWrite(path, () => database().transaction(() => statements(database()))())
  return {
    load: () => load(database()),
    saveRule: ({ id, fields, state }) =>
      write((opened) => {
        const upsert = `INSERT INTO alert_rules (id, fields) VALUES (?, ?)
          ON CONFLICT (id) DO UPDATE SET fields = excluded.fields`
        opened.prepare(upsert).run(id, JSON.stringify(fields))
        opened.prepare('REPLACE INTO alert_state VALUES (1, 1, row_checksum(1, 1))').run()
        saveState(opened, id, state)
      }),
    removeRule: (id) => write((opened) => opened.prepare('DELETE FROM alert_rules WHERE id = ?').run(id)),
    record: ({ states, alerts }) =>
      write((opened) => {
        for (const { id, state } of states) saveState(opened, id, state)
        const upsert =
          'INSERT INTO alerts (id, alert) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET alert = excluded.alert'
        for (const alert of alerts) {
          opened.prepare(upsert).run(alert.id, JSON.stringify(alert))
          opened.prepare('UPDATE alerts SET checksum = row_checksum(place, id, alert) WHERE id = ?').run(alert.id)
        }
        const trim = `DELETE FROM alerts WHERE place <= (SELECT place FROM alerts ORDER BY place DESC LIMIT 1 OFFSET ?)`
        opened.prepare(trim).run(MOST_ALERTS)
      }),
  }
}

function saveState(database: Database, id: string, { active, firedAt }: StoredAlertRule['state']): void {
  const update = 'UPDATE alert_rules SET active = ?, fired_at = ? WHERE id = ?'
  database.prepare(update).run(active === null ? null : Number(active), firedAt, id)
  const check = 'UPDATE alert_rules SET checksum = row_checksum(place, id, fields, active, fired_at) WHERE id = ?'
  database.prepare(check).run(id)
}

function load(database: Database): ReturnType<AlertStore['load']> {
  const unreadable: string[] = []
  const rules = database
    .prepare<[], RuleRow>('SELECT id, fields, active, fired_at FROM alert_rules ORDER BY place')
    .all()
    .flatMap((row): StoredAlertRule[] => {
      const fields = readFields(row.fields)
      if (fields === null) unreadable.push(row.id)
      const active = row.active === null ? null : row.active === 1
      return fields === null ? [] : [{ id: row.id, fields, state: { active, firedAt: row.fired_at } }]
    })
  const history = database
    .prepare<[number], AlertRow>('SELECT id, alert FROM alerts ORDER BY place DESC LIMIT ?')
    .all(MOST_ALERTS)
    .flatMap((row): Alert[] => {
      const alert = alertSchema.safeParse(JSON.parse(row.alert))
      if (!alert.success) unreadable.push(row.id)
      return alert.success ? [alert.data] : []
    })
  const hadRules = database.prepare('SELECT had_rules FROM alert_state').pluck().get() === 1
  return { rules, history, unreadable, hadRules }
}

/** null for what this version does not know, such as an index that has another name now. */
function readFields(text: string): AlertRuleFields | null {
  const fields = alertRuleFieldsSchema.safeParse(JSON.parse(text))
  return fields.success ? fields.data : null
}
