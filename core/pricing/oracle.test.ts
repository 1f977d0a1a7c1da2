import { describe, expect, it } from 'vitest'
import type { Right } from '../domain/instrument.ts'
import { IV_STATUSES } from '../domain/leg.ts'
import {
  attainableUnit,
  expectedGreek,
  FORWARD,
  field,
  GREEKS,
  legOf,
  numberAt,
  RATE,
  RIGHTS,
  type Row,
  readGrid,
  readMarket,
  scales,
} from '../testing/pricing-oracle.ts'
import { black76 } from './black76.ts'
import { black76Greeks } from './black76-greeks.ts'
import { type ChainOutput, createChainOutput, impliedVolatilities, priceLegs } from './price-legs.ts'

const GRID = readGrid()
const OK = IV_STATUSES.indexOf('ok')
const BELOW_INTRINSIC = IV_STATUSES.indexOf('below_intrinsic')

describe('against 60 digits, 10 s to 5 years, 1 % to 300 %, ten deviations each way', () => {
  it('covers the grid', () => {
    expect(GRID).toHaveLength(9 * 6 * 18)
  })

  it.each(RIGHTS)('price of %s to 1e-13', (right) => {
    for (const row of GRID) {
      const years = field(row, 'years')
      const expected = field(row, right === 'CE' ? 'call' : 'put')
      const discount = Math.exp(-RATE * years)
      const price = black76(right, FORWARD, field(row, 'strike'), years, field(row, 'sigma'), discount)
      expect(Math.abs(price / expected - 1)).toBeLessThan(1e-13)
    }
  })

  it.each(RIGHTS)('Greeks of %s to 1e-13 of their scale, and to 1e-12 of themselves', (right) => {
    for (const row of GRID) {
      const set = black76Greeks(right, FORWARD, field(row, 'strike'), field(row, 'years'), field(row, 'sigma'), RATE)
      const scale = scales(row)
      for (const name of GREEKS) {
        const expected = expectedGreek(row, name, right)
        expect(Math.abs(set[name] - expected) / scale[name], name).toBeLessThan(1e-14)
        expect(Math.abs(set[name] / expected - 1), name).toBeLessThan(1e-12)
      }
    }
  })

  it.each(RIGHTS)('IV of %s to one attainable unit, and the Greeks that come with it', (right) => {
    const output = createChainOutput(1)
    let solved = 0
    for (const row of GRID) {
      const isOutside = (right === 'CE') === field(row, 'strike') >= FORWARD
      priceLegs(legOf(row, right), output)
      // Deep in the money the time value lies under the rounding of the price: then there may be none.
      if (!isOutside && output.status[0] === BELOW_INTRINSIC) continue
      expect(output.status[0]).toBe(OK)
      expectVolatility(row, right, numberAt(output.iv, 0), isOutside)
      expectGreeks(row, right, output)
      solved++
    }
    expect(solved).toBeGreaterThan(900)
  })
})

function expectVolatility(row: Row, right: Right, iv: number, isOutside: boolean): void {
  const sigma = field(row, 'sigma')
  const error = Math.abs(iv / sigma - 1)
  const unit = attainableUnit(field(row, right === 'CE' ? 'call' : 'put'), field(row, 'vega'), sigma)
  expect(error / unit).toBeLessThanOrEqual(1)
  if (isOutside && unit < 1e-13) expect(error).toBeLessThan(2e-13)
}

/** The same as those of the volatility that was found. */
function expectGreeks(row: Row, right: Right, output: ChainOutput): void {
  const sigma = numberAt(output.iv, 0)
  const set = black76Greeks(right, FORWARD, field(row, 'strike'), field(row, 'years'), sigma, RATE)
  const scale = scales({ ...row, sigma })
  for (const name of GREEKS) {
    expect(Math.abs(numberAt(output[name], 0) - set[name]) / scale[name], name).toBeLessThan(1e-14)
  }
}

describe('against 60 digits, a market of 65,536 options with prices rounded to the tick', () => {
  const market = readMarket()

  it('classifies every one as exact arithmetic does', () => {
    const output = createChainOutput(128)
    let without = 0
    for (const { input, status } of market) {
      impliedVolatilities(input, output)
      expect(output.status).toEqual(status)
      without += status.filter((code) => code !== OK).length
    }
    expect(without).toBeGreaterThan(20_000)
  })

  it('finds each volatility within one attainable unit, out of the money within 2e-15', () => {
    const output = createChainOutput(128)
    let solved = 0
    for (const { input, status, sigma } of market) {
      priceLegs(input, output)
      for (const [i, expected] of sigma) {
        if (status[i] !== OK) continue
        const error = Math.abs(numberAt(output.iv, i) / expected - 1)
        const unit = attainableUnit(numberAt(input.price, i), numberAt(output.vega, i), expected)
        expect(error / unit).toBeLessThanOrEqual(1)
        const isOutside = (input.isCall[i] === 1) === numberAt(input.strike, i) >= input.forward
        if (isOutside) expect(error).toBeLessThan(2e-15)
        solved++
      }
    }
    expect(solved).toBeGreaterThan(5000)
  })
})
