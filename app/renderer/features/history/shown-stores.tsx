import { type ReactNode, useMemo } from 'react'
import { StoresContext, useStores, useTravel } from '../../store/context.ts'

/** While somebody travels, everything below shows the market of the record: there is no other that could leak in. */
export function ShownStores({ children }: { readonly children: ReactNode }) {
  const stores = useStores()
  const isPast = useTravel(({ at }) => at !== null)
  const shown = useMemo(() => (isPast ? { ...stores, market: stores.travel.market } : stores), [stores, isPast])
  return <StoresContext value={shown}>{children}</StoresContext>
}

/** For what is about the product itself, and of now whatever is shown elsewhere. */
export function LiveStores({ children }: { readonly children: ReactNode }) {
  const stores = useStores()
  const live = useMemo(() => ({ ...stores, market: stores.live }), [stores])
  return <StoresContext value={live}>{children}</StoresContext>
}
