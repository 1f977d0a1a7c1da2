import { memo, useEffect, useMemo, useState } from 'react'
import { Brush, Line, LineChart, YAxis } from 'recharts'
import type { SeriesMetric } from '../../../../core/contract/series.ts'
import { istTime } from '../../../../core/domain/ist.ts'
import { hourMinute } from '../../lib/time-axis.ts'
import { type DaySeries, overviewRows, type TimeRow } from './day-series.ts'

/** What of a day is shown; null = from its beginning, to its newest point. */
export interface TimeRange {
  readonly from: number | null
  readonly to: number | null
}

export const WHOLE_DAY: TimeRange = { from: null, to: null }

interface RangeBrushProps {
  readonly series: DaySeries
  readonly metric: SeriesMetric
  readonly range: TimeRange
  readonly onRange: (range: TimeRange) => void
  readonly width: number
  /** Pixels left and right, so that it stands under its plot. */
  readonly inset: number
  readonly label: string
}

const HEIGHT = 24
/** Points of the small drawing of the whole day, always as many: the brush counts in them. */
const OVERVIEW = 150

/** The whole day in small, with two handles. */
export const RangeBrush = memo(function RangeBrush(props: RangeBrushProps) {
  const { series, metric, range, onRange, width, inset, label } = props
  const newest = useMemo(() => [...overviewRows(series, metric, OVERVIEW)], [series, metric])
  const [held, setHeld] = useHeld<TimeRow[]>()
  const rows = held ?? newest
  const last = rows.length - 1
  if (series.times.length < 3 || width < 3 * inset) return null
  const place = (time: number | null, fallback: number) => (time === null ? fallback : Math.max(0, nearest(rows, time)))
  const onChange = ({ startIndex, endIndex }: { readonly startIndex?: number; readonly endIndex?: number }) => {
    const begin = startIndex ?? 0
    const end = endIndex ?? last
    onRange({
      from: begin <= 0 ? null : (rows[begin]?.time ?? null),
      to: end >= last ? null : (rows[end]?.time ?? null),
    })
  }
  return (
    <fieldset className="range-brush" aria-label={`${label}: ${textOf(range)}`} onPointerDown={() => setHeld(newest)}>
      <LineChart width={width} height={HEIGHT} data={rows} accessibilityLayer={false}>
        <Brush
          dataKey="time"
          x={inset}
          y={1}
          width={width - 2 * inset}
          height={HEIGHT - 2}
          travellerWidth={7}
          startIndex={place(range.from, 0)}
          endIndex={Math.max(place(range.from, 0) + 1, place(range.to, last))}
          onChange={onChange}
          tickFormatter={(time) => hourMinute(Number(time))}
          ariaLabel={label}
          fill="var(--panel)"
          stroke="var(--muted)"
        >
          <LineChart>
            <YAxis hide domain={['dataMin', 'dataMax']} />
            <Line dataKey={metric} stroke="var(--accent)" strokeWidth={1} dot={false} isAnimationActive={false} />
          </LineChart>
        </Brush>
      </LineChart>
    </fieldset>
  )
})

function textOf({ from, to }: TimeRange): string {
  const begin = from === null ? 'the beginning' : istTime(from)
  return `from ${begin} to ${to === null ? 'the newest' : istTime(to)}`
}

/** What is held while a pointer is down: the brush lets go of a handle when its data are others. */
function useHeld<Value>() {
  const [held, setHeld] = useState<Value | null>(null)
  const isHeld = held !== null
  useEffect(() => {
    if (!isHeld) return
    const release = () => setHeld(null)
    window.addEventListener('pointerup', release)
    window.addEventListener('pointercancel', release)
    return () => {
      window.removeEventListener('pointerup', release)
      window.removeEventListener('pointercancel', release)
    }
  }, [isHeld])
  return [held, setHeld] as const
}

function nearest(rows: readonly TimeRow[], time: number): number {
  let best = 0
  for (const [place, row] of rows.entries()) {
    if (Math.abs(row.time - time) < Math.abs((rows[best]?.time ?? 0) - time)) best = place
  }
  return best
}
