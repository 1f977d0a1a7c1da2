import { memo, useMemo } from 'react'
import { ComposedChart, Line, ReferenceArea, Tooltip } from 'recharts'
import { istTime } from '../../../../core/domain/ist.ts'
import { formatDay } from '../../lib/format.ts'
import { hourMinute, momentText, tableTime, timeTicks } from '../../lib/time-axis.ts'
import { useMarket } from '../../store/context.ts'
import { type Absence, ChartCard, type PlotBox } from './chart-card.tsx'
import type { MarkShape } from './chart-marks.tsx'
import { CURSOR, Grid, type Layout, layoutOf, NumberAxis, rangeOf, ValueAxis } from './chart-parts.tsx'
import { type Reading, Readout } from './chart-readout.tsx'
import { CAUSE_LABELS, CAUSE_NAMES, type DayChart, type DayLine, newestText, PHASE_NAMES } from './day-lines.ts'
import { type DaySeries, gapAt, type Stretch, spanOf, type TimeRow, timeRows, within } from './day-series.ts'
import { useDesk } from './desk.ts'
import { RangeBrush, type TimeRange } from './range-brush.tsx'
import type { DayAnswer } from './use-day-series.ts'

interface DayCardProps {
  readonly chart: DayChart
  readonly answer: DayAnswer
  /** An earlier day; null = today. */
  readonly date: string | null
  readonly range: TimeRange
  readonly onRange: (range: TimeRange) => void
}

/** Series of the record through a day. */
export const DayCard = memo(function DayCard({ chart, answer, date, range, onRange }: DayCardProps) {
  const { name: chainName } = useDesk()
  const { index, bucket } = useMarket((state) => state.selection)
  // On an earlier day the bucket may have been another expiry.
  const subject = date === null ? chainName : `${index} ${bucket.replace('_', ' ')} · ${formatDay(date)}`
  const { id, title, lines } = chart
  const { series } = answer
  const metrics = useMemo(() => lines.map(({ metric }) => metric), [lines])
  const newest = series === null ? '' : newestText(series, lines)
  return (
    <ChartCard
      id={id}
      title={title}
      headline={newest}
      {...(date === null ? {} : { subject })}
      legend={lines.map(({ name: text, unit, ...look }) => ({ ...look, name: `${text}, ${unit}` }))}
      absence={absenceOf(answer, lines)}
      table={() => ({
        head: ['time, IST', ...lines.map(({ name: text, unit }) => `${text}, ${unit}`)],
        rows: (series?.times ?? []).map((time, place) => [
          tableTime(time),
          ...metrics.map((metric) => series?.values[metric]?.[place] ?? null),
        ]),
      })}
      plot={(box) =>
        series === null ? null : (
          <DayPlot
            lines={lines}
            series={series}
            range={range}
            box={box}
            about={`${title} ${subject}: last ${newest}`}
          />
        )
      }
      foot={({ width, scale }) =>
        series === null ? null : (
          <RangeBrush
            series={series}
            metric={metrics[0] ?? 'spot'}
            range={range}
            onRange={onRange}
            width={width}
            inset={Math.round(50 * scale)}
            label={`Time range of ${title}`}
          />
        )
      }
    />
  )
})

function absenceOf({ series, fault, retry }: DayAnswer, lines: readonly DayLine[]): Absence | null {
  if (series === null) return fault === null ? { kind: 'loading' } : { kind: 'fault', fault, retry }
  const isKnown = lines.some(({ metric }) => series.values[metric]?.some((value) => value !== null) ?? false)
  return isKnown ? null : { kind: 'empty', text: 'No data recorded yet for this day.' }
}

interface DayPlotProps {
  readonly lines: readonly DayLine[]
  readonly series: DaySeries
  readonly range: TimeRange
  readonly box: PlotBox
  readonly about: string
}

const DASHES: Partial<Record<MarkShape, string>> = { dashed: '5 3', dotted: '2 3' }

const DayPlot = memo(
  function DayPlot({ lines, series, range, box, about }: DayPlotProps) {
    const layout = layoutOf(box, 2, 0)
    const span = spanOf(series)
    const domain: Stretch = { from: range.from ?? span.from, to: range.to ?? span.to }
    const rows = useMemo(
      () =>
        timeRows(
          series,
          lines.map(({ metric }) => metric),
          { from: domain.from, to: domain.to },
          Math.max(60, layout.plotWidth),
        ),
      [series, lines, domain.from, domain.to, layout.plotWidth],
    )
    return (
      <ComposedChart
        width={box.width}
        height={box.height}
        data={[...rows]}
        margin={layout.margin}
        role="img"
        aria-label={about}
      >
        <Shades series={series} domain={domain} layout={layout} />
        <Grid />
        <NumberAxis
          layout={layout}
          dataKey="time"
          domain={[domain.from, domain.to]}
          ticks={timeTicks(domain.from, domain.to, Math.floor(layout.plotWidth / (6 * layout.fontSize)))}
          format={hourMinute}
        />
        {lines.map((line) => (
          <SideAxis key={line.metric} line={line} lines={lines} rows={rows} layout={layout} />
        ))}
        {lines.map(({ metric, side, color, shape, isStep }) => (
          <Line
            key={metric}
            yAxisId={side}
            dataKey={metric}
            type={isStep === true ? 'stepAfter' : 'linear'}
            stroke={color}
            strokeWidth={1.5}
            // A value between two gaps is a line without length: its round ends make it a dot.
            strokeLinecap="round"
            strokeDasharray={DASHES[shape] ?? '0'}
            dot={false}
            activeDot={{ r: 3 }}
            isAnimationActive={false}
          />
        ))}
        <Tooltip
          isAnimationActive={false}
          cursor={CURSOR}
          filterNull={false}
          content={
            <Readout rows={rows} placeOfRow={({ time }) => time} read={(row) => readingOf(row, lines, series)} />
          }
        />
      </ComposedChart>
    )
  },
  (before, next) =>
    before.series === next.series &&
    before.lines === next.lines &&
    before.range === next.range &&
    before.box.width === next.box.width &&
    before.box.height === next.box.height &&
    before.about === next.about,
)

interface SideAxisProps {
  readonly line: DayLine
  readonly lines: readonly DayLine[]
  readonly rows: readonly TimeRow[]
  readonly layout: Layout
}

/** The axis of a line, unless a line before it has the same. */
function SideAxis({ line, lines, rows, layout }: SideAxisProps) {
  const { side, unit, color } = line
  const shared = lines.filter((one) => one.side === side)
  if (shared[0] !== line) return null
  const [low, high] = rangeOf(
    rows,
    shared.map(
      ({ metric }) =>
        (row: TimeRow) =>
          row[metric] ?? null,
    ),
  )
  // No line runs along an edge.
  const air = 0.03 * (high - low)
  return <ValueAxis layout={layout} unit={unit} range={[low - air, high + air]} side={side} color={color} />
}

interface ShadesProps {
  readonly series: DaySeries
  readonly domain: Stretch
  readonly layout: Layout
}

/** Phases other than the open market, and gaps of the record. */
function Shades({ series, domain, layout }: ShadesProps) {
  const isWide = ({ from, to }: Stretch, least: number) =>
    ((to - from) / (domain.to - domain.from)) * layout.plotWidth > least
  const text = (value: string) =>
    ({ value, position: 'insideTop', fill: 'var(--muted)', fontSize: layout.fontSize }) as const
  const phases = series.phases.filter(({ phase }) => phase !== 'open').flatMap((phase) => within(phase, domain))
  const gaps = series.gaps.flatMap((gap) => within(gap, domain))
  return (
    <>
      {phases.map((stretch) => {
        const name = PHASE_NAMES[stretch.phase] ?? stretch.phase
        return (
          <ReferenceArea
            key={`${stretch.phase} ${stretch.from}`}
            className="phase-shade"
            yAxisId="left"
            x1={stretch.from}
            x2={stretch.to}
            fill="var(--muted)"
            fillOpacity={0.11}
            {...(isWide(stretch, 6.5 * name.length) ? { label: text(name) } : {})}
          />
        )
      })}
      {gaps.map(({ from, to, cause }) => (
        <ReferenceArea
          key={`gap ${from} ${cause}`}
          className="gap-shade"
          yAxisId="left"
          x1={from}
          x2={to}
          fill="var(--down)"
          fillOpacity={0.14}
          stroke="var(--down)"
          strokeOpacity={0.5}
          strokeDasharray="2 3"
          {...(isWide({ from, to }, 0.6 * layout.fontSize * CAUSE_LABELS[cause].length)
            ? { label: text(CAUSE_LABELS[cause]) }
            : {})}
        />
      ))}
    </>
  )
}

function readingOf(row: TimeRow, lines: readonly DayLine[], { gaps, phases }: DaySeries): Reading {
  const gap = gapAt(gaps, row.time)
  const phase = phases.find(({ from, to }) => row.time >= from && row.time < to)
  const phaseName = phase === undefined ? undefined : PHASE_NAMES[phase.phase]
  return {
    title: `${momentText(row.time)}${phaseName === undefined ? '' : ` · ${phaseName}`}`,
    lines: lines.map(({ metric, name, unit, color, shape, write }) => {
      const value = row[metric] ?? null
      return { name, color, shape, text: value === null ? '–' : `${write(value)} ${unit}` }
    }),
    note: gap === null ? null : `No data ${istTime(gap.from)} to ${istTime(gap.to)}: ${CAUSE_NAMES[gap.cause]}.`,
  }
}
