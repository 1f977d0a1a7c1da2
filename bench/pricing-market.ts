import { IV_STATUSES } from '../core/domain/leg.ts'
import { black76 } from '../core/pricing/black76.ts'
import { type ChainInput, createChainInput, createChainOutput, priceLegs } from '../core/pricing/price-legs.ts'

/** One option with a volatility, in the terms of the peers: spot, not forward. */
export interface QuotedOption {
  readonly side: 'call' | 'put'
  readonly price: number
  readonly spot: number
  readonly strike: number
  readonly years: number
  readonly rate: number
  /** The product's solution, fraction; core/pricing/oracle.test.ts holds it against 60 digits. */
  readonly sigma: number
}

export interface QuotedMarket {
  /** Chains in order of strike, put behind call. */
  readonly chains: readonly ChainInput[]
  readonly count: number
  readonly options: readonly QuotedOption[]
}

const RATE = 0.065
const SPOT = 25_013
const CHAINS = 324
const MINUTES = [10, 60, 360, 1440, 2880, 7200, 10_080, 20_160, 30_240, 43_200, 64_800, 86_400]
const MINUTES_PER_YEAR = 365 * 1440

/**
 * Index options as a market quotes them: spot 25,013 ± 100, strikes 22,500 to 27,500 by 50, 10 minutes to 60 days,
 * 6.5 %, volatilities of 8 % to 60 % at random, prices rounded to the tick of 0.05. Always the same.
 */
export function createQuotedMarket(): QuotedMarket {
  const chance = sequence(12_345)
  const chains = Array.from({ length: CHAINS }, (_, i) =>
    quotedChain((MINUTES[i % 12] ?? 0) / MINUTES_PER_YEAR, chance),
  )
  return {
    chains,
    count: chains.reduce((sum, { count }) => sum + count, 0),
    options: chains.flatMap(solvedOptions),
  }
}

/** Numbers between 0 and 1 (Park and Miller's minimal standard generator). */
function sequence(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}

function quotedChain(years: number, chance: () => number): ChainInput {
  const input = createChainInput(202)
  input.count = 202
  input.years = years
  input.rate = RATE
  input.forward = (SPOT + 200 * (chance() - 0.5)) * Math.exp(RATE * years)
  const discount = Math.exp(-RATE * years)
  for (let i = 0; i < input.count; i += 1) {
    const isCall = i % 2 === 0
    const strike = 22_500 + 50 * (i >> 1)
    const fair = black76(isCall ? 'CE' : 'PE', input.forward, strike, years, 0.08 + 0.52 * chance(), discount)
    input.strike[i] = strike
    input.isCall[i] = isCall ? 1 : 0
    input.price[i] = Math.round(fair * 20) / 20
  }
  return input
}

function solvedOptions(input: ChainInput): QuotedOption[] {
  const output = createChainOutput(input.count)
  priceLegs(input, output)
  const { years, rate } = input
  const spot = input.forward * Math.exp(-rate * years)
  const ok = IV_STATUSES.indexOf('ok')
  return Array.from(output.status.keys())
    .filter((i) => output.status[i] === ok)
    .map((i) => ({
      side: input.isCall[i] === 1 ? ('call' as const) : ('put' as const),
      price: input.price[i] ?? Number.NaN,
      strike: input.strike[i] ?? Number.NaN,
      sigma: output.iv[i] ?? Number.NaN,
      ...{ spot, years, rate },
    }))
}
