import { useRef } from 'react'
import { formatDay } from '../lib/format.ts'
import { weekdayBeside } from '../lib/weekdays.ts'

interface DayChooserProps {
  readonly label: string
  readonly date: string
  readonly today: string
  /** null = the day of now, whichever that is. */
  readonly onDate: (date: string | null) => void
}

/** Today or an earlier day, IST. */
export function DayChooser({ label, date, today, onDate }: DayChooserProps) {
  // The browser's own field would write the date its own way: it only lends its calendar.
  const input = useRef<HTMLInputElement>(null)
  const choose = (next: string) => onDate(next === today ? null : next)
  return (
    <fieldset className="day-chooser">
      <legend className="visually-hidden">{label}</legend>
      <button type="button" aria-label="The day before" onClick={() => choose(weekdayBeside(date, -1))}>
        ‹
      </button>
      <button type="button" className="day figures" title="Choose the day" onClick={() => input.current?.showPicker()}>
        {formatDay(date)} {date.slice(0, 4)}
      </button>
      <input
        ref={input}
        type="date"
        aria-label="Day"
        tabIndex={-1}
        value={date}
        max={today}
        onChange={({ target }) => {
          if (target.value !== '') choose(target.value)
        }}
      />
      <button
        type="button"
        aria-label="The day after"
        disabled={date >= today}
        onClick={() => choose(weekdayBeside(date, 1))}
      >
        ›
      </button>
      <button type="button" disabled={date === today} onClick={() => onDate(null)}>
        Today
      </button>
    </fieldset>
  )
}
