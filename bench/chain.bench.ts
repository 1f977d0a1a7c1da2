import type { ChainSnapshot, SnapshotLeg } from '../core/domain/chain-snapshot.ts'
import type { Right } from '../core/domain/instrument.ts'
import { analyseChain } from '../core/pricing/analyse-chain.ts'
import { black76 } from '../core/pricing/black76.ts'
import { createChainInput, createChainOutput, priceLegs } from '../core/pricing/price-legs.ts'
import { yearsTo } from '../core/pricing/time.ts'
import type { Arena, Benchmark } from './harness.ts'

const STRIKES = 250
const STEP = 50
const SPOT = 25_013
const RATE = 0.065
const AS_OF = Date.UTC(2024, 1, 23, 6, 0)
const SETTLEMENT = Date.UTC(2024, 2, 28, 10, 0)
const EXPIRY = '2024-03-28'

/** Bid and ask a tick and one part in a hundred apart, around a price on a smile with a skew. */
function quotedLeg(strike: number, right: Right): SnapshotLeg {
  const years = yearsTo(SETTLEMENT, AS_OF)
  const forward = SPOT * Math.exp(RATE * years)
  const x = Math.log(strike / forward)
  const fair = black76(right, forward, strike, years, 0.13 - 0.25 * x + 1.2 * x * x, Math.exp(-RATE * years))
  const half = 0.05 + 0.005 * fair
  const onTick = (price: number) => Math.max(Math.round(price * 20) / 20, 0.05)
  return {
    ...{ expiry: EXPIRY, strike, right },
    ...{ last: onTick(fair), bid: onTick(fair - half), ask: onTick(fair + half) },
    ...{ volume: 75 * (strike % 400), oi: 75 * (strike % 1100), oiChange: (strike % 300) - 150, priceChange: 0.5 },
    ...{ publishedIv: null, quotedAt: AS_OF },
  }
}

async function open(): Promise<Arena> {
  const strikes = Array.from({ length: STRIKES }, (_, i) => SPOT - 13 + STEP * (i - STRIKES / 2))
  const legs = strikes.flatMap((strike) => [quotedLeg(strike, 'CE'), quotedLeg(strike, 'PE')])
  const snapshot: ChainSnapshot = { index: 'NIFTY', asOf: AS_OF, spot: SPOT, scope: 'full', oiUnit: 'units', legs }
  const options = { convention: 'market', expiry: EXPIRY, rate: RATE, settlementAt: SETTLEMENT } as const
  const analysis = analyseChain(snapshot, options)
  const output = createChainOutput(legs.length)
  const input = Object.assign(createChainInput(legs.length), {
    ...{ count: legs.length, forward: analysis.forward.value ?? Number.NaN },
    ...{ years: yearsTo(SETTLEMENT, AS_OF), rate: RATE },
  })
  analysis.legs.forEach(({ strike, right, price }, i) => {
    input.strike[i] = strike
    input.isCall[i] = right === 'CE' ? 1 : 0
    input.price[i] = price ?? Number.NaN
  })
  return {
    contestants: [
      {
        name: 'analyseChain',
        run() {
          analyseChain(snapshot, options)
          return 1
        },
      },
      {
        name: 'its IV and Greeks alone',
        run() {
          priceLegs(input, output)
          return 1
        },
      },
    ],
    claims: [
      {
        text: 'all metrics / IV and Greeks alone',
        ...{ of: 'analyseChain', to: 'its IV and Greeks alone', better: 'lower', pass: null, ambitious: null },
      },
    ],
    async close() {},
  }
}

export const chain: Benchmark = {
  name: 'chain',
  title: 'A whole chain',
  description: `All metrics of a chain of ${STRIKES} strikes, both rights: choice of prices, forward, IV and Greeks, twins, ratios of
open interest and volume, max pain, ATM IV and straddle, skew, exposures, and the smile with its marks.`,
  unit: 'chain',
  cost: 'processor',
  roundMs: 100,
  open,
}
