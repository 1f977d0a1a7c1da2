import { formatDay } from '../../lib/format.ts'
import { useStores, useTravel } from '../../store/context.ts'
import { Choice } from '../../ui/choice.tsx'
import { DayScrubber } from './day-scrubber.tsx'
import { SPEEDS, type Speed, type StepUnit } from './steps.ts'
import { TimeField } from './time-field.tsx'

/** Leads through the record: which day, which instant, step by step or played. */
export function HistoryBar() {
  const fault = useTravel((state) => state.fault)
  return (
    <section className="history-bar" aria-label="History" ref={leaveFocus}>
      <DayField />
      <TimeField />
      <Steps by={-1} />
      <PlayButton />
      <Steps by={1} />
      <SpeedChoice />
      <DayScrubber />
      {fault === null ? null : (
        <p className="history-fault" role="alert">
          {fault.message} {fault.hint}
        </p>
      )}
    </section>
  )
}

/** A button that the mouse presses does not take the focus: Space is still for playing. */
function leaveFocus(bar: HTMLElement | null): () => void {
  const onMouseDown = (event: MouseEvent) => {
    if (event.target instanceof Element && event.target.closest('button') !== null) event.preventDefault()
  }
  bar?.addEventListener('mousedown', onMouseDown)
  return () => bar?.removeEventListener('mousedown', onMouseDown)
}

function DayField() {
  const { travel } = useStores()
  const days = useTravel((state) => state.days)
  const date = useTravel((state) => state.track?.date ?? '')
  return (
    <label>
      <span className="visually-hidden">Recorded day</span>
      <select value={date} onChange={({ target }) => travel.goToDay(target.value)} title="Days with a record">
        {date === '' ? <option value="">…</option> : null}
        {days
          ?.map((day) => (
            <option key={day} value={day}>
              {formatDay(day)} {day.slice(0, 4)}
            </option>
          ))
          .reverse()}
      </select>
    </label>
  )
}

const STEPS: Readonly<Record<StepUnit, { readonly text: string; readonly keys: readonly [string, string] }>> = {
  minute: { text: '1 m', keys: ['<', '>'] },
  second: { text: '1 s', keys: ['{', '}'] },
  tick: { text: 'tick', keys: ['[', ']'] },
}
const UNITS: readonly StepUnit[] = ['minute', 'second', 'tick']

function Steps({ by }: { readonly by: -1 | 1 }) {
  const { travel } = useStores()
  const isBack = by < 0
  return (
    <fieldset className="choice steps">
      <legend className="visually-hidden">{isBack ? 'Steps back' : 'Steps forward'}</legend>
      {(isBack ? UNITS : UNITS.toReversed()).map((unit) => {
        const { text, keys } = STEPS[unit]
        const name = `One ${unit} ${isBack ? 'back' : 'forward'}`
        return (
          <button
            key={unit}
            type="button"
            title={`${name} (${keys[isBack ? 0 : 1]})`}
            onClick={() => travel.step(unit, by)}
          >
            {isBack ? `‹ ${text}` : `${text} ›`}
            <span className="visually-hidden"> {isBack ? 'back' : 'forward'}</span>
          </button>
        )
      })}
    </fieldset>
  )
}

function PlayButton() {
  const { travel } = useStores()
  const isPlaying = useTravel((state) => state.isPlaying)
  const isLate = useTravel((state) => state.isLate)
  return (
    <button
      type="button"
      className={isLate ? 'play late' : 'play'}
      aria-label={isPlaying ? 'Pause' : 'Play'}
      title={isLate ? 'The record is being read; nothing is passed over' : 'Play and pause (Space)'}
      onClick={travel.togglePlay}
    >
      {isPlaying ? (isLate ? '…' : '❚❚') : '▶'}
    </button>
  )
}

function SpeedChoice() {
  const { travel } = useStores()
  const speed = useTravel((state) => state.speed)
  const find = (text: string): Speed => SPEEDS.find((one) => String(one) === text) ?? 1
  return (
    <Choice
      label="Speed"
      value={String(speed)}
      options={SPEEDS.map((one) => [String(one), `${one}×`, `${one} times as fast as the market was`] as const)}
      onChange={(text) => travel.setSpeed(find(text))}
    />
  )
}
