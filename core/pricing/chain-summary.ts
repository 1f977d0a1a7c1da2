/** One leg as the chain's metrics need it; null = not known. OI and volume in units (or all of them in lots). */
export interface SummaryLeg {
  /** Rupees. */
  readonly price: number | null
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
  readonly gex: number | null
}

type Side = 'call' | 'put'

const SKEW_DELTA = 0.25
const ONE_PERCENT = 0.01

/**
 * Metrics of one expiry's chain.
 * - PCR = PE/CE, null when CE is 0 or unknown; a total over no known value is null.
 * - Max pain: the listed strike at which the holders of all open interest would be paid least; the lowest of equals.
 * - ATM IV (mean of call and put, or the one that is known) and straddle (call + put): linear in strike between the two
 *   listed strikes that enclose the forward; null when the forward or one of these is missing. Expected move = straddle.
 * - 25-delta skew: IV of the put at delta -0.25 less IV of the call at 0.25, each linear in delta between neighbours.
 * - GEX = Σ γ·OI·S²·1 %, calls positive, puts negative: the rupees of underlying that dealers who are long all calls
 *   and short all puts must trade per 1 % move; null without spot or without any leg that has gamma and OI.
 */
export function summariseChain(input: ChainSummaryInput): ChainSummary {
  const strikes = [...input.strikes].sort((a, b) => a.strike - b.strike)
  const totals = {
    ce_oi: total(strikes, (row) => row.call?.oi ?? null),
    pe_oi: total(strikes, (row) => row.put?.oi ?? null),
    ce_volume: total(strikes, (row) => row.call?.volume ?? null),
    pe_volume: total(strikes, (row) => row.put?.volume ?? null),
  }
  const straddle = atForward(strikes, input.forward, straddleAt)
  return {
    totals,
    pcr_oi: ratio(totals.pe_oi, totals.ce_oi),
    pcr_volume: ratio(totals.pe_volume, totals.ce_volume),
    max_pain: maxPain(strikes),
    atm: { strike: input.atmStrike, iv: atForward(strikes, input.forward, ivAt), straddle },
    expected_move: straddle,
    skew_25d: skew(strikes),
    gex: gammaExposure(strikes, input.spot),
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

function straddleAt(row: SummaryStrike): number | null {
  const call = row.call?.price ?? null
  const put = row.put?.price ?? null
  return call === null || put === null ? null : call + put
}

function ivAt(row: SummaryStrike): number | null {
  const call = row.call?.iv ?? null
  const put = row.put?.iv ?? null
  if (call === null || put === null) return call ?? put
  return 0.5 * (call + put)
}

/** A value per strike, linear in strike at the forward. */
function atForward(
  strikes: readonly SummaryStrike[],
  forward: number | null,
  read: (row: SummaryStrike) => number | null,
): number | null {
  if (forward === null) return null
  const next = strikes.findIndex((row) => row.strike >= forward)
  const above = strikes[next]
  if (above === undefined) return null
  const high = read(above)
  if (above.strike === forward) return high
  const below = strikes[next - 1]
  if (below === undefined) return null
  const low = read(below)
  if (high === null || low === null) return null
  return low + ((high - low) * (forward - below.strike)) / (above.strike - below.strike)
}

function skew(strikes: readonly SummaryStrike[]): number | null {
  const call = ivAtDelta(strikes, 'call')
  const put = ivAtDelta([...strikes].reverse(), 'put')
  return call === null || put === null ? null : put - call
}

/** IV where |delta| falls through 0.25, going from the side's deep in-the-money end outwards. */
function ivAtDelta(inToOut: readonly SummaryStrike[], side: Side): number | null {
  let inner: { size: number; iv: number } | null = null
  for (const row of inToOut) {
    const leg = row[side]
    if (leg === null || leg.iv === null || leg.delta === null) continue
    const outer = { size: Math.abs(leg.delta), iv: leg.iv }
    if (outer.size === SKEW_DELTA) return outer.iv
    if (inner !== null && inner.size > SKEW_DELTA && outer.size < SKEW_DELTA) {
      return outer.iv + ((inner.iv - outer.iv) * (SKEW_DELTA - outer.size)) / (inner.size - outer.size)
    }
    inner = outer
  }
  return null
}

function gammaExposure(strikes: readonly SummaryStrike[], spot: number | null): number | null {
  if (spot === null) return null
  const exposure = (leg: SummaryLeg | null) =>
    leg === null || leg.gamma === null || leg.oi === null ? null : leg.gamma * leg.oi
  const calls = total(strikes, (row) => exposure(row.call))
  const puts = total(strikes, (row) => exposure(row.put))
  if (calls === null && puts === null) return null
  return ((calls ?? 0) - (puts ?? 0)) * spot * spot * ONE_PERCENT
}
