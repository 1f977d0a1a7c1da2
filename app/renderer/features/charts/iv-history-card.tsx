import { memo, useMemo } from 'react'
import { Line, ReferenceLine, Tooltip } from 'recharts'
import type { SummaryReport } from '../../../../core/contract/api-schema.ts'
import type { SeriesReport } from '../../../../core/contract/series.ts'
import { DAY_MS, formatIst, istDate, istInstant } from '../../../../core/domain/ist.ts'
import { formatDay, formatNumber } from '../../lib/format.ts'
import { useMarket } from '../../store/context.ts'
import { type Absence, ChartCard, type PlotBox } from './chart-card.tsx'
import type { LegendEntry } from './chart-marks.tsx'
import { CURSOR, layoutOf, NumberAxis, rangeOf, ValueAxis } from './chart-parts.tsx'
import { Readout } from './chart-readout.tsx'
import { useDesk } from './desk.ts'
import { Plot } from './plot.tsx'
import { type Answer, useAnswer } from './use-answer.ts'

interface DayRow {
  readonly day: number
  /** Percent a year. */
  readonly iv: number | null
}

interface IvHistoryProps {
  readonly standing: SummaryReport['iv_standing'] | null
  /** Percent a year; null when unknown. */
  readonly ivNow: number | null
}

const YEAR_DAYS = 365
const REFRESH_MS = 300_000

const percent = (value: number | null) => (value === null ? '–' : `${formatNumber('ratio', value)} %`)

/** ATM IV at the close of each recorded day, and where that of the instant shown stands among them. */
export const IvHistoryCard = memo(function IvHistoryCard({ standing, ivNow }: IvHistoryProps) {
  const { name } = useDesk()
  const today = useMarket(({ now }) => (now === null ? null : istDate(now)))
  const answer = useHistory(today)
  const rows = useMemo(() => dayRows(answer.result, today), [answer.result, today])
  const known = rows.filter(({ iv }) => iv !== null)
  const words = standingText(standing, known, ivNow)
  return (
    <ChartCard
      id="iv-history"
      title="IV history"
      headline={percent(ivNow)}
      legend={legendOf(ivNow)}
      absence={absenceOf(answer, known.length)}
      table={() => ({ head: ['date', 'ATM IV, %'], rows: rows.map(({ day, iv }) => [istDate(day), iv]) })}
      plot={(box) => <HistoryPlot rows={rows} ivNow={ivNow} box={box} about={`IV history ${name}: ${words}`} />}
      foot={() => <p className="words">{words}</p>}
    />
  )
})

function legendOf(ivNow: number | null): readonly LegendEntry[] {
  const closes: LegendEntry = { name: 'ATM IV at the close, %', color: 'var(--accent)', shape: 'line' }
  return ivNow === null ? [closes] : [closes, { name: 'This instant', color: 'var(--warn)', shape: 'dashed' }]
}

function useHistory(today: string | null): Answer<SeriesReport> {
  const { index, bucket } = useMarket((state) => state.selection)
  const to = today === null ? null : istInstant(today)
  const stretch = to === null ? null : { from: formatIst(to - YEAR_DAYS * DAY_MS), to: formatIst(to) }
  return useAnswer(
    'series',
    stretch === null ? null : { index, bucket, metric: ['atm_iv'], ...stretch, step: DAY_MS },
    REFRESH_MS,
  )
}

/** Closes of earlier days; today has none yet. */
function dayRows(report: SeriesReport | null, today: string | null): readonly DayRow[] {
  const rows = (report?.times ?? []).map((time, place) => {
    const iv = report?.values.atm_iv?.[place] ?? null
    return { day: istInstant(istDate(Date.parse(time))), iv: iv === null ? null : 100 * iv }
  })
  return today === null ? rows : rows.filter(({ day }) => day < istInstant(today))
}

function absenceOf({ result, fault, retry }: Answer<SeriesReport>, days: number): Absence | null {
  if (result === null) return fault === null ? { kind: 'loading' } : { kind: 'fault', fault, retry }
  return days > 0 ? null : { kind: 'empty', text: 'No earlier day with an ATM IV is on record yet.' }
}

/** Rank and percentile in words. */
function standingText(
  standing: SummaryReport['iv_standing'] | null,
  known: readonly DayRow[],
  ivNow: number | null,
): string {
  if (standing === null || standing.days === 0 || standing.percentile === null) {
    return 'Rank and percentile need at least one earlier day on record.'
  }
  const closes = known.map(({ iv }) => iv ?? 0)
  const span = closes.length < 2 ? '' : ` (${percent(Math.min(...closes))} to ${percent(Math.max(...closes))})`
  const days = `${standing.days} recorded ${standing.days === 1 ? 'close' : 'closes'}`
  const share = `${formatNumber('integer', 100 * standing.percentile)} %`
  const percentile = `${percent(ivNow)} is higher than on ${share} of ${days} (percentile).`
  if (standing.rank === null) return percentile
  return `${percentile} Rank ${formatNumber('integer', 100 * standing.rank)} of 100 between the lowest and the highest${span}.`
}

interface HistoryPlotProps extends Pick<IvHistoryProps, 'ivNow'> {
  readonly rows: readonly DayRow[]
  readonly box: PlotBox
  readonly about: string
}

function HistoryPlot({ rows, ivNow, box, about }: HistoryPlotProps) {
  const layout = layoutOf(box, 1, 0)
  const days = rows.map(({ day }) => day)
  const first = (days[0] ?? 0) - DAY_MS
  const last = (days.at(-1) ?? 1) + DAY_MS
  const room = Math.max(2, Math.floor(layout.plotWidth / (6 * layout.fontSize)))
  const every = Math.ceil(days.length / room)
  return (
    <Plot box={box} layout={layout} rows={rows} about={about}>
      <NumberAxis
        layout={layout}
        dataKey="day"
        domain={[first, last]}
        ticks={days.filter((_, place) => (days.length - 1 - place) % every === 0)}
        format={(day) => formatDay(istDate(day))}
      />
      <ValueAxis layout={layout} unit="IV, %" range={rangeOf([...rows, { iv: ivNow }], [({ iv }) => iv])} />
      {ivNow === null ? null : <ReferenceLine yAxisId="left" y={ivNow} stroke="var(--warn)" strokeDasharray="5 4" />}
      <Line
        yAxisId="left"
        dataKey="iv"
        stroke="var(--accent)"
        strokeWidth={1.8}
        dot={rows.length > 90 ? false : { r: 2.6, fill: 'var(--accent)', stroke: 'none' }}
        isAnimationActive={false}
      />
      <Tooltip
        isAnimationActive={false}
        cursor={CURSOR}
        content={
          <Readout
            rows={rows}
            placeOfRow={({ day }) => day}
            read={({ day, iv }) => ({
              title: `${formatDay(istDate(day))}, close`,
              lines: [{ name: 'ATM IV', color: 'var(--accent)', shape: 'line', text: percent(iv) }],
            })}
          />
        }
      />
    </Plot>
  )
}
