export function AlertsView() {
  return <main className="alerts-view" aria-label="Alerts" />
}
