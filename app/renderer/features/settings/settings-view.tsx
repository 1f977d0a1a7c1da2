import { useEffect } from 'react'
import type { SettingsReport } from '../../../../core/contract/operations.ts'
import { usePreferences, useStores } from '../../store/context.ts'
import { DisplayFields } from '../shell/display-settings.tsx'
import { SaveBar } from './save-bar.tsx'
import { SettingRow } from './setting-row.tsx'
import { DISPLAY_GROUP, findSettings, type Setting } from './settings-form.ts'
import { SettingsNav } from './settings-nav.tsx'
import { ThisComputer } from './this-computer.tsx'
import { useSettings } from './use-settings.ts'

/** Every setting of the monitor, and how this page shows things. */
export function SettingsView() {
  const { settings } = useStores()
  const place = useSettings(({ group, query }) => (query === '' ? group : 'search'))
  const isWaiting = useSettings(({ report, problem }) => report === null && problem === null)
  useEffect(() => void settings.load(), [settings])
  return (
    <main className="settings-view" aria-label="Settings" aria-busy={isWaiting}>
      <SettingsNav />
      <div className="settings-page" key={place}>
        <Troubles />
        <Content />
      </div>
      <SaveBar />
    </main>
  )
}

function Troubles() {
  const { settings } = useStores()
  const problem = useSettings((state) => state.problem)
  const broken = useSettings((state) => state.report?.file_fault ?? null)
  return (
    <>
      {problem === null ? null : (
        <p className="notice bad" role="alert">
          {problem}{' '}
          <button type="button" onClick={() => void settings.load()}>
            Try again
          </button>
        </p>
      )}
      {broken === null ? null : (
        <p className="notice bad" role="alert">
          <strong>settings.json cannot be read, so nothing can be saved.</strong> {broken}. What is shown is in force;
          mend the file or take it away, the next start would fail with it.{' '}
          <button type="button" onClick={() => void settings.load()}>
            Look again
          </button>
        </p>
      )}
    </>
  )
}

function Content() {
  const group = useSettings((state) => state.group)
  const query = useSettings((state) => state.query)
  const report = useSettings((state) => state.report)
  if (query.trim() !== '' && report !== null) return <Found report={report} query={query} />
  if (group === DISPLAY_GROUP) return <Display />
  if (report === null) return <p className="hint">Asking the monitor …</p>
  const title = report.groups.find(({ name }) => name === group)?.title ?? group
  const settings = report.settings.filter((setting) => setting.group === group)
  return <Group report={report} title={title} settings={settings} />
}

/** How this browser shows things, in force at once and without the monitor. */
function Display() {
  const { preferences, desktop } = useStores()
  const onboarded = usePreferences((state) => state.onboarded)
  return (
    <section className="settings-group" aria-label="Display">
      <h2>Display</h2>
      <p className="hint">How this window shows things. Kept here, in force at once.</p>
      <div className="display-fields">
        <DisplayFields />
        <div className="setting">
          <span>First steps</span>
          <button type="button" disabled={!onboarded} onClick={() => preferences.setState({ onboarded: false })}>
            Show them again
          </button>
        </div>
        {desktop === null ? null : <ThisComputer desktop={desktop} />}
      </div>
    </section>
  )
}

function Found({ report, query }: { readonly report: SettingsReport; readonly query: string }) {
  const found = findSettings(report, query)
  if (found.length === 0) {
    return (
      <p className="hint" role="status">
        No setting has “{query.trim()}” in its name or meaning.
      </p>
    )
  }
  return report.groups.map(({ name, title }) => {
    const settings = found.filter((setting) => setting.group === name)
    return settings.length === 0 ? null : <Group key={name} report={report} title={title} settings={settings} />
  })
}

interface GroupProps {
  readonly report: SettingsReport
  readonly title: string
  readonly settings: readonly Setting[]
}

function Group({ report, title, settings }: GroupProps) {
  return (
    <section className="settings-group" aria-label={title}>
      <h2>{title}</h2>
      {settings.some(({ secret }) => secret) ? <p className="hint">{secretsSentence(report)}</p> : null}
      {settings.map((setting) => (
        <SettingRow key={setting.name} setting={setting} />
      ))}
    </section>
  )
}

function secretsSentence({ secrets, file }: SettingsReport): string {
  switch (secrets) {
    case 'available':
      return "Secrets are kept in this system's keychain. They are never shown again, here or anywhere."
    case 'weak':
      return `The keychain of this system is not locked by anything, so secrets are written to ${file}, which only you can read. With a keyring (GNOME Keyring, KWallet) they would be encrypted.`
    case 'unavailable':
      return `This system has no keychain: secrets are written to ${file}, which only you can read.`
    case 'file':
      return `Secrets are written to ${file}, which only you can read. They are never shown again, here or anywhere.`
  }
}
