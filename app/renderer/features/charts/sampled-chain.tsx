import { type ReactNode, useEffect, useState } from 'react'
import type { ChainData } from '../../store/chain-data.ts'
import { usePreferences, useStores } from '../../store/context.ts'

interface SampledChainProps {
  /** Place among the charts of a page, which take turns, so that no frame has to draw them all. */
  readonly turn: number
  readonly children: (chain: ChainData) => ReactNode
}

/** Charts that take turns within one interval. */
const TURNS = 4

/** The chain as a chart follows it: as often as the user chose, another chain at once; nothing while there is none. */
export function SampledChain({ turn, children }: SampledChainProps) {
  const rate = usePreferences((preferences) => preferences.chartRate)
  const chain = useSampledChain(1000 / rate, turn / TURNS)
  return chain === null ? null : children(chain)
}

/** `share` of the interval after its beginning is when the chain is taken. */
function useSampledChain(intervalMs: number, share: number): ChainData | null {
  const { market } = useStores()
  const [chain, setChain] = useState(() => market.store.getState().chain)
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | null = null
    let shown = market.store.getState().chain
    const show = () => {
      timer = null
      shown = market.store.getState().chain
      setChain(shown)
    }
    show()
    const untilTurn = () => intervalMs - ((performance.now() + (1 - share) * intervalMs) % intervalMs)
    const stop = market.store.subscribe(({ chain: next }) => {
      if (next === shown) return
      if (next?.topic !== shown?.topic) show()
      else timer ??= setTimeout(show, untilTurn())
    })
    return () => {
      stop()
      if (timer !== null) clearTimeout(timer)
    }
  }, [market, intervalMs, share])
  return chain
}
