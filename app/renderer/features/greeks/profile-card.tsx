import { memo, useMemo } from 'react'
import { Line, ReferenceLine, Tooltip } from 'recharts'
import { formatNumber, type NumberKind } from '../../lib/format.ts'
import type { ChainData } from '../../store/chain-data.ts'
import { ChartCard, type PlotBox } from '../charts/chart-card.tsx'
import type { LegendEntry } from '../charts/chart-marks.tsx'
import {
  CURSOR,
  LevelLines,
  NumberAxis,
  rangeOf,
  strikeDomain,
  strikeLayout,
  ValueAxis,
} from '../charts/chart-parts.tsx'
import { Readout } from '../charts/chart-readout.tsx'
import { useDesk } from '../charts/desk.ts'
import type { LevelMark } from '../charts/level-marks.ts'
import { Plot } from '../charts/plot.tsx'
import { type PairRow, pairRows, type Reach, strikesInReach } from '../charts/strike-rows.ts'

/** A Greek that has a profile by strike. */
export interface Profile {
  readonly greek: 'gamma' | 'theta' | 'vega'
  readonly title: string
  /** For one unit of the underlying. */
  readonly unit: string
  readonly kind: NumberKind
  readonly lotKind: NumberKind
}

export const PROFILES: readonly Profile[] = [
  { greek: 'gamma', title: 'Gamma by strike', unit: 'Δ / point', kind: 'gamma', lotKind: 'delta' },
  { greek: 'theta', title: 'Theta by strike', unit: '₹ / day', kind: 'theta', lotKind: 'theta' },
  { greek: 'vega', title: 'Vega by strike', unit: '₹ / IV point', kind: 'vega', lotKind: 'vega' },
]

interface ProfileCardProps {
  readonly profile: Profile
  readonly chain: ChainData
  readonly reach: Reach
  readonly lot: number
}

const LEGEND = [
  { name: 'Calls', color: 'var(--ce)', shape: 'line' },
  { name: 'Puts', color: 'var(--pe)', shape: 'dashed' },
] as const satisfies readonly LegendEntry[]

/** One Greek of calls and puts by strike. */
export const ProfileCard = memo(function ProfileCard({ profile, chain, reach, lot }: ProfileCardProps) {
  const { name } = useDesk()
  const { greek, title, unit, kind, lotKind } = profile
  const rows = useMemo(
    () => pairRows(strikesInReach(chain, reach), (leg) => leg[greek], lot),
    [chain, reach, greek, lot],
  )
  const write = (value: number | null) => formatNumber(lot === 1 ? kind : lotKind, value)
  const atm = rows.find(({ strike }) => strike === chain.head.atm)
  const essence = `at the money calls ${write(atm?.ce ?? null)}, puts ${write(atm?.pe ?? null)}`
  const isEmpty = rows.every(({ ce, pe }) => ce === null && pe === null)
  return (
    <ChartCard
      id={`${greek}-profile`}
      title={title}
      headline={`ATM ${write(atm?.ce ?? atm?.pe ?? null)}`}
      detail={lot === 1 ? 'per unit' : 'per lot'}
      legend={LEGEND.map((entry) => ({ ...entry, name: `${entry.name}, ${unit}` }))}
      absence={isEmpty ? { kind: 'empty', text: 'No strike of this expiry has Greeks at this instant.' } : null}
      table={() => ({
        head: ['strike', `calls, ${unit}`, `puts, ${unit}`],
        rows: rows.map(({ strike, ce, pe }) => [strike, ce, pe]),
      })}
      plot={(box) => (
        <ProfilePlot
          rows={rows}
          box={box}
          unit={unit}
          marks={marksOf(chain)}
          write={write}
          about={`${title} ${name}: ${essence}`}
        />
      )}
    />
  )
})

function marksOf({ head }: ChainData): readonly LevelMark[] {
  return head.atm === null ? [] : [{ at: head.atm, text: 'ATM', color: 'var(--muted)', isDashed: true }]
}

interface ProfilePlotProps {
  readonly rows: readonly PairRow[]
  readonly box: PlotBox
  readonly unit: string
  readonly marks: readonly LevelMark[]
  readonly write: (value: number | null) => string
  readonly about: string
}

function ProfilePlot({ rows, box, unit, marks, write, about }: ProfilePlotProps) {
  const domain = strikeDomain(rows)
  const { layout, placed } = strikeLayout(box, 1, marks, domain)
  return (
    <Plot box={box} layout={layout} rows={rows} about={about}>
      <NumberAxis layout={layout} dataKey="strike" domain={domain} />
      <ValueAxis layout={layout} unit={unit} range={rangeOf(rows, [({ ce }) => ce, ({ pe }) => pe], true)} />
      <ReferenceLine yAxisId="left" y={0} stroke="var(--line)" />
      <LevelLines placed={placed} layout={layout} />
      <Line yAxisId="left" dataKey="ce" stroke="var(--ce)" strokeWidth={1.8} dot={false} isAnimationActive={false} />
      <Line
        yAxisId="left"
        dataKey="pe"
        stroke="var(--pe)"
        strokeWidth={1.8}
        strokeDasharray="5 4"
        dot={false}
        isAnimationActive={false}
      />
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
                { name: 'Calls', color: 'var(--ce)', shape: 'line', text: `${write(ce)} ${unit}` },
                { name: 'Puts', color: 'var(--pe)', shape: 'dashed', text: `${write(pe)} ${unit}` },
              ],
            })}
          />
        }
      />
    </Plot>
  )
}
