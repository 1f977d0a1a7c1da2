import type { Quote } from './market.ts'
import { hash, valueNoise } from './market-noise.ts'
import { createProgress, type Progress } from './market-progress.ts'
import type { SheetContract, SheetSession } from './market-terms.ts'
import { bestPrices, orderBook, STEP_MS, STEPS_PER_SECOND, tradeLots } from './order-flow.ts'

/** Steps at which the contract was last quoted, last and first traded; -1 = not yet today. */
interface SheetSteps {
  readonly quoted: number
  readonly traded: number
  readonly first: number
}

/** The day of one contract: its quote at any step, as long as steps do not go backwards. */
export interface Sheet {
  quoteAt(steps: SheetSteps): Quote
}

const EMPTY = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
/** Lots in the whole book, in usual levels. */
const BOOK_DEPTH = 30

function secondOf(session: SheetSession, step: number): number {
  return Math.min(session.seconds, Math.floor(step / STEPS_PER_SECOND))
}

/** Unix seconds. */
function timeOf(session: SheetSession, step: number): number {
  return Math.floor((session.opensAt + step * STEP_MS) / 1000)
}

/** Price of the trade at a step: the bid or the ask; at the end of the session the closing price. */
function tradePrice(session: SheetSession, contract: SheetContract, step: number): number {
  const { tickPaise, token } = contract
  const second = secondOf(session, step)
  const value = contract.value(second)
  if (second === session.seconds) return paiseOf(contract, value)
  const best = bestPrices(value, contract.illiquidity, tickPaise / 100)
  const buyer = (hash(session.seed, token, step, 71) & 1) === 1
  return tickPaise * Math.max(1, buyer ? best.ask : best.bid)
}

/** A value on the grid of ticks, at least one. */
function paiseOf(contract: SheetContract, value: number): number {
  return contract.tickPaise * Math.max(1, Math.round((100 * value) / contract.tickPaise))
}

function tradedPart(session: SheetSession, contract: SheetContract, steps: SheetSteps, progress: Progress) {
  const { lotSize } = contract
  const { high, low, oi, oiHigh, oiLow } = progress
  const within = (price: number) => Math.min(high, Math.max(low, price))
  const lastPrice = within(tradePrice(session, contract, steps.traded))
  const lots = Math.max(1, Math.floor(progress.lots))
  const average = progress.lots > 0 ? (100 * progress.turnover) / progress.lots : lastPrice
  return {
    lastPrice,
    lastQuantity: Math.min(lots, tradeLots(session.seed, contract.token, steps.traded)) * lotSize,
    averagePrice: Math.round(within(average)),
    volume: lots * lotSize,
    open: within(tradePrice(session, contract, steps.first)),
    high,
    low,
    lastTradeTime: timeOf(session, steps.traded),
    oi: oi * lotSize,
    oiDayHigh: oiHigh * lotSize,
    oiDayLow: oiLow * lotSize,
  }
}

/** Before its first trade of the day a contract shows the close as its last price, as Kite does. */
function untradedPart(contract: SheetContract, close: number) {
  const oi = contract.oiBefore * contract.lotSize
  return {
    lastPrice: close,
    lastQuantity: 0,
    averagePrice: 0,
    volume: 0,
    open: 0,
    high: 0,
    low: 0,
    lastTradeTime: 0,
    oi,
    oiDayHigh: oi,
    oiDayLow: oi,
  }
}

function bookPart(session: SheetSession, contract: SheetContract, step: number) {
  if (step < 0) {
    return {
      buyQuantity: 0,
      sellQuantity: 0,
      exchangeTime: Math.floor(session.previousEndsAt / 1000),
      depth: { quantity: EMPTY, price: EMPTY, orders: EMPTY },
    }
  }
  const { seed } = session
  const { token, lotSize, size } = contract
  const second = secondOf(session, step)
  const best = bestPrices(contract.value(second), contract.illiquidity, contract.tickPaise / 100)
  const depth = orderBook(seed, token, step, best, contract)
  const behind = (salt: number) =>
    Math.floor(size * BOOK_DEPTH * (1 + 0.5 * valueNoise(seed ^ salt, token, second / 60))) * lotSize
  const total = (from: number) => depth.quantity.slice(from, from + 5).reduce((sum, quantity) => sum + quantity, 0)
  return {
    buyQuantity: best.bid > 0 ? total(0) + behind(1) : 0,
    sellQuantity: total(5) + behind(2),
    exchangeTime: timeOf(session, step),
    depth,
  }
}

/** The day of one contract. */
export function createSheet(session: SheetSession, contract: SheetContract): Sheet {
  const progressAt = createProgress(session, contract)
  const close = paiseOf(contract, contract.previousClose)
  const quoteAt = (steps: SheetSteps): Quote => {
    const part =
      steps.traded < 0
        ? untradedPart(contract, close)
        : tradedPart(session, contract, steps, progressAt(secondOf(session, steps.traded)))
    return {
      token: contract.token,
      ...part,
      close,
      change: part.lastPrice - close,
      ...bookPart(session, contract, steps.quoted),
      lowerCircuit: contract.lowerCircuit,
      upperCircuit: contract.upperCircuit,
    }
  }
  return { quoteAt }
}
