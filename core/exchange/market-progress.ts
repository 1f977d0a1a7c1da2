import { uniform } from './market-noise.ts'
import type { SheetContract, SheetSession } from './market-terms.ts'
import { halfSpread } from './order-flow.ts'
import { BAR_SECONDS } from './spot-session.ts'

/** What a contract's day has come to at a second. Prices in rupees x 100, lots as real numbers, interest in lots. */
export interface Progress {
  readonly high: number
  readonly low: number
  readonly lots: number
  /** Rupees times lots. */
  readonly turnover: number
  readonly oi: number
  readonly oiHigh: number
  readonly oiLow: number
}

const OI_NOISE = 0.02

function shareAt(session: SheetSession, second: number): number {
  return session.activity[Math.min(second, session.seconds)] ?? 1
}

/** No quote since the bar of the second began was above this. */
function highAt(contract: SheetContract, second: number): number {
  const value = contract.dearest(second)
  const tick = contract.tickPaise / 100
  return contract.tickPaise * Math.ceil((value + halfSpread(value, contract.illiquidity)) / tick + 1e-9)
}

function lowAt(contract: SheetContract, second: number): number {
  const value = contract.cheapest(second)
  const tick = contract.tickPaise / 100
  const ticks = Math.floor((value - halfSpread(value, contract.illiquidity)) / tick - 1e-9)
  return contract.tickPaise * Math.max(1, ticks)
}

/** Lots of a bar between its start and a second of it. */
function barLots(session: SheetSession, contract: SheetContract, start: number, until: number): number {
  const busy = 0.6 + 0.8 * uniform(session.seed, contract.token, start, 51)
  return contract.dayLots * contract.demand(start) * busy * (shareAt(session, until) - shareAt(session, start))
}

/** Open interest in lots at a bar's beginning: from the evening before to this evening, with a little wandering. */
function oiKnot(session: SheetSession, contract: SheetContract, bar: number): number {
  const share = shareAt(session, bar * BAR_SECONDS)
  const { oiBefore, oiAfter } = contract
  const wander = OI_NOISE * Math.max(oiBefore, oiAfter) * 4 * share * (1 - share)
  const noise = wander * (2 * uniform(session.seed, contract.token, bar, 61) - 1)
  return Math.max(0, Math.round(oiBefore + (oiAfter - oiBefore) * share + noise))
}

/** Exchanges publish open interest once a minute or so, not with each trade. */
function oiAt(session: SheetSession, contract: SheetContract, second: number): number {
  const bar = Math.floor(second / BAR_SECONDS)
  const from = oiKnot(session, contract, bar)
  const minute = second - (second % 60)
  const part = Math.max(0, minute - bar * BAR_SECONDS) / BAR_SECONDS
  return Math.round(from + (oiKnot(session, contract, bar + 1) - from) * part)
}

/**
 * A contract's day, added up bar by bar from bounds that do not depend on when one asks: high and low are those of
 * what was quoted, which a trade need not have reached. Seconds must not go backwards.
 */
export function createProgress(session: SheetSession, contract: SheetContract): (second: number) => Progress {
  const { oiBefore } = contract
  let [bar, high, low, lots, turnover] = [0, 0, Number.POSITIVE_INFINITY, 0, 0]
  let [oiHigh, oiLow] = [oiBefore, oiBefore]

  const completeBar = () => {
    const start = bar * BAR_SECONDS
    const end = start + BAR_SECONDS
    const traded = barLots(session, contract, start, end)
    high = Math.max(high, highAt(contract, end - 1))
    low = Math.min(low, lowAt(contract, end - 1))
    lots += traded
    turnover += traded * contract.value(start)
    bar += 1
    const oi = oiKnot(session, contract, bar)
    oiHigh = Math.max(oiHigh, oi)
    oiLow = Math.min(oiLow, oi)
  }

  return (second) => {
    while ((bar + 1) * BAR_SECONDS <= second) completeBar()
    const start = bar * BAR_SECONDS
    const traded = barLots(session, contract, start, second)
    const oi = oiAt(session, contract, second)
    return {
      high: Math.max(high, highAt(contract, second)),
      low: Math.min(low, lowAt(contract, second)),
      lots: lots + traded,
      turnover: turnover + traded * contract.value(start),
      oi,
      oiHigh: Math.max(oiHigh, oi),
      oiLow: Math.min(oiLow, oi),
    }
  }
}
