import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { Right } from '../domain/instrument.ts'
import { IV_STATUSES } from '../domain/leg.ts'
import { black76 } from './black76.ts'
import { black76Greeks } from './black76-greeks.ts'
import {
  type ChainInput,
  type ChainOutput,
  createChainInput,
  createChainOutput,
  impliedVolatilities,
  priceLegs,
} from './price-legs.ts'

/** Reference values of 60 digits; made, and their forms told, by oracle/generate.py. */
const FOLDER = `${import.meta.dirname}/oracle`
const RATE = 0.065
const FORWARD = 25_000
const DENSITY_AT_ZERO = 0.3989422804014327
const RIGHTS = ['CE', 'PE'] as const
const GREEKS = ['delta', 'gamma', 'theta', 'vega', 'rho', 'vanna', 'charm'] as const
const OK = IV_STATUSES.indexOf('ok')
const BELOW_INTRINSIC = IV_STATUSES.indexOf('below_intrinsic')
type Greek = (typeof GREEKS)[number]

type Row = Readonly<Record<string, number>>

function readGrid(): Row[] {
  const [head = '', ...lines] = readFileSync(`${FOLDER}/grid.csv`, 'utf8').trim().split('\n')
  const names = head.split(',')
  return lines.map((line) => {
    const values = line.split(',').map(Number)
    return Object.fromEntries(names.map((name, i) => [name, values[i] ?? Number.NaN]))
  })
}

function field(row: Row, name: string): number {
  const value = row[name]
  if (value === undefined) throw new RangeError(`no column is called ${name}`)
  return value
}

function numberAt(column: Float64Array, at: number): number {
  return column[at] ?? Number.NaN
}

const GRID = readGrid()
const of = (name: string, right: Right) => `${name}${right === 'CE' ? 'Call' : 'Put'}`

/** The column of a Greek of a right; those that call and put share have no suffix. */
function expectedGreek(row: Row, name: Greek, right: Right): number {
  return row[name] ?? field(row, of(name, right))
}

/** What a Greek measures in, for a given expiry and volatility: its greatest size over the strikes, or nearly so. */
function scales(row: Row): Record<Greek, number> {
  const years = field(row, 'years')
  const sigma = field(row, 'sigma')
  const strike = field(row, 'strike')
  const spot = FORWARD * Math.exp(-RATE * years)
  const s = sigma * Math.sqrt(years)
  const owed = Math.max(strike * Math.exp(-RATE * years), spot)
  return {
    delta: 1,
    gamma: DENSITY_AT_ZERO / (spot * s),
    theta: ((spot * DENSITY_AT_ZERO * s) / (2 * years) + RATE * owed) / 365,
    vega: (spot * DENSITY_AT_ZERO * Math.sqrt(years)) / 100,
    rho: (owed * years) / 100,
    vanna: DENSITY_AT_ZERO / sigma / 100,
    charm: (DENSITY_AT_ZERO * (RATE / s + 0.5 / years)) / 365,
  }
}

/**
 * Relative change of the volatility that one rounding of the price explains, and four more, which computing in doubles
 * cannot avoid: of the moneyness, of √T, of their quotient and of the result.
 */
function attainableUnit(price: number, vegaPerPoint: number, sigma: number): number {
  return Number.EPSILON * (4 + price / (100 * vegaPerPoint * sigma))
}

function readMarket() {
  const bytes = gunzipSync(readFileSync(`${FOLDER}/market.bin.gz`))
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const strikesAt = 512 * 16
  const ticksAt = strikesAt + 65_536 * 2
  const statusAt = ticksAt + 65_536 * 4
  const sigmaAt = statusAt + 65_536
  return Array.from({ length: 512 }, (_, chain) => {
    const input = createChainInput(128)
    input.count = 128
    input.years = view.getFloat64(16 * chain, true)
    input.forward = view.getFloat64(16 * chain + 8, true)
    input.rate = RATE
    const status = new Uint8Array(128)
    const sigma = new Map<number, number>()
    for (let i = 0; i < 128; i++) {
      const at = 128 * chain + i
      input.strike[i] = 50 * view.getUint16(strikesAt + 2 * at, true)
      input.isCall[i] = i % 2 === 0 ? 1 : 0
      input.price[i] = 0.05 * view.getUint32(ticksAt + 4 * at, true)
      status[i] = view.getUint8(statusAt + at)
      if (i % 8 === chain % 8) sigma.set(i, view.getFloat64(sigmaAt + 8 * (16 * chain + (i >> 3)), true))
    }
    return { input, status, sigma }
  })
}

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

function legOf(row: Row, right: Right): ChainInput {
  const input = createChainInput(1)
  Object.assign(input, { count: 1, forward: FORWARD, years: field(row, 'years'), rate: RATE })
  input.strike[0] = field(row, 'strike')
  input.isCall[0] = right === 'CE' ? 1 : 0
  input.price[0] = field(row, right === 'CE' ? 'call' : 'put')
  return input
}

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
