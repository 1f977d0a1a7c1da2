import { useState } from 'react'
import type { ReadinessReport } from '../../../../core/contract/operations.ts'
import { istTime } from '../../../../core/domain/ist.ts'

interface ReadinessCardProps {
  readonly readiness: ReadinessReport
  readonly phase: string
}

const BEFORE_OPENING: readonly string[] = ['closed', 'pre_open', 'holiday']

/** Every check behind the one line. Open by itself before the session and whenever something is wrong. */
export function ReadinessCard({ readiness, phase }: ReadinessCardProps) {
  const [chosen, setChosen] = useState<boolean | null>(null)
  const isOpen = chosen ?? (readiness.state !== 'pass' || BEFORE_OPENING.includes(phase))
  const { items } = readiness
  const count = (state: string) => items.filter((item) => item.state === state).length
  return (
    <div className="readiness">
      <button type="button" className="fold" aria-expanded={isOpen} onClick={() => setChosen(!isOpen)}>
        <span aria-hidden="true">{isOpen ? '▾' : '▸'}</span> Readiness: {count('pass')} passed
        {count('warn') === 0 ? '' : `, ${count('warn')} to look at`}
        {count('fail') === 0 ? '' : `, ${count('fail')} failed`}
        <small> checked {istTime(Date.parse(readiness.checked_at))} IST by the wall clock</small>
      </button>
      {isOpen ? (
        <ul data-testid="readiness">
          {items.map(({ name, title, state, detail, remedy }) => (
            <li key={name} className={state}>
              <span className="mark" title={MARKS[state][1]}>
                <span aria-hidden="true">{MARKS[state][0]}</span>
                <span className="visually-hidden">{MARKS[state][1]}</span>
              </span>
              <div>
                <strong>{title}</strong> {detail}
                {remedy === null ? null : <p className="remedy">{remedy}</p>}
              </div>
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  )
}

const MARKS: Readonly<Record<ReadinessReport['items'][number]['state'], readonly [mark: string, word: string]>> = {
  pass: ['✓', 'Passed:'],
  warn: ['▲', 'Look at this:'],
  fail: ['✕', 'Failed:'],
  none: ['–', 'Nothing to check:'],
}
