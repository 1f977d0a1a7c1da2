import { useEffect } from 'react'
import { useStores } from '../../store/context.ts'
import { waitsForRestart } from './settings-form.ts'
import { useSettings } from './use-settings.ts'

/** Names shown before the rest is only counted. */
const NAMED = 4

/** What waits to be saved, and after that what waits for a restart. */
export function SaveBar() {
  const { settings } = useStores()
  const drafts = useSettings((state) => state.drafts)
  const saved = useSettings((state) => state.saved)
  const report = useSettings((state) => state.report)
  useSaveKey()
  const names = Object.keys(drafts)
  if (names.length > 0) return <Unsaved names={names} />
  const waiting = report?.settings.filter(waitsForRestart).map(({ name }) => name) ?? []
  if (waiting.length > 0) {
    return (
      <footer className="settings-bar warn">
        <p role="status">
          <strong>{saved ? 'Saved. ' : ''}Restart needed</strong> for <Names names={waiting} onName={settings.goTo} />
        </p>
        <HowToRestart />
      </footer>
    )
  }
  if (!saved) return null
  return (
    <footer className="settings-bar good">
      <p role="status">
        <strong>Saved.</strong> No restart is needed.
      </p>
    </footer>
  )
}

function Unsaved({ names }: { readonly names: readonly string[] }) {
  const { settings } = useStores()
  const saving = useSettings((state) => state.saving)
  const faults = useSettings((state) => Object.keys(state.faults).join(' '))
  const refused = useSettings((state) => state.refused)
  const wrong = faults === '' ? [] : faults.split(' ')
  return (
    <footer className="settings-bar">
      <p role="status">
        {refused ? (
          <strong className="bad">Nothing was saved:</strong>
        ) : (
          <strong>{names.length === 1 ? '1 change' : `${names.length} changes`}</strong>
        )}
        {wrong.length > 0 && !refused ? ', not right yet:' : ''}{' '}
        <Names names={wrong.length > 0 ? wrong : names} onName={settings.goTo} />
      </p>
      <button type="button" onClick={settings.discard} disabled={saving}>
        Discard
      </button>
      <button type="button" className="primary" onClick={() => void settings.save()} disabled={saving} title="Ctrl+S">
        {saving ? 'Saving …' : 'Save'}
      </button>
    </footer>
  )
}

interface NamesProps {
  readonly names: readonly string[]
  readonly onName: (name: string) => void
}

function Names({ names, onName }: NamesProps) {
  return (
    <>
      {names.slice(0, NAMED).map((name) => (
        <button key={name} type="button" className="link" onClick={() => onName(name)}>
          {name}
        </button>
      ))}
      {names.length > NAMED ? ` and ${names.length - NAMED} more` : ''}
    </>
  )
}

/** The desktop restarts itself; a monitor on the command line is restarted where it was started. */
export function HowToRestart() {
  const { desktop } = useStores()
  if (desktop === null) {
    return (
      <p>
        Stop <code>optrade run</code> with Ctrl+C and start it again; nothing received is lost, the time between is
        recorded as a gap.
      </p>
    )
  }
  return (
    <button type="button" className="primary" onClick={() => void desktop.ask('relaunch', {})}>
      Restart now
    </button>
  )
}

function useSaveKey(): void {
  const { settings } = useStores()
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 's' || !(event.ctrlKey || event.metaKey) || event.altKey) return
      event.preventDefault()
      void settings.save()
    }
    window.addEventListener('keydown', onKeyDown)
    return () => window.removeEventListener('keydown', onKeyDown)
  }, [settings])
}
