import { type FormEvent, useRef, useState } from 'react'
import { useStores } from '../../store/context.ts'

export const SEARCH_ID = 'strike-search'

/** Goes to the listed strike nearest to what is typed. */
export function StrikeSearch({ onFound }: { readonly onFound: (strike: number) => void }) {
  const { market } = useStores()
  const input = useRef<HTMLInputElement>(null)
  const [text, setText] = useState('')
  const onSubmit = (event: FormEvent) => {
    event.preventDefault()
    const wanted = Number(text.replaceAll(',', ''))
    const strikes = market.store.getState().chain?.strikes ?? []
    const nearest = nearestStrike(strikes, wanted)
    if (nearest === null) return
    onFound(nearest)
    setText('')
    input.current?.blur()
  }
  return (
    <form className="search" onSubmit={onSubmit}>
      <input
        ref={input}
        id={SEARCH_ID}
        type="text"
        inputMode="decimal"
        placeholder="Strike  /"
        aria-label="Go to a strike"
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') input.current?.blur()
        }}
      />
    </form>
  )
}

function nearestStrike(strikes: readonly number[], wanted: number): number | null {
  if (!(wanted > 0)) return null
  return strikes.reduce<number | null>(
    (best, strike) => (best === null || Math.abs(strike - wanted) < Math.abs(best - wanted) ? strike : best),
    null,
  )
}
