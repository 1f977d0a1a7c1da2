import type { SummaryReport } from '../contract/api-schema.ts'
import type { Leg } from '../domain/leg.ts'
import { type SummaryLeg, type SummaryStrike, summariseChain } from '../pricing/chain-summary.ts'
import type { ChainLegs } from './chain-legs.ts'
import type { ChainState } from './chain-state.ts'

/** The strikes of a chain that metrics are taken over: those at the offsets around the ATM, or all (null). */
export function chainScope(
  state: ChainState,
  legs: ChainLegs,
  offsets: ReadonlySet<number> | null,
): readonly SummaryStrike[] {
  const inScope = (k: number) => offsets === null || (state.atm !== null && offsets.has(k - state.atm))
  return state.chain.strikes.flatMap((strike, k) =>
    inScope(k) ? [{ strike, call: summaryLeg(legs[2 * k] ?? null), put: summaryLeg(legs[2 * k + 1] ?? null) }] : [],
  )
}

function summaryLeg(leg: Leg | null): SummaryLeg | null {
  if (leg === null) return null
  const { iv, delta, gamma, oi, volume } = leg
  return { iv, delta, gamma, oi, volume }
}

export interface SummaryContext {
  readonly scope: 'window' | 'full'
  readonly state: ChainState
  readonly spot: number | null
  /** To settlement. */
  readonly years: number
  readonly rate: number
  readonly asOf: string
}

/** The contract's object of chain metrics over some strikes. */
export function summariseScope(strikes: readonly SummaryStrike[], context: SummaryContext): SummaryReport['full'] {
  const { scope, state, spot, years, rate, asOf } = context
  const { forward, chain, atm } = state
  const metrics = summariseChain({
    strikes,
    forward: forward?.value ?? null,
    spot,
    years,
    rate,
    atmStrike: atm === null ? null : (chain.strikes[atm] ?? null),
  })
  return {
    index: chain.index,
    expiry: chain.expiry,
    as_of: asOf,
    convention: 'market',
    rate,
    scope,
    oi_unit: 'units',
    spot,
    forward: {
      value: forward?.value ?? null,
      method: forward?.method ?? null,
      pairs: forward?.pairs ?? 0,
      residual: forward?.residual ?? null,
    },
    ...metrics,
  }
}
