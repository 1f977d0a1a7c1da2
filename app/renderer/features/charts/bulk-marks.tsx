import { Line, usePlotArea, useXAxisScale, useYAxisScale, ZIndexLayer } from 'recharts'
import { trianglePath } from './chart-marks.tsx'

/** Above lines, below the crosshair: as recharts has it for points. */
const ABOVE_LINES = 600

/** Rounding at the edge of the plot, px. */
const EDGE = 1

interface Look {
  readonly fill: string
  readonly stroke?: string
  readonly opacity?: number
}

interface BulkProps<Row> {
  readonly rows: readonly Row[]
  /** Place on the horizontal axis, and value on the left one. */
  readonly x: (row: Row) => number
  readonly y: (row: Row) => number | null
  readonly look: Look
}

/**
 * All bars of a series as one path: a bar of its own for each strike, as recharts draws them, costs a hundred times the
 * work at every update. Bars stand `shift` pixels beside their place and are `size` wide.
 */
export function BulkBars<Row>({
  rows,
  x,
  y,
  look,
  shift,
  size,
}: BulkProps<Row> & { readonly shift: number; readonly size: number }) {
  const put = usePlacing()
  const floor = put(0, 0)?.[1]
  const parts: string[] = []
  for (const row of rows) {
    const value = y(row)
    const at = value === null || value === 0 ? null : put(x(row), value)
    if (at === null || floor === undefined) continue
    const left = at[0] + shift - size / 2
    parts.push(`M${left.toFixed(1)} ${floor.toFixed(1)}V${at[1].toFixed(1)}h${size}V${floor.toFixed(1)}Z`)
  }
  return <MarksPath parts={parts} look={look} />
}

/** All points of a series as one path. */
export function BulkPoints<Row>({
  rows,
  x,
  y,
  look,
  shape,
  size,
}: BulkProps<Row> & { readonly shape: 'circle' | 'triangle'; readonly size: number }) {
  const put = usePlacing()
  const parts: string[] = []
  for (const row of rows) {
    const value = y(row)
    const at = value === null ? null : put(x(row), value)
    if (at === null) continue
    parts.push(shape === 'circle' ? circlePath(at[0], at[1], size) : trianglePath(round(at[0]), round(at[1]), size))
  }
  return (
    <ZIndexLayer zIndex={ABOVE_LINES}>
      <MarksPath parts={parts} look={look} />
    </ZIndexLayer>
  )
}

/** A series that is not seen: by it the crosshair knows the places of a chart whose marks are drawn in bulk. */
export function Places({ dataKey }: { readonly dataKey: string }) {
  return <Line yAxisId="left" dataKey={dataKey} stroke="none" dot={false} activeDot={false} isAnimationActive={false} />
}

const round = (value: number): number => Math.round(10 * value) / 10

function circlePath(x: number, y: number, r: number): string {
  return `M${(x - r).toFixed(1)} ${y.toFixed(1)}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`
}

/** Pixels of a place and a value; null outside of the plot. */
function usePlacing(): (x: number, y: number) => readonly [number, number] | null {
  const xScale = useXAxisScale()
  const yScale = useYAxisScale('left')
  const area = usePlotArea()
  return (x, y) => {
    const [left, top] = [xScale?.(x), yScale?.(y)]
    if (left === undefined || top === undefined || area === undefined) return null
    const isWithin = top >= area.y - EDGE && top <= area.y + area.height + EDGE
    return isWithin ? [left, top] : null
  }
}

function MarksPath({ parts, look }: { readonly parts: readonly string[]; readonly look: Look }) {
  const { fill, stroke = 'none', opacity = 1 } = look
  if (parts.length === 0) return null
  return <path className="bulk-marks" d={parts.join('')} fill={fill} fillOpacity={opacity} stroke={stroke} />
}
