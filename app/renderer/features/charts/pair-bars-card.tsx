import { memo, useMemo } from 'react'
import { ReferenceLine, Tooltip } from 'recharts'
import { formatNumber, type NumberKind, type QuantityStyle } from '../../lib/format.ts'
import type { ChainData, LiveLeg } from '../../store/chain-data.ts'
import { usePreferences } from '../../store/context.ts'
import { topStrikes } from '../chain/marks.ts'
import { BulkBars, Places } from './bulk-marks.tsx'
import { ChartCard, type PlotBox } from './chart-card.tsx'
import { type LegendEntry, OUTLINE_FILL } from './chart-marks.tsx'
import {
  CURSOR,
  LevelLines,
  NumberAxis,
  quantityTick,
  rangeOf,
  strikeDomain,
  strikeLayout,
  ValueAxis,
  type WriteTick,
} from './chart-parts.tsx'
import { Readout } from './chart-readout.tsx'
import { useDesk } from './desk.ts'
import type { LevelMark } from './level-marks.ts'
import { Plot } from './plot.tsx'
import { type PairRow, pairRows, type Reach, strikesInReach } from './strike-rows.ts'

interface PairBarsProps {
  readonly chain: ChainData
  readonly reach: Reach
}

const LEGEND: readonly LegendEntry[] = [
  { name: 'Calls', color: 'var(--ce)', shape: 'bar' },
  { name: 'Puts', color: 'var(--pe)', shape: 'outline' },
]

/** Open interest by strike. */
export const OpenInterestCard = memo(function OpenInterestCard({ chain, reach }: PairBarsProps) {
  const { name } = useDesk()
  const { rows, unit, write, axis } = useQuantities(chain, reach, readOi)
  const { calls, puts } = topStrikes(chain)
  const strike = (value: number | null) => formatNumber('strike', value)
  const pcr = formatNumber('ratio', chain.metrics?.full.pcr_oi ?? null)
  const pain = strike(chain.metrics?.full.max_pain ?? null)
  return (
    <PairBarsCard
      id="open-interest"
      title="Open interest"
      headline={`PCR ${pcr} · max pain ${pain}`}
      about={`Open interest ${name}: most calls at ${strike(calls)}, most puts at ${strike(puts)}, max pain ${pain}, PCR ${pcr}`}
      unit={unit}
      rows={rows}
      marks={[...levelsOf(chain), ...spotOf(chain)]}
      empty="No leg of this expiry has told its open interest yet."
      write={(value) => write('quantity', value)}
      axis={axis}
    />
  )
})

/** Change of open interest since the previous close, by strike. */
export const InterestChangeCard = memo(function InterestChangeCard({ chain, reach }: PairBarsProps) {
  const { name } = useDesk()
  const { rows, unit, write, axis } = useQuantities(chain, reach, readChange)
  const total = (side: 'ce' | 'pe') => {
    const known = rows.map((row) => row[side]).filter((value) => value !== null)
    return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0)
  }
  const calls = write('quantity_change', total('ce'))
  const puts = write('quantity_change', total('pe'))
  return (
    <PairBarsCard
      id="oi-change"
      title="OI change"
      headline={`shown: calls ${calls} · puts ${puts}`}
      about={`Change of open interest ${name} since the previous close, strikes shown: calls ${calls}, puts ${puts} ${unit}`}
      unit={unit}
      rows={rows}
      marks={spotOf(chain)}
      empty="Not known yet: the open interest of the previous close is not on record."
      write={(value) => write('quantity_change', value)}
      axis={axis}
    />
  )
})

const readOi = (leg: LiveLeg) => leg.oi
const readChange = (leg: LiveLeg) => leg.oi_change

function useQuantities(chain: ChainData, reach: Reach, read: (leg: LiveLeg) => number | null) {
  const units = usePreferences((preferences) => preferences.units)
  const style: QuantityStyle = usePreferences((preferences) => preferences.numbers)
  const scale = units === 'lots' ? 1 / chain.lotSize : 1
  const rows = useMemo(() => pairRows(strikesInReach(chain, reach), read, scale), [chain, reach, read, scale])
  const write = (kind: NumberKind, value: number | null) => formatNumber(kind, value, style)
  const axis = useMemo(() => quantityTick(style), [style])
  return { rows, unit: units === 'lots' ? 'lots' : 'qty', write, axis }
}

function spotOf({ head }: ChainData): readonly LevelMark[] {
  if (head.spot === null) return []
  return [{ at: head.spot, text: `Spot ${formatNumber('price', head.spot)}`, color: 'var(--text)' }]
}

function levelsOf(chain: ChainData): readonly LevelMark[] {
  const { calls, puts } = topStrikes(chain)
  const pain = chain.metrics?.full.max_pain ?? null
  const marks: LevelMark[] = []
  if (calls !== null) marks.push({ at: calls, text: 'R', color: 'var(--ce)', isDashed: true })
  if (puts !== null) marks.push({ at: puts, text: 'S', color: 'var(--pe)', isDashed: true })
  if (pain !== null) marks.push({ at: pain, text: 'MP', color: 'var(--warn)', isDashed: true })
  return marks
}

interface PairBarsCardProps {
  readonly id: string
  readonly title: string
  readonly headline: string
  readonly about: string
  readonly unit: string
  readonly rows: readonly PairRow[]
  readonly marks: readonly LevelMark[]
  readonly write: (value: number | null) => string
  readonly axis: WriteTick
  readonly empty: string
}

function PairBarsCard(props: PairBarsCardProps) {
  const { id, title, headline, rows, unit, empty } = props
  const isEmpty = rows.every(({ ce, pe }) => ce === null && pe === null)
  return (
    <ChartCard
      id={id}
      title={title}
      headline={headline}
      legend={LEGEND.map((entry) => ({ ...entry, name: `${entry.name}, ${unit}` }))}
      absence={isEmpty ? { kind: 'empty', text: empty } : null}
      table={() => ({
        head: ['strike', `calls, ${unit}`, `puts, ${unit}`],
        rows: rows.map(({ strike, ce, pe }) => [strike, ce, pe]),
      })}
      plot={(box) => <PairBarsPlot {...props} box={box} />}
    />
  )
}

function PairBarsPlot({ rows, unit, marks, write, axis, about, box }: PairBarsCardProps & { readonly box: PlotBox }) {
  const domain = strikeDomain(rows)
  const { layout, placed } = strikeLayout(box, 1, marks, domain)
  const room = layout.plotWidth / Math.max(1, rows.length)
  const size = Math.max(1, Math.min(14, Math.floor(room * 0.4)))
  const beside = (size + (room > 8 ? 1 : 0)) / 2
  const bars = { rows, size, x: ({ strike }: PairRow) => strike }
  return (
    <Plot box={box} layout={layout} rows={rows} about={about}>
      <NumberAxis layout={layout} dataKey="strike" domain={domain} />
      <ValueAxis
        layout={layout}
        unit={unit}
        range={rangeOf(rows, [({ ce }) => ce, ({ pe }) => pe], true)}
        write={axis}
      />
      <ReferenceLine yAxisId="left" y={0} stroke="var(--line)" />
      <LevelLines placed={placed} layout={layout} />
      <BulkBars {...bars} y={({ ce }) => ce} shift={-beside} look={{ fill: 'var(--ce)', opacity: 0.85 }} />
      <BulkBars
        {...bars}
        y={({ pe }) => pe}
        shift={beside}
        look={{ fill: 'var(--pe)', opacity: OUTLINE_FILL, stroke: 'var(--pe)' }}
      />
      <Places dataKey="strike" />
      <Tooltip
        isAnimationActive={false}
        cursor={CURSOR}
        content={
          <Readout
            rows={rows}
            placeOfRow={({ strike }) => strike}
            read={({ strike, ce, pe }) => ({
              title: `Strike ${formatNumber('strike', strike)}`,
              lines: [
                { name: 'Calls', color: 'var(--ce)', shape: 'bar', text: `${write(ce)} ${unit}` },
                { name: 'Puts', color: 'var(--pe)', shape: 'outline', text: `${write(pe)} ${unit}` },
              ],
            })}
          />
        }
      />
    </Plot>
  )
}
