import { black76 } from './black76.ts'
import { ivAtDelta } from './skew.ts'
import { fitSmile, type Smile } from './smile.ts'

/** One leg as the chain's metrics need it; null = not known. OI and volume in units (or all of them in lots). */
export interface SummaryLeg {
  /** Fraction. */
  readonly iv: number | null
  readonly delta: number | null
  readonly gamma: number | null
  readonly oi: number | null
  readonly volume: number | null
}

export interface SummaryStrike {
  readonly strike: number
  readonly call: SummaryLeg | null
  readonly put: SummaryLeg | null
}

export interface ChainSummaryInput {
  /** Listed strikes in any order; those of a window give the metrics of the window. */
  readonly strikes: readonly SummaryStrike[]
  /** Rupees. */
  readonly forward: number | null
  readonly spot: number | null
  /** Years to settlement, and the continuously compounded rate: what a straddle is discounted and priced with. */
  readonly years: number
  readonly rate: number
  /** The strike that is at the money now, as the universe tracks it. */
  readonly atmStrike: number | null
}

/** CONTRACT.md sections 3 and 4; every value null where the chain does not determine it. */
export interface ChainSummary {
  readonly totals: {
    readonly ce_oi: number | null
    readonly pe_oi: number | null
    readonly ce_volume: number | null
    readonly pe_volume: number | null
  }
  readonly pcr_oi: number | null
  readonly pcr_volume: number | null
  readonly max_pain: number | null
  readonly atm: { readonly strike: number | null; readonly iv: number | null; readonly straddle: number | null }
  readonly expected_move: number | null
  readonly skew_25d: number | null
  readonly risk_reversal_25d: number | null
  readonly gex: number | null
  readonly dex: number | null
  readonly smile: Smile | null
}

const SKEW_DELTA = 0.25
const ONE_PERCENT = 0.01

/**
 * Metrics of one expiry's chain.
 * - PCR = PE/CE, null when CE is 0 or unknown; a total over no known value is null.
 * - Max pain: the listed strike at which the holders of all open interest would be paid least; the lowest of equals.
 * - ATM IV: linear in strike between the two listed strikes that enclose the forward, each with the mean IV of its call
 *   and put, or the one that is known; null when the forward or one of these is missing.
 * - Straddle: call and put struck at the forward itself, priced by Black-76 with the ATM IV. Prices of listed straddles
 *   are not interpolated: they bend, and near the expiry, with σ√T far below a strike step, a chord between two of them
 *   reads many times too high. Expected move = straddle.
 * - 25-delta skew: IV of the strike whose put has a delta of -0.25 less IV of that whose call has 0.25, each linear in
 *   delta between neighbours and from both legs of a strike (`ivAtDelta`); the risk reversal is its negative.
 * - GEX = Σ γ·OI·S²·1 %, calls positive, puts negative: the rupees of underlying that dealers who are long all calls
 *   and short all puts must trade per 1 % move. DEX = Σ δ·OI·S, each delta with its own sign: the rupees of underlying
 *   that the holders of all open options are long. Both null without spot or without any leg that has Greek and OI, and
 *   in rupees when OI is in units (in rupees per unit of the lot when OI is in lots).
 * - Smile: `fitSmile` over the out-of-the-money IV of each strike.
 */
export function summariseChain(input: ChainSummaryInput): ChainSummary {
  const strikes = byStrike(input)
  return { ...metricsOf(input, strikes), smile: smileOf(input, strikes) }
}

/** The metrics alone: fitting a smile takes longer than everything else. */
export function chainMetrics(input: ChainSummaryInput): Omit<ChainSummary, 'smile'> {
  return metricsOf(input, byStrike(input))
}

function byStrike({ strikes }: ChainSummaryInput): readonly SummaryStrike[] {
  return [...strikes].sort((a, b) => a.strike - b.strike)
}

function metricsOf(input: ChainSummaryInput, strikes: readonly SummaryStrike[]): Omit<ChainSummary, 'smile'> {
  const totals = {
    ce_oi: total(strikes, (row) => row.call?.oi ?? null),
    pe_oi: total(strikes, (row) => row.put?.oi ?? null),
    ce_volume: total(strikes, (row) => row.call?.volume ?? null),
    pe_volume: total(strikes, (row) => row.put?.volume ?? null),
  }
  const iv = ivAtForward(strikes, input.forward)
  const straddle = straddleAt(input, iv)
  const reversal = riskReversal(strikes)
  return {
    totals,
    pcr_oi: ratio(totals.pe_oi, totals.ce_oi),
    pcr_volume: ratio(totals.pe_volume, totals.ce_volume),
    max_pain: maxPain(strikes),
    atm: { strike: input.atmStrike, iv, straddle },
    expected_move: straddle,
    skew_25d: reversal === null ? null : 0 - reversal,
    risk_reversal_25d: reversal,
    gex: gammaExposure(strikes, input.spot),
    dex: deltaExposure(strikes, input.spot),
  }
}

function total(strikes: readonly SummaryStrike[], read: (row: SummaryStrike) => number | null): number | null {
  let sum: number | null = null
  for (const row of strikes) {
    const value = read(row)
    if (value !== null) sum = (sum ?? 0) + value
  }
  return sum
}

function ratio(puts: number | null, calls: number | null): number | null {
  return puts === null || calls === null || calls === 0 ? null : puts / calls
}

/**
 * Walks up the sorted strikes: from one to the next the payout grows by the calls below and falls by the puts above,
 * which is why one pass is enough.
 */
function maxPain(strikes: readonly SummaryStrike[]): number | null {
  const known = (side: 'call' | 'put') => strikes.some((row) => row[side]?.oi != null)
  if (!known('call') || !known('put')) return null
  let puts = 0
  let anyInterest = false
  for (const row of strikes) {
    puts += row.put?.oi ?? 0
    anyInterest ||= (row.put?.oi ?? 0) > 0 || (row.call?.oi ?? 0) > 0
  }
  if (!anyInterest) return null
  let calls = 0
  let payout = 0
  let least = Number.POSITIVE_INFINITY
  let pain: number | null = null
  let previous: number | null = null
  for (const row of strikes) {
    if (previous !== null) payout += (calls - puts) * (row.strike - previous)
    if (payout < least) {
      least = payout
      pain = row.strike
    }
    calls += row.call?.oi ?? 0
    puts -= row.put?.oi ?? 0
    previous = row.strike
  }
  return pain
}

function ivAt(row: SummaryStrike): number | null {
  const call = row.call?.iv ?? null
  const put = row.put?.iv ?? null
  if (call === null || put === null) return call ?? put
  return 0.5 * (call + put)
}

/** IV linear in strike at the forward; sorted strikes. */
function ivAtForward(strikes: readonly SummaryStrike[], forward: number | null): number | null {
  if (forward === null) return null
  const next = strikes.findIndex((row) => row.strike >= forward)
  const above = strikes[next]
  if (above === undefined) return null
  const high = ivAt(above)
  if (above.strike === forward) return high
  const below = strikes[next - 1]
  if (below === undefined) return null
  const low = ivAt(below)
  if (high === null || low === null) return null
  return low + ((high - low) * (forward - below.strike)) / (above.strike - below.strike)
}

function straddleAt({ forward, years, rate }: ChainSummaryInput, iv: number | null): number | null {
  if (forward === null || iv === null || !(years > 0)) return null
  return 2 * black76('CE', forward, forward, years, iv, Math.exp(-rate * years))
}

function riskReversal(strikes: readonly SummaryStrike[]): number | null {
  const call = ivAtDelta(strikes, 'call', SKEW_DELTA)
  const put = ivAtDelta(strikes, 'put', SKEW_DELTA)
  return call === null || put === null ? null : call - put
}

function gammaExposure(strikes: readonly SummaryStrike[], spot: number | null): number | null {
  if (spot === null) return null
  const calls = total(strikes, ({ call }) => product(call?.gamma, call?.oi))
  const puts = total(strikes, ({ put }) => product(put?.gamma, put?.oi))
  return calls === null || puts === null ? null : (calls - puts) * spot * spot * ONE_PERCENT
}

function deltaExposure(strikes: readonly SummaryStrike[], spot: number | null): number | null {
  if (spot === null) return null
  const calls = total(strikes, ({ call }) => product(call?.delta, call?.oi))
  const puts = total(strikes, ({ put }) => product(put?.delta, put?.oi))
  return calls === null || puts === null ? null : (calls + puts) * spot
}

function product(greek: number | null | undefined, oi: number | null | undefined): number | null {
  return greek == null || oi == null ? null : greek * oi
}

function smileOf({ forward, years, rate }: ChainSummaryInput, strikes: readonly SummaryStrike[]): Smile | null {
  if (forward === null) return null
  return fitSmile({
    forward,
    years,
    rate,
    strikes: strikes.map(({ strike }) => strike),
    ivs: strikes.map(({ strike, call, put }) => (strike < forward ? put?.iv : call?.iv) ?? null),
  })
}
