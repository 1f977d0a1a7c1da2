import { DAY_MS } from '../../../../core/domain/ist.ts'
import { black76 } from '../../../../core/pricing/black76.ts'
import { yearsTo } from '../../../../core/pricing/time.ts'
import type { ChainData } from '../../store/chain-data.ts'

/** What the head of a theta column says on the last day. */
export const LAST_DAY_THETA =
  'a pace that does not last: less than a day is left, and a leg loses no more than its time value'

/** Less than a calendar day is left: theta, a pace per day, is more than there is to lose. */
export function isLastDay(chain: Pick<ChainData, 'settlesAt' | 'head'> | null): boolean {
  if (chain === null) return false
  const left = chain.settlesAt - chain.head.time
  return left > 0 && left < DAY_MS
}

/**
 * What one unit of a leg loses until its settlement if forward and IV stay as they are, rupees: its time value by
 * Black-76. null where something of it is unknown.
 */
export function decayLeft({ settlesAt, head, strikes, legs, metrics }: ChainData, slot: number): number | null {
  const strike = strikes[slot >> 1]
  const iv = legs[slot]?.iv ?? null
  const forward = head.forward.value
  if (strike === undefined || iv === null || forward === null || metrics === null) return null
  const years = yearsTo(settlesAt, head.time)
  const isCall = slot % 2 === 0
  const now = black76(isCall ? 'CE' : 'PE', forward, strike, years, iv, Math.exp(-metrics.rate * years))
  return now - Math.max(0, isCall ? forward - strike : strike - forward)
}
