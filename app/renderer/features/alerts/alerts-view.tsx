import { useEffect } from 'react'
import { useAlerts, useStores } from '../../store/context.ts'
import { AlertHistory } from './alert-history.tsx'
import { RuleForm } from './rule-form.tsx'
import { RuleList } from './rule-list.tsx'

/** How often values are asked for while the page is looked at. */
const REFRESH_MS = 2_000

/** The rules, and what they raised. */
export function AlertsView() {
  const { alerts } = useStores()
  const form = useAlerts((state) => state.form)
  const problem = useAlerts((state) => state.problem)
  const isWaiting = useAlerts((state) => state.report === null)
  useEffect(() => {
    const ask = () => {
      if (!document.hidden) void alerts.refresh()
    }
    ask()
    const timer = setInterval(ask, REFRESH_MS)
    return () => clearInterval(timer)
  }, [alerts])
  return (
    <main className="alerts-view" aria-label="Alerts" aria-busy={isWaiting}>
      {problem === null ? null : (
        <p className="notice bad" role="alert">
          {problem} Trying again …
        </p>
      )}
      <RuleList />
      <AlertHistory />
      {form === null ? null : <RuleForm key={form.id ?? 'new'} form={form} />}
    </main>
  )
}
