import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { Right } from '../domain/instrument.ts'
import { type ChainInput, createChainInput } from '../pricing/price-legs.ts'

/** Reference values of 60 digits; made, and their forms told, by oracle/generate.py. */
const FOLDER = `${import.meta.dirname}/../pricing/oracle`
export const RATE = 0.065
export const FORWARD = 25_000
const DENSITY_AT_ZERO = 0.3989422804014327
export const RIGHTS = ['CE', 'PE'] as const
export const GREEKS = ['delta', 'gamma', 'theta', 'vega', 'rho', 'vanna', 'charm'] as const
export type Greek = (typeof GREEKS)[number]

export type Row = Readonly<Record<string, number>>

export function readGrid(): Row[] {
  const [head = '', ...lines] = readFileSync(`${FOLDER}/grid.csv`, 'utf8').trim().split('\n')
  const names = head.split(',')
  return lines.map((line) => {
    const values = line.split(',').map(Number)
    return Object.fromEntries(names.map((name, i) => [name, values[i] ?? Number.NaN]))
  })
}

export function field(row: Row, name: string): number {
  const value = row[name]
  if (value === undefined) throw new RangeError(`no column is called ${name}`)
  return value
}

export function numberAt(column: Float64Array, at: number): number {
  return column[at] ?? Number.NaN
}

/** The column of a Greek of a right; those that call and put share have no suffix. */
export function expectedGreek(row: Row, name: Greek, right: Right): number {
  return row[name] ?? field(row, `${name}${right === 'CE' ? 'Call' : 'Put'}`)
}

/** What a Greek measures in, for a given expiry and volatility: its greatest size over the strikes, or nearly so. */
export function scales(row: Row): Record<Greek, number> {
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
export function attainableUnit(price: number, vegaPerPoint: number, sigma: number): number {
  return Number.EPSILON * (4 + price / (100 * vegaPerPoint * sigma))
}

export function readMarket() {
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

/** One leg of the grid as a chain of its own. */
export function legOf(row: Row, right: Right): ChainInput {
  const input = createChainInput(1)
  Object.assign(input, { count: 1, forward: FORWARD, years: field(row, 'years'), rate: RATE })
  input.strike[0] = field(row, 'strike')
  input.isCall[0] = right === 'CE' ? 1 : 0
  input.price[0] = field(row, right === 'CE' ? 'call' : 'put')
  return input
}
