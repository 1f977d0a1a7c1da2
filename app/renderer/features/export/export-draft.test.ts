import { describe, expect, it } from 'vitest'
import { type ExportDraft, readExportDraft } from './export-draft.ts'

const DRAFT: ExportDraft = {
  index: 'NIFTY',
  bucket: 'this_week',
  fromDay: '2026-11-23',
  toDay: '2026-11-23',
  fromTime: '',
  toTime: '',
  within: '',
  format: 'csv',
}
const read = (change: Partial<ExportDraft> = {}) => readExportDraft({ ...DRAFT, ...change })

describe('the draft of an export', () => {
  it('asks for whole days where no time is given', () => {
    const whole = {
      index: 'NIFTY',
      bucket: 'this_week',
      format: 'csv',
      from: '2026-11-23T00:00',
      to: '2026-11-24T00:00',
    }
    expect(read()).toEqual({ query: whole, fault: null })
    expect(read({ fromDay: '2026-10-30', toDay: '2026-10-31' }).query).toMatchObject({ to: '2026-11-01T00:00' })
  })

  it('asks for a stretch, some strikes and every expiry', () => {
    const { query } = read({ fromTime: '09:15', toTime: '10:00', within: '0', bucket: 'all', format: 'parquet' })
    expect(query).toEqual({
      index: 'NIFTY',
      format: 'parquet',
      from: '2026-11-23T09:15',
      to: '2026-11-23T10:00',
      within: 0,
    })
  })

  it.each([
    ['no day is on record', { fromDay: '', toDay: '' }, 'No day is on record yet.'],
    ['it ends before it begins', { fromTime: '11:00', toTime: '10:00' }, 'The end must be after the beginning.'],
    ['it ends when it begins', { fromTime: '10:00', toTime: '10:00' }, 'The end must be after the beginning.'],
    ['a time is none', { fromTime: '9' }, 'Write a time as 09:15 or 09:15:30, or leave it empty.'],
    ['a time is of no day', { toTime: '24:00' }, 'Write a time as 09:15 or 09:15:30, or leave it empty.'],
    ['the days are the wrong way', { fromDay: '2026-11-25' }, 'The end must be after the beginning.'],
  ])('says in a sentence that %s', (_, change, fault) => {
    expect(read(change)).toEqual({ query: null, fault })
  })
})
