import { pricedFrom } from '../../../../core/domain/price-time.ts'
import { black76Greeks } from '../../../../core/pricing/black76-greeks.ts'
import { yearsTo } from '../../../../core/pricing/time.ts'
import { type ChainData, isWhole } from '../../store/chain-data.ts'
import { type StrikeLegs, strikesInReach } from './strike-rows.ts'

const ONE_PERCENT = 0.01

/**
 * Gamma exposure of one strike in rupees per 1 % move, as the contract has it (calls positive, puts negative: dealers
 * who are long all calls and short all puts); null without any gamma and OI.
 */
export function strikeGex({ call, put }: StrikeLegs, spot: number): number | null {
  const calls = weighted(call?.gamma, call?.oi)
  const puts = weighted(put?.gamma, put?.oi)
  if (calls === null && puts === null) return null
  return ((calls ?? 0) - (puts ?? 0)) * spot * spot * ONE_PERCENT
}

function weighted(greek: number | null | undefined, oi: number | null | undefined): number | null {
  return greek == null || oi == null ? null : greek * oi
}

export interface Exposure {
  /** Rupees of underlying per 1 % move, and rupees of underlying that the holders are long; null when unknown. */
  readonly gex: number | null
  readonly dex: number | null
}

/** Of the whole chain, by the formulas of CONTRACT.md section 3; unknown where only a window of it is. */
export function netExposure(chain: ChainData): Exposure {
  const { spot } = chain.head
  const strikes = strikesInReach(chain, 'all')
  const total = (side: 'call' | 'put', greek: 'gamma' | 'delta') => {
    const known = strikes.map((row) => weighted(row[side]?.[greek], row[side]?.oi)).filter((value) => value !== null)
    return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0)
  }
  if (spot === null || !isWhole(chain)) return { gex: null, dex: null }
  const [callGamma, putGamma] = [total('call', 'gamma'), total('put', 'gamma')]
  const [callDelta, putDelta] = [total('call', 'delta'), total('put', 'delta')]
  return {
    gex: callGamma === null || putGamma === null ? null : (callGamma - putGamma) * spot * spot * ONE_PERCENT,
    dex: callDelta === null || putDelta === null ? null : (callDelta + putDelta) * spot,
  }
}

export interface ProfilePoint {
  readonly spot: number
  /** Rupees of underlying per 1 % move. */
  readonly gex: number
}

interface GexLeg {
  readonly right: 'CE' | 'PE'
  readonly strike: number
  readonly iv: number
  readonly oi: number
}

/**
 * Net gamma exposure of the whole chain if the spot stood elsewhere and each strike kept its IV (sticky strike), the
 * forward moving in proportion. Empty when spot or forward are unknown, or all of the chain but a window.
 */
export function gexProfile(chain: ChainData, spots: readonly number[]): readonly ProfilePoint[] {
  const { spot, forward, time, received_at } = chain.head
  // As IV was found: from the time of the prices.
  const years = yearsTo(chain.settlesAt, pricedFrom(time, received_at ?? time, chain.settlesAt))
  const rate = chain.metrics?.rate ?? null
  if (spot === null || forward.value === null || rate === null || years <= 0 || !isWhole(chain)) return []
  const carry = forward.value / spot
  const legs = gexLegs(chain)
  return spots.map((at) => {
    let sum = 0
    for (const { right, strike, iv, oi } of legs) {
      const { gamma } = black76Greeks(right, at * carry, strike, years, iv, rate)
      sum += right === 'CE' ? gamma * oi : -gamma * oi
    }
    return { spot: at, gex: sum * at * at * ONE_PERCENT }
  })
}

function gexLegs(chain: ChainData): readonly GexLeg[] {
  const found: GexLeg[] = []
  for (const { strike, call, put } of strikesInReach(chain, 'all')) {
    if (call?.iv != null && call.oi !== null && call.oi > 0)
      found.push({ right: 'CE', strike, iv: call.iv, oi: call.oi })
    if (put?.iv != null && put.oi !== null && put.oi > 0) found.push({ right: 'PE', strike, iv: put.iv, oi: put.oi })
  }
  return found
}

/** Spot nearest to `from` at which the profile changes its sign, linear between points; null when it does not. */
export function gammaFlip(profile: readonly ProfilePoint[], from: number): number | null {
  let best: number | null = null
  for (const [place, next] of profile.entries()) {
    const before = profile[place - 1]
    if (before === undefined || before.gex === 0 || before.gex > 0 === next.gex > 0) continue
    const flip = before.spot + ((next.spot - before.spot) * before.gex) / (before.gex - next.gex)
    if (best === null || Math.abs(flip - from) < Math.abs(best - from)) best = flip
  }
  return best
}
