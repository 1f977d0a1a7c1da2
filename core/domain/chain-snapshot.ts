import type { Right } from './instrument.ts'

/** Ours (`market`), or that by which an exchange computes the IV it publishes. */
export const CONVENTIONS = ['market', 'nse', 'bse'] as const
export type Convention = (typeof CONVENTIONS)[number]

/** One contract as a file has it; null = the file does not say. Prices in rupees. */
export interface SnapshotLeg {
  /** `YYYY-MM-DD`. */
  readonly expiry: string
  readonly strike: number
  readonly right: Right
  readonly last: number | null
  readonly bid: number | null
  readonly ask: number | null
  readonly volume: number | null
  readonly oi: number | null
  /** Against the previous close. */
  readonly oiChange: number | null
  readonly priceChange: number | null
  /** The file's own IV, a fraction. */
  readonly publishedIv: number | null
  /** When this contract was last heard of, epoch milliseconds; null = with the rest. */
  readonly quotedAt: number | null
}

/** The options of one index at one instant, of one or more expiries, from whatever source. */
export interface ChainSnapshot {
  readonly index: string
  /** Epoch milliseconds. */
  readonly asOf: number
  readonly spot: number | null
  /** `window`: the strikes that were recorded around the money; `full`: every listed one. */
  readonly scope: 'window' | 'full'
  /** Of volume and open interest. */
  readonly oiUnit: 'lots' | 'units'
  readonly legs: readonly SnapshotLeg[]
}

/** Ascending. */
export function expiriesOf(snapshot: ChainSnapshot): string[] {
  return [...new Set(snapshot.legs.map(({ expiry }) => expiry))].sort()
}

/** The same with volume and open interest in units. */
export function inUnits(snapshot: ChainSnapshot, lotSize: number): ChainSnapshot {
  if (snapshot.oiUnit === 'units') return snapshot
  const times = (lots: number | null) => (lots === null ? null : lots * lotSize)
  const legs = snapshot.legs.map((leg) => ({
    ...leg,
    volume: times(leg.volume),
    oi: times(leg.oi),
    oiChange: times(leg.oiChange),
  }))
  return { ...snapshot, oiUnit: 'units', legs }
}
