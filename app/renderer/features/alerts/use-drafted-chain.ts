import { useEffect, useState } from 'react'
import type { SummaryReport } from '../../../../core/contract/api-schema.ts'
import { type ChainHead, chainTopic } from '../../../../core/contract/chain-stream.ts'
import type { IndexName } from '../../../../core/domain/index-catalog.ts'
import type { Bucket } from '../../../../core/domain/instrument.ts'
import { applyMessages, type ChainData } from '../../store/chain-data.ts'
import { useStores } from '../../store/context.ts'
import { type RuleDraft, readNumber } from './rule-draft.ts'

const SUMMARY_MS = 2_000

/** What is known of the chain that a draft is about, as long as the form is open. */
export interface DraftedChain {
  readonly chain: ChainData | null
  readonly summary: SummaryReport['full'] | null
}

const NOTHING: DraftedChain = { chain: null, summary: null }

export function useDraftedChain(index: IndexName, bucket: Bucket): DraftedChain {
  const { client } = useStores()
  const [known, setKnown] = useState(NOTHING)
  useEffect(() => {
    let isOver = false
    setKnown(NOTHING)
    const unfollow = client.follow([chainTopic(index, bucket)], {
      onLink() {},
      onHealth() {},
      onAlert() {},
      onUnavailable: () => setKnown(NOTHING),
      onChain: (message) => setKnown((before) => ({ ...before, chain: applyMessages(before.chain, [message]) })),
    })
    const ask = () =>
      client.ask('summary', { index, bucket }).then(
        ({ full }) => {
          if (!isOver) setKnown((before) => ({ ...before, summary: full }))
        },
        // The form says "not known now" for as long as there is no answer.
        () => {},
      )
    void ask()
    const timer = setInterval(() => void ask(), SUMMARY_MS)
    return () => {
      isOver = true
      unfollow()
      clearInterval(timer)
    }
  }, [client, index, bucket])
  return known
}

/** What the draft watches, now; null when that is not known. */
export function draftedValue(draft: RuleDraft, { chain, summary }: DraftedChain): number | null {
  switch (draft.kind) {
    case 'feed':
      return null
    case 'leg':
      return legValue(draft, chain)
    case 'chain':
      return chainValue(draft.chainMetric, chain?.head ?? null, summary)
  }
}

function legValue({ strike, right, legMetric }: RuleDraft, chain: ChainData | null): number | null {
  const place = chain?.strikes.indexOf(readNumber(strike) ?? Number.NaN) ?? -1
  const leg = place < 0 ? null : chain?.legs[2 * place + (right === 'CE' ? 0 : 1)]
  return leg?.[legMetric] ?? null
}

function chainValue(metric: RuleDraft['chainMetric'], head: ChainHead | null, summary: DraftedChain['summary']) {
  switch (metric) {
    case 'spot':
    case 'future':
    case 'vix':
      return head?.[metric] ?? null
    case 'forward':
      return head?.forward.value ?? null
    case 'atm_iv':
      return summary?.atm.iv ?? null
    case 'straddle':
      return summary?.atm.straddle ?? null
    case 'expected_move':
    case 'pcr_oi':
    case 'pcr_volume':
    case 'max_pain':
    case 'skew_25d':
    case 'gex':
      return summary?.[metric] ?? null
  }
}
