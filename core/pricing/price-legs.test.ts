import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Right } from '../domain/instrument.ts'
import { black76 } from './black76.ts'
import {
  type ChainInput,
  type ChainOutput,
  createChainInput,
  createChainOutput,
  impliedVolatilities,
  ivStatusAt,
  priceLegs,
} from './price-legs.ts'

interface Market {
  forward: number
  years: number
  rate: number
}

const NUMBERS = ['iv', 'delta', 'gamma', 'theta', 'vega', 'rho', 'vanna', 'charm'] as const

function chainOf(market: Market, legs: readonly { right: Right; strike: number; price: number }[]): ChainInput {
  const input = createChainInput(legs.length)
  Object.assign(input, market, { count: legs.length })
  legs.forEach((leg, at) => {
    input.strike[at] = leg.strike
    input.isCall[at] = leg.right === 'CE' ? 1 : 0
    input.price[at] = leg.price
  })
  return input
}

function solve(input: ChainInput): ChainOutput {
  const output = createChainOutput(input.count)
  priceLegs(input, output)
  return output
}

function solveOne(market: Market, right: Right, strike: number, price: number) {
  const output = solve(chainOf(market, [{ right, strike, price }]))
  const at = (column: Float64Array) => column[0] ?? Number.NaN
  return {
    status: ivStatusAt(output, 0),
    iv: at(output.iv),
    delta: at(output.delta),
    gamma: at(output.gamma),
    theta: at(output.theta),
    vega: at(output.vega),
    rho: at(output.rho),
    vanna: at(output.vanna),
    charm: at(output.charm),
  }
}

/** Price as a function of what a Greek holds or moves: spot, years, volatility, rate. */
function bySpot(right: Right, strike: number, spot: number, years: number, sigma: number, rate: number): number {
  return black76(right, spot * Math.exp(rate * years), strike, years, sigma, Math.exp(-rate * years))
}

/** 10 seconds to 5 years, 1 % to 300 %, ten deviations each way. */
function* grid() {
  for (const years of [10 / 31_536_000, 60 / 31_536_000, 1 / 8760, 1 / 365, 7 / 365, 30 / 365, 1, 5]) {
    const market: Market = { forward: 25_000, years, rate: 0.065 }
    for (const sigma of [0.01, 0.05, 0.12, 0.3, 0.8, 3]) {
      for (let deviations = -10; deviations <= 10; deviations += 0.5) {
        yield { market, sigma, strike: market.forward * Math.exp(deviations * sigma * Math.sqrt(years)) }
      }
    }
  }
}

/** What a price means by the definition of the statuses, from its bounds. */
function statusByBounds(price: number, intrinsic: number, maximum: number): string {
  if (price <= intrinsic) return 'below_intrinsic'
  return price >= maximum ? 'above_maximum' : 'ok'
}

const INDEX: Market = { forward: 25_000, years: 5 / 365, rate: 0.065 }
const DISCOUNT = Math.exp(-INDEX.rate * INDEX.years)

describe('priceLegs: implied volatility', () => {
  it('gives back the volatility, 10 s to 5 years, 1 % to 300 %, 10 deviations each way', () => {
    let solved = 0
    for (const { market, strike, sigma } of grid()) {
      // In the money the time value lies under the price's own rounding; parity tests that side below.
      const right = strike >= market.forward ? 'CE' : 'PE'
      const discount = Math.exp(-market.rate * market.years)
      const price = black76(right, market.forward, strike, market.years, sigma, discount)
      // Nearer the maximum the distance to it holds too few digits of the price to ask for 1e-9.
      if (price > discount * Math.min(market.forward, strike) * (1 - 1e-6)) continue
      const leg = solveOne(market, right, strike, price)
      expect(leg.status).toBe('ok')
      expect(Math.abs(leg.iv / sigma - 1)).toBeLessThan(1e-9)
      solved++
    }
    expect(solved).toBeGreaterThan(1900)
  })

  it('goes price to IV to price on both sides of the money, within the rounding of the price', () => {
    const legs = fc.record({
      right: fc.constantFrom<Right>('CE', 'PE'),
      deviations: fc.double({ min: -10, max: 10, noNaN: true }),
      years: fc.double({ min: 3.2e-7, max: 5, noNaN: true }),
      sigma: fc.double({ min: 0.01, max: 3, noNaN: true }),
      rate: fc.double({ min: -0.02, max: 0.15, noNaN: true }),
    })
    fc.assert(
      fc.property(legs, ({ right, deviations, years, sigma, rate }) => {
        const forward = 25_000
        const strike = forward * Math.exp(deviations * sigma * Math.sqrt(years))
        const discount = Math.exp(-rate * years)
        const price = black76(right, forward, strike, years, sigma, discount)
        const leg = solveOne({ forward, years, rate }, right, strike, price)
        const intrinsic = discount * Math.max(right === 'CE' ? forward - strike : strike - forward, 0)
        const maximum = discount * (right === 'CE' ? forward : strike)
        const expected = statusByBounds(price, intrinsic, maximum)
        expect(leg.status).toBe(expected)
        if (expected !== 'ok') return
        const again = black76(right, forward, strike, years, leg.iv, discount)
        expect(Math.abs(again - price)).toBeLessThanOrEqual(1e-13 * price)
      }),
      { numRuns: 3000 },
    )
  })

  it('gives call and put of a strike the same IV and twin Greeks', () => {
    for (const strike of [24_000, 24_800, 25_000, 25_300, 26_000]) {
      const call = solveOne(INDEX, 'CE', strike, black76('CE', INDEX.forward, strike, INDEX.years, 0.14, DISCOUNT))
      const put = solveOne(INDEX, 'PE', strike, black76('PE', INDEX.forward, strike, INDEX.years, 0.14, DISCOUNT))
      expect(call.iv).toBeCloseTo(0.14, 9)
      expect(put.iv).toBeCloseTo(0.14, 9)
      expect(call.delta - put.delta).toBeCloseTo(1, 9)
      expect(put.gamma / call.gamma).toBeCloseTo(1, 7)
      expect(put.vega / call.vega).toBeCloseTo(1, 7)
    }
  })
})

describe('priceLegs: Greeks', () => {
  const cases = fc.record({
    right: fc.constantFrom<Right>('CE', 'PE'),
    deviations: fc.double({ min: -3, max: 3, noNaN: true }),
    years: fc.double({ min: 1 / 365, max: 1, noNaN: true }),
    sigma: fc.double({ min: 0.05, max: 1, noNaN: true }),
    rate: fc.double({ min: 0, max: 0.12, noNaN: true }),
  })

  it('agree with finite differences of the price', () => {
    fc.assert(
      fc.property(cases, ({ right, deviations, years, sigma, rate }) => {
        const spot = 25_000
        const forward = spot * Math.exp(rate * years)
        const strike = forward * Math.exp(deviations * sigma * Math.sqrt(years))
        const price = (s: number, t: number, v: number, r: number) => bySpot(right, strike, s, t, v, r)
        const leg = solveOne({ forward, years, rate }, right, strike, price(spot, years, sigma, rate))
        expect(leg.status).toBe('ok')
        const width = spot * sigma * Math.sqrt(years)
        const ds = 1e-3 * width
        const up = price(spot + ds, years, sigma, rate)
        const down = price(spot - ds, years, sigma, rate)
        const here = price(spot, years, sigma, rate)
        expect(Math.abs(leg.delta - (up - down) / (2 * ds))).toBeLessThan(1e-6)
        expect(Math.abs(leg.gamma - (up - 2 * here + down) / (ds * ds)) * width).toBeLessThan(1e-4)
        const dt = 1e-4 * years
        const perYear = (price(spot, years - dt, sigma, rate) - price(spot, years + dt, sigma, rate)) / (2 * dt)
        expect(Math.abs(leg.theta * 365 - perYear)).toBeLessThan((1e-6 * width) / years)
        const dv = 1e-4 * sigma
        const perVol = (price(spot, years, sigma + dv, rate) - price(spot, years, sigma - dv, rate)) / (2 * dv)
        expect(Math.abs(leg.vega * 100 - perVol)).toBeLessThan((1e-6 * width) / sigma)
        const dr = 1e-5
        const perRate = (price(spot, years, sigma, rate + dr) - price(spot, years, sigma, rate - dr)) / (2 * dr)
        expect(Math.abs(leg.rho * 100 - perRate)).toBeLessThan(1e-5 * spot * years)
      }),
      { numRuns: 500 },
    )
  })

  it('have their signs, bounds and limits', () => {
    const deepCall = solveOne(INDEX, 'CE', 20_000, black76('CE', 25_000, 20_000, INDEX.years, 0.5, DISCOUNT))
    expect(deepCall.delta).toBeCloseTo(1, 3)
    const farPut = solveOne(INDEX, 'PE', 22_000, black76('PE', 25_000, 22_000, INDEX.years, 0.2, DISCOUNT))
    expect(farPut.delta).toBeLessThan(0)
    expect(farPut.delta).toBeGreaterThan(-1e-5)
    expect(farPut.gamma).toBeGreaterThan(0)
    expect(farPut.rho).toBeLessThan(0)
    expect(deepCall.rho).toBeGreaterThan(0)
    const seconds = { ...INDEX, years: 10 / 31_536_000 }
    const last = solveOne(seconds, 'CE', 25_000, black76('CE', 25_000, 25_000, seconds.years, 0.2, 1))
    expect(last.delta).toBeCloseTo(0.5, 4)
    expect(last.theta).toBeLessThan(-1000)
  })
})

describe('priceLegs: many legs at once', () => {
  /** Of all kinds: solved in batches, solved alone (far out, or of high volatility), and with no solution. */
  const legs = Array.from({ length: 1000 }, (_, i) => {
    const right: Right = i % 3 === 0 ? 'PE' : 'CE'
    const strike = 15_000 + 23 * i
    const sigma = 0.1 + (i % 97) / 24
    const price = i % 11 === 0 ? Number.NaN : black76(right, 25_000, strike, 0.2, sigma, Math.exp(-0.065 * 0.2))
    return { right, strike, price: i % 13 === 0 ? 0 : price }
  })
  const market = { forward: 25_000, years: 0.2, rate: 0.065 }

  it('gives each leg what it has alone', () => {
    const output = solve(chainOf(market, legs))
    legs.forEach(({ right, strike, price }, at) => {
      const alone = solveOne(market, right, strike, price)
      expect(ivStatusAt(output, at)).toBe(alone.status)
      for (const name of NUMBERS) expect(output[name][at]).toBe(alone[name])
    })
  })

  it('finds the same IV without the Greeks', () => {
    const input = chainOf(market, legs)
    const output = solve(input)
    const alone = { status: new Uint8Array(legs.length), iv: new Float64Array(legs.length) }
    impliedVolatilities(input, alone)
    expect(alone.status).toEqual(output.status)
    expect(alone.iv).toEqual(output.iv)
  })

  it('does not depend on the unit of money', () => {
    const input = chainOf(market, legs)
    const output = solve(input)
    input.forward *= 8
    input.strike = input.strike.map((strike) => 8 * strike)
    input.price = input.price.map((price) => 8 * price)
    expect(solve(input).iv).toEqual(output.iv)
  })
})

describe('priceLegs: statuses', () => {
  it('tells each reason, and gives numbers only with ok', () => {
    const intrinsic = DISCOUNT * 1000
    const legs: [Right, number, number, string][] = [
      ['CE', 24_000, intrinsic, 'below_intrinsic'],
      ['CE', 24_000, intrinsic - 0.05, 'below_intrinsic'],
      ['CE', 24_000, intrinsic * (1 + Number.EPSILON), 'ok'],
      ['PE', 26_000, intrinsic, 'below_intrinsic'],
      ['PE', 26_000, intrinsic + 0.05, 'ok'],
      ['CE', 26_000, 0, 'below_intrinsic'],
      ['CE', 26_000, -1, 'below_intrinsic'],
      ['CE', 26_000, 0.05, 'ok'],
      ['CE', 24_000, DISCOUNT * 25_000, 'above_maximum'],
      ['CE', 24_000, DISCOUNT * 25_000 * (1 - Number.EPSILON), 'ok'],
      ['PE', 24_000, DISCOUNT * 24_000, 'above_maximum'],
      ['PE', 24_000, Number.POSITIVE_INFINITY, 'above_maximum'],
      ['PE', 24_000, DISCOUNT * 24_000 - 1, 'ok'],
      ['PE', 24_000, Number.NaN, 'no_price'],
      ['PE', Number.NaN, 10, 'no_price'],
      ['PE', 0, 10, 'no_price'],
    ]
    const output = solve(
      chainOf(
        INDEX,
        legs.map(([right, strike, price]) => ({ right, strike, price })),
      ),
    )
    legs.forEach(([, , , status], at) => {
      expect(`${at} ${ivStatusAt(output, at)}`).toBe(`${at} ${status}`)
      for (const name of NUMBERS) expect(Number.isFinite(output[name][at]), `${name} of ${at}`).toBe(status === 'ok')
    })
  })

  it.each([
    [{ years: 0 }, 'expired'],
    [{ years: -1 }, 'expired'],
    [{ years: Number.NaN }, 'expired'],
    [{ years: 0, forward: Number.NaN }, 'expired'],
    [{ forward: Number.NaN }, 'no_forward'],
    [{ forward: 0 }, 'no_forward'],
    [{ forward: Number.POSITIVE_INFINITY }, 'no_forward'],
    [{ rate: Number.NaN }, 'no_forward'],
  ])('of the whole chain with %o: %s', (change, status) => {
    const output = solve(chainOf({ ...INDEX, ...change }, [{ right: 'CE', strike: 25_000, price: 100 }]))
    expect(ivStatusAt(output, 0)).toBe(status)
    for (const name of NUMBERS) expect(output[name][0]).toBeNaN()
  })

  it('clears what an earlier run left, and leaves the rest of the columns alone', () => {
    const input = chainOf(INDEX, [
      { right: 'CE', strike: 25_000, price: 150 },
      { right: 'PE', strike: 25_000, price: 150 },
    ])
    const output = solve(input)
    expect(output.iv[0]).toBeGreaterThan(0)
    const kept = output.iv[1]
    input.price[0] = Number.NaN
    input.price[1] = 999
    input.count = 1
    priceLegs(input, output)
    expect(output.iv[0]).toBeNaN()
    expect(output.iv[1]).toBe(kept)
  })

  it('has a finite set for every price between the bounds, and none outside', () => {
    const any = fc.record({
      right: fc.constantFrom<Right>('CE', 'PE'),
      strike: fc.double({ min: 1, max: 1e6, noNaN: true }),
      years: fc.double({ min: 1e-9, max: 10, noNaN: true }),
      // A time value under 1e-300 of the price is documented to count as none.
      share: fc.double({ min: -0.5, max: 1.5, noNaN: true }).filter((share) => share <= 0 || share > 1e-290),
    })
    fc.assert(
      fc.property(any, ({ right, strike, years, share }) => {
        const { forward, rate } = INDEX
        const discount = Math.exp(-rate * years)
        const intrinsic = discount * Math.max(right === 'CE' ? forward - strike : strike - forward, 0)
        const maximum = discount * (right === 'CE' ? forward : strike)
        const price = intrinsic + share * (maximum - intrinsic)
        const leg = solveOne({ forward, years, rate }, right, strike, price)
        const expected = statusByBounds(price, intrinsic, maximum)
        expect(leg.status).toBe(expected)
        for (const name of NUMBERS) expect(Number.isFinite(leg[name])).toBe(expected === 'ok')
        if (expected === 'ok') {
          expect(leg.iv).toBeGreaterThan(0)
          expect(Math.abs(leg.delta)).toBeLessThanOrEqual(1)
        }
      }),
      { numRuns: 3000 },
    )
  })
})
