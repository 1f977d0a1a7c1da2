import { createContext, useContext } from 'react'

/** What all cards of a page share. */
export interface Desk {
  /** `NIFTY 24 Nov`. */
  readonly name: string
  /** Card that fills the page; null = all are shown. */
  readonly maximised: string | null
  readonly setMaximised: (id: string | null) => void
}

export const DeskContext = createContext<Desk>({ name: '', maximised: null, setMaximised: () => {} })

export function useDesk(): Desk {
  return useContext(DeskContext)
}
