import type { MarketState } from '../../store/market.ts'
import type { Travel } from './travel.ts'

const KEY = 'optrade.instant'

/** The part of `sessionStorage` that is used. */
type InstantStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

interface Live {
  subscribe(listener: (state: MarketState) => void): () => void
}

/** A page that is loaded anew shows the instant that it showed; another window, and a new start, show the market of now. */
export function keepInstant(
  travel: Pick<Travel, 'store' | 'isAway' | 'open'>,
  live: Live,
  storage: InstantStorage,
): void {
  const kept = Number(storage.getItem(KEY) ?? Number.NaN)
  const stop = live.subscribe(({ now }) => {
    if (now === null) return
    stop()
    if (Number.isFinite(kept) && !travel.isAway()) travel.open(kept)
  })
  travel.store.subscribe(({ at }, before) => {
    if (at === before.at) return
    if (at === null) storage.removeItem(KEY)
    else storage.setItem(KEY, String(at))
  })
}
