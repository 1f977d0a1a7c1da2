import { type Alert, MOST_ALERTS } from '../contract/alerts.ts'
import type { AlertStore, StoredAlertRule } from '../ports/alert-store.ts'

/** Alert rules that live as long as the object. */
export function createMemoryAlertStore(): AlertStore {
  const rules = new Map<string, StoredAlertRule>()
  const alerts = new Map<string, Alert>()
  let hadRules = false
  return {
    load: () => ({
      rules: [...rules.values()],
      history: [...alerts.values()].reverse(),
      unreadable: [],
      hadRules,
    }),
    saveRule(rule) {
      hadRules = true
      rules.set(rule.id, rule)
    },
    removeRule: (id) => void rules.delete(id),
    record(changes) {
      for (const { id, state } of changes.states) {
        const rule = rules.get(id)
        if (rule !== undefined) rules.set(id, { ...rule, state })
      }
      for (const alert of changes.alerts) alerts.set(alert.id, alert)
      for (const id of [...alerts.keys()].slice(0, -MOST_ALERTS)) alerts.delete(id)
    },
  }
}
