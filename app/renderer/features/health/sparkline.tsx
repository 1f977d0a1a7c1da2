import { type Point, stretchesOf } from './line-stretches.ts'

interface SparklineProps {
  readonly label: string
  readonly points: readonly Point[]
  /** The width stands for so much time, the newest point at its right edge. */
  readonly spanMs: number
  /** The height stands for 0 to the largest value, at least to this. */
  readonly least: number
  /** Drawn across; null = none. */
  readonly limit: number | null
}

const WIDTH = 300
const HEIGHT = 36

/** The course of one number, without axes. */
export function Sparkline({ label, points, spanMs, least, limit }: SparklineProps) {
  const end = points.at(-1)?.at ?? 0
  const top = Math.max(least, ...points.map(({ value }) => value ?? 0)) * 1.05
  const x = (at: number) => WIDTH * (1 - (end - at) / spanMs)
  const y = (value: number) => HEIGHT * (1 - value / top)
  return (
    <svg
      className="sparkline"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      {limit === null ? null : <line className="limit" x1={0} x2={WIDTH} y1={y(limit)} y2={y(limit)} />}
      {stretchesOf(points).map((stretch) => {
        const line = stretch.map(({ at, value }) => `${x(at).toFixed(1)} ${y(value).toFixed(1)}`).join('L')
        const [first, last] = [stretch[0], stretch.at(-1)]
        if (first === undefined || last === undefined) return null
        return (
          <g key={first.at}>
            <path
              className="area"
              d={`M${x(first.at).toFixed(1)} ${HEIGHT}L${line}L${x(last.at).toFixed(1)} ${HEIGHT}Z`}
            />
            <path className="line" d={`M${line}`} />
          </g>
        )
      })}
    </svg>
  )
}
