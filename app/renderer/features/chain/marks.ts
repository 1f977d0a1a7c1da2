import { type ChainData, isWhole } from '../../store/chain-data.ts'
import type { MarketState } from '../../store/market.ts'

interface Tops {
  readonly calls: number | null
  readonly puts: number | null
}

/** Found once for each state of the legs, whoever asks. */
const known = new WeakMap<ChainData['legs'], Tops>()

const UNKNOWN: Tops = { calls: null, puts: null }

/** Strikes with the most open interest of calls and of puts; null without any, and where only a window of the chain is known. */
export function topStrikes(chain: ChainData): Tops {
  const { legs, strikes } = chain
  const found = known.get(legs)
  if (found !== undefined) return found
  const tops = isWhole(chain) ? { calls: topStrike(legs, strikes, 0), puts: topStrike(legs, strikes, 1) } : UNKNOWN
  known.set(legs, tops)
  return tops
}

function topStrike(legs: ChainData['legs'], strikes: readonly number[], side: 0 | 1): number | null {
  let top: number | null = null
  let most = 0
  for (const [place, strike] of strikes.entries()) {
    const oi = legs[2 * place + side]?.oi ?? 0
    if (oi <= most) continue
    most = oi
    top = strike
  }
  return top
}

/** Markers of a strike: R most call OI, S most put OI, MP max pain. */
export function marksOf({ chain }: Pick<MarketState, 'chain'>, strike: number): readonly ('R' | 'S' | 'MP')[] {
  if (chain === null) return []
  const { calls, puts } = topStrikes(chain)
  const marks: ('R' | 'S' | 'MP')[] = []
  if (calls === strike) marks.push('R')
  if (puts === strike) marks.push('S')
  if (chain.metrics?.full.max_pain === strike) marks.push('MP')
  return marks
}

/** Largest open interest of some strikes, units; what the bars are scaled to. */
export function largestOi(legs: ChainData['legs'], firstPlace: number, lastPlace: number): number {
  let most = 0
  for (let slot = 2 * firstPlace; slot <= 2 * lastPlace + 1; slot += 1) most = Math.max(most, legs[slot]?.oi ?? 0)
  return most
}
