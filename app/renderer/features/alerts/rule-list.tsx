import { useState } from 'react'
import { alertValue } from '../../../../core/contract/alert-words.ts'
import type { AlertRule } from '../../../../core/contract/alerts.ts'
import { useAlerts, useMarket, usePreferences, useStores } from '../../store/context.ts'
import { CHANNEL_WORDS } from './alert-labels.ts'
import { distanceWords } from './rule-draft.ts'
import { ThresholdGauge } from './threshold-gauge.tsx'

export function RuleList() {
  const { alerts } = useStores()
  const rules = useAlerts(({ report }) => report?.rules ?? null)
  const [problem, setProblem] = useState<string | null>(null)
  return (
    <section className="alerts-pane" aria-label="Rules">
      <header className="pane-head">
        <h2>Rules {rules === null || rules.length === 0 ? null : <span className="count">{rules.length}</span>}</h2>
        <span className="gap" />
        <SoundSwitch />
        <button type="button" className="primary" onClick={() => alerts.open({ id: null, target: null })}>
          New alert
        </button>
      </header>
      {problem === null ? null : (
        <p className="field-fault" role="alert">
          {problem}
        </p>
      )}
      {rules === null ? <p className="hint">Asking the monitor …</p> : null}
      {rules?.length === 0 ? <NoRules /> : null}
      <ul className="rule-list">
        {rules?.map((rule) => (
          <RuleRow key={rule.id} rule={rule} onProblem={setProblem} />
        ))}
      </ul>
    </section>
  )
}

function NoRules() {
  const { alerts, market } = useStores()
  const index = useMarket((state) => state.selection.index)
  const example = () => {
    const { bucket } = market.store.getState().selection
    const condition = { op: 'above', value: 0 } as const
    alerts.open({ id: null, target: { kind: 'chain', index, bucket, metric: 'atm_iv', condition } })
  }
  return (
    <div className="empty">
      <p>A rule watches a price, an IV, a ratio or the feed every second, and tells you when it passes what you set.</p>
      <button type="button" onClick={example}>
        For example: {index} ATM IV above …
      </button>
    </div>
  )
}

function SoundSwitch() {
  const { preferences, sound } = useStores()
  const isOn = usePreferences((state) => state.alertSound)
  const isBlocked = isOn && sound.isBlocked()
  return (
    <button
      type="button"
      role="switch"
      aria-checked={isOn}
      className="quiet"
      title={
        isBlocked ? 'The browser keeps this page silent until you click in it' : 'The sound of alerts, in this window'
      }
      onClick={() => {
        preferences.setState({ alertSound: !isOn })
        if (!isOn) sound.play()
      }}
    >
      {isOn ? (isBlocked ? 'Sound: blocked until you click' : 'Sound on') : 'Sound off'}
    </button>
  )
}

interface RuleRowProps {
  readonly rule: AlertRule
  readonly onProblem: (problem: string | null) => void
}

function RuleRow({ rule, onProblem }: RuleRowProps) {
  const { alerts } = useStores()
  const [isLeaving, setLeaving] = useState(false)
  const { id, name, sentence, enabled, active, channels } = rule
  const change = async (done: Promise<string | null>) => onProblem(await done)
  const state = !enabled ? 'off' : active ? 'active' : rule.note === null ? 'armed' : 'blind'
  return (
    <li className={`rule ${state}`} aria-label={name}>
      <button
        type="button"
        role="switch"
        className="switch"
        aria-checked={enabled}
        aria-label={`${name}: watched`}
        onClick={() => void change(alerts.change('changeAlertRule', { id, enabled: !enabled }))}
      />
      <div className="rule-text">
        <strong>{sentence}</strong>
        <p className="hint">
          {name === sentence ? null : <span className="rule-name">{name}</span>}
          <span>
            {channels.length === 0
              ? 'history only'
              : channels.map((channel) => CHANNEL_WORDS[channel].name).join(' · ')}
          </span>
        </p>
      </div>
      <RuleNow rule={rule} />
      {isLeaving ? (
        <span className="rule-buttons">
          <button
            type="button"
            className="danger"
            onClick={() => void change(alerts.change('deleteAlertRule', { id }))}
          >
            Delete
          </button>
          <button type="button" onClick={() => setLeaving(false)}>
            Keep
          </button>
        </span>
      ) : (
        <span className="rule-buttons">
          <button
            type="button"
            className="quiet"
            onClick={() => alerts.open({ id, target: null })}
            aria-label={`Edit ${name}`}
          >
            Edit
          </button>
          <button type="button" className="quiet" onClick={() => setLeaving(true)} aria-label={`Delete ${name}`}>
            ✕
          </button>
        </span>
      )}
    </li>
  )
}

/** What the rule watches against where it fires; in words and as a drawing. */
function RuleNow({ rule: { target, current, note, enabled, active } }: { readonly rule: AlertRule }) {
  if (!enabled) return <div className="rule-now muted">switched off</div>
  if (target.kind === 'feed') return <div className="rule-now">{active ? 'so it is now' : 'all well'}</div>
  const value = current === null ? null : alertValue(target.metric, current)
  const distance = current === null ? null : distanceWords(target, current)
  return (
    <div className="rule-now">
      <span className="figures">
        {value ?? '–'}
        {note === null && distance !== null ? <small> {distance}</small> : null}
      </span>
      {note === null ? null : <small className="rule-note">{note}</small>}
      {current === null || note !== null ? null : <ThresholdGauge target={target} current={current} />}
    </div>
  )
}
