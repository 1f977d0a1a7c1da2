import { memo, useMemo } from 'react'
import { Line, ReferenceLine, Tooltip } from 'recharts'
import { formatNumber } from '../../lib/format.ts'
import { type ChainData, isWhole } from '../../store/chain-data.ts'
import { BulkBars } from './bulk-marks.tsx'
import { ChartCard, type PlotBox } from './chart-card.tsx'
import type { LegendEntry } from './chart-marks.tsx'
import {
  CURSOR,
  type Layout,
  LevelLines,
  NumberAxis,
  rupeeUnit,
  strikeDomain,
  strikeLayout,
  ValueAxis,
} from './chart-parts.tsx'
import { type Reading, Readout } from './chart-readout.tsx'
import { useDesk } from './desk.ts'
import { gammaFlip, gexProfile, netExposure, strikeGex } from './exposure.ts'
import type { LevelMark } from './level-marks.ts'
import { Plot } from './plot.tsx'
import { type Reach, strikesInReach } from './strike-rows.ts'

interface ExposureCardProps {
  readonly chain: ChainData
  readonly reach: Reach
}

interface ExposureRow {
  readonly strike: number
  /** Rupees of underlying per 1 % move; of the strike, of dealers short and long gamma there. */
  readonly gex: number | null
  readonly long: number | null
  readonly short: number | null
  /** Of the whole chain, if the spot stood at this strike. */
  readonly profile: number | null
}

const LEGEND: readonly LegendEntry[] = [
  { name: 'Strike, positive, per 1 %', color: 'var(--accent)', shape: 'bar' },
  { name: 'Strike, negative', color: 'var(--warn)', shape: 'outline' },
  { name: 'Whole chain if the spot were there (right axis)', color: 'var(--text)', shape: 'dashed' },
]

const rupees = (value: number | null) => (value === null ? '–' : `₹ ${formatNumber('quantity', value, 'short')}`)

/** Gamma exposure by strike, and where its sum would change its sign. */
export const ExposureCard = memo(function ExposureCard({ chain, reach }: ExposureCardProps) {
  const { name } = useDesk()
  const rows = useMemo(() => exposureRows(chain, reach), [chain, reach])
  const net = netExposure(chain).gex
  const spot = chain.head.spot
  const flip = spot === null ? null : flipOf(rows, spot)
  const flipText = wordsOf(flip, isWhole(chain))
  const isEmpty = rows.every(({ gex }) => gex === null)
  return (
    <ChartCard
      id="gex"
      title="Gamma exposure"
      headline={`net ${rupees(net)} · ${flipText}`}
      legend={LEGEND}
      absence={isEmpty ? { kind: 'empty', text: 'No leg of this expiry has both gamma and open interest yet.' } : null}
      table={() => ({
        head: ['strike', 'GEX, rupees per 1 %', 'net GEX of the chain with the spot at the strike, rupees per 1 %'],
        rows: rows.map(({ strike, gex, profile }) => [strike, gex, profile]),
      })}
      plot={(box) => (
        <ExposurePlot
          rows={rows}
          box={box}
          marks={marksOf(spot, flip)}
          about={`Gamma exposure ${name}: net ${rupees(net)} per 1 percent move, ${flipText}`}
        />
      )}
    />
  )
})

function wordsOf(flip: number | null, ofWhole: boolean): string {
  if (!ofWhole) return 'recorded strikes alone'
  return flip === null ? 'no flip within these strikes' : `flip at ${formatNumber('price', flip)}`
}

function exposureRows(chain: ChainData, reach: Reach): readonly ExposureRow[] {
  const spot = chain.head.spot
  const strikes = strikesInReach(chain, reach)
  const profile = new Map(
    gexProfile(
      chain,
      strikes.map(({ strike }) => strike),
    ).map((point) => [point.spot, point.gex]),
  )
  return strikes.map((row) => {
    const gex = spot === null ? null : strikeGex(row, spot)
    return {
      strike: row.strike,
      gex,
      long: gex !== null && gex >= 0 ? gex : null,
      short: gex !== null && gex < 0 ? gex : null,
      profile: profile.get(row.strike) ?? null,
    }
  })
}

function flipOf(rows: readonly ExposureRow[], spot: number): number | null {
  const points = rows.flatMap(({ strike, profile }) => (profile === null ? [] : [{ spot: strike, gex: profile }]))
  return gammaFlip(points, spot)
}

function marksOf(spot: number | null, flip: number | null): readonly LevelMark[] {
  const marks: LevelMark[] = []
  if (spot !== null) marks.push({ at: spot, text: `Spot ${formatNumber('price', spot)}`, color: 'var(--text)' })
  if (flip !== null) marks.push({ at: flip, text: `Flip ${formatNumber('price', flip)}`, color: 'var(--warn)' })
  return marks
}

interface ExposurePlotProps {
  readonly rows: readonly ExposureRow[]
  readonly box: PlotBox
  readonly marks: readonly LevelMark[]
  readonly about: string
}

function ExposurePlot({ rows, box, marks, about }: ExposurePlotProps) {
  const domain = strikeDomain(rows)
  const { layout, placed } = strikeLayout(box, 2, marks, domain)
  const size = Math.max(1, Math.min(18, Math.floor((layout.plotWidth / Math.max(1, rows.length)) * 0.7)))
  const bars = { rows, size, shift: 0, x: ({ strike }: ExposureRow) => strike }
  return (
    <Plot box={box} layout={layout} rows={rows} about={about}>
      <NumberAxis layout={layout} dataKey="strike" domain={domain} />
      <RupeeAxis layout={layout} range={evenRange(rows, 'gex')} side="left" />
      <RupeeAxis layout={layout} range={evenRange(rows, 'profile')} side="right" />
      <ReferenceLine yAxisId="left" y={0} stroke="var(--muted)" />
      <LevelLines placed={placed} layout={layout} />
      <BulkBars {...bars} y={({ long }) => long} look={{ fill: 'var(--accent)', opacity: 0.8 }} />
      <BulkBars
        {...bars}
        y={({ short }) => short}
        look={{ fill: 'var(--warn)', opacity: 0.35, stroke: 'var(--warn)' }}
      />
      <Line
        yAxisId="right"
        dataKey="profile"
        type="monotone"
        stroke="var(--text)"
        strokeWidth={1.3}
        strokeDasharray="5 3"
        dot={false}
        isAnimationActive={false}
      />
      <Tooltip
        isAnimationActive={false}
        cursor={CURSOR}
        content={<Readout rows={rows} placeOfRow={({ strike }) => strike} read={readingOf} />}
      />
    </Plot>
  )
}

interface RupeeAxisProps {
  readonly layout: Layout
  readonly range: readonly [number, number]
  readonly side: 'left' | 'right'
}

function RupeeAxis({ layout, range, side }: RupeeAxisProps) {
  const { size, name } = rupeeUnit(range[1])
  // The ticks are round in rupees, and so in the larger unit: no idle zeros.
  const write = (value: number) => formatNumber('strike', value / size).replace('-', '−')
  return <ValueAxis layout={layout} unit={name} write={write} range={range} side={side} />
}

/** As far below zero as above it, so that both axes have their zero on one line. */
function evenRange(rows: readonly ExposureRow[], key: 'gex' | 'profile'): readonly [number, number] {
  const most = Math.max(1, ...rows.map((row) => Math.abs(row[key] ?? 0)))
  return [-most, most]
}

function readingOf({ strike, gex, profile }: ExposureRow): Reading {
  return {
    title: `Strike ${formatNumber('strike', strike)}`,
    lines: [
      {
        name: 'This strike',
        color: gex !== null && gex < 0 ? 'var(--warn)' : 'var(--accent)',
        shape: 'bar',
        text: rupees(gex),
      },
      { name: 'Chain, spot here', color: 'var(--text)', shape: 'dashed', text: rupees(profile) },
    ],
    note: 'Rupees of underlying per 1 % move; calls +, puts −.',
  }
}
