import { black76 } from '../../../../core/pricing/black76.ts'
import { yearsTo } from '../../../../core/pricing/time.ts'
import type { ChainData } from '../../store/chain-data.ts'

/** Call and put of the ATM strike together, for one unit of the underlying. */
export interface StraddleGreeks {
  readonly strike: number
  readonly delta: number | null
  /** Change of delta per 1 % move of the spot. */
  readonly gammaPercent: number | null
  /** Rupees a calendar day. */
  readonly theta: number | null
  /** Rupees per point of volatility. */
  readonly vega: number | null
}

/** null while the ATM is unknown. */
export function straddleGreeks({ head, strikes, legs }: ChainData): StraddleGreeks | null {
  const { atm, spot } = head
  const place = atm === null ? -1 : strikes.indexOf(atm)
  if (atm === null || place < 0) return null
  const call = legs[2 * place] ?? null
  const put = legs[2 * place + 1] ?? null
  const both = (greek: 'delta' | 'gamma' | 'theta' | 'vega') => {
    const [a, b] = [call?.[greek] ?? null, put?.[greek] ?? null]
    return a === null || b === null ? null : a + b
  }
  const gamma = both('gamma')
  return {
    strike: atm,
    delta: both('delta'),
    gammaPercent: gamma === null || spot === null ? null : gamma * spot * 0.01,
    theta: both('theta'),
    vega: both('vega'),
  }
}

export interface DecayPoint {
  readonly time: number
  /** Rupees for one unit. */
  readonly value: number
}

const POINTS = 80

/**
 * What the ATM straddle would be worth from now to the settlement if forward and IV stayed as they are; Black-76 at the
 * listed ATM strike with the ATM IV. Points stand closer towards the end, where it bends. Empty when something of it is
 * unknown or the chain has settled.
 */
export function straddleDecay({ head, settlesAt, metrics }: ChainData): readonly DecayPoint[] {
  const forward = head.forward.value
  const { atm, time } = head
  if (forward === null || atm === null || metrics === null || metrics.atm_iv === null || time >= settlesAt) return []
  const { atm_iv: iv, rate } = metrics
  return Array.from({ length: POINTS + 1 }, (_, point) => {
    const left = (1 - point / POINTS) ** 2
    const years = yearsTo(settlesAt, time) * left
    const discount = Math.exp(-rate * years)
    const value = black76('CE', forward, atm, years, iv, discount) + black76('PE', forward, atm, years, iv, discount)
    return { time: settlesAt - (settlesAt - time) * left, value }
  })
}
