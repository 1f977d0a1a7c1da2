import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { alertStoreSuite, anAlert } from '../testing/alert-store-suite.ts'
import { createMetaStore } from './meta-store.ts'

async function openMeta() {
  const folder = await mkdtemp(join(tmpdir(), 'alert-store-'))
  let meta = createMetaStore({ folder })
  await meta.start()
  return {
    folder,
    store: meta.alerts,
    async again() {
      await meta.stop()
      meta = createMetaStore({ folder })
      await meta.start()
      return meta.alerts
    },
    async close() {
      await meta.stop()
      await rm(folder, { recursive: true })
    },
  }
}

alertStoreSuite('SQLite', openMeta)

describe('alert store: SQLite', () => {
  it('names what it cannot read, leaves it where it is, and reads the rest', async () => {
    const opened = await openMeta()
    const other = new Sqlite(join(opened.folder, 'store', 'meta.db'))
    other.exec('INSERT INTO alert_state VALUES (1, 1, 0)')
    other.prepare('INSERT INTO alert_rules (id, fields) VALUES (?, ?)').run('old', '{"target":{"index":"NIFTYJR"}}')
    other.prepare('INSERT INTO alerts (id, alert) VALUES (?, ?)').run('strange', '{}')
    expect(opened.store.load()).toMatchObject({
      rules: [],
      history: [],
      unreadable: ['old', 'strange'],
      hadRules: true,
    })
    expect(other.prepare('SELECT count(*) FROM alert_rules').pluck().get()).toBe(1)
    other.close()
    await opened.close()
  })

  it('writes states and alerts together or not at all', async () => {
    const opened = await openMeta()
    const other = new Sqlite(join(opened.folder, 'store', 'meta.db'))
    other.exec(`CREATE TRIGGER full BEFORE INSERT ON alerts BEGIN SELECT RAISE(FAIL, 'disk full'); END`)
    const { store } = opened
    const fields = {
      name: 'Degraded',
      enabled: true,
      target: { kind: 'feed', state: 'degraded', for_s: 0 },
      channels: [],
      cooldown_s: 0,
    } as const
    store.saveRule({ id: 'r-1', fields: { ...fields, channels: [] }, state: { active: false, firedAt: null } })
    const changes = { states: [{ id: 'r-1', state: { active: true, firedAt: 1 } }], alerts: [anAlert('a-1')] }
    expect(() => store.record(changes)).toThrow('disk full')
    expect(store.load().rules[0]?.state).toEqual({ active: false, firedAt: null })
    other.close()
    await opened.close()
  })
})
