import type { IndexName } from '../domain/index-catalog.ts'
import type { Right } from '../domain/instrument.ts'
import { black76 } from '../pricing/black76.ts'
import { INDEX_MODELS } from './spot-levels.ts'

/** Continuous annual rates. */
const INTEREST = 0.065
const DIVIDENDS = 0.012
const TRADING_DAYS = 250

/** Speed per year at which volatility returns to its long mean; how far that is above calm, and follows fear. */
const TERM_SPEED = 5
const LONG_MEAN = 1.08
const LONG_FEAR = 0.35
/** Wings and slope of the smile, per standard deviation of the strike from the forward. */
const WINGS = 0.18
const SLOPE = 0.06

/** Years of trading (250 days a year) of variance left: what is left of today plus whole trading days. */
export function varianceYears(tradingDays: number): number {
  return tradingDays / TRADING_DAYS
}

/** At-the-money volatility for a time to expiry: variance that returns to its mean, averaged over the time. */
export function atmVolatility(index: IndexName, fear: number, years: number): number {
  const calm = INDEX_MODELS[index].volatility
  const short = (calm * fear) ** 2
  const long = (calm * LONG_MEAN * fear ** LONG_FEAR) ** 2
  const time = TERM_SPEED * Math.max(years, 1e-9)
  return Math.sqrt(long + (short - long) * (-Math.expm1(-time) / time))
}

/**
 * Factor of volatility at a strike: a hyperbola with a put skew, in strikes measured in standard deviations, so that
 * the smile moves with the spot. Slopes stay below 0.24 per deviation: prices keep falling along the strikes,
 * but for thousandths of a rupee thirty deviations out.
 */
export function smile(deviations: number): number {
  return 1 - WINGS + WINGS * Math.sqrt(1 + deviations * deviations) - SLOPE * deviations
}

/** How many standard deviations a strike lies from the forward; the last day counts as a whole one. */
export function strikeDeviations(strike: number, forward: number, atm: number, years: number): number {
  return Math.log(strike / forward) / (atm * Math.sqrt(Math.max(years, 1 / TRADING_DAYS)))
}

/** Forward of a spot with carry; `calendarYears` to the settlement fix. */
export function forwardOf(spot: number, calendarYears: number): number {
  return spot * Math.exp((INTEREST - DIVIDENDS) * calendarYears)
}

/** What the options of one expiry are priced with at one instant. */
export interface ExpiryPricing {
  readonly forward: number
  /** Variance time in years. */
  readonly years: number
  /** Volatility at the money. */
  readonly atm: number
  readonly discount: number
}

/** Prices of an expiry; `fear` is the factor of volatility, `years` variance time, `calendarYears` that of the carry. */
export function expiryPricing(
  index: IndexName,
  forward: number,
  fear: number,
  years: number,
  calendarYears: number,
): ExpiryPricing {
  return { forward, years, atm: atmVolatility(index, fear, years), discount: Math.exp(-INTEREST * calendarYears) }
}

/** Fair value of an option in rupees. */
export function fairValue(pricing: ExpiryPricing, right: Right, strike: number): number {
  const { forward, years, atm, discount } = pricing
  const sigma = atm * smile(strikeDeviations(strike, forward, atm, years))
  return black76(right, forward, strike, years, sigma, discount)
}

const VIX_DAYS = 30
/** The variance of a strip of options exceeds that at the money by about this much with the smile above. */
const VIX_CONVEXITY = 1.05

/** India VIX in points: 30 days of NIFTY's surface. */
export function indiaVix(fear: number): number {
  return 100 * VIX_CONVEXITY * atmVolatility('NIFTY', fear, VIX_DAYS / 365)
}
