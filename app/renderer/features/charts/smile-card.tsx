import { memo, useMemo } from 'react'
import { Line, Tooltip } from 'recharts'
import type { SummaryReport } from '../../../../core/contract/api-schema.ts'
import type { PreviousSmile } from '../../../../core/contract/series.ts'
import { formatDay, formatNumber } from '../../lib/format.ts'
import type { ChainData } from '../../store/chain-data.ts'
import { BulkPoints, Places } from './bulk-marks.tsx'
import { type Absence, ChartCard, type PlotBox } from './chart-card.tsx'
import type { LegendEntry } from './chart-marks.tsx'
import { CURSOR, LevelLines, NumberAxis, strikeDomain, strikeLayout, ValueAxis } from './chart-parts.tsx'
import { type Reading, Readout } from './chart-readout.tsx'
import { useDesk } from './desk.ts'
import type { LevelMark } from './level-marks.ts'
import { Plot } from './plot.tsx'
import { type Reach, type SmileRow, smileRange, smileRows, strikesInReach } from './strike-rows.ts'

interface SmileCardProps {
  readonly chain: ChainData
  readonly reach: Reach
  readonly fit: SummaryReport['full']['smile']
  readonly previous: PreviousSmile | null
}

const SERIES = [
  { key: 'ceOut', name: 'Calls', color: 'var(--ce)', shape: 'dot' },
  { key: 'peOut', name: 'Puts', color: 'var(--pe)', shape: 'triangle' },
  { key: 'ceIn', name: 'Calls in the money', color: 'var(--ce)', shape: 'ring' },
  { key: 'peIn', name: 'Puts in the money', color: 'var(--pe)', shape: 'hollow' },
  { key: 'fit', name: 'Fit', color: 'var(--accent)', shape: 'line' },
  { key: 'before', name: 'Previous close', color: 'var(--warn)', shape: 'dashed' },
] as const satisfies readonly (LegendEntry & { readonly key: keyof SmileRow })[]

const percent = (value: number | null) => (value === null ? '–' : `${formatNumber('ratio', value)} %`)

/** IV by strike: what trades, the curve through it, and the close before. */
export const SmileCard = memo(function SmileCard({ chain, reach, fit, previous }: SmileCardProps) {
  const { name } = useDesk()
  const forward = chain.head.forward.value
  const rows = useMemo(
    () => smileRows(strikesInReach(chain, reach), forward, fit?.marks ?? [], previous?.points ?? []),
    [chain, reach, forward, fit, previous],
  )
  const atmIv = chain.metrics?.atm_iv ?? null
  const skew = chain.metrics?.skew_25d ?? null
  const atm = atmIv === null ? 'unknown' : `${formatNumber('iv', atmIv)} %`
  const skewText = skew === null ? 'unknown' : `${formatNumber('iv', skew)} points`
  const has = (key: keyof SmileRow) => rows.some((row) => row[key] !== null)
  return (
    <ChartCard
      id="iv-smile"
      title="IV smile"
      headline={`ATM ${atm} · skew 25Δ ${skewText}`}
      legend={SERIES.filter(({ key }) => has(key)).map((entry) => ({ ...entry, name: nameOf(entry, previous) }))}
      absence={absenceOf(rows, chain)}
      table={() => ({
        head: ['strike', ...SERIES.map(({ name: series }) => `${series.toLowerCase()}, IV in %`)],
        rows: rows.map((row) => [row.strike, ...SERIES.map(({ key }) => row[key])]),
      })}
      plot={(box) => (
        <SmilePlot
          rows={rows}
          box={box}
          marks={marksOf(chain)}
          about={`IV smile ${name}: ATM ${atm}, 25-delta skew ${skewText}`}
        />
      )}
    />
  )
})

function nameOf({ key, name }: (typeof SERIES)[number], previous: PreviousSmile | null): string {
  return key === 'before' && previous?.date != null ? `${name} ${formatDay(previous.date)}` : name
}

function absenceOf(rows: readonly SmileRow[], { head, settlesAt }: ChainData): Absence | null {
  if (smileRange(rows) !== null) return null
  const isSettled = head.time >= settlesAt
  return {
    kind: 'empty',
    text: isSettled
      ? 'This expiry has settled: choose another above.'
      : 'No strike of this expiry has an IV at this instant.',
  }
}

function marksOf({ head }: ChainData): readonly LevelMark[] {
  const marks: LevelMark[] = []
  if (head.atm !== null) marks.push({ at: head.atm, text: 'ATM', color: 'var(--muted)', isDashed: true })
  const { value } = head.forward
  if (value !== null) marks.push({ at: value, text: `Forward ${formatNumber('price', value)}`, color: 'var(--accent)' })
  return marks
}

const hollow = { fill: 'none', opacity: 0.55 } as const

interface SmilePlotProps {
  readonly rows: readonly SmileRow[]
  readonly box: PlotBox
  readonly marks: readonly LevelMark[]
  readonly about: string
}

function SmilePlot({ rows, box, marks, about }: SmilePlotProps) {
  const domain = strikeDomain(rows)
  const { layout, placed } = strikeLayout(box, 1, marks, domain)
  const size = 2.6 * box.scale
  const x = ({ strike }: SmileRow) => strike
  const calls = { rows, x, shape: 'circle' } as const
  const puts = { rows, x, shape: 'triangle' } as const
  return (
    <Plot box={box} layout={layout} rows={rows} about={about}>
      <NumberAxis layout={layout} dataKey="strike" domain={domain} />
      <ValueAxis layout={layout} unit="IV, %" range={smileRange(rows) ?? [0, 1]} />
      <LevelLines placed={placed} layout={layout} />
      <Curve name="before" color="var(--warn)" dash="5 4" />
      <Curve name="fit" color="var(--accent)" dash="0" />
      <BulkPoints {...calls} y={({ ceIn }) => ceIn} size={size} look={{ ...hollow, stroke: 'var(--ce)' }} />
      <BulkPoints {...puts} y={({ peIn }) => peIn} size={size} look={{ ...hollow, stroke: 'var(--pe)' }} />
      <BulkPoints {...calls} y={({ ceOut }) => ceOut} size={size + 0.6} look={{ fill: 'var(--ce)' }} />
      <BulkPoints {...puts} y={({ peOut }) => peOut} size={size + 1} look={{ fill: 'var(--pe)' }} />
      <Places dataKey="strike" />
      <Tooltip
        isAnimationActive={false}
        cursor={CURSOR}
        content={<Readout rows={rows} placeOfRow={({ strike }) => strike} read={readingOf} />}
      />
    </Plot>
  )
}

function readingOf(row: SmileRow): Reading {
  return {
    title: `Strike ${formatNumber('strike', row.strike)}`,
    lines: SERIES.filter(({ key }) => row[key] !== null).map(({ key, name, color, shape }) => ({
      name,
      color,
      shape,
      text: percent(row[key]),
    })),
    note: row.ceOut === null && row.peOut === null ? 'No IV out of the money here.' : null,
  }
}

/** A smooth line through marks. */
function Curve({
  name,
  color,
  dash,
}: {
  readonly name: keyof SmileRow
  readonly color: string
  readonly dash: string
}) {
  return (
    <Line
      yAxisId="left"
      dataKey={name}
      type="monotone"
      stroke={color}
      strokeWidth={1.8}
      strokeDasharray={dash}
      dot={false}
      activeDot={false}
      connectNulls
      isAnimationActive={false}
    />
  )
}
