import { useEffect } from 'react'
import { useStores } from '../../store/context.ts'
import { Choice } from '../../ui/choice.tsx'
import { type Setting, shownText } from './settings-form.ts'
import { useSettings } from './use-settings.ts'

interface ControlProps {
  readonly setting: Setting
  readonly onText: (text: string | null) => void
}

interface FieldProps extends ControlProps {
  readonly text: string | null
}

export const controlId = (name: string): string => `setting-${name}`
export const docId = (name: string): string => `setting-${name}-doc`
export const faultId = (name: string): string => `setting-${name}-fault`

/** What a field says of itself to those who do not see the page. */
function describing({ name }: Setting) {
  return { id: controlId(name), 'aria-describedby': `${docId(name)} ${faultId(name)}` }
}

/** The control of a setting by its kind. */
export function SettingControl({ setting, onText }: ControlProps) {
  const draft = useSettings((state) => state.drafts[setting.name])
  const text = shownText(setting, draft === undefined ? {} : { [setting.name]: draft })
  const props = { setting, onText, text }
  if (setting.secret) return <SecretField setting={setting} onText={onText} />
  if (setting.kind === 'flag') return <Switch {...props} />
  if (setting.kind === 'choice') return <OneOf {...props} />
  if (setting.kind === 'choices') return <SomeOf {...props} />
  return <TextField {...props} />
}

function Switch({ setting, text, onText }: FieldProps) {
  const isOn = text === 'true'
  return (
    <button
      {...describing(setting)}
      type="button"
      role="switch"
      className="switch"
      aria-checked={isOn}
      aria-label={setting.name}
      onClick={() => onText(isOn ? 'false' : 'true')}
    >
      <i aria-hidden="true" />
      {isOn ? 'On' : 'Off'}
    </button>
  )
}

/** More than this do not stand side by side. */
const MOST_SEGMENTS = 4

function OneOf({ setting, text, onText }: FieldProps) {
  const names = setting.choices ?? []
  const options = [
    ...(setting.default === null ? [['', 'unset'] as const] : []),
    ...names.map((name) => [name, name] as const),
  ]
  const choose = (name: string) => onText(name === '' ? null : name)
  if (options.length <= MOST_SEGMENTS) {
    return (
      <div {...describing(setting)} className="segments" tabIndex={-1}>
        <Choice label={setting.name} value={text ?? ''} options={options} onChange={choose} />
      </div>
    )
  }
  return (
    <select
      {...describing(setting)}
      aria-label={setting.name}
      value={text ?? ''}
      onChange={({ target }) => choose(target.value)}
    >
      {options.map(([value, word]) => (
        <option key={value} value={value}>
          {word}
        </option>
      ))}
    </select>
  )
}

function SomeOf({ setting, text, onText }: FieldProps) {
  const chosen = (text ?? '').split(',')
  const names = setting.choices ?? []
  const toggle = (name: string) => {
    const next = names.filter((one) => (one === name ? !chosen.includes(one) : chosen.includes(one)))
    // Nothing at all would mean the default; a comma alone is an empty list, which the monitor refuses.
    onText(next.length === 0 ? ',' : next.join(','))
  }
  return (
    <fieldset className="checks" aria-describedby={`${docId(setting.name)} ${faultId(setting.name)}`}>
      <legend className="visually-hidden">{setting.name}</legend>
      {names.map((name, place) => (
        <label key={name}>
          <input
            type="checkbox"
            {...(place === 0 ? { id: controlId(setting.name) } : {})}
            checked={chosen.includes(name)}
            onChange={() => toggle(name)}
          />
          {name}
        </label>
      ))}
    </fieldset>
  )
}

function TextField({ setting, text, onText }: FieldProps) {
  const { kind, unit, name } = setting
  useCheck(name, text)
  const isWrong = useSettings((state) => name in state.faults) || setting.fault !== null
  return (
    <span className={`field ${kind}`}>
      <input
        {...describing(setting)}
        type="text"
        inputMode={kind === 'number' ? 'decimal' : 'text'}
        aria-label={name}
        aria-invalid={isWrong}
        autoComplete="off"
        spellCheck={false}
        placeholder="unset"
        value={text ?? ''}
        onChange={({ target }) => onText(target.value === '' && setting.default === null ? null : target.value)}
      />
      {unit === null ? null : <span className="unit">{unit}</span>}
    </span>
  )
}

/** Who writes pauses. Not when the field is left: what is said of it then would move what is being clicked. */
const PAUSE_MS = 700

/** Says what is wrong with a text once it is whole. */
function useCheck(name: string, text: string | null): void {
  const { settings } = useStores()
  useEffect(() => {
    if (text === null) return
    const timer = setTimeout(() => settings.check(name), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [settings, name, text])
}

/** The page never knows the value: it can only put another in its place, or take it away. */
function SecretField({ setting, onText }: ControlProps) {
  const { name, will_be_set: isSet } = setting
  const draft = useSettings((state) => state.drafts[name])
  useCheck(name, draft ?? null)
  const state = draft === null ? 'will be removed' : isSet ? 'set' : 'not set'
  return (
    <span className="field secret">
      <input
        {...describing(setting)}
        type="password"
        aria-label={`${name} (${state})`}
        autoComplete="new-password"
        spellCheck={false}
        placeholder={isSet ? 'type to replace' : 'not set'}
        value={draft ?? ''}
        onChange={({ target }) => onText(target.value)}
      />
      <span className={`set-mark ${isSet && draft !== null ? 'is-set' : ''}`}>{state}</span>
      {isSet && draft !== null ? (
        <button type="button" onClick={() => onText(null)}>
          Clear
        </button>
      ) : null}
    </span>
  )
}
