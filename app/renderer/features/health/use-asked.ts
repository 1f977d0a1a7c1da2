import { useCallback, useEffect, useState } from 'react'

export interface Asked<Answer> {
  /** The newest answer; it stays while the next one is waited for, or cannot be had. */
  readonly answer: Answer | null
  /** Why the last asking failed, in words. */
  readonly fault: string | null
  /** Asks at once. */
  readonly again: () => void
}

interface Outcome<Answer> {
  readonly ask: () => Promise<Answer>
  readonly answer: Answer | null
  readonly fault: string | null
}

/** Asks now and at an interval (null: only once), never while the page is hidden. `ask` stands still between renders. */
export function useAsked<Answer>(ask: () => Promise<Answer>, everyMs: number | null): Asked<Answer> {
  const [outcome, setOutcome] = useState<Outcome<Answer> | null>(null)
  const once = useCallback(
    async (isWanted: () => boolean) => {
      if (document.hidden) return
      try {
        const answer = await ask()
        if (isWanted()) setOutcome({ ask, answer, fault: null })
      } catch (thrown) {
        const fault = thrown instanceof Error ? thrown.message : String(thrown)
        if (isWanted()) setOutcome((before) => ({ ask, answer: before?.ask === ask ? before.answer : null, fault }))
      }
    },
    [ask],
  )
  useEffect(() => {
    let wanted = true
    const run = () => void once(() => wanted)
    run()
    const timer = everyMs === null ? null : setInterval(run, everyMs)
    document.addEventListener('visibilitychange', run)
    return () => {
      wanted = false
      if (timer !== null) clearInterval(timer)
      document.removeEventListener('visibilitychange', run)
    }
  }, [once, everyMs])
  const again = useCallback(() => void once(() => true), [once])
  const own = outcome?.ask === ask ? outcome : null
  return { answer: own?.answer ?? null, fault: own?.fault ?? null, again }
}
