import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { anAlert } from '../testing/alert-store-suite.ts'
import { createMetaStore } from './meta-store.ts'
import { verifyMeta } from './verify-meta.ts'

describe('the verification of meta.db', () => {
  let folder: string
  let path: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'verify-meta-'))
    path = join(folder, 'store', 'meta.db')
    const store = createMetaStore({ folder })
    await store.start()
    const target = { kind: 'chain', index: 'NIFTY', bucket: 'this_week', metric: 'spot' } as const
    const fields = {
      ...{ name: 'Spot', enabled: true, channels: [], cooldown_s: 300 },
      target: { ...target, condition: { op: 'above', value: 1 } as const },
    }
    store.cursors.save('csv', 'a')
    store.cursors.save('csv', 'b')
    store.alerts.saveRule({ id: 'r-1', fields, state: { active: null, firedAt: null } })
    store.alerts.record({ states: [{ id: 'r-1', state: { active: true, firedAt: 5 } }], alerts: [anAlert('a-1')] })
    store.alerts.record({ states: [], alerts: [anAlert('a-1', { acknowledged_at: '2026-11-23T10:01:00.000+05:30' })] })
    await store.stop()
  })
  afterEach(() => rm(folder, { recursive: true }))

  it('finds nothing in what was written', () => {
    expect(verifyMeta(path)).toEqual([])
  })

  it.each([
    ['a cursor', `UPDATE cursors SET value = 'c'`, '1 rows of cursors are not what was written'],
    ['a rule', 'UPDATE alert_rules SET fired_at = 6', '1 rows of alert_rules are not what was written'],
    ['an alert', `UPDATE alerts SET id = 'a-2'`, '1 rows of alerts are not what was written'],
    ['that there was a rule', 'UPDATE alert_state SET had_rules = 0', '1 rows of alert_state are not what was written'],
    ['a table', 'DROP TABLE alerts', 'alerts is not as its version has it'],
  ])('names %s', (_, sql, fault) => {
    const database = new Sqlite(path)
    database.exec(sql)
    database.close()
    expect(verifyMeta(path)).toContain(fault)
  })

  it('says so when it is no database', async () => {
    await writeFile(path, 'no database')
    expect(verifyMeta(path).join()).toMatch('not a database')
  })
})
