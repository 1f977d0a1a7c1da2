import type { IvStatus } from '../../../../core/domain/leg.ts'
import type { NumberKind } from '../../lib/format.ts'
import type { ChainData, LiveLeg } from '../../store/chain-data.ts'

/** What the table shows of a leg. */
export const GREEK_COLUMNS = ['delta', 'iv', 'gamma', 'theta', 'vega', 'rho'] as const
export type GreekColumn = (typeof GREEK_COLUMNS)[number]

interface GreekFacts {
  readonly label: string
  readonly title: string
  readonly kind: NumberKind
  /** For a whole lot, where fewer decimals tell as much. */
  readonly lotKind: NumberKind
  /** Least width, px at the normal size. */
  readonly width: number
}

export const GREEK_FACTS: Readonly<Record<GreekColumn, GreekFacts>> = {
  delta: {
    label: 'Δ Delta',
    title: 'Change of the price per point of the underlying',
    kind: 'delta',
    lotKind: 'ratio',
    width: 56,
  },
  iv: { label: 'IV %', title: 'Implied volatility, percent a year', kind: 'iv', lotKind: 'iv', width: 50 },
  gamma: {
    label: 'Γ Gamma',
    title: 'Change of delta per point of the underlying',
    kind: 'gamma',
    lotKind: 'delta',
    width: 60,
  },
  theta: { label: 'Θ Theta', title: 'Rupees a calendar day', kind: 'theta', lotKind: 'theta', width: 72 },
  vega: { label: 'Vega', title: 'Rupees per 1 point of volatility', kind: 'vega', lotKind: 'vega', width: 66 },
  rho: { label: 'Rho', title: 'Rupees per 1 point of the rate', kind: 'vega', lotKind: 'vega', width: 66 },
}

/** Why a leg has no IV and so no Greeks. */
export const MISSING_REASONS: Readonly<Record<IvStatus, string>> = {
  ok: '',
  below_intrinsic: 'No IV: the price is below its intrinsic value',
  above_maximum: 'No IV: the price is above what any volatility gives',
  no_price: 'No IV: there is no price',
  no_forward: 'No IV: the forward is unknown',
  expired: 'No IV: the contract has settled',
  wide_spread: 'No IV: bid and ask are too far apart',
  stale: 'No IV: the last trade is too old',
}

/** Greeks scale with the lot; IV does not. */
export function shownValue(column: GreekColumn, leg: LiveLeg, lot: number): number | null {
  const value = leg[column]
  if (value === null) return null
  return column === 'iv' ? value : value * lot
}

/** Largest size of each column from one strike to another, to two figures, so that bars stand still. */
export function largestGreeks(
  { legs }: Pick<ChainData, 'legs'>,
  firstPlace: number,
  lastPlace: number,
): Readonly<Record<GreekColumn, number>> {
  const largest = { delta: 1, iv: 0, gamma: 0, theta: 0, vega: 0, rho: 0 }
  for (const leg of legs.slice(2 * firstPlace, 2 * lastPlace + 2)) {
    if (leg === null) continue
    for (const column of GREEK_COLUMNS) largest[column] = Math.max(largest[column], Math.abs(leg[column] ?? 0))
  }
  for (const column of GREEK_COLUMNS) largest[column] = roundedUp(largest[column])
  return largest
}

function roundedUp(value: number): number {
  if (value <= 0) return 0
  const step = 10 ** (Math.floor(Math.log10(value)) - 1)
  return Math.ceil(value / step - 1e-9) * step
}
