import { type FormEvent, useEffect, useId, useRef, useState } from 'react'
import { ALERT_METRICS, alertSentence, alertValue, isWithoutExpiry } from '../../../../core/contract/alert-words.ts'
import {
  type AlertChannel,
  CHAIN_ALERT_METRICS,
  FEED_ALERT_STATES,
  LEG_ALERT_METRICS,
} from '../../../../core/contract/alerts.ts'
import type { OpenForm } from '../../store/alerts.ts'
import { useAlerts, useMarket, useStores } from '../../store/context.ts'
import { Choice } from '../../ui/choice.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { CHANNEL_WORDS, FEED_WORDS, metricTitle } from './alert-labels.ts'
import { Field, Select } from './form-fields.tsx'
import {
  type DraftFaults,
  draftOf,
  emptyDraft,
  metricOf,
  obstacle,
  type RuleDraft,
  readDraft,
  suggestedValue,
  withTarget,
} from './rule-draft.ts'
import { type DraftedChain, draftedValue, useDraftedChain } from './use-drafted-chain.ts'

type Edit = (change: Partial<RuleDraft>) => void

/** Makes a rule, or changes one. */
export function RuleForm({ form }: { readonly form: OpenForm }) {
  const { alerts } = useStores()
  const element = useRef<HTMLFormElement>(null)
  // The dialog itself is closed, so that the focus goes back to where it was.
  const close = () => element.current?.closest('dialog')?.close()
  const { draft, edit, known, reading, faults, refusal, save } = useRuleDraft(form, close)
  const says = reading.rule === null ? null : alertSentence(reading.rule.target)
  // What is said at a field already need not be said twice.
  const refuses = Object.keys(faults).length > 0 ? 'Mend what is marked.' : obstacle(draft, reading.faults ?? {})
  const isPrefilled = form.target !== null || form.id !== null
  useEffect(() => {
    // The threshold is what is left to be filled in; the dialog itself would begin with its button to close.
    const first = isPrefilled ? 'input[inputmode="decimal"], select' : 'select'
    element.current?.querySelector<HTMLElement>(first)?.focus()
  }, [isPrefilled])
  const submit = (event: FormEvent) => {
    event.preventDefault()
    void save()
  }
  return (
    <Dialog title={form.id === null ? 'New alert' : 'Change alert'} onClose={alerts.close}>
      <form className="rule-form" ref={element} onSubmit={submit} noValidate={true}>
        <Choice
          label="What is watched"
          value={draft.kind}
          options={[
            ['chain', 'Index or chain'],
            ['leg', 'One leg'],
            ['feed', 'Feed'],
          ]}
          onChange={(kind) => edit({ kind, value: '' })}
        />
        {draft.kind === 'feed' ? (
          <FeedFields draft={draft} edit={edit} faults={faults} />
        ) : (
          <PriceFields draft={draft} edit={edit} faults={faults} known={known} />
        )}
        <Channels draft={draft} edit={edit} />
        <div className="field-row">
          <Field label="Again at the earliest after" fault={faults.cooldown} unit="s">
            {(props) => (
              <input
                {...props}
                inputMode="numeric"
                size={7}
                value={draft.cooldown}
                onChange={(event) => edit({ cooldown: event.target.value })}
              />
            )}
          </Field>
          <Field label="Name" fault={faults.name} className="wide">
            {(props) => (
              <input
                {...props}
                value={draft.name}
                placeholder={says ?? 'what the rule says'}
                onChange={(event) => edit({ name: event.target.value })}
              />
            )}
          </Field>
        </div>
        <p className="rule-sentence" aria-live="polite">
          {says ?? refuses}
        </p>
        {refusal === null ? null : (
          <p className="field-fault" role="alert">
            {refusal}
          </p>
        )}
        <div className="form-buttons">
          <button type="submit" className="primary">
            {form.id === null ? 'Make the alert' : 'Save'}
          </button>
          <button type="button" onClick={close}>
            Cancel
          </button>
        </div>
      </form>
    </Dialog>
  )
}

const NO_FAULTS: DraftFaults = {}

function useRuleDraft(form: OpenForm, close: () => void) {
  const { alerts, market } = useStores()
  const [draft, setDraft] = useState(() => {
    const { index, bucket } = market.store.getState().selection
    const empty = emptyDraft(index, bucket)
    const rule = alerts.store.getState().report?.rules.find(({ id }) => id === form.id)
    if (rule !== undefined) return draftOf(rule, empty)
    return form.target === null ? empty : { ...withTarget(empty, form.target), value: '' }
  })
  const [wasTried, setTried] = useState(false)
  const [refusal, setRefusal] = useState<string | null>(null)
  const known = useDraftedChain(draft.index, draft.bucket)
  const reading = readDraft(draft, draftedValue(draft, known))
  // What was said to be wrong is looked at again with every key; at no field is anything said before the first attempt.
  const faults = wasTried ? (reading.faults ?? NO_FAULTS) : NO_FAULTS
  const edit: Edit = (change) => {
    setDraft({ ...draft, ...change })
    if (reading.rule !== null) setTried(false)
  }
  const save = async () => {
    const { rule } = reading
    setTried(rule === null)
    if (rule === null) return
    const refusal =
      form.id === null
        ? await alerts.change('createAlertRule', rule)
        : await alerts.change('changeAlertRule', { id: form.id, ...rule })
    setRefusal(refusal)
    if (refusal === null) close()
  }
  return { draft, edit, known, reading, faults, refusal, save }
}

interface FieldsProps {
  readonly draft: RuleDraft
  readonly edit: Edit
  readonly faults: DraftFaults
}

function FeedFields({ draft, edit, faults }: FieldsProps) {
  return (
    <div className="field-row">
      <Select
        label="State"
        value={draft.state}
        options={FEED_ALERT_STATES.map((state) => [state, FEED_WORDS[state]])}
        onChange={(state) => edit({ state })}
      />
      <Field label="For at least" fault={faults.lasting} unit="s">
        {(props) => (
          <input
            {...props}
            inputMode="numeric"
            size={7}
            value={draft.lasting}
            onChange={(event) => edit({ lasting: event.target.value })}
          />
        )}
      </Field>
    </div>
  )
}

function PriceFields({ draft, edit, faults, known }: FieldsProps & { readonly known: DraftedChain }) {
  return (
    <>
      <WhereFields draft={draft} edit={edit} />
      <WhatFields draft={draft} edit={edit} faults={faults} known={known} />
      <ConditionFields draft={draft} edit={edit} faults={faults} known={known} />
    </>
  )
}

function WhereFields({ draft, edit }: Omit<FieldsProps, 'faults'>) {
  const indices = useMarket((state) => state.indices?.indices ?? null)
  const names = indices?.map(({ index }) => index) ?? []
  const bucketsOf = (index: RuleDraft['index']) => {
    const buckets = indices?.find((entry) => entry.index === index)?.buckets ?? {}
    return BUCKET_WORDS.filter(([bucket]) => bucket in buckets)
  }
  const buckets = bucketsOf(draft.index)
  return (
    <div className="field-row">
      <Select
        label="Index"
        value={draft.index}
        options={withOwn(
          names.map((index) => [index, index] as const),
          draft.index,
          draft.index,
        )}
        onChange={(index) => {
          const listed = bucketsOf(index)
          const bucket = listed.some(([name]) => name === draft.bucket)
            ? draft.bucket
            : (listed[0]?.[0] ?? draft.bucket)
          edit({ index, bucket, value: '', strike: '' })
        }}
      />
      {draft.kind === 'chain' && isWithoutExpiry(draft.chainMetric) ? null : (
        <Select
          label="Expiry"
          value={draft.bucket}
          options={withOwn(buckets, draft.bucket, `${draft.bucket} (not listed)`)}
          onChange={(bucket) => edit({ bucket, value: '' })}
        />
      )}
    </div>
  )
}

const BUCKET_WORDS = [
  ['this_week', 'this week'],
  ['next_week', 'next week'],
  ['this_month', 'this month'],
  ['next_month', 'next month'],
] as const

/** What a rule names stays to be chosen, also when it is listed no more. */
function withOwn<Value extends string>(
  options: readonly (readonly [Value, string])[],
  own: Value,
  words: string,
): readonly (readonly [Value, string])[] {
  return options.some(([value]) => value === own) ? options : [...options, [own, words]]
}

function WhatFields({ draft, edit, faults, known }: FieldsProps & { readonly known: DraftedChain }) {
  const list = useId()
  if (draft.kind === 'chain') {
    return (
      <div className="field-row">
        <Select
          label="What"
          value={draft.chainMetric}
          options={CHAIN_ALERT_METRICS.map((metric) => [metric, metricTitle(metric)])}
          onChange={(chainMetric) => edit({ chainMetric, value: '' })}
        />
      </div>
    )
  }
  return (
    <div className="field-row">
      <Field label="Strike" fault={faults.strike}>
        {(props) => (
          <input
            {...props}
            inputMode="numeric"
            size={9}
            list={list}
            value={draft.strike}
            onChange={(event) => edit({ strike: event.target.value })}
          />
        )}
      </Field>
      <datalist id={list}>
        {known.chain?.strikes.map((strike) => (
          <option key={strike} value={strike} />
        ))}
      </datalist>
      <Choice
        label="Side"
        value={draft.right}
        options={[
          ['CE', 'CE', 'Call'],
          ['PE', 'PE', 'Put'],
        ]}
        onChange={(right) => edit({ right })}
      />
      <Select
        label="What"
        value={draft.legMetric}
        options={LEG_ALERT_METRICS.map((metric) => [metric, metricTitle(metric)])}
        onChange={(legMetric) => edit({ legMetric, value: '' })}
      />
    </div>
  )
}

function ConditionFields({ draft, edit, faults, known }: FieldsProps & { readonly known: DraftedChain }) {
  const metric = metricOf(draft)
  const { before, after } = ALERT_METRICS[metric].unit
  const current = draftedValue(draft, known)
  return (
    <div className="field-row">
      <Select
        label="When it"
        value={draft.op}
        options={[
          ['above', 'rises above'],
          ['below', 'falls below'],
          ['moves', 'moves by'],
        ]}
        onChange={(op) => edit({ op })}
      />
      <Field label={draft.op === 'moves' ? 'At least' : 'Threshold'} fault={faults.value} before={before} unit={after}>
        {(props) => (
          <input
            {...props}
            inputMode="decimal"
            size={11}
            value={draft.value}
            onChange={(event) => edit({ value: event.target.value })}
          />
        )}
      </Field>
      {draft.op === 'moves' ? (
        <Field label="Within" fault={faults.within} unit="s">
          {(props) => (
            <input
              {...props}
              inputMode="numeric"
              size={7}
              value={draft.within}
              onChange={(event) => edit({ within: event.target.value })}
            />
          )}
        </Field>
      ) : null}
      <p className="field now">
        <span className="field-label">Now</span>
        <output>{current === null ? 'not known now' : alertValue(metric, current)}</output>
        {current === null || draft.op === 'moves' ? null : (
          <button type="button" className="small" onClick={() => edit({ value: suggestedValue(metric, current) })}>
            Take it
          </button>
        )}
      </p>
    </div>
  )
}

function Channels({ draft, edit }: Omit<FieldsProps, 'faults'>) {
  const channels = useAlerts(({ report }) => report?.channels ?? null)
  const toggle = (channel: AlertChannel, isOn: boolean) =>
    edit({ channels: isOn ? [...draft.channels, channel] : draft.channels.filter((name) => name !== channel) })
  return (
    <fieldset className="channel-choice">
      <legend>Tell me by</legend>
      {channels?.map(({ channel, usable, detail }) => (
        <label key={channel} title={detail ?? CHANNEL_WORDS[channel].hint}>
          <input
            type="checkbox"
            checked={draft.channels.includes(channel)}
            disabled={!usable && !draft.channels.includes(channel)}
            onChange={(event) => toggle(channel, event.target.checked)}
          />
          {CHANNEL_WORDS[channel].name}
          {usable ? null : <small> {detail}</small>}
        </label>
      ))}
    </fieldset>
  )
}
