import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { black76 } from './black76.ts'
import { createChainInput, createChainOutput, priceLegs } from './price-legs.ts'
import { ivAtDelta } from './skew.ts'

const YEARS = 4 / 365
const RATE = 0.065
const FORWARD = 24_214
const STRIKES = Array.from({ length: 41 }, (_, k) => 23_200 + 50 * k)
const smile = (strike: number) => {
  const x = Math.log(strike / FORWARD)
  return 0.106 - 0.35 * x + 10 * x * x
}

/** One side of a chain whose prices are those of `FORWARD`, solved with another forward. */
function solved(isCall: boolean, forward: number) {
  const [input, output] = [createChainInput(STRIKES.length), createChainOutput(STRIKES.length)]
  Object.assign(input, { count: STRIKES.length, forward, years: YEARS, rate: RATE })
  const discount = Math.exp(-RATE * YEARS)
  for (const [at, strike] of STRIKES.entries()) {
    input.strike[at] = strike
    input.isCall[at] = isCall ? 1 : 0
    input.price[at] = black76(isCall ? 'CE' : 'PE', FORWARD, strike, YEARS, smile(strike), discount)
  }
  priceLegs(input, output)
  return STRIKES.map((_, at) => ({ iv: output.iv[at] ?? null, delta: output.delta[at] ?? null }))
}

function skewWith(callForward: number, putForward: number): number {
  const [calls, puts] = [solved(true, callForward), solved(false, putForward)]
  const rows = STRIKES.map((_, at) => ({ call: calls[at] ?? null, put: puts[at] ?? null }))
  const [put, call] = [ivAtDelta(rows, 'put', 0.25), ivAtDelta(rows, 'call', 0.25)]
  return (put ?? Number.NaN) - (call ?? Number.NaN)
}

describe('the 25-delta skew', () => {
  it('stands still while the forward is a little late for calls, puts or both', () => {
    const right = skewWith(FORWARD, FORWARD)
    expect(right).toBeGreaterThan(0.002)
    const late = fc.double({ min: -6, max: 6, noNaN: true })
    fc.assert(
      fc.property(late, late, (calls, puts) => {
        // Read from one side of each strike it would be off by up to 0.004.
        expect(Math.abs(skewWith(FORWARD + calls, FORWARD + puts) - right)).toBeLessThan(0.0006)
      }),
    )
    expect(Math.abs(skewWith(FORWARD + 6, FORWARD + 6) - right)).toBeLessThan(0.0004)
  })

  it('takes the side that is there where a strike has only one', () => {
    const strikes = [
      { call: null, put: { iv: 0.2, delta: -0.1 } },
      { call: { iv: null, delta: null }, put: { iv: 0.18, delta: -0.3 } },
    ]
    expect(ivAtDelta(strikes, 'put', 0.25)).toBeCloseTo(0.185, 12)
    expect(ivAtDelta(strikes, 'call', 0.25)).toBeNull()
  })
})
