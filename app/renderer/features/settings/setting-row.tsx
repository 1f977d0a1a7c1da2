import { useEffect } from 'react'
import { useStores } from '../../store/context.ts'
import { controlId, docId, faultId, SettingControl } from './setting-control.tsx'
import { type Setting, shownText, waitsForRestart } from './settings-form.ts'
import { useSettings } from './use-settings.ts'

/** One setting: its name as scripts use it, what it means, its control, and what is to be said of it. */
export function SettingRow({ setting }: { readonly setting: Setting }) {
  const { settings } = useStores()
  const { name, doc, fixed_by, effect } = setting
  const isDraft = useSettings((state) => name in state.drafts)
  const fault = useSettings((state) => state.faults[name]) ?? (isDraft ? null : setting.fault)
  const reason = fixed_by ?? (effect === 'refused' ? 'This version cannot do it yet.' : null)
  useFocusOnDemand(name)
  return (
    <div className={`setting-row ${isDraft ? 'changed' : ''}`} data-setting={name}>
      <div className="about">
        <label className="setting-name" htmlFor={controlId(name)}>
          {name}
        </label>
        {isDraft ? <span className="mark accent">changed</span> : null}
        {!isDraft && waitsForRestart(setting) ? <span className="mark warn">waits for a restart</span> : null}
        {effect === 'none' ? (
          <span className="mark" title="This version does nothing with it yet; it is kept for one that does.">
            no effect yet
          </span>
        ) : null}
        <p id={docId(name)}>{doc}</p>
      </div>
      <div className="control">
        <fieldset className="plain" disabled={reason !== null}>
          <legend className="visually-hidden">{name}</legend>
          <SettingControl setting={setting} onText={(text) => settings.edit(name, text)} />
        </fieldset>
        <p className="fault" id={faultId(name)} role={fault === null ? undefined : 'alert'}>
          {fault}
        </p>
        {reason === null ? (
          <Facts setting={setting} isDraft={isDraft} isWrong={fault !== null} />
        ) : (
          <p className="fixed">{reason}</p>
        )}
      </div>
    </div>
  )
}

function useFocusOnDemand(name: string): void {
  const { settings } = useStores()
  const isTarget = useSettings((state) => state.target === name)
  useEffect(() => {
    if (!isTarget) return
    const control = document.getElementById(controlId(name))
    control?.focus()
    control?.scrollIntoView({ block: 'center' })
    settings.arrived()
  }, [isTarget, name, settings])
}

interface FactsProps {
  readonly setting: Setting
  readonly isDraft: boolean
  readonly isWrong: boolean
}

/** What may be written, the default, and the way back to it. */
function Facts({ setting, isDraft, isWrong }: FactsProps) {
  const { settings } = useStores()
  const { name, kind, allowed, secret, restart, origin } = setting
  const shown = useSettings((state) => shownText(setting, state.drafts))
  const hasOwn = isDraft || origin === 'settings.json' || origin === 'keychain'
  // A fault says it already, and choices show it.
  const isTold = isWrong || kind === 'flag' || kind === 'choice' || kind === 'choices'
  return (
    <p className="facts">
      {isTold ? null : <span>{startOf(allowed)}.</span>}
      {setting.default === null ? null : (
        <span>
          Default <code>{setting.default}</code>
        </span>
      )}
      {restart ? null : <span>Taken up at once</span>}
      {isDraft ? (
        <button
          type="button"
          className="link"
          aria-label={`Undo the change of ${name}`}
          onClick={() => settings.undo(name)}
        >
          Undo
        </button>
      ) : null}
      {!secret && hasOwn && shown !== setting.default ? (
        <button type="button" className="link" aria-label={`Reset ${name}`} onClick={() => settings.edit(name, null)}>
          Reset
        </button>
      ) : null}
    </p>
  )
}

function startOf(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1)
}
