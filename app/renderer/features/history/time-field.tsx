import { useEffect, useRef, useState } from 'react'
import { istDate } from '../../../../core/domain/ist.ts'
import { useMarket, useStores, useTravel } from '../../store/context.ts'
import { instantText } from './history-strip.tsx'
import { readTime } from './steps.ts'

export const TIME_FIELD_ID = 'history-time'

const EXPECTED = 'a time of the day: 10:31, 10:31:05 or 10:31:05.250'

/** The time of day, to be read and to be typed. */
export function TimeField() {
  const { travel } = useStores()
  const at = useMarket(({ now }) => now)
  const date = useTravel((state) => (state.at === null ? null : istDate(state.at)))
  const [typed, setTyped] = useState<string | null>(null)
  const field = useRef<HTMLInputElement>(null)
  const shown = at === null ? '' : instantText(at)
  const instant = typed === null || date === null ? null : readTime(typed, date)
  const isWrong = typed !== null && instant === null
  const fault = isWrong ? `Expected is ${EXPECTED}.` : ''
  // With Enter the browser shows it at the field.
  useEffect(() => field.current?.setCustomValidity(fault), [fault])
  // What was typed is over when the instant is another.
  useEffect(() => setTyped(shown === '' ? '' : null), [shown])
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (instant === null) return
        travel.goTo(instant)
        // The keys are those of the page again.
        field.current?.blur()
      }}
    >
      <input
        ref={field}
        id={TIME_FIELD_ID}
        className="time-field"
        aria-label="Time, IST"
        title={isWrong ? fault : `Go to ${EXPECTED}, then Enter (T)`}
        aria-invalid={isWrong}
        autoComplete="off"
        spellCheck={false}
        value={typed ?? shown}
        onChange={({ target }) => setTyped(target.value)}
        onFocus={({ target }) => target.select()}
        onBlur={() => setTyped(null)}
        onKeyDown={({ key, currentTarget }) => {
          if (key === 'Escape') currentTarget.blur()
        }}
      />
    </form>
  )
}
