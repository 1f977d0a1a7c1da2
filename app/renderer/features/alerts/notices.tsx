import { istTime } from '../../../../core/domain/ist.ts'
import { useAlerts, usePreferences, useStores } from '../../store/context.ts'

/** Alerts on top of whatever page is open, until they are dismissed. */
export function AlertNotices() {
  const { alerts, preferences } = useStores()
  const notices = useAlerts((state) => state.notices)
  const hidden = useAlerts((state) => state.noticesHidden)
  const isThere = usePreferences((state) => state.view === 'alerts')
  const look = (id: string) => {
    preferences.setState({ view: 'alerts' })
    alerts.dismiss(id)
  }
  return (
    <div className="alert-notices" aria-live="polite" aria-label="New alerts" role="log">
      {hidden > 0 || notices.length > 1 ? (
        <p className="alert-notices-head">
          {hidden === 0 ? null : (
            <span>
              {hidden} more {isThere ? 'in the history' : 'under Alerts'}
            </span>
          )}
          <button type="button" onClick={alerts.dismissAll}>
            Dismiss all
          </button>
        </p>
      ) : null}
      {notices.map(({ id, name, message, raised_at }) => (
        <div key={id} className="alert-notice" data-testid="alert-notice">
          <button type="button" className="alert-notice-text" title="Show under Alerts" onClick={() => look(id)}>
            <strong>{message}</strong>
            <small>
              {istTime(Date.parse(raised_at))} IST · {name}
            </small>
          </button>
          <button type="button" className="quiet" onClick={() => alerts.dismiss(id)} aria-label={`Dismiss ${name}`}>
            ✕
          </button>
        </div>
      ))}
    </div>
  )
}
