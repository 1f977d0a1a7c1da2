import type { ExportFormat } from '../../../../core/contract/legs.ts'
import type { CallRequest } from '../../../../core/contract/monitor-calls.ts'
import type { IndexName } from '../../../../core/domain/index-catalog.ts'
import type { Bucket } from '../../../../core/domain/instrument.ts'
import { addDays } from '../../../../core/domain/ist.ts'

/** What the form holds, as it was typed. */
export interface ExportDraft {
  readonly index: IndexName
  readonly bucket: Bucket | 'all'
  /** `YYYY-MM-DD`; empty while no day is on record. */
  readonly fromDay: string
  readonly toDay: string
  /** `HH:MM` or `HH:MM:SS` IST; empty = from the beginning, to the end of the day. */
  readonly fromTime: string
  readonly toTime: string
  /** Strikes about the money; empty = all. */
  readonly within: string
  readonly format: ExportFormat
}

export type ExportReading =
  | { readonly query: CallRequest<'startExport'>; readonly fault: null }
  | { readonly query: null; readonly fault: string }

const TIME = /^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/

/** What is to be asked for, or what is wrong with the draft in one sentence. */
export function readExportDraft(draft: ExportDraft): ExportReading {
  const { index, bucket, fromDay, toDay, fromTime, toTime, within, format } = draft
  if (fromDay === '' || toDay === '') return { query: null, fault: 'No day is on record yet.' }
  if ([fromTime, toTime].some((time) => time !== '' && !TIME.test(time)))
    return { query: null, fault: 'Write a time as 09:15 or 09:15:30, or leave it empty.' }
  const from = `${fromDay}T${fromTime === '' ? '00:00' : fromTime}`
  const to = toTime === '' ? `${addDays(toDay, 1)}T00:00` : `${toDay}T${toTime}`
  if (from >= to) return { query: null, fault: 'The end must be after the beginning.' }
  const query = {
    index,
    format,
    from,
    to,
    ...(bucket === 'all' ? {} : { bucket }),
    ...(within === '' ? {} : { within: Number(within) }),
  }
  return { query, fault: null }
}
