import { type ReactNode, useEffect, useState } from 'react'
import type { Autostart } from '../../../../core/contract/desktop.ts'
import type { DesktopClient } from '../../client/desktop-client.ts'

/** What only the desktop window can do for its user. */
export function ThisComputer({ desktop }: { readonly desktop: DesktopClient }) {
  return (
    <>
      <StartAtLogin desktop={desktop} />
      <Notification desktop={desktop} />
      <Field name="Data folder">
        <button type="button" onClick={() => void desktop.ask('openDataFolder', {})}>
          Open it
        </button>
      </Field>
    </>
  )
}

function StartAtLogin({ desktop }: { readonly desktop: DesktopClient }) {
  const [autostart, setAutostart] = useState<Autostart | null>(null)
  useEffect(() => void desktop.ask('autostart', {}).then(setAutostart), [desktop])
  const isOn = autostart?.state === 'on'
  return (
    <Field name="Start when you log in" hint={autostart?.detail ?? null}>
      <button
        type="button"
        role="switch"
        className="switch"
        aria-checked={isOn}
        aria-label="Start when you log in"
        disabled={autostart === null || autostart.state === 'unavailable'}
        onClick={() => void desktop.ask('setAutostart', { enabled: !isOn }).then(setAutostart)}
      >
        <i aria-hidden="true" />
        {isOn ? 'On' : 'Off'}
      </button>
    </Field>
  )
}

function Notification({ desktop }: { readonly desktop: DesktopClient }) {
  const [answer, setAnswer] = useState<string | null>(null)
  const test = async () => {
    const { shown, detail } = await desktop.ask('testNotification', {})
    setAnswer(shown ? 'One was shown just now.' : (detail ?? 'This system shows none.'))
  }
  return (
    <Field name="Notifications" hint={answer}>
      <button type="button" onClick={() => void test()}>
        Show one
      </button>
    </Field>
  )
}

interface FieldProps {
  readonly name: string
  readonly hint?: string | null
  readonly children: ReactNode
}

function Field({ name, hint = null, children }: FieldProps) {
  return (
    <div className="setting">
      <span>
        {name}
        {hint === null ? null : (
          <small className="hint" role="status">
            {' '}
            {hint}
          </small>
        )}
      </span>
      {children}
    </div>
  )
}
