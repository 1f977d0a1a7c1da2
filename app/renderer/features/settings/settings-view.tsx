export function SettingsView() {
  return <main className="settings-view" aria-label="Settings" />
}
