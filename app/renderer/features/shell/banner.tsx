import { istDate } from '../../../../core/domain/ist.ts'
import { formatDay } from '../../lib/format.ts'
import { useMarket } from '../../store/context.ts'
import type { MarketState } from '../../store/market.ts'
import { HistoryStrip } from '../history/history-strip.tsx'

/** What can be on the screen that is not the market of now; an instant of the record has a strip of its own. */
type Pretence = 'simulated' | 'replay'

const WORDS: Readonly<Record<Pretence, (day: string) => readonly [word: string, sentence: string]>> = {
  simulated: () => ['SIMULATED', 'An invented market for trying things out. No price here is real.'],
  replay: (day) => ['REPLAY', `A recorded day, ${day}, is played again. These are not the prices of now.`],
}

function pretenceOf({ health, indices }: MarketState): Pretence | null {
  const source = health?.source ?? indices?.source ?? null
  if (source === 'replay') return 'replay'
  return source === 'sim' || health?.simulated === true ? 'simulated' : null
}

/** Nobody may take invented or old prices for the market's. */
export function Banner() {
  const pretence = useMarket(pretenceOf)
  const isPast = useMarket(({ past }) => past !== null)
  const day = useMarket(({ now }) => (now === null ? '' : istDate(now)))
  if (isPast) return <HistoryStrip />
  if (pretence === null) return null
  const [word, sentence] = WORDS[pretence](formatDay(day))
  return (
    <div className={`banner ${pretence}`} role="status">
      <strong>{word}</strong> <span>{sentence}</span>
    </div>
  )
}
