import { memo, useMemo } from 'react'
import { Line, ReferenceLine, Tooltip } from 'recharts'
import { istInstant } from '../../../../core/domain/ist.ts'
import { formatDay, formatNumber } from '../../lib/format.ts'
import { useMarket } from '../../store/context.ts'
import { type Absence, ChartCard, type PlotBox } from './chart-card.tsx'
import type { LegendEntry } from './chart-marks.tsx'
import { CURSOR, layoutOf, NumberAxis, rangeOf, ValueAxis } from './chart-parts.tsx'
import { type Reading, Readout } from './chart-readout.tsx'
import { Plot } from './plot.tsx'
import type { Answer } from './use-answer.ts'
import type { ChartSummary } from './use-summary.ts'

interface TermRow {
  /** Day of expiry, epoch milliseconds. */
  readonly day: number
  readonly expiry: string
  readonly years: number
  /** Percent a year; the forward one from the expiry before to this. */
  readonly iv: number | null
  readonly forward: number | null
}

const LEGEND: readonly LegendEntry[] = [
  { name: 'ATM IV, %', color: 'var(--accent)', shape: 'line' },
  { name: 'Forward IV from the expiry before, %', color: 'var(--warn)', shape: 'dashed' },
]

const percent = (value: number | null) => (value === null ? '–' : `${formatNumber('ratio', value)} %`)
const times100 = (value: number | null) => (value === null ? null : 100 * value)

/** ATM IV of each watched expiry, and what the market expects between one and the next. */
export const TermStructureCard = memo(function TermStructureCard({
  answer,
}: {
  readonly answer: Answer<ChartSummary>
}) {
  const index = useMarket((state) => state.selection.index)
  const structure = answer.result?.term_structure ?? null
  const rows = useMemo(
    () =>
      (structure ?? []).map(({ expiry, years, iv, forward_iv }, place) => ({
        day: istInstant(expiry),
        expiry,
        years,
        iv: times100(iv),
        // Of the nearest there is none before it.
        forward: place === 0 ? null : times100(forward_iv),
      })),
    [structure],
  )
  const essence = rows.map(({ expiry, iv }) => `${formatDay(expiry)} ${percent(iv)}`)
  return (
    <ChartCard
      id="term-structure"
      title="Term structure"
      headline={shapeOf(rows)}
      legend={LEGEND}
      absence={absenceOf(answer, rows)}
      table={() => ({
        head: ['expiry', 'years', 'ATM IV, %', 'forward IV, %'],
        rows: rows.map(({ expiry, years, iv, forward }) => [expiry, years, iv, forward]),
      })}
      plot={(box) => <TermPlot rows={rows} box={box} about={`Term structure ${index}: ${essence.join(', ')}`} />}
    />
  )
})

function absenceOf({ result, fault, retry }: Answer<ChartSummary>, rows: readonly TermRow[]): Absence | null {
  if (result === null) return fault === null ? { kind: 'loading' } : { kind: 'fault', fault, retry }
  return rows.some(({ iv }) => iv !== null) ? null : { kind: 'empty', text: 'No expiry has an ATM IV at this instant.' }
}

/** Whether the near is dearer than the far. */
function shapeOf(rows: readonly TermRow[]): string {
  const known = rows.map(({ iv }) => iv).filter((iv) => iv !== null)
  const [near] = known
  const far = known.at(-1)
  if (near === undefined || far === undefined || known.length < 2) return ''
  const difference = far - near
  if (Math.abs(difference) < 0.25) return 'flat'
  return `${difference > 0 ? 'contango' : 'backwardation'} ${formatNumber('change', difference)} points`
}

interface TermPlotProps {
  readonly rows: readonly TermRow[]
  readonly box: PlotBox
  readonly about: string
}

function TermPlot({ rows, box, about }: TermPlotProps) {
  const layout = layoutOf(box, 1, 0)
  const days = rows.map(({ day }) => day)
  const first = Math.min(...days)
  const last = Math.max(...days)
  const air = Math.max(86_400_000, 0.04 * (last - first))
  return (
    <Plot box={box} layout={layout} rows={rows} about={about}>
      <NumberAxis
        layout={layout}
        dataKey="day"
        domain={[first - air, last + air]}
        ticks={days}
        format={(day) => formatDay(rows.find((row) => row.day === day)?.expiry ?? '')}
      />
      <ValueAxis layout={layout} unit="IV, %" range={rangeOf(rows, [({ iv }) => iv, ({ forward }) => forward])} />
      {rows.map(({ day, forward }, place) => {
        const before = rows[place - 1]
        if (before === undefined || forward === null) return null
        const segment = [
          { x: before.day, y: forward },
          { x: day, y: forward },
        ] as const
        return (
          <ReferenceLine
            key={day}
            className="forward-iv"
            yAxisId="left"
            segment={segment}
            stroke="var(--warn)"
            strokeWidth={1.8}
            strokeDasharray="5 4"
          />
        )
      })}
      <Line
        yAxisId="left"
        dataKey="iv"
        stroke="var(--accent)"
        strokeWidth={2}
        dot={{ r: 4, fill: 'var(--accent)', stroke: 'none' }}
        isAnimationActive={false}
        connectNulls
      />
      <Tooltip
        isAnimationActive={false}
        cursor={CURSOR}
        content={<Readout rows={rows} placeOfRow={({ day }) => day} read={readingOf} />}
      />
    </Plot>
  )
}

function readingOf({ expiry, years, iv, forward }: TermRow): Reading {
  return {
    title: `${formatDay(expiry)}, ${formatNumber('seconds', years * 365 * 86_400)}`,
    lines: [
      { name: 'ATM IV', color: 'var(--accent)', shape: 'line', text: percent(iv) },
      { name: 'Forward IV', color: 'var(--warn)', shape: 'dashed', text: percent(forward) },
    ],
  }
}
