import type { Calendar } from '../domain/calendar.ts'
import type { LegRow } from '../domain/journal-entry.ts'
import { GREEK_DECIMALS, type PriceUsed } from '../domain/leg.ts'
import { pricedFrom, priceTime } from '../domain/price-time.ts'
import { statusOfOwn } from '../pricing/leg-price.ts'
import {
  type ChainInput,
  type ChainOutput,
  createChainInput,
  createChainOutput,
  ivStatusAt,
  priceLegs,
} from '../pricing/price-legs.ts'
import { yearsTo } from '../pricing/time.ts'
import { priceFromTwin } from '../pricing/twin-price.ts'
import { type ChainState, type PricedSlot, trustedPrice, USED } from './chain-state.ts'
import { findForward } from './forward.ts'
import type { IndexState } from './market-state.ts'
import type { Chain } from './universe.ts'

const { iv, delta, gamma, theta, vega, rho } = GREEK_DECIMALS
const SCALE = {
  ...{ iv: 10 ** iv, delta: 10 ** delta, gamma: 10 ** gamma },
  ...{ theta: 10 ** theta, vega: 10 ** vega, rho: 10 ** rho },
} as const

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
  let used = new Uint8Array(512)
  const reserve = (count: number) => {
    if (count <= input.strike.length) return
    input = createChainInput(count * 2)
    output = createChainOutput(count * 2)
    used = new Uint8Array(count * 2)
  }
  const prepared = new WeakMap<Chain, PreparedChain>()
  const prepare = (chain: Chain) => {
    const known = prepared.get(chain) ?? prepareChain(chain, calendar)
    prepared.set(chain, known)
    return known
  }
  return {
    refresh(state, index, now) {
      state.forward = refreshForward(
        state,
        index,
        prepare(state.chain),
        rate,
        pricedAt(state, prepare(state.chain), now),
      )
      state.recentre()
    },
    rows(state, slots, now) {
      reserve(slots.length)
      input.count = slots.length
      input.forward = state.forward?.value ?? Number.NaN
      const chain = prepare(state.chain)
      input.years = yearsTo(chain.settlementAt, pricedAt(state, chain, now))
      input.rate = rate
      fillInput(input, used, state, slots)
      priceLegs(input, output)
      return slots.map((priced, i) => legRow(state, priced, used[i] ?? USED.none, output, i, now))
    },
  }
}

function pricedAt({ exchangeAt }: ChainState, { settlementAt }: PreparedChain, now: number): number {
  return pricedFrom(now, priceTime(now, exchangeAt), settlementAt)
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
  const future = index.futures.find(({ expiry }) => expiry === state.chain.expiry)
  return findForward({
    strikes,
    calls,
    puts,
    years: yearsTo(settlementAt, at),
    rate,
    spot: index.spot.lastPrice,
    future: future?.lastPrice ?? null,
    previous: state.forward?.value ?? null,
    at,
    receivedAt: state.receivedAt,
    futureAt: future?.receivedAt ?? null,
    spotAt: index.spot.receivedAt,
  })
}

/** Prices and where each came from. */
function fillInput(input: ChainInput, used: Uint8Array, state: ChainState, slots: readonly PricedSlot[]): void {
  const discount = input.years > 0 ? Math.exp(-input.rate * input.years) : Number.NaN
  for (const [i, priced] of slots.entries()) {
    const strike = state.chain.strikes[priced.slot >> 1] ?? Number.NaN
    const isCall = priced.slot % 2 === 0
    const intrinsic = discount * (isCall ? input.forward - strike : strike - input.forward)
    const byTwin = intrinsic > 0 ? byTwinOf(state, priced, intrinsic) : Number.NaN
    const own = Number.isNaN(byTwin)
    input.strike[i] = strike
    input.isCall[i] = isCall ? 1 : 0
    input.price[i] = own ? priced.price : byTwin
    used[i] = own ? priced.used : USED.twin
  }
}

/** Price of an in-the-money leg by its twin as that stands now; NaN where its own bears IV. */
function byTwinOf(state: ChainState, { slot, price, spread, wide, stale }: PricedSlot, intrinsic: number): number {
  return priceFromTwin(wide || stale ? Number.NaN : price, spread, trustedPrice(state, slot ^ 1), intrinsic)
}

function legRow(
  state: ChainState,
  priced: PricedSlot,
  used: number,
  output: ChainOutput,
  i: number,
  now: number,
): LegRow {
  const { slot, receivedAt } = priced
  const k = slot >> 1
  const status = used === USED.twin ? ivStatusAt(output, i) : statusOfOwn(ivStatusAt(output, i), priced)
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
  if (used === USED.twin) return 'twin'
  return used === USED.last ? 'last' : null
}

/** Rounded to the scale; null for what was not solved or is not a number. -0 becomes 0. */
function rounded(solved: boolean, value: number | undefined, scale: number): number | null {
  if (!solved || value === undefined || !Number.isFinite(value)) return null
  return Math.round(value * scale) / scale + 0
}
