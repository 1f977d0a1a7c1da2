import { type CSSProperties, type KeyboardEvent, type PointerEvent, useRef } from 'react'
import { hourMinute, momentText, timeTicks } from '../../lib/time-axis.ts'
import { useMarket, useStores, useTravel } from '../../store/context.ts'
import { CAUSE_NAMES, PHASE_NAMES } from '../charts/day-lines.ts'
import { type DayTrack, holeAt, type Stretch } from './day-track.ts'
import type { StepUnit } from './steps.ts'

const TICKS = 14

/** The day from its beginning to its end, with phases and gaps, and where on it the shown instant lies. */
export function DayScrubber() {
  const track = useTravel((state) => state.track)
  if (track === null) return <div className="scrubber" aria-busy="true" />
  return (
    <div className="scrubber">
      <Ground track={track} />
      <Handle track={track} />
    </div>
  )
}

const share = (track: Stretch, at: number): number => (at - track.from) / (track.to - track.from)

function placeOf(track: Stretch, { from, to }: Stretch): CSSProperties {
  const [start, end] = [share(track, Math.max(from, track.from)), share(track, Math.min(to, track.to))]
  return { left: `${100 * start}%`, width: `${100 * Math.max(0, end - start)}%` }
}

/** What does not move. */
function Ground({ track }: { readonly track: DayTrack }) {
  const { phases, gaps, recorded, from, to } = track
  const [first, last] = recorded === null ? [to, to] : [recorded.from, recorded.to]
  return (
    <div className="ground" aria-hidden="true">
      {phases.map((span) => (
        <i
          key={`${span.phase} ${span.from}`}
          className={`span ${span.phase}`}
          style={placeOf(track, span)}
          title={PHASE_NAMES[span.phase] ?? 'Open'}
        />
      ))}
      <i className="span unrecorded" style={placeOf(track, { from, to: first })} title="Not recorded" />
      <i className="span unrecorded" style={placeOf(track, { from: last, to })} title="Not recorded" />
      {gaps.map((gap) => (
        <i
          key={`gap ${gap.from}`}
          className="span gap"
          style={placeOf(track, gap)}
          title={`No data: ${CAUSE_NAMES[gap.cause]}`}
        />
      ))}
      {timeTicks(from, to, TICKS).map((tick) => (
        <span key={tick} className="tick-label" style={{ left: `${100 * share(track, tick)}%` }}>
          {hourMinute(tick)}
        </span>
      ))}
    </div>
  )
}

const KEYS: Readonly<Record<string, readonly [StepUnit, -1 | 1]>> = {
  ArrowLeft: ['second', -1],
  ArrowDown: ['second', -1],
  ArrowRight: ['second', 1],
  ArrowUp: ['second', 1],
  PageDown: ['minute', -1],
  PageUp: ['minute', 1],
}

function Handle({ track }: { readonly track: DayTrack }) {
  const { travel } = useStores()
  const element = useRef<HTMLDivElement>(null)
  const at = useTravel((state) => state.at ?? track.from)
  const shown = useMarket(({ now }) => now ?? track.from)
  const hole = holeAt(track, shown)
  const goThere = ({ clientX }: PointerEvent) => {
    const box = element.current?.getBoundingClientRect()
    if (box === undefined || box.width === 0) return
    const part = Math.min(Math.max((clientX - box.left) / box.width, 0), 1)
    travel.goTo(1_000 * Math.round((track.from + part * (track.to - track.from)) / 1_000))
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const step = KEYS[event.key]
    const end = event.key === 'Home' ? (track.recorded?.from ?? track.from) : track.recorded?.to
    if (step !== undefined) travel.step(...step)
    else if (event.key === 'Home' || event.key === 'End') travel.goTo(end ?? track.to)
    else return
    event.preventDefault()
  }
  return (
    <div
      ref={element}
      className="rail-of-day"
      role="slider"
      tabIndex={0}
      aria-label="Instant of the day, IST"
      aria-valuemin={Math.floor(track.from / 1_000)}
      aria-valuemax={Math.ceil(track.to / 1_000)}
      aria-valuenow={Math.round(shown / 1_000)}
      aria-valuetext={`${momentText(shown)}${hole === null ? '' : ', not recorded'}`}
      onKeyDown={onKeyDown}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId)
        goThere(event)
      }}
      onPointerMove={(event) => {
        if (event.buttons === 1 && event.currentTarget.hasPointerCapture(event.pointerId)) goThere(event)
      }}
    >
      <i className="handle" style={{ left: `${100 * share(track, at)}%` }} />
    </div>
  )
}
