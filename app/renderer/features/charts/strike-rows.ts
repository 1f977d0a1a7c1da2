import type { PreviousSmile } from '../../../../core/contract/series.ts'
import type { ChainData, LiveLeg } from '../../store/chain-data.ts'

/** How many strikes on either side of the ATM are drawn. */
export type Reach = 10 | 20 | 40 | 'all'

/** Both legs of a strike. */
export interface StrikeLegs {
  readonly strike: number
  readonly call: LiveLeg | null
  readonly put: LiveLeg | null
}

/** Strikes around the ATM (all, while that is unknown), ascending. */
export function strikesInReach(chain: ChainData, reach: Reach): readonly StrikeLegs[] {
  const { strikes, legs, head } = chain
  const atm = head.atm === null ? -1 : strikes.indexOf(head.atm)
  const isAll = reach === 'all' || atm < 0
  const first = isAll ? 0 : Math.max(0, atm - reach)
  const last = isAll ? strikes.length : atm + reach + 1
  return strikes.slice(first, last).map((strike, place) => ({
    strike,
    call: legs[2 * (first + place)] ?? null,
    put: legs[2 * (first + place) + 1] ?? null,
  }))
}

/** Values of both sides at a strike; null where there is none. */
export interface PairRow {
  readonly strike: number
  readonly ce: number | null
  readonly pe: number | null
}

/** One value of both legs by strike. */
export function pairRows(
  strikes: readonly StrikeLegs[],
  read: (leg: LiveLeg) => number | null,
  scale = 1,
): readonly PairRow[] {
  const scaled = (leg: LiveLeg | null) => {
    const value = leg === null ? null : read(leg)
    return value === null ? null : value * scale
  }
  return strikes.map(({ strike, call, put }) => ({ strike, ce: scaled(call), pe: scaled(put) }))
}

/** IV at a strike in percent, each where it belongs: out of the money (what the market trades) or in it. */
export interface SmileRow {
  readonly strike: number
  readonly ceOut: number | null
  readonly peOut: number | null
  readonly ceIn: number | null
  readonly peIn: number | null
  /** The fitted curve, and the close before. */
  readonly fit: number | null
  readonly before: number | null
}

const percent = (iv: number | null | undefined): number | null => (iv == null ? null : 100 * iv)

export function smileRows(
  strikes: readonly StrikeLegs[],
  forward: number | null,
  marks: readonly { readonly strike: number; readonly iv: number | null }[],
  previous: PreviousSmile['points'],
): readonly SmileRow[] {
  const fits = new Map(marks.map(({ strike, iv }) => [strike, iv]))
  const befores = new Map(previous.map(({ strike, iv }) => [strike, iv]))
  return strikes.map(({ strike, call, put }) => {
    const isCallOut = forward === null || strike >= forward
    const isPutOut = forward === null || strike <= forward
    return {
      strike,
      ceOut: isCallOut ? percent(call?.iv) : null,
      peOut: isPutOut ? percent(put?.iv) : null,
      ceIn: isCallOut ? null : percent(call?.iv),
      peIn: isPutOut ? null : percent(put?.iv),
      fit: percent(fits.get(strike)),
      before: percent(befores.get(strike)),
    }
  })
}

/** Lowest and highest of what matters of a smile, with some air; null without any. In-the-money IV may be anywhere. */
export function smileRange(rows: readonly SmileRow[]): readonly [number, number] | null {
  const live = rows.flatMap(({ ceOut, peOut, fit }) => [ceOut, peOut, fit]).filter((value) => value !== null)
  if (live.length === 0) return null
  const values = [...live, ...rows.map(({ before }) => before).filter((value) => value !== null)]
  const low = Math.min(...values)
  const high = Math.max(...values)
  const air = Math.max(0.5, 0.08 * (high - low))
  return [Math.max(0, low - air), high + air]
}
