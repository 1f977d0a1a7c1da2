import { useEffect } from 'react'
import { formatDay } from '../../lib/format.ts'
import { useMarket } from '../../store/context.ts'

/** `NIFTY 24 Nov`. */
export function useChainName(): string {
  const index = useMarket((state) => state.selection.index)
  const expiry = useMarket(({ chain }) => chain?.expiry ?? null)
  return expiry === null ? index : `${index} ${formatDay(expiry)}`
}

export function useLiveState(): 'none' | 'past' | 'lost' | 'frozen' | 'stale' | 'live' {
  return useMarket(({ chain, link, frozen, past }) => {
    if (chain === null) return 'none'
    if (past !== null) return 'past'
    if (link === 'lost') return 'lost'
    return frozen ? 'frozen' : chain.head.stale ? 'stale' : 'live'
  })
}

/** Escape gives a maximised card back to its grid. */
export function useEscape(isOn: boolean, run: () => void): void {
  useEffect(() => {
    if (!isOn) return
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && document.querySelector('dialog[open]') === null) run()
    }
    window.addEventListener('keydown', onKeyDown)
    return () => window.removeEventListener('keydown', onKeyDown)
  })
}
