import { memo, useMemo } from 'react'
import { Line, ReferenceDot, Tooltip } from 'recharts'
import { DAY_MS, istDate, istInstant } from '../../../../core/domain/ist.ts'
import { formatDay, formatNumber } from '../../lib/format.ts'
import { hourMinute, momentText, tableTime, timeTicks } from '../../lib/time-axis.ts'
import type { ChainData } from '../../store/chain-data.ts'
import { ChartCard, type PlotBox } from '../charts/chart-card.tsx'
import type { LegendEntry } from '../charts/chart-marks.tsx'
import { CURSOR, layoutOf, NumberAxis, rangeOf, ValueAxis } from '../charts/chart-parts.tsx'
import { Readout } from '../charts/chart-readout.tsx'
import { useDesk } from '../charts/desk.ts'
import { Plot } from '../charts/plot.tsx'
import { type DecayPoint, straddleDecay } from './straddle.ts'

const LEGEND: readonly LegendEntry[] = [
  { name: 'Straddle if forward and IV stay, ₹', color: 'var(--accent)', shape: 'line' },
  { name: 'This instant', color: 'var(--warn)', shape: 'dot' },
]

interface DecayCardProps {
  readonly chain: ChainData
  readonly lot: number
}

/** What the ATM straddle loses until its settlement, the rest unchanged. */
export const DecayCard = memo(function DecayCard({ chain, lot }: DecayCardProps) {
  const { name } = useDesk()
  const points = useMemo(
    () => straddleDecay(chain).map(({ time, value }) => ({ time, value: value * lot })),
    [chain, lot],
  )
  const now = points[0]?.value ?? null
  const strike = formatNumber('strike', chain.head.atm)
  const worth = `₹ ${formatNumber('price', now)}`
  return (
    <ChartCard
      id="straddle-decay"
      title="Straddle decay"
      headline={worth}
      detail={lot === 1 ? 'per unit' : 'per lot'}
      legend={LEGEND}
      absence={
        points.length === 0
          ? { kind: 'empty', text: 'Forward, ATM or IV of this expiry are not known at this instant.' }
          : null
      }
      table={() => ({
        head: ['time, IST', 'straddle, rupees'],
        rows: points.map(({ time, value }) => [tableTime(time), value]),
      })}
      plot={(box) => (
        <DecayPlot
          points={points}
          box={box}
          about={`Decay of the ${strike} straddle ${name} to its settlement at ${momentText(chain.settlesAt)}: worth ${worth} at this instant`}
        />
      )}
    />
  )
})

interface DecayPlotProps {
  readonly points: readonly DecayPoint[]
  readonly box: PlotBox
  readonly about: string
}

function DecayPlot({ points, box, about }: DecayPlotProps) {
  const layout = layoutOf(box, 1, 0)
  const [first] = points
  const last = points.at(-1)
  if (first === undefined || last === undefined) return null
  const isShort = last.time - first.time < 1.5 * DAY_MS
  const room = Math.max(2, Math.floor(layout.plotWidth / (6.5 * layout.fontSize)))
  return (
    <Plot box={box} layout={layout} rows={points} about={about}>
      <NumberAxis
        layout={layout}
        dataKey="time"
        domain={[first.time, last.time]}
        ticks={isShort ? timeTicks(first.time, last.time, room) : dayTicks(first.time, last.time, room)}
        format={(time) => (isShort ? hourMinute(time) : formatDay(istDate(time)))}
      />
      <ValueAxis layout={layout} unit="₹" range={rangeOf(points, [({ value }) => value], true)} />
      <Line
        yAxisId="left"
        dataKey="value"
        type="monotone"
        stroke="var(--accent)"
        strokeWidth={2}
        dot={false}
        isAnimationActive={false}
      />
      <ReferenceDot yAxisId="left" x={first.time} y={first.value} r={4} fill="var(--warn)" stroke="none" />
      <Tooltip
        isAnimationActive={false}
        cursor={CURSOR}
        content={
          <Readout
            rows={points}
            placeOfRow={({ time }) => time}
            read={({ time, value }) => ({
              title: momentText(time),
              lines: [
                { name: 'Straddle', color: 'var(--accent)', shape: 'line', text: `₹ ${formatNumber('price', value)}` },
                {
                  name: 'Lost until then',
                  color: 'var(--warn)',
                  shape: 'dot',
                  text: `₹ ${formatNumber('price', first.value - value)}`,
                },
              ],
            })}
          />
        }
      />
    </Plot>
  )
}

/** Midnights of IST, every so many days that there is room for them. */
function dayTicks(from: number, to: number, room: number): readonly number[] {
  const every = Math.max(1, Math.ceil((to - from) / DAY_MS / room))
  const ticks: number[] = []
  for (let at = istInstant(istDate(from)) + DAY_MS; at <= to; at += every * DAY_MS) ticks.push(at)
  return ticks
}
