import { createRejects, decodeFrame } from '../core/contract/kite-wire.ts'
import { createTickFrame } from '../core/contract/tick-frame.ts'
import { IV_STATUSES } from '../core/domain/leg.ts'
import { createChainState } from '../core/engine/chain-state.ts'
import { findForward } from '../core/engine/forward.ts'
import type { Chain } from '../core/engine/universe.ts'
import { type ChainInput, createChainInput, createChainOutput, priceLegs } from '../core/pricing/price-legs.ts'
import { yearsTo } from '../core/pricing/time.ts'
import type { Arena, Benchmark } from './harness.ts'
import { createMarketFrames, type MarketFrames } from './market-frames.ts'

const RATE = 0.065
const PAIRS = 4096

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

async function open(): Promise<Arena> {
  const market = createMarketFrames()
  const chains = market.universe.indices.flatMap(({ chains: of }) => of)
  const inputs = chains.flatMap((chain) => inputOf(chain, market) ?? [])
  const output = createChainOutput(Math.max(...inputs.map(({ count }) => count)))
  const ok = IV_STATUSES.indexOf('ok')
  const solved = inputs.reduce((sum, input) => {
    priceLegs(input, output)
    return sum + output.status.subarray(0, input.count).filter((status) => status === ok).length
  }, 0)
  const numbers = Float64Array.from({ length: PAIRS }, (_, i) => 0.05 + i / PAIRS)
  const results = new Float64Array(PAIRS)
  return {
    contestants: [
      {
        name: 'priceLegs',
        run() {
          for (const input of inputs) priceLegs(input, output)
          return solved
        },
      },
      {
        name: 'log and exp',
        run() {
          for (let i = 0; i < PAIRS; i += 1) {
            const x = numbers[i] ?? 0
            results[i] = Math.log(x) + Math.exp(x)
          }
          return PAIRS
        },
      },
    ],
    claims: [
      {
        text: 'priceLegs / (Math.log + Math.exp)',
        ...{ of: 'priceLegs', to: 'log and exp', better: 'lower', pass: null, ambitious: 8 },
      },
    ],
    async close() {},
  }
}

export const pricing: Benchmark = {
  name: 'pricing',
  title: 'Implied volatility and Greeks',
  description: `IV and five Greeks of every leg of the chains of a simulated market, full double precision, against one
\`Math.log\` and one \`Math.exp\`. The cost is counted per leg that has an IV; those without are passed over by the way.`,
  unit: 'leg',
  cost: 'processor',
  roundMs: 100,
  open,
}
