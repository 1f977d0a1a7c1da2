import { useMarket } from '../../store/context.ts'
import { HowToRestart } from '../settings/save-bar.tsx'
import { useSettings } from '../settings/use-settings.ts'
import { dayBytes, sizeWords } from './disk-words.ts'

/** Where the record lies, what it takes, and where to go on. */
export function StepPlace() {
  const folder = useSettings((state) => state.report?.settings.find(({ name }) => name === 'DATA_DIR')?.value ?? null)
  const simulated = useMarket((state) => state.health?.source === 'sim')
  const needsRestart = useSettings((state) => state.report?.restart_needed ?? false)
  const words = useMarket(({ health }) => {
    if (health === null) return ''
    const { bytes_per_day: measured, free_bytes: free } = health.disk
    const day = dayBytes(measured, health.feed.legs_per_second)
    const cost =
      day === null
        ? 'What a day takes is measured while the market is open'
        : `A trading day takes about ${sizeWords(day)}${measured === null ? ' at this rate' : ''}`
    return `${cost}${free === null ? '' : `; ${sizeWords(free)} are free`}.`
  })
  return (
    <>
      <p>
        The strikes around the money, and every metric of the whole chain, are recorded in{' '}
        <code>{simulated ? `${folder ?? '…'}/sim` : (folder ?? '…')}</code>. {words} What to keep stands in the
        settings.
      </p>
      <p>
        <kbd>?</kbd> lists all keys, <kbd>,</kbd> opens the settings, where these steps can be shown again.
      </p>
      {needsRestart ? (
        <div className="restart-hint">
          <p>
            <strong>Some choices wait for a restart.</strong>
          </p>
          <HowToRestart />
        </div>
      ) : null}
    </>
  )
}
