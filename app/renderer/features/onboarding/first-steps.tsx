import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import type { IndexName } from '../../../../core/domain/index-catalog.ts'
import { usePreferences, useStores } from '../../store/context.ts'
import { useIndices } from './collected-indices.ts'
import { StepPlace } from './step-place.tsx'
import { StepTaste } from './step-taste.tsx'
import { StepView } from './step-view.tsx'

const TITLES = ['What you see', 'Your market, your colours', 'Where it is kept'] as const
const LAST = TITLES.length - 1

interface FirstStepsProps {
  readonly onIndex: (index: IndexName) => void
}

/**
 * Three steps from the first start to a chain of one's own. A sheet below the page, never over it: the market is live
 * all the while, keys are the page's unless the focus is inside.
 */
export function FirstSteps({ onIndex }: FirstStepsProps) {
  const { preferences } = useStores()
  const onboarded = usePreferences((state) => state.onboarded)
  const isInPlace = usePreferences(({ view }) => view === 'chain' || view === 'settings')
  if (onboarded || !isInPlace) return null
  return <Steps onIndex={onIndex} onEnd={() => preferences.setState({ onboarded: true })} />
}

function Steps({ onIndex, onEnd }: FirstStepsProps & { readonly onEnd: () => void }) {
  const { settings } = useStores()
  const [step, setStep] = useState(0)
  const indices = useIndices()
  useEffect(() => void settings.load(), [settings])
  const element = useFocusFromElsewhere()
  const next = async () => {
    if (step === 1 && !(await indices.save())) return
    if (step === LAST) return onEnd()
    setStep(step + 1)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    event.stopPropagation()
    if (event.key === 'Escape') onEnd()
  }
  return (
    <section ref={element} className="onboarding" aria-label="First steps" onKeyDown={onKeyDown}>
      <header>
        <h2 aria-live="polite">
          <span className="step-count">
            {step + 1} of {TITLES.length}
          </span>{' '}
          {TITLES[step]}
        </h2>
        <ol aria-hidden="true">
          {TITLES.map((title, place) => (
            <li key={title} className={place <= step ? 'done' : ''} />
          ))}
        </ol>
        <p className="hint">
          <kbd>F6</kbd> goes here and back; <kbd>Esc</kbd> here skips.
        </p>
      </header>
      <div className="step">
        {step === 0 ? <StepView /> : null}
        {step === 1 ? <StepTaste indices={indices} onIndex={onIndex} /> : null}
        {step === LAST ? <StepPlace /> : null}
      </div>
      <div className="step-buttons">
        <button type="button" className="primary" onClick={() => void next()}>
          {step === LAST ? 'Done' : 'Next'}
        </button>
        <button type="button" disabled={step === 0} onClick={() => setStep(step - 1)}>
          Back
        </button>
        <button type="button" onClick={onEnd}>
          Skip
        </button>
      </div>
    </section>
  )
}

/** F6 is the key for going from pane to pane: into the sheet, and back to where the focus was. */
function useFocusFromElsewhere() {
  const element = useRef<HTMLElement>(null)
  useEffect(() => {
    let before: Element | null = null
    const onKeyDown = (event: globalThis.KeyboardEvent) => {
      const sheet = element.current
      if (event.key !== 'F6' || sheet === null) return
      event.preventDefault()
      if (!sheet.contains(document.activeElement)) {
        before = document.activeElement
        sheet.querySelector<HTMLElement>('.primary')?.focus()
      } else if (before instanceof HTMLElement && before !== document.body) before.focus()
      else if (document.activeElement instanceof HTMLElement) document.activeElement.blur()
    }
    // Before the sheet keeps its own keys to itself.
    window.addEventListener('keydown', onKeyDown, true)
    return () => window.removeEventListener('keydown', onKeyDown, true)
  }, [])
  return element
}
