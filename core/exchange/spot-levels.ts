import type { IndexName } from '../domain/index-catalog.ts'
import { INDEX_NAMES } from '../domain/index-catalog.ts'
import { DAY_MS } from '../domain/ist.ts'
import { gaussian } from './market-noise.ts'

/** What moves the market, each a standard normal a day: the market, the banks, the fear, and each index by itself. */
export const FACTORS = ['market', 'banks', 'volatility', ...INDEX_NAMES] as const
const FACTOR_COUNT = FACTORS.length

interface IndexModel {
  /** Level to which the index is drawn back over a year or so. */
  readonly level: number
  /** Annual volatility in a calm market, as a fraction. */
  readonly volatility: number
  readonly market: number
  readonly banks: number
}

/** Levels and volatilities as of August 2026; loadings make NIFTY-SENSEX correlate by 0.98, NIFTY-BANKNIFTY by 0.86. */
export const INDEX_MODELS: Readonly<Record<IndexName, IndexModel>> = {
  NIFTY: { level: 24_200, volatility: 0.125, market: 0.96, banks: 0.24 },
  BANKNIFTY: { level: 56_600, volatility: 0.145, market: 0.75, banks: 0.6 },
  FINNIFTY: { level: 26_100, volatility: 0.145, market: 0.76, banks: 0.57 },
  MIDCPNIFTY: { level: 14_550, volatility: 0.18, market: 0.75, banks: 0.1 },
  SENSEX: { level: 77_650, volatility: 0.123, market: 0.96, banks: 0.24 },
}

/** Realised volatility is a little below what options imply: the premium that sellers earn. */
const REALISED_SHARE = 0.86
const TRADING_DAYS = 250
const LEVEL_MEMORY = 0.99
const FEAR_MEMORY = 0.97
/** Daily move of the logarithm of volatility, and how much of it comes with a falling market. */
const FEAR_DEVIATION = 0.055
const FEAR_MARKET = -0.75
/** A Saturday. */
const FIRST_DAY = Date.parse('2000-01-01T00:00:00Z') / DAY_MS
const ASSET_COUNT = INDEX_NAMES.length + 1
/** Row of the volatility among the assets, after the indices. */
export const FEAR = INDEX_NAMES.length

/** Loadings of an asset (an index by its number, or FEAR) on the factors; their squares sum to 1. */
export function loadingsOf(asset: number): Float64Array {
  const loadings = new Float64Array(FACTOR_COUNT)
  const name = INDEX_NAMES[asset]
  if (name === undefined) {
    loadings[0] = FEAR_MARKET
    loadings[2] = Math.sqrt(1 - FEAR_MARKET ** 2)
    return loadings
  }
  const { market, banks } = INDEX_MODELS[name]
  loadings[0] = market
  loadings[1] = banks
  loadings[3 + asset] = Math.sqrt(1 - market ** 2 - banks ** 2)
  return loadings
}

/** Level of the market at the end of each date: daily walks that are drawn back to their mean. */
export interface SpotLevels {
  /** Logarithm of an index's level over its mean (of volatility's, for FEAR) at the end of the date. */
  logLevel(asset: number, date: string): number
  /** Least and greatest `logLevel` of the dates from one to another, both included. */
  range(asset: number, from: string, to: string): { readonly low: number; readonly high: number }
  /** Standard deviation of the move of the date. */
  deviation(asset: number, date: string): number
}

function dayNumber(date: string): number {
  return Math.max(0, Date.parse(`${date}T00:00:00Z`) / DAY_MS - FIRST_DAY)
}

/** Share of a day's deviation that falls on a date: little on weekends, when only the news moves. */
function weightOf(day: number): number {
  const sinceSaturday = day % 7
  return sinceSaturday < 2 ? 0.4 : 1
}

/** Walks of all days since 2000, grown as they are asked for; the same for a seed whatever is asked first. */
export function createSpotLevels(seed: number): SpotLevels {
  const loadings = Array.from({ length: ASSET_COUNT }, (_, asset) => loadingsOf(asset))
  /** [level of each asset, deviation of each asset] by day. */
  const days: Float64Array[] = []

  const grow = () => {
    const day = days.length
    const before = days.at(-1) ?? new Float64Array(2 * ASSET_COUNT)
    const shocks = FACTORS.map((_, factor) => gaussian(seed, 1, day, factor))
    const row = new Float64Array(2 * ASSET_COUNT)
    const fear = before[FEAR] ?? 0
    loadings.forEach((loading, asset) => {
      const name = INDEX_NAMES[asset]
      const calm =
        name === undefined
          ? FEAR_DEVIATION
          : (INDEX_MODELS[name].volatility * REALISED_SHARE * Math.exp(fear)) / Math.sqrt(TRADING_DAYS)
      const deviation = calm * weightOf(day)
      const shock = loading.reduce((sum, share, factor) => sum + share * (shocks[factor] ?? 0), 0)
      const memory = name === undefined ? FEAR_MEMORY : LEVEL_MEMORY
      row[asset] = memory * (before[asset] ?? 0) + deviation * shock
      row[ASSET_COUNT + asset] = deviation
    })
    days.push(row)
  }

  const readDay = (day: number, column: number): number => {
    while (days.length <= day) grow()
    return days[day]?.[column] ?? 0
  }
  const read = (date: string, column: number) => readDay(dayNumber(date), column)
  return {
    range: (asset, from, to) => {
      let [low, high] = [read(to, asset), read(to, asset)]
      const end = dayNumber(to)
      for (let day = dayNumber(from); day < end; day++) {
        low = Math.min(low, readDay(day, asset))
        high = Math.max(high, readDay(day, asset))
      }
      return { low, high }
    },
    logLevel: (asset, date) => read(date, asset),
    deviation: (asset, date) => read(date, ASSET_COUNT + asset),
  }
}
