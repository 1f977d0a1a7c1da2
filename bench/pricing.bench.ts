import { createRejects, decodeFrame } from '../core/contract/kite-wire.ts'
import { createTickFrame } from '../core/contract/tick-frame.ts'
import { IV_STATUSES } from '../core/domain/leg.ts'
import { createChainState } from '../core/engine/chain-state.ts'
import { findForward } from '../core/engine/forward.ts'
import type { Chain } from '../core/engine/universe.ts'
import {
  type ChainInput,
  createChainInput,
  createChainOutput,
  impliedVolatilities,
  priceLegs,
} from '../core/pricing/price-legs.ts'
import { yearsTo } from '../core/pricing/time.ts'
import type { Arena, Benchmark, Claim, Contestant } from './harness.ts'
import { createMarketFrames, type MarketFrames } from './market-frames.ts'
import { accuracyTable } from './pricing-accuracy.ts'
import { createQuotedMarket, type QuotedOption } from './pricing-market.ts'
import { failuresOf, LOPPATTO, type Peer, PRICERS, SOLVERS, UQEE_DEFAULT, UQEE_FINE } from './pricing-peers.ts'

const RATE = 0.065
const PAIRS = 4096
const NUMBERS = Float64Array.from({ length: PAIRS }, (_, i) => 0.05 + i / PAIRS)
const RESULTS = new Float64Array(PAIRS)

/** A chain as it stands at the end of the frames, ready to be priced; null when parity does not give its forward. */
function inputOf(chain: Chain, { calendar, startMs, steps }: MarketFrames): ChainInput | null {
  const state = createChainState(chain)
  const slots = new Map(
    chain.contracts.flatMap((contract, slot) => (contract === null ? [] : [[contract.token, slot]])),
  )
  const frame = createTickFrame()
  for (const bytes of steps.flatMap((step) => step.frames)) {
    decodeFrame(bytes, frame, createRejects())
    for (let i = 0; i < frame.count; i += 1) {
      const slot = slots.get(frame.token[i] ?? 0)
      if (slot !== undefined) state.take(frame, i, slot, startMs)
    }
  }
  const years = yearsTo(calendar.settlementFixAt(chain.expiry), startMs)
  const strikes = Float64Array.from(chain.strikes)
  const calls = strikes.map((_, k) => state.price[2 * k] ?? Number.NaN)
  const puts = strikes.map((_, k) => state.price[2 * k + 1] ?? Number.NaN)
  const known = { spot: null, future: null, previous: null, at: startMs }
  const forward = findForward({ strikes, calls, puts, years, rate: RATE, ...known })
  if (forward === null) return null
  const input = createChainInput(chain.contracts.length)
  input.count = chain.contracts.length
  input.forward = forward.value
  input.years = years
  input.rate = RATE
  for (let slot = 0; slot < input.count; slot += 1) {
    input.strike[slot] = chain.strikes[slot >> 1] ?? Number.NaN
    input.isCall[slot] = slot % 2 === 0 ? 1 : 0
    input.price[slot] = state.price[slot] ?? Number.NaN
  }
  return input
}

/** Runs `work` on the next so many options at each call. */
function eachInTurn(options: readonly QuotedOption[], atOnce: number, work: (option: QuotedOption) => number) {
  let next = 0
  return () => {
    let sum = 0
    for (let i = 0; i < atOnce; i += 1) {
      const option = options[(next + i) % options.length]
      if (option !== undefined) sum += work(option)
    }
    next = (next + atOnce) % options.length
    RESULTS[0] = sum
    return atOnce
  }
}

function peersAtWork(options: readonly QuotedOption[]): Contestant[] {
  const whole = ({ volatility, greeks }: Peer) => {
    return (option: QuotedOption) => greeks(option, volatility(option))
  }
  return [
    { name: `${UQEE_FINE.name} + option()`, run: eachInTurn(options, 256, whole(UQEE_FINE)) },
    { name: `${UQEE_DEFAULT.name} + option()`, run: eachInTurn(options, 256, whole(UQEE_DEFAULT)) },
    { name: UQEE_FINE.name, run: eachInTurn(options, 256, UQEE_FINE.volatility) },
    { name: 'implied-volatility + greeks', run: eachInTurn(options, 32, whole(LOPPATTO)) },
    { name: LOPPATTO.name, run: eachInTurn(options, 32, LOPPATTO.volatility) },
    ...PRICERS.map(({ name, price }) => ({
      name: `${name}, price alone`,
      run: eachInTurn(options, 256, price),
    })),
  ]
}

function logAndExp(): number {
  for (let i = 0; i < PAIRS; i += 1) {
    const x = NUMBERS[i] ?? 0
    RESULTS[i] = Math.log(x) + Math.exp(x)
  }
  return PAIRS
}

function failuresTable(options: readonly QuotedOption[]): string {
  const share = (count: number) => `${count} (${((100 * count) / options.length).toFixed(1)} %)`
  const rows = SOLVERS.map((peer) => {
    const { none, wrong, worst } = failuresOf(peer, options)
    return `| ${peer.name} | ${share(none)} | ${share(wrong)} | ${worst.toExponential(1)} |`
  })
  return `What the packages find for ${options.length.toLocaleString('en')} of these options, all of which have a volatility:

| | none (not finite, or 0) | off by more than 1 % | greatest relative error |
|---|---|---|---|
| this product | 0 (0.0 %) | 0 (0.0 %) | one attainable unit |
${rows.join('\n')}`
}

/** One in so many of the options with a volatility is what the slow packages are tried on. */
const SAMPLED = 15

async function open(): Promise<Arena> {
  const market = createMarketFrames()
  const listed = market.universe.indices
    .flatMap(({ chains: of }) => of)
    .flatMap((chain) => inputOf(chain, market) ?? [])
  const quoted = createQuotedMarket()
  const output = createChainOutput(Math.max(202, ...listed.map(({ count }) => count)))
  const ok = IV_STATUSES.indexOf('ok')
  const listedSolved = listed.reduce((sum, input) => {
    priceLegs(input, output)
    return sum + output.status.subarray(0, input.count).filter((status) => status === ok).length
  }, 0)
  const sample = quoted.options.filter((_, i) => i % SAMPLED === 0)
  const over = (chains: readonly ChainInput[], solve: typeof priceLegs, solved: number) => () => {
    for (const input of chains) solve(input, output)
    return solved
  }
  return {
    contestants: [
      { name: 'priceLegs', run: over(quoted.chains, priceLegs, quoted.options.length) },
      { name: 'impliedVolatilities', run: over(quoted.chains, impliedVolatilities, quoted.options.length) },
      { name: 'priceLegs, listed chains', run: over(listed, priceLegs, listedSolved) },
      { name: 'log and exp', run: logAndExp },
      ...peersAtWork(sample),
    ],
    claims: CLAIMS,
    remarks: `${failuresTable(sample)}\n\n${accuracyTable()}`,
    async close() {},
  }
}

const CLAIMS: readonly Claim[] = [
  {
    text: 'IV and Greeks / (Math.log + Math.exp)',
    ...{ of: 'priceLegs', to: 'log and exp', better: 'lower', pass: 8, ambitious: 8 },
  },
  {
    text: 'the same, chains of the simulated market',
    ...{ of: 'priceLegs, listed chains', to: 'log and exp', better: 'lower', pass: 8, ambitious: 8 },
  },
  {
    text: 'IV alone / (Math.log + Math.exp)',
    ...{ of: 'impliedVolatilities', to: 'log and exp', better: 'lower', pass: null, ambitious: 5.4 },
  },
  {
    text: '@uqee sigma(1e-9) + option() / IV and Greeks',
    ...{ of: `${UQEE_FINE.name} + option()`, to: 'priceLegs', better: 'higher', pass: 35, ambitious: 35 },
  },
  {
    text: '@uqee sigma() + option() / IV and Greeks',
    ...{ of: `${UQEE_DEFAULT.name} + option()`, to: 'priceLegs', better: 'higher', pass: null, ambitious: 20 },
  },
  {
    text: '@uqee sigma(1e-9) / IV alone',
    ...{ of: UQEE_FINE.name, to: 'impliedVolatilities', better: 'higher', pass: null, ambitious: 35 },
  },
  {
    text: 'implied-volatility + greeks / IV and Greeks',
    ...{ of: 'implied-volatility + greeks', to: 'priceLegs', better: 'higher', pass: null, ambitious: 2000 },
  },
  {
    text: 'implied-volatility / IV alone',
    ...{ of: LOPPATTO.name, to: 'impliedVolatilities', better: 'higher', pass: null, ambitious: 2000 },
  },
  ...PRICERS.map(({ name }) => ({
    text: `${name}, one price / IV and Greeks`,
    ...{ of: `${name}, price alone`, to: 'priceLegs', better: 'higher' as const, pass: null, ambitious: null },
  })),
]

export const pricing: Benchmark = {
  name: 'pricing',
  title: 'Implied volatility and Greeks',
  description: `IV and seven Greeks of index options, full double precision, against one \`Math.log\` and one
\`Math.exp\` and against packages of npm. The options are those of 324 chains with prices rounded to the tick (spot
25,013, strikes 22,500 to 27,500, 10 minutes to 60 days, volatilities of 8 % to 60 %); the listed chains are those of the
simulated market. The product's cost is counted per leg that has an IV, those without are passed over by the way; the
packages get only options that have one, every ${SAMPLED}th of them, and compute no vanna or charm.`,
  unit: 'leg',
  cost: 'processor',
  roundMs: 100,
  page: 'pricing.md',
  open,
}
