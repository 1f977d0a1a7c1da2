import { type FormEvent, useCallback, useState } from 'react'
import { useStore } from 'zustand'
import type { ExportFormat } from '../../../../core/contract/legs.ts'
import { INDEX_NAMES, type IndexName } from '../../../../core/domain/index-catalog.ts'
import type { Bucket } from '../../../../core/domain/instrument.ts'
import { formatDay } from '../../lib/format.ts'
import { useMarket, useStores } from '../../store/context.ts'
import { isRunning } from '../../store/exports.ts'
import { Choice } from '../../ui/choice.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Field, Select } from '../alerts/form-fields.tsx'
import { useAsked } from '../health/use-asked.ts'
import { type ExportDraft, readExportDraft } from './export-draft.ts'
import { ExportProgress } from './export-progress.tsx'

const FORMATS: readonly (readonly [ExportFormat, string, string])[] = [
  ['csv', 'CSV', 'For spreadsheets: text that looks like a formula is shown as text'],
  ['jsonl', 'JSONL', 'For programs: one JSON object a line'],
  ['parquet', 'Parquet', 'For pandas, DuckDB and Spark: typed and compressed'],
]

const BUCKETS: readonly (readonly [Bucket | 'all', string])[] = [
  ['all', 'All recorded'],
  ['this_week', 'This week'],
  ['next_week', 'Next week'],
  ['this_month', 'This month'],
  ['next_month', 'Next month'],
]

const STRIKES = [
  ['', 'All recorded'],
  ['0', 'At the money'],
  ['1', '±1 about the money'],
  ['2', '±2 about the money'],
  ['5', '±5 about the money'],
  ['10', '±10 about the money'],
] as const

/** Recorded legs as a file: what, of which days, in which form. */
export function ExportDialog({ onClose }: { readonly onClose: () => void }) {
  const { client } = useStores()
  const { answer, fault } = useAsked(
    useCallback(() => client.ask('recordedDays', {}), [client]),
    null,
  )
  return (
    <Dialog title="Export recorded legs" onClose={onClose}>
      {answer === null ? (
        <p className="hint">{fault === null ? 'Looking what is on record …' : `The record cannot be read: ${fault}`}</p>
      ) : (
        <ExportForm days={answer.days} />
      )}
    </Dialog>
  )
}

function ExportForm({ days }: { readonly days: readonly string[] }) {
  const { exports, market } = useStores()
  const { job, fault, beginning } = useStore(exports.store)
  const [draft, setDraft] = useState<ExportDraft>(() => draftOf(market.store.getState().selection, days))
  const edit = (change: Partial<ExportDraft>) => setDraft((before) => ({ ...before, ...change }))
  const reading = readExportDraft(draft)
  const isBusy = beginning || isRunning(job)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (reading.query !== null && !isBusy) void exports.start(reading.query)
  }
  return (
    <form className="export-form" onSubmit={submit} noValidate={true}>
      <What draft={draft} edit={edit} />
      <Stretch draft={draft} days={days} edit={edit} />
      <Choice label="Format" value={draft.format} options={FORMATS} onChange={(format) => edit({ format })} />
      <p className="hint">{FORMATS.find(([format]) => format === draft.format)?.[2]}.</p>
      <p className={reading.fault === null ? 'visually-hidden' : 'field-fault'} role="status">
        {reading.fault ?? ''}
      </p>
      {fault === null ? null : (
        <p className="field-fault" role="alert">
          {fault}
        </p>
      )}
      {job === null ? null : <ExportProgress job={job} />}
      <div className="form-buttons">
        <button type="submit" className="primary" disabled={isBusy || reading.query === null}>
          {beginning ? 'Looking …' : 'Export'}
        </button>
        {isRunning(job) ? (
          <button type="button" onClick={() => void exports.cancel()}>
            Cancel the export
          </button>
        ) : null}
      </div>
    </form>
  )
}

/** The chain on the screen, of the newest day. */
function draftOf({ index, bucket }: { readonly index: IndexName; readonly bucket: Bucket }, days: readonly string[]) {
  const day = days.at(-1) ?? ''
  return { index, bucket, fromDay: day, toDay: day, fromTime: '', toTime: '', within: '', format: 'csv' } as const
}

interface PartProps {
  readonly draft: ExportDraft
  readonly edit: (change: Partial<ExportDraft>) => void
}

function What({ draft, edit }: PartProps) {
  const collected = useMarket((state) => state.indices?.indices.map((entry) => entry.index).join(' ') ?? '')
  const indices = INDEX_NAMES.filter((index) => collected === '' || collected.split(' ').includes(index))
  return (
    <div className="field-row">
      <Select
        label="Index"
        value={draft.index}
        options={indices.map((index) => [index, index] as const)}
        onChange={(index) => edit({ index })}
      />
      <Select label="Expiry" value={draft.bucket} options={BUCKETS} onChange={(bucket) => edit({ bucket })} />
      <Select label="Strikes" value={draft.within} options={STRIKES} onChange={(within) => edit({ within })} />
    </div>
  )
}

function Stretch({ draft, days, edit }: PartProps & { readonly days: readonly string[] }) {
  const options = days.toReversed().map((day) => [day, `${formatDay(day)} ${day.slice(0, 4)}`] as const)
  return (
    <div className="field-row">
      <Select
        label="From the day"
        value={draft.fromDay}
        options={options}
        onChange={(fromDay) => edit({ fromDay, toDay: draft.toDay < fromDay ? fromDay : draft.toDay })}
      />
      <Time label="at (IST)" value={draft.fromTime} onChange={(fromTime) => edit({ fromTime })} />
      <Select
        label="To the day"
        value={draft.toDay}
        options={options}
        onChange={(toDay) => edit({ toDay, fromDay: draft.fromDay > toDay ? toDay : draft.fromDay })}
      />
      <Time label="before (IST)" value={draft.toTime} onChange={(toTime) => edit({ toTime })} />
    </div>
  )
}

interface TimeProps {
  readonly label: string
  readonly value: string
  readonly onChange: (value: string) => void
}

/** Left empty: the whole day. The browser's own field would write the time its own way. */
function Time({ label, value, onChange }: TimeProps) {
  return (
    <Field label={label}>
      {(props) => (
        <input
          {...props}
          size={8}
          maxLength={8}
          placeholder="all day"
          value={value}
          onChange={({ target }) => onChange(target.value)}
        />
      )}
    </Field>
  )
}
