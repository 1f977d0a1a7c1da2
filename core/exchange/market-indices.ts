import type { IndexName } from '../domain/index-catalog.ts'
import type { Quote } from './market.ts'
import type { SpotSession } from './spot-session.ts'
import { indiaVix } from './surface.ts'

interface IndexState {
  readonly last: number
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
}

/**
 * Quote of an index, or of India VIX for null: neither has volume or depth. `second` from the opening, -1 = before
 * it.
 */
export function indexQuote(
  session: SpotSession,
  index: IndexName | null,
  token: number,
  second: number,
  previousEndsAt: number,
): Quote {
  const state = indexState(session, index, second)
  // NSE computes its indices to 0.05; BSE and India VIX have two decimals.
  const grid = index === null || index === 'SENSEX' ? 1 : 5
  const paise = (points: number) => grid * Math.round((points * 100) / grid)
  const close = paise(state.close)
  const quoted = second >= 0
  const last = quoted ? paise(state.last) : close
  return {
    token,
    lastPrice: last,
    lastQuantity: 0,
    averagePrice: 0,
    volume: 0,
    buyQuantity: 0,
    sellQuantity: 0,
    open: quoted ? paise(state.open) : 0,
    high: quoted ? paise(state.high) : 0,
    low: quoted ? paise(state.low) : 0,
    close,
    lastTradeTime: 0,
    oi: 0,
    oiDayHigh: 0,
    oiDayLow: 0,
    exchangeTime: Math.floor((quoted ? session.day.opensAt + second * 1000 : previousEndsAt) / 1000),
    depth: null,
    lowerCircuit: 0,
    upperCircuit: 0,
    change: last - close,
  }
}

/** Extremes of an index: nothing that happened while it was not computed counts. */
function indexState(session: SpotSession, index: IndexName | null, second: number): IndexState {
  const at = Math.max(0, second)
  if (index === null) {
    const { level, dayHigh, dayLow } = session.fear
    return {
      last: indiaVix(level[at] ?? 1),
      open: indiaVix(level[0] ?? 1),
      high: indiaVix(dayHigh[at] ?? 1),
      low: indiaVix(dayLow[at] ?? 1),
      close: indiaVix(session.previousFear),
    }
  }
  const { level, dayHigh, dayLow } = session.path(index)
  const last = level[at] ?? 0
  const seen = Math.min(at, session.frozenFrom)
  return {
    last,
    open: level[0] ?? 0,
    high: Math.max(last, dayHigh[seen] ?? 0),
    low: Math.min(last, dayLow[seen] ?? 0),
    close: session.previousClose(index),
  }
}

/** Last second at or before `second` at which an index was computed. */
export function indexSecond(session: SpotSession, second: number): number {
  const computed = second >= session.frozenFrom && second < session.frozenUntil ? session.frozenFrom : second
  return Math.min(computed, session.printSecond)
}
