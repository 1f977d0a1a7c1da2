import { useMemo } from 'react'
import type { ChainAt } from '../../../../core/contract/history.ts'
import { useMarket } from '../../store/context.ts'
import { type Answer, useAnswer } from './use-answer.ts'

/** What charts need beyond the chain itself. */
export type ChartSummary = ChainAt['summary']

const SUMMARY_MS = 5_000

/** Of the shown chain: asked again and again while it is that of now; an instant of the record brings its own. */
export function useSummary(): Answer<ChartSummary> {
  const { index, bucket } = useMarket((state) => state.selection)
  const past = useMarket((state) => state.past)
  const answer = useAnswer('summary', past === null ? { index, bucket } : null, SUMMARY_MS)
  const { result } = answer
  const summary = useMemo(() => {
    if (result === null) return null
    const { full, term_structure, iv_standing } = result
    return { smile: full.smile, term_structure, iv_standing }
  }, [result])
  return { ...answer, result: past === null ? summary : past.summary }
}
