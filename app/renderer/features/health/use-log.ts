import { useCallback, useEffect, useRef, useState } from 'react'
import type { LOG_LEVEL_NAMES, LogReport } from '../../../../core/contract/operations.ts'
import { useStores } from '../../store/context.ts'

export type LogLevel = (typeof LOG_LEVEL_NAMES)[number]
export type LogLine = LogReport['lines'][number]

export interface LogQuery {
  readonly level: LogLevel
  readonly text: string
  /** Of the run whose log it is: another one counts its lines anew. */
  readonly startedAt: string
}

export interface ReadLog {
  /** Oldest first; null before the first answer. */
  readonly lines: readonly LogLine[] | null
  /** Lines of this run that are not kept any more. */
  readonly dropped: number
  readonly fault: string | null
}

const POLL_MS = 1_500
/** What the page keeps; the monitor keeps 2,000. */
const KEPT = 1_000
const NOTHING: ReadLog = { lines: null, dropped: 0, fault: null }

/** The log that fits a query, with what is added to it while it is followed and the page is seen. */
export function useLog({ level, text, startedAt }: LogQuery, following: boolean): ReadLog {
  const { client } = useStores()
  const [read, setRead] = useState<ReadLog & { readonly key: string }>({ ...NOTHING, key: '' })
  const key = `${startedAt} ${level} ${text}`
  const last = useRef({ key, id: 0 })
  const ask = useCallback(async () => {
    const from = last.current.key === key ? last.current.id : 0
    last.current = { key, id: from }
    try {
      const report = await client.ask('log', { after: from, level, text, limit: KEPT })
      // Another asking was faster, or the query has changed: these lines are there already, or are not wanted.
      if (last.current.key !== key || last.current.id !== from) return
      last.current.id = report.lines.at(-1)?.id ?? from
      setRead((before) => {
        const known = before.key === key ? (before.lines ?? []) : []
        return { key, lines: [...known, ...report.lines].slice(-KEPT), dropped: report.dropped, fault: null }
      })
    } catch (thrown) {
      const fault = thrown instanceof Error ? thrown.message : String(thrown)
      setRead((before) => (before.key === key ? { ...before, fault } : { ...NOTHING, key, fault }))
    }
  }, [client, key, level, text])
  const isNew = read.key !== key
  useEffect(() => {
    if (!following && !isNew) return
    const run = () => {
      if (!document.hidden) void ask()
    }
    run()
    const timer = setInterval(run, POLL_MS)
    document.addEventListener('visibilitychange', run)
    return () => {
      clearInterval(timer)
      document.removeEventListener('visibilitychange', run)
    }
  }, [ask, following, isNew])
  return isNew ? NOTHING : read
}
