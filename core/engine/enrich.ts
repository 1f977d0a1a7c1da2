import type { Calendar } from '../domain/calendar.ts'
import type { LegRow } from '../domain/journal-entry.ts'
import type { IvStatus, PriceUsed } from '../domain/leg.ts'
import {
  type ChainInput,
  type ChainOutput,
  createChainInput,
  createChainOutput,
  ivStatusAt,
  priceLegs,
} from '../pricing/price-legs.ts'
import { yearsTo } from '../pricing/time.ts'
import { type ChainState, USED } from './chain-state.ts'
import { findForward } from './forward.ts'
import type { IndexState } from './market-state.ts'
import type { Chain } from './universe.ts'

/** Decimals kept in the record (ADR 0004): far below what a price tick can tell, and half the bytes. */
const SCALE = { iv: 1e8, delta: 1e7, gamma: 1e10, theta: 1e5, vega: 1e5, rho: 1e5 } as const

/** The price of one contract at one moment: what IV is computed from. */
export interface PricedSlot {
  readonly slot: number
  /** Rupees, NaN = none. */
  readonly price: number
  readonly used: number
  readonly wide: number
  readonly receivedAt: number
}

export interface Enricher {
  /** Finds the chain's forward anew from its latest prices, and moves its ATM. `now` is market time. */
  refresh(state: ChainState, index: IndexState, now: number): void
  /** IV and Greeks of some contracts at market time `now`, in their order; `now` is also what ages are counted from. */
  rows(state: ChainState, slots: readonly PricedSlot[], now: number): readonly LegRow[]
}

/** What a chain needs at each flush and is dear to make: found once, the columns filled anew. */
interface PreparedChain {
  readonly settlementAt: number
  readonly strikes: Float64Array
  /** Prices that parity may rest on, rupees by strike, NaN = none. */
  readonly calls: Float64Array
  readonly puts: Float64Array
}

/** Forward, IV and Greeks with scratch arrays that are reused: call it from one place at a time. */
export function createEnricher(calendar: Calendar, rate: number): Enricher {
  let input = createChainInput(512)
  let output = createChainOutput(512)
  const reserve = (count: number) => {
    if (count <= input.strike.length) return
    input = createChainInput(count * 2)
    output = createChainOutput(count * 2)
  }
  const prepared = new WeakMap<Chain, PreparedChain>()
  const prepare = (chain: Chain) => {
    const known = prepared.get(chain) ?? prepareChain(chain, calendar)
    prepared.set(chain, known)
    return known
  }
  return {
    refresh(state, index, now) {
      state.forward = refreshForward(state, index, prepare(state.chain), rate, now)
      state.recentre()
    },
    rows(state, slots, now) {
      reserve(slots.length)
      input.count = slots.length
      input.forward = state.forward?.value ?? Number.NaN
      input.years = yearsTo(prepare(state.chain).settlementAt, now)
      input.rate = rate
      fillInput(input, state, slots)
      priceLegs(input, output)
      return slots.map((priced, i) => legRow(state, priced, output, i, now))
    },
  }
}

function prepareChain({ expiry, strikes }: Chain, calendar: Calendar): PreparedChain {
  return {
    settlementAt: calendar.settlementFixAt(expiry),
    strikes: new Float64Array(strikes),
    calls: new Float64Array(strikes.length),
    puts: new Float64Array(strikes.length),
  }
}

function refreshForward(state: ChainState, index: IndexState, chain: PreparedChain, rate: number, at: number) {
  const { strikes, calls, puts, settlementAt } = chain
  for (let k = 0; k < strikes.length; k += 1) {
    calls[k] = trustedPrice(state, 2 * k)
    puts[k] = trustedPrice(state, 2 * k + 1)
  }
  return findForward({
    strikes,
    calls,
    puts,
    years: yearsTo(settlementAt, at),
    rate,
    spot: index.spot.lastPrice,
    future: index.futures.find((future) => future.expiry === state.chain.expiry)?.lastPrice ?? null,
    previous: state.forward?.value ?? null,
    at,
  })
}

function trustedPrice(state: ChainState, slot: number): number {
  return state.wide[slot] === 1 ? Number.NaN : (state.price[slot] ?? Number.NaN)
}

function fillInput(input: ChainInput, state: ChainState, slots: readonly PricedSlot[]): void {
  for (const [i, { slot, price }] of slots.entries()) {
    input.strike[i] = state.chain.strikes[slot >> 1] ?? Number.NaN
    input.isCall[i] = slot % 2 === 0 ? 1 : 0
    input.price[i] = price
  }
}

function legRow(state: ChainState, priced: PricedSlot, output: ChainOutput, i: number, now: number): LegRow {
  const { slot, used, wide, receivedAt } = priced
  const k = slot >> 1
  const computed = ivStatusAt(output, i)
  const spoilt = wide === 1 && (computed === 'ok' || computed === 'no_price')
  const status: IvStatus = spoilt ? 'wide_spread' : computed
  const solved = status === 'ok'
  return [
    state.chain.contracts[slot]?.symbol ?? '',
    state.chain.strikes[k] ?? 0,
    slot % 2 === 0 ? 'CE' : 'PE',
    k - (state.atm ?? k),
    Math.round(now - receivedAt),
    priceUsed(used),
    status,
    rounded(solved, output.iv[i], SCALE.iv),
    rounded(solved, output.delta[i], SCALE.delta),
    rounded(solved, output.gamma[i], SCALE.gamma),
    rounded(solved, output.theta[i], SCALE.theta),
    rounded(solved, output.vega[i], SCALE.vega),
    rounded(solved, output.rho[i], SCALE.rho),
  ]
}

function priceUsed(used: number): PriceUsed | null {
  if (used === USED.mid) return 'mid'
  return used === USED.last ? 'last' : null
}

/** Rounded to the scale; null for what was not solved or is not a number. -0 becomes 0. */
function rounded(solved: boolean, value: number | undefined, scale: number): number | null {
  if (!solved || value === undefined || !Number.isFinite(value)) return null
  return Math.round(value * scale) / scale + 0
}
