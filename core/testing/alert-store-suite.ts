import { afterEach, describe, expect, it } from 'vitest'
import { type Alert, type AlertRuleFields, MOST_ALERTS } from '../contract/alerts.ts'
import type { AlertStore } from '../ports/alert-store.ts'

const FIELDS: AlertRuleFields = {
  name: 'Spot above',
  enabled: true,
  target: { kind: 'chain', index: 'NIFTY', bucket: 'this_week', metric: 'spot', condition: { op: 'above', value: 1 } },
  channels: ['toast'],
  cooldown_s: 300,
}

export function anAlert(id: string, change: Partial<Alert> = {}): Alert {
  return {
    id,
    rule_id: 'r-1',
    name: 'Spot above',
    raised_at: '2026-11-23T10:00:00.000+05:30',
    message: 'NIFTY spot 24,060.00 rose above 24,000.00',
    value: 24_060,
    simulated: false,
    channels: ['toast', 'email', 'webhook'],
    deliveries: [],
    acknowledged_at: null,
    ...change,
  }
}

interface OpenStore {
  readonly store: AlertStore
  /** The same store, as the next start finds it. */
  again(): Promise<AlertStore>
  close(): Promise<void>
}

/** What every `AlertStore` does. */
export function alertStoreSuite(name: string, open: () => Promise<OpenStore>): void {
  describe(`alert store: ${name}`, () => {
    let opened: OpenStore
    const start = async () => {
      opened = await open()
      return opened.store
    }
    afterEach(() => opened.close())
    const unknown = { active: null, firedAt: null }

    it('is empty at first, and knows afterwards that it was not always so', async () => {
      const store = await start()
      expect(store.load()).toEqual({ rules: [], history: [], unreadable: [], hadRules: false })
      store.saveRule({ id: 'r-1', fields: FIELDS, state: unknown })
      store.removeRule('r-1')
      expect((await opened.again()).load()).toMatchObject({ rules: [], hadRules: true })
    })

    it('keeps rules in their order with where they stand', async () => {
      const store = await start()
      for (const id of ['r-1', 'r-2', 'r-3']) store.saveRule({ id, fields: FIELDS, state: unknown })
      store.saveRule({ id: 'r-1', fields: { ...FIELDS, name: 'renamed' }, state: { active: false, firedAt: 5 } })
      store.record({ states: [{ id: 'r-2', state: { active: true, firedAt: 1_700_000_000_000 } }], alerts: [] })
      store.removeRule('r-3')
      expect((await opened.again()).load().rules).toEqual([
        { id: 'r-1', fields: { ...FIELDS, name: 'renamed' }, state: { active: false, firedAt: 5 } },
        { id: 'r-2', fields: FIELDS, state: { active: true, firedAt: 1_700_000_000_000 } },
      ])
    })

    it('keeps alerts, newest first, as they were last', async () => {
      const store = await start()
      store.record({ states: [], alerts: [anAlert('a-1'), anAlert('a-2', { value: null })] })
      const seen = anAlert('a-1', { acknowledged_at: '2026-11-23T10:01:00.000+05:30' })
      store.record({ states: [], alerts: [seen] })
      expect((await opened.again()).load().history).toEqual([anAlert('a-2', { value: null }), seen])
    })

    it('forgets all but the newest alerts', async () => {
      const store = await start()
      const many = Array.from({ length: MOST_ALERTS + 7 }, (_, k) => anAlert(`a-${k}`))
      store.record({ states: [], alerts: many })
      const { history } = store.load()
      expect(history.map(({ id }) => id)).toEqual(
        many
          .slice(7)
          .map(({ id }) => id)
          .toReversed(),
      )
    })
  })
}
