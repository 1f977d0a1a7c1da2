import { useEffect, useState } from 'react'
import type { ChainData } from '../../store/chain-data.ts'
import { useStores } from '../../store/context.ts'

/** The chain as charts follow it: so many times a second at most, another chain at once. */
export function useSampledChain(perSecond: number): ChainData | null {
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
    const stop = market.store.subscribe(({ chain: next }) => {
      if (next === shown) return
      if (next?.topic !== shown?.topic) show()
      else timer ??= setTimeout(show, 1000 / perSecond)
    })
    return () => {
      stop()
      if (timer !== null) clearTimeout(timer)
    }
  }, [market, perSecond])
  return chain
}
