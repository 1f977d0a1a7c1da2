import { CartesianGrid, ReferenceLine, XAxis, YAxis } from 'recharts'
import { formatNumber, type QuantityStyle } from '../../lib/format.ts'
import { roundScale, roundTicks } from '../../lib/time-axis.ts'
import type { PlotBox } from './chart-card.tsx'
import { type LevelMark, type PlacedMark, placeMarks } from './level-marks.ts'

/** Sizes that all charts share, px. */
export interface Layout {
  readonly margin: { readonly top: number; readonly right: number; readonly bottom: number; readonly left: number }
  /** Width of an axis of values. */
  readonly axis: number
  readonly plotWidth: number
  readonly plotHeight: number
  readonly fontSize: number
}

const ROW = 13

/** `rows` of texts above the plot; `axes` of values, one or two. */
export function layoutOf({ width, height, scale }: PlotBox, axes: 1 | 2, rows: number): Layout {
  const axis = Math.round(50 * scale)
  const fontSize = Math.round(10.5 * scale * 10) / 10
  const margin = {
    top: Math.round(scale * (7 + ROW * Math.max(1, rows))),
    right: axes === 2 ? 2 : Math.round(22 * scale),
    bottom: 2,
    left: 2,
  }
  return {
    margin,
    axis,
    plotWidth: Math.max(1, width - margin.left - margin.right - axes * axis),
    plotHeight: Math.max(1, height - margin.top - margin.bottom - axisHeight(fontSize)),
    fontSize,
  }
}

const axisHeight = (fontSize: number): number => Math.round(fontSize * 2)

export function Grid() {
  return <CartesianGrid vertical={false} stroke="var(--line-soft)" />
}

interface NumberAxisProps {
  readonly layout: Layout
  readonly dataKey: string
  readonly domain: readonly [number, number]
  readonly ticks?: readonly number[]
  readonly format?: (value: number) => string
}

/** The horizontal axis: strikes, times, days. */
export function NumberAxis({ layout, dataKey, domain, ticks, format = strikeText }: NumberAxisProps) {
  const room = Math.floor(layout.plotWidth / (6.5 * layout.fontSize))
  return (
    <XAxis
      dataKey={dataKey}
      type="number"
      domain={[...domain]}
      ticks={[...(ticks ?? roundTicks(domain[0], domain[1], room))]}
      tickFormatter={format}
      interval={0}
      allowDataOverflow
      height={axisHeight(layout.fontSize)}
      stroke="var(--line)"
      tick={{ fill: 'var(--muted)', fontSize: layout.fontSize }}
      tickSize={4}
    />
  )
}

const strikeText = (value: number) => formatNumber('strike', value)

/** Lowest and highest of some columns of rows, and of zero where bars stand on it; null values do not count. */
export function rangeOf<Row>(
  rows: readonly Row[],
  columns: readonly ((row: Row) => number | null)[],
  withZero = false,
): readonly [number, number] {
  let low = withZero ? 0 : Number.POSITIVE_INFINITY
  let high = withZero ? 0 : Number.NEGATIVE_INFINITY
  for (const row of rows) {
    for (const column of columns) {
      const value = column(row)
      if (value === null) continue
      low = Math.min(low, value)
      high = Math.max(high, value)
    }
  }
  return low <= high ? [low, high] : [0, 1]
}

/** How an axis writes a value; `digits` decimals tell its ticks apart. */
export type WriteTick = (value: number, digits: number) => string

const plainTick: WriteTick = (value, digits) =>
  new Intl.NumberFormat('en-IN', { minimumFractionDigits: digits, maximumFractionDigits: digits })
    .format(value)
    .replace('-', '−')

/** Lakh and crore without idle zeros: 8L, 2.5Cr. */
export const quantityTick = (style: QuantityStyle): WriteTick => {
  return (value) => formatNumber('quantity', value, style).replace(/\.?0+(?=[A-Z])/, '')
}

/** Unit of rupees that writes numbers of this size, and the round ones above it, in few figures. */
export function rupeeUnit(most: number): { readonly size: number; readonly name: string } {
  if (most > 5e11) return { size: 1e12, name: '₹ L Cr' }
  if (most >= 1e7) return { size: 1e7, name: '₹ Cr' }
  return most > 5e4 ? { size: 1e5, name: '₹ L' } : { size: 1, name: '₹' }
}

interface ValueAxisProps {
  readonly layout: Layout
  readonly unit: string
  /** What is to be shown; the axis goes to round numbers around it. */
  readonly range: readonly [number, number]
  readonly write?: WriteTick
  readonly side?: 'left' | 'right'
  readonly color?: string
}

/** A vertical axis with its unit above it. */
export function ValueAxis({ layout, unit, range, write = plainTick, side = 'left', color }: ValueAxisProps) {
  const { domain, ticks, digits } = roundScale(range, Math.max(2, Math.floor(layout.plotHeight / 38)))
  const ink = color ?? 'var(--muted)'
  return (
    <YAxis
      yAxisId={side}
      orientation={side}
      width={layout.axis}
      domain={[...domain]}
      allowDataOverflow
      ticks={[...ticks]}
      interval={0}
      tickFormatter={(value) => write(Number(value), digits)}
      stroke="var(--line)"
      tick={{ fill: ink, fontSize: layout.fontSize }}
      tickSize={4}
      label={{
        value: unit,
        position: side === 'left' ? 'insideTopLeft' : 'insideTopRight',
        offset: 0,
        dy: -1.8 * layout.fontSize,
        fill: ink,
        fontSize: layout.fontSize,
      }}
    />
  )
}

interface LevelLinesProps {
  readonly placed: readonly PlacedMark[]
  readonly layout: Layout
}

/** Vertical lines at some values of the horizontal axis, their texts above. */
export function LevelLines({ placed, layout }: LevelLinesProps) {
  return placed.map((mark) => (
    <ReferenceLine
      key={mark.text}
      x={mark.at}
      yAxisId="left"
      stroke={mark.color}
      strokeDasharray={mark.isDashed === true ? '4 3' : '0'}
      label={<LevelText mark={mark} layout={layout} />}
    />
  ))
}

interface LevelTextProps {
  readonly mark: PlacedMark
  readonly layout: Layout
  /** Given by the chart. */
  readonly viewBox?: { readonly x?: number; readonly y?: number }
}

function LevelText({ mark, layout, viewBox }: LevelTextProps) {
  if (viewBox?.x === undefined || viewBox.y === undefined) return null
  const up = 4 + mark.level * 1.24 * layout.fontSize
  return (
    <text x={viewBox.x} y={viewBox.y - up} fill={mark.color} fontSize={layout.fontSize} textAnchor={mark.anchor}>
      {mark.text}
    </text>
  )
}

/** Layout of a chart by strike: as many rows of texts as its marks need. */
export function strikeLayout(
  box: PlotBox,
  axes: 1 | 2,
  marks: readonly LevelMark[],
  domain: readonly [number, number],
): { readonly layout: Layout; readonly placed: readonly PlacedMark[] } {
  const { plotWidth } = layoutOf(box, axes, 0)
  const placed = placeMarks(marks, domain, plotWidth)
  return { layout: layoutOf(box, axes, Math.max(0, ...placed.map(({ level }) => level + 1))), placed }
}

/** From half a step below the first strike to half a step above the last. */
export function strikeDomain(strikes: readonly { readonly strike: number }[]): readonly [number, number] {
  const first = strikes[0]?.strike ?? 0
  const last = strikes.at(-1)?.strike ?? 1
  const air = strikes.length < 2 ? 1 : (last - first) / (strikes.length - 1) / 2 + (last - first) * 0.004
  return [first - air, last + air]
}

export const CURSOR = { stroke: 'var(--muted)', strokeDasharray: '3 3', fill: 'none' } as const
