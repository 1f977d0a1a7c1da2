import { type FormEvent, type ReactNode, useEffect, useState } from 'react'
import type { Autostart, EncryptionFacts } from '../../../../core/contract/desktop.ts'
import type { DesktopClient } from '../../client/desktop-client.ts'

/** What only the desktop window can do for its user. */
export function ThisComputer({ desktop }: { readonly desktop: DesktopClient }) {
  return (
    <>
      <StartAtLogin desktop={desktop} />
      <Notification desktop={desktop} />
      <Encryption desktop={desktop} />
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

const ENCRYPTION_WORDS: Readonly<Record<EncryptionFacts['state'], string>> = {
  ready: 'Set up',
  not_set_up: 'Not set up',
  unrecoverable: 'No recovery passphrase yet',
  locked: 'Locked',
}

/** Whether finished files can be encrypted and read; the passphrase sets it up, or brings a lost key back. */
function Encryption({ desktop }: { readonly desktop: DesktopClient }) {
  const [facts, setFacts] = useState<EncryptionFacts | null>(null)
  const [fault, setFault] = useState<string | null>(null)
  useEffect(() => void desktop.ask('encryption', {}).then(setFacts), [desktop])
  const give = async (passphrase: string) => {
    try {
      setFacts(await desktop.ask('giveRecoveryPassphrase', { passphrase }))
      setFault(null)
    } catch (thrown) {
      setFault(thrown instanceof Error ? thrown.message : String(thrown))
    }
  }
  const said = facts === null ? null : `${ENCRYPTION_WORDS[facts.state]}: ${facts.sentence}.`
  const isReady = facts === null || facts.state === 'ready'
  return (
    <Field name="Encryption of finished files" hint={fault ?? said}>
      {isReady ? null : <PassphraseForm isNew={facts.state !== 'locked'} onGive={give} />}
    </Field>
  )
}

interface PassphraseFormProps {
  /** A new one is typed twice. */
  readonly isNew: boolean
  readonly onGive: (passphrase: string) => Promise<void>
}

function PassphraseForm({ isNew, onGive }: PassphraseFormProps) {
  const [typed, setTyped] = useState(['', ''])
  const [first = '', second = ''] = typed
  const isSame = !isNew || first === second
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setTyped(['', ''])
    void onGive(first)
  }
  return (
    <form className="passphrase" onSubmit={submit}>
      <PassphraseField label="Recovery passphrase" value={first} onText={(text) => setTyped([text, second])} />
      {isNew ? (
        <PassphraseField label="The same again" value={second} onText={(text) => setTyped([first, text])} />
      ) : null}
      {isNew ? <small className="hint">Whoever loses the key and the passphrase loses what is encrypted.</small> : null}
      <button type="submit" disabled={first === '' || !isSame}>
        {isNew ? 'Set up' : 'Recover'}
      </button>
    </form>
  )
}

interface PassphraseFieldProps {
  readonly label: string
  readonly value: string
  readonly onText: (text: string) => void
}

function PassphraseField({ label, value, onText }: PassphraseFieldProps) {
  return (
    <input
      type="password"
      autoComplete="new-password"
      aria-label={label}
      placeholder={label}
      value={value}
      onChange={(event) => onText(event.target.value)}
    />
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
