import type { SeriesMetric } from '../../../../core/contract/series.ts'
import { formatNumber } from '../../lib/format.ts'
import type { LegendEntry } from './chart-marks.tsx'
import type { DaySeries } from './day-series.ts'

/** One line of a chart through the day. */
export interface DayLine extends LegendEntry {
  readonly metric: SeriesMetric
  readonly unit: string
  readonly side: 'left' | 'right'
  /** A value that holds until the next one. */
  readonly isStep?: true
  readonly write: (value: number) => string
}

export interface DayChart {
  readonly id: string
  readonly title: string
  readonly lines: readonly DayLine[]
}

const price = (value: number) => formatNumber('price', value)
const ratio = (value: number) => formatNumber('ratio', value)
const pcr = (value: number) => formatNumber('pcr', value)
const strike = (value: number) => formatNumber('strike', value)
const SPOT = { metric: 'spot', name: 'Spot', unit: 'points', side: 'right', write: price } as const

export const DAY_CHARTS: readonly DayChart[] = [
  {
    id: 'pcr-max-pain',
    title: 'PCR and max pain',
    lines: [
      {
        metric: 'pcr_oi',
        name: 'PCR',
        unit: 'PE/CE',
        side: 'left',
        color: 'var(--accent)',
        shape: 'line',
        write: pcr,
      },
      {
        metric: 'max_pain',
        name: 'Max pain',
        unit: 'points',
        side: 'right',
        color: 'var(--warn)',
        shape: 'dashed',
        isStep: true,
        write: strike,
      },
      { ...SPOT, color: 'var(--muted)', shape: 'dotted' },
    ],
  },
  {
    id: 'straddle-spot',
    title: 'Straddle and spot',
    lines: [
      {
        metric: 'straddle',
        name: 'Fwd straddle',
        unit: '₹',
        side: 'left',
        color: 'var(--accent)',
        shape: 'line',
        write: price,
      },
      { ...SPOT, color: 'var(--warn)', shape: 'dashed' },
    ],
  },
  {
    id: 'iv-skew',
    title: 'ATM IV and skew',
    lines: [
      {
        metric: 'atm_iv',
        name: 'ATM IV',
        unit: '%',
        side: 'left',
        color: 'var(--accent)',
        shape: 'line',
        write: ratio,
      },
      {
        metric: 'skew_25d',
        name: 'Skew 25Δ',
        unit: 'points',
        side: 'right',
        color: 'var(--warn)',
        shape: 'dashed',
        write: ratio,
      },
    ],
  },
]

/** Newest values of the first two lines in words. */
export function newestText(series: DaySeries, lines: readonly DayLine[]): string {
  return lines
    .slice(0, 2)
    .map(({ metric, name, write }) => {
      const value = series.values[metric]?.findLast((one) => one !== null) ?? null
      return `${name} ${value === null ? '–' : write(value)}`
    })
    .join(' · ')
}

export const PHASE_NAMES: Readonly<Record<string, string>> = {
  pre_open: 'Pre-open',
  cash_auction: 'Cash auction',
  fo_only: 'F&O only',
  closed: 'Closed',
  holiday: 'Holiday',
}

type Cause = DaySeries['gaps'][number]['cause']

/** On the band of a gap. */
export const CAUSE_LABELS: Readonly<Record<Cause, string>> = {
  app_stopped: 'not running',
  feed_disconnected: 'feed lost',
  feed_stale: 'feed silent',
  login_required: 'login needed',
  machine_asleep: 'asleep',
  paused: 'paused',
  journal_full: 'journal full',
  disk: 'disk fault',
  corruption: 'damaged',
}

export const CAUSE_NAMES: Readonly<Record<Cause, string>> = {
  app_stopped: 'OP Trading was not running',
  feed_disconnected: 'the feed was disconnected',
  feed_stale: 'the feed was silent',
  login_required: 'a login was needed',
  machine_asleep: 'the computer was asleep',
  paused: 'collecting was paused',
  journal_full: 'the journal was full',
  disk: 'the disk refused',
  corruption: 'the record is damaged',
}
