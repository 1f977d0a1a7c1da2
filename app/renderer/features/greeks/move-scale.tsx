import { formatNumber } from '../../lib/format.ts'
import { roundTicks } from '../../lib/time-axis.ts'
import type { ChainData } from '../../store/chain-data.ts'
import { useTextScale } from '../../ui/use-text-scale.ts'
import { topStrikes } from '../chain/marks.ts'
import { placeMarks } from '../charts/level-marks.ts'
import { useBox } from '../charts/use-box.ts'

const HEIGHT = 94
const LINE = 54
/** Half of the width of a tick's text and what is free beside it, px. */
const TICK_ROOM = 22
/** Expected moves to either side that the scale shows. */
const SPAN = 2.3

/** Where the market expects the settlement: one and two straddles around the forward, among the strikes that matter. */
export function MoveScale({ chain }: { readonly chain: ChainData }) {
  const { element, width } = useBox()
  const forward = chain.head.forward.value
  const move = chain.metrics?.expected_move ?? null
  if (forward === null || move === null || move <= 0) {
    return (
      <p ref={element} className="quiet">
        No expected move: the straddle is not known at this instant.
      </p>
    )
  }
  const low = formatNumber('price', forward - move)
  const high = formatNumber('price', forward + move)
  const share = chain.head.spot === null ? '' : ` (${formatNumber('percent', move / chain.head.spot)})`
  return (
    <div className="move-scale" ref={element}>
      <h3>
        Expected move{' '}
        <small>
          ± {formatNumber('price', move)}
          {share}
        </small>
      </h3>
      <svg
        width={Math.max(1, width)}
        height={HEIGHT}
        role="img"
        aria-label={`Expected move: ${low} to ${high} around the forward ${formatNumber('price', forward)}`}
      >
        {width > 0 ? <Scale chain={chain} forward={forward} move={move} width={width} /> : null}
      </svg>
    </div>
  )
}

interface ScaleProps {
  readonly chain: ChainData
  readonly forward: number
  readonly move: number
  readonly width: number
}

function Scale({ chain, forward, move, width }: ScaleProps) {
  const domain = [forward - SPAN * move, forward + SPAN * move] as const
  const x = (value: number) => ((value - domain[0]) / (domain[1] - domain[0])) * width
  const room = TICK_ROOM * useTextScale()
  const ticks = roundTicks(domain[0], domain[1], Math.max(3, Math.floor(width / 70))).filter(
    (tick) => x(tick) >= room && x(tick) <= width - room,
  )
  const marks = placeMarks(marksOf(chain), domain, width)
  const band = (moves: number, opacity: number) => (
    <rect
      x={x(forward - moves * move)}
      y={LINE - 18}
      width={x(forward + moves * move) - x(forward - moves * move)}
      height={18}
      fill="var(--accent)"
      fillOpacity={opacity}
    />
  )
  return (
    <>
      {band(2, 0.12)}
      {band(1, 0.3)}
      <line x1={0} x2={width} y1={LINE} y2={LINE} stroke="var(--muted)" />
      {ticks.map((tick) => (
        <g key={tick}>
          <line x1={x(tick)} x2={x(tick)} y1={LINE} y2={LINE + 4} stroke="var(--muted)" />
          <text x={x(tick)} y={LINE + 16} textAnchor="middle">
            {formatNumber('strike', tick)}
          </text>
        </g>
      ))}
      {[-1, 1].map((side) => (
        <text key={side} className="edge" x={x(forward + side * move)} y={LINE + 32} textAnchor="middle">
          {formatNumber('integer', forward + side * move)}
        </text>
      ))}
      {marks.map(({ text, color, left, level }) => (
        <line key={text} x1={left} x2={left} y1={34 - 12 * level} y2={LINE} stroke={color} strokeWidth={1.5} />
      ))}
      {marks.map(({ text, color, left, level, anchor }) => (
        <text key={text} className="level" x={left} y={31 - 12 * level} textAnchor={anchor} fill={color}>
          {text}
        </text>
      ))}
    </>
  )
}

function marksOf(chain: ChainData) {
  const { calls, puts } = topStrikes(chain)
  const pain = chain.metrics?.full.max_pain ?? null
  return [
    { at: chain.head.spot, text: 'Spot', color: 'var(--text)' },
    { at: calls, text: 'R', color: 'var(--ce)' },
    { at: puts, text: 'S', color: 'var(--pe)' },
    { at: pain, text: 'MP', color: 'var(--warn)' },
  ].flatMap(({ at, ...look }) => (at === null ? [] : [{ ...look, at }]))
}
