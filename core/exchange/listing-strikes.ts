import type { IndexName } from '../domain/index-catalog.ts'
import type { ExpiryKind } from './listing-expiries.ts'

/** Strikes in `step` points up to `share` of the level away from it. */
interface Band {
  readonly share: number
  readonly step: number
}

interface StrikeRule {
  readonly kind: ExpiryKind
  /** Ranks below this one. */
  readonly below: number
  readonly bands: readonly Band[]
}

const ANY = Number.POSITIVE_INFINITY

/**
 * Grids by index and expiry, nearest band first, first rule that fits. Widths and steps after the Kite dump of
 * 18 August 2026; in it, too, the distant strikes of an expiry are further apart than the near ones. As an expiry comes
 * nearer its rules may only add strikes: an outer band's grid is part of every grid that replaces it.
 */
const STRIKE_RULES: Readonly<Record<IndexName, readonly StrikeRule[]>> = {
  NIFTY: [
    {
      kind: 'weekly',
      below: 2,
      bands: [
        { share: 0.075, step: 50 },
        { share: 0.11, step: 100 },
      ],
    },
    {
      kind: 'weekly',
      below: ANY,
      bands: [
        { share: 0.05, step: 50 },
        { share: 0.08, step: 100 },
      ],
    },
    {
      kind: 'monthly',
      below: 2,
      bands: [
        { share: 0.08, step: 50 },
        { share: 0.11, step: 100 },
      ],
    },
    {
      kind: 'monthly',
      below: ANY,
      bands: [
        { share: 0.07, step: 50 },
        { share: 0.11, step: 100 },
      ],
    },
    {
      kind: 'quarterly',
      below: 1,
      bands: [
        { share: 0.1, step: 500 },
        { share: 0.36, step: 1000 },
      ],
    },
    {
      kind: 'quarterly',
      below: ANY,
      bands: [{ share: 0.32, step: 1000 }],
    },
  ],
  BANKNIFTY: [
    {
      kind: 'monthly',
      below: 1,
      bands: [
        { share: 0.125, step: 100 },
        { share: 0.18, step: 500 },
      ],
    },
    {
      kind: 'monthly',
      below: 2,
      bands: [
        { share: 0.11, step: 100 },
        { share: 0.16, step: 500 },
      ],
    },
    {
      kind: 'monthly',
      below: ANY,
      bands: [
        { share: 0.1, step: 100 },
        { share: 0.15, step: 500 },
      ],
    },
    { kind: 'quarterly', below: ANY, bands: [{ share: 0.15, step: 1500 }] },
  ],
  FINNIFTY: [
    {
      kind: 'monthly',
      below: 1,
      bands: [
        { share: 0.08, step: 50 },
        { share: 0.13, step: 100 },
        { share: 0.15, step: 500 },
      ],
    },
    {
      kind: 'monthly',
      below: ANY,
      bands: [
        { share: 0.09, step: 100 },
        { share: 0.14, step: 500 },
      ],
    },
  ],
  MIDCPNIFTY: [
    {
      kind: 'monthly',
      below: 1,
      bands: [
        { share: 0.11, step: 25 },
        { share: 0.15, step: 100 },
      ],
    },
    {
      kind: 'monthly',
      below: 2,
      bands: [
        { share: 0.095, step: 25 },
        { share: 0.14, step: 100 },
      ],
    },
    {
      kind: 'monthly',
      below: ANY,
      bands: [
        { share: 0.06, step: 25 },
        { share: 0.11, step: 100 },
      ],
    },
  ],
  SENSEX: [
    {
      kind: 'weekly',
      below: 2,
      bands: [
        { share: 0.07, step: 100 },
        { share: 0.1, step: 500 },
      ],
    },
    {
      kind: 'weekly',
      below: ANY,
      bands: [
        { share: 0.055, step: 100 },
        { share: 0.09, step: 500 },
      ],
    },
    {
      kind: 'monthly',
      below: 1,
      bands: [
        { share: 0.09, step: 100 },
        { share: 0.15, step: 500 },
      ],
    },
    {
      kind: 'monthly',
      below: ANY,
      bands: [
        { share: 0.065, step: 100 },
        { share: 0.1, step: 500 },
      ],
    },
    { kind: 'quarterly', below: ANY, bands: [{ share: 0.05, step: 1000 }] },
  ],
}

/**
 * Strikes of an expiry, ascending, whose underlying closed between `low` and `high` since the expiry was listed: a
 * strike once listed stays, and a close further out adds strikes for the next day.
 */
export function strikesFor(
  index: IndexName,
  kind: ExpiryKind,
  rank: number,
  closes: { readonly low: number; readonly high: number },
): number[] {
  const rule = STRIKE_RULES[index].find((candidate) => candidate.kind === kind && rank < candidate.below)
  const strikes = new Set<number>()
  for (const { share, step } of rule?.bands ?? []) {
    // A band's ends lie on its own grid, and those of the outer bands on theirs, beyond it.
    const first = Math.ceil((closes.low * (1 - share)) / step)
    const last = Math.floor((closes.high * (1 + share)) / step)
    for (let multiple = first; multiple <= last; multiple++) strikes.add(multiple * step)
  }
  return [...strikes].sort((a, b) => a - b)
}
