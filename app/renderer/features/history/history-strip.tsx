import type { Source } from '../../../../core/domain/instrument.ts'
import { istDate, istTime } from '../../../../core/domain/ist.ts'
import { formatDay } from '../../lib/format.ts'
import { useMarket, usePreferences, useStores, useTravel } from '../../store/context.ts'
import type { View } from '../shell/views.ts'

const SOURCE_WORDS: Readonly<Partial<Record<Source, string>>> = { kite: 'from the record', sim: 'simulated' }

/** Views of the product itself: they have no past. */
export const OF_NOW: readonly View[] = ['alerts', 'health', 'settings']

/** Says on every view that the screen shows the past, and which instant of it. */
export function HistoryStrip() {
  const { travel } = useStores()
  const at = useMarket(({ now }) => now)
  const source = useTravel(({ track }) => track?.source ?? null)
  const isPlaying = useTravel((state) => state.isPlaying)
  const isOfNow = usePreferences(({ view }) => OF_NOW.includes(view))
  const words = source === null ? '' : `, ${SOURCE_WORDS[source] ?? source}`
  return (
    <div className="banner past" role="status" aria-live={isPlaying ? 'off' : 'polite'} data-testid="history">
      <span>
        <strong>History:</strong>{' '}
        {at === null ? '…' : `${formatDay(istDate(at))} ${istDate(at).slice(0, 4)} ${instantText(at)} IST${words}`}
        {isOfNow ? ' · this page alone is of now' : ''}
      </span>
      <button type="button" onClick={travel.leave} title="Back to the market of now (L)">
        Back to live <kbd>L</kbd>
      </button>
    </div>
  )
}

/** `10:31:05`, and what lies between two seconds where it does. */
export function instantText(at: number): string {
  const rest = Math.floor(at % 1_000)
  return rest === 0 ? istTime(at) : `${istTime(at)}.${String(rest).padStart(3, '0')}`
}
