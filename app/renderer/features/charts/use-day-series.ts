import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { istDate } from '../../../../core/domain/ist.ts'
import { useMarket, useStores } from '../../store/context.ts'
import { type DayFollow, followDay } from './day-follow.ts'
import { type DaySeries, seriesUntil } from './day-series.ts'
import { type Fault, faultOf, useAwake } from './use-answer.ts'

export interface DayAnswer {
  readonly series: DaySeries | null
  /** Of the latest attempt. */
  readonly fault: Fault | null
  readonly retry: () => void
}

/** Points of a day's series lie further apart. */
const INSTANT_MS = 1_000

interface Held extends Omit<DayAnswer, 'retry'> {
  readonly question: string
}

/**
 * The series of a day, an earlier one by its date, today's for null; today's go on while the screen does. Of an instant
 * of the record those of its day, until then.
 */
export function useDaySeries(chosen: string | null): DayAnswer {
  const instant = useMarket(({ past, now }) =>
    past === null || now === null ? null : INSTANT_MS * Math.floor(now / INSTANT_MS),
  )
  const { live } = useStores()
  const isToday = (date: string) => date === istDate(live.store.getState().now ?? 0)
  const travelled = instant === null ? null : istDate(instant)
  const date = travelled === null ? chosen : isToday(travelled) ? null : travelled
  const answer = useSeriesOf(date)
  const { series } = answer
  const shown = useMemo(
    () => (series === null || instant === null ? series : seriesUntil(series, instant)),
    [series, instant],
  )
  return { ...answer, series: shown }
}

function useSeriesOf(date: string | null): DayAnswer {
  const { client } = useStores()
  const { index, bucket } = useMarket((state) => state.selection)
  // A page that stays open begins each day anew.
  const today = useMarket(({ now }) => (now === null ? '' : istDate(now)))
  const question = `${index} ${bucket} ${date ?? today}`
  const [held, setHeld] = useState<Held>({ question, series: null, fault: null })
  const [attempt, setAttempt] = useState(0)
  const isAwake = useAwake()
  const known = useRef<Held | null>(null)
  useEffect(() => {
    const before = known.current?.question === question ? known.current.series : null
    // Frozen or unseen, what is known stays as it is, unless the user asks for it.
    if (!isAwake && attempt === 0 && before !== null) return
    const tell = (series: DaySeries | null, fault: Fault | null) => {
      known.current = { question, series, fault }
      setHeld(known.current)
    }
    const follow: DayFollow = {
      client,
      selection: { index, bucket },
      date,
      onSeries: (series) => tell(series, null),
      onFault: (series, fault) => tell(series, faultOf(fault)),
    }
    return followDay(follow, before)
  }, [client, index, bucket, date, question, attempt, isAwake])
  const retry = useCallback(() => setAttempt((count) => count + 1), [])
  return { ...(held.question === question ? held : { series: null, fault: null }), retry }
}
