import { useCallback, useEffect, useRef, useState } from 'react'
import type { CallName, CallRequest, CallResult } from '../../../../core/contract/monitor-calls.ts'
import { MonitorFault } from '../../client/monitor-client.ts'
import { useMarket, useStores } from '../../store/context.ts'

/** Why something is not shown, in words for the user. */
export interface Fault {
  readonly message: string
  readonly hint: string
}

export interface Answer<Result> {
  /** The newest one; kept while later ones fail. */
  readonly result: Result | null
  /** Of the latest attempt; null when that went well. */
  readonly fault: Fault | null
  readonly retry: () => void
}

export function faultOf(fault: unknown): Fault {
  if (fault instanceof MonitorFault) return { message: fault.message, hint: fault.hint }
  return { message: 'The answer cannot be read.', hint: 'Load the page again; page and monitor may differ in version.' }
}

interface Held<Result> {
  readonly question: string
  readonly result: Result | null
  readonly fault: Fault | null
}

/**
 * What a call answers, asked again every `refreshMs` while the screen is neither frozen nor hidden; a null `input` asks
 * nothing. Another input begins anew.
 */
export function useAnswer<Name extends CallName>(
  name: Name,
  input: CallRequest<Name> | null,
  refreshMs: number,
): Answer<CallResult<Name>> {
  const { client } = useStores()
  const question = input === null ? '' : JSON.stringify(input)
  const [held, setHeld] = useState<Held<CallResult<Name>>>({ question, result: null, fault: null })
  const [attempt, setAttempt] = useState(0)
  const isAwake = useAwake()
  const answered = useRef('')
  useEffect(() => {
    // Frozen or unseen, what is known stays as it is, unless the user asks for it.
    if (question === '' || (!isAwake && attempt === 0 && answered.current === question)) return
    let isOver = false
    const ask = async () => {
      try {
        const result = await client.ask(name, JSON.parse(question))
        if (isOver) return
        answered.current = question
        setHeld({ question, result, fault: null })
      } catch (fault) {
        if (!isOver) setHeld((old) => ({ ...sameQuestion(old, question), fault: faultOf(fault) }))
      }
    }
    void ask()
    const timer = setInterval(() => void ask(), refreshMs)
    return () => {
      isOver = true
      clearInterval(timer)
    }
  }, [client, name, question, refreshMs, attempt, isAwake])
  const retry = useCallback(() => setAttempt((count) => count + 1), [])
  return { ...sameQuestion(held, question), retry }
}

function sameQuestion<Result>(held: Held<Result>, question: string): Held<Result> {
  return held.question === question ? held : { question, result: null, fault: null }
}

/** Whether anything that is asked now would be seen: not frozen, not offline, and in sight. */
export function useAwake(): boolean {
  const isFollowing = useMarket(({ frozen, link }) => !frozen && link !== 'lost')
  const [isVisible, setVisible] = useState(() => document.visibilityState === 'visible')
  useEffect(() => {
    const onChange = () => setVisible(document.visibilityState === 'visible')
    document.addEventListener('visibilitychange', onChange)
    return () => document.removeEventListener('visibilitychange', onChange)
  }, [])
  return isFollowing && isVisible
}
