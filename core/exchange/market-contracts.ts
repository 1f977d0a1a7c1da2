import type { IndexName } from '../domain/index-catalog.ts'
import type { Right } from '../domain/instrument.ts'
import type { BookEntry } from './listing-book.ts'
import type { ExpiryTrack } from './market-expiry.ts'
import { uniform } from './market-noise.ts'
import type { SheetContract } from './market-terms.ts'
import type { SpotSession } from './spot-session.ts'
import { atmVolatility, type ExpiryPricing, fairValue, strikeDeviations, varianceYears } from './surface.ts'

interface IndexFlow {
  /** Activity level of the nearest expiry at the money; 0 = four quotes a second. */
  readonly level: number
  /** Lots a day of the nearest expiry's options at the money, of the nearest future, and their open interest. */
  readonly optionLots: number
  readonly optionOi: number
  readonly futureLots: number
  readonly futureOi: number
  /** Strikes that are multiples of these draw more interest, the first most. */
  readonly round: readonly [number, number, number]
}

/** Sizes after the NSE chains of July 2025 and August 2026, in lots. */
const INDEX_FLOWS: Readonly<Record<IndexName, IndexFlow>> = {
  NIFTY: {
    level: 0,
    optionLots: 450_000,
    optionOi: 95_000,
    futureLots: 90_000,
    futureOi: 240_000,
    round: [1000, 500, 100],
  },
  BANKNIFTY: {
    level: 0.8,
    optionLots: 90_000,
    optionOi: 30_000,
    futureLots: 50_000,
    futureOi: 75_000,
    round: [1000, 500, 500],
  },
  FINNIFTY: {
    level: 3,
    optionLots: 2_500,
    optionOi: 1_800,
    futureLots: 600,
    futureOi: 1_500,
    round: [1000, 500, 100],
  },
  MIDCPNIFTY: {
    level: 2,
    optionLots: 8_000,
    optionOi: 4_500,
    futureLots: 9_000,
    futureOi: 22_000,
    round: [500, 250, 100],
  },
  SENSEX: {
    level: 0.5,
    optionLots: 300_000,
    optionOi: 40_000,
    futureLots: 900,
    futureOi: 1_800,
    round: [2000, 1000, 500],
  },
}

/** On its last day an expiry trades this many times as much. */
const LAST_DAY_FACTOR = 40
const LEVELS_PER_EXPIRY = 1.2
const QUARTERLY_LEVELS = 3

/** What the place of an expiry among its index's, nearest first, means for its trading. */
export interface ExpiryFlow {
  readonly level: number
  readonly illiquidity: number
  readonly optionLots: number
  readonly optionOi: number
  readonly futureLots: number
  readonly futureOi: number
}

/** Trading in an expiry; `order` counts the expiries of the index from 0. */
export function expiryFlow(
  index: IndexName,
  expiry: { readonly kind: string; readonly rank: number },
  order: number,
  lastDay: boolean,
): ExpiryFlow {
  const flow = INDEX_FLOWS[index]
  const far = expiry.kind === 'quarterly' ? QUARTERLY_LEVELS + expiry.rank / 2 : 0
  const steps = expiry.kind === 'monthly' ? Math.min(order, expiry.rank + 1) : order
  const level = flow.level + LEVELS_PER_EXPIRY * steps + far
  const share = 0.22 ** steps * (expiry.kind === 'quarterly' ? 0.3 : 1)
  return {
    level,
    illiquidity: level,
    optionLots: flow.optionLots * share * (lastDay ? LAST_DAY_FACTOR : 1),
    optionOi: flow.optionOi * (expiry.kind === 'weekly' ? 1 : 2),
    futureLots: flow.futureLots * 0.12 ** expiry.rank,
    futureOi: flow.futureOi,
  }
}

/** Share of the most traded strike's volume at so many deviations from the money; less in the money. */
function demandAt(deviations: number, right: Right): number {
  const outward = right === 'CE' ? deviations : -deviations
  const width = outward > 0 ? 0.95 : 0.55
  return 1 / (1 + (deviations / width) ** 4)
}

function roundness(index: IndexName, strike: number): number {
  const [most, more, some] = INDEX_FLOWS[index].round
  if (strike % most === 0) return 2.6
  if (strike % more === 0) return 1.8
  return strike % some === 0 ? 1 : 0.3
}

/** Of the interest that an expiry has in the end, the share that is open so many trading days before. */
function grown(daysLeft: number): number {
  return 1.6 / (1 + daysLeft / 2.5)
}

/** Futures are rolled from the month before when about a month is left. */
function rolled(daysLeft: number): number {
  return 0.03 + 0.97 / (1 + Math.exp((daysLeft - 24) / 4))
}

/**
 * Open interest piles up out of the money, at round strikes, and grows towards expiry. It depends on the evening
 * alone, so that a day begins with what the day before ended with.
 */
function openInterest(
  seed: number,
  entry: Extract<BookEntry, { kind: 'option' }>,
  most: number,
  level: number,
  daysLeft: number,
): number {
  const { index, right, listing } = entry
  const years = varianceYears(Math.max(1, daysLeft))
  const deviations = strikeDeviations(listing.strike, level, atmVolatility(index, 1, years), years)
  const outward = right === 'CE' ? deviations : -deviations
  const hump = outward > 0 ? Math.exp(-((outward - 0.7) ** 2) / 3) + 0.03 : 0.85 * Math.exp(2.2 * outward)
  const own = 0.55 + 0.9 * uniform(seed, listing.token, 7)
  return Math.floor(most * hump * own * roundness(index, listing.strike) * grown(daysLeft))
}

interface Shared {
  readonly seed: number
  readonly session: SpotSession
  readonly track: ExpiryTrack
  readonly flow: ExpiryFlow
  /** Level of the index at this evening's close. */
  readonly closeToday: number
}

/** An option of the day. */
function optionContract(shared: Shared, entry: Extract<BookEntry, { kind: 'option' }>): SheetContract {
  const { seed, session, track, flow } = shared
  const { listing, right, index } = entry
  const { strike } = listing
  const price = (pricing: ExpiryPricing) => fairValue(pricing, right, strike)
  const call = right === 'CE'
  const previousClose = price(track.atPreviousClose)
  const previousSpot = session.previousClose(index)
  return {
    token: listing.token,
    lotSize: listing.lotSize,
    tickPaise: Math.round(listing.tickSize * 100),
    illiquidity: flow.illiquidity,
    size: Math.max(2, 40 / (1 + flow.illiquidity)),
    value: (second) => price(track.at(second)),
    dearest: (second) => {
      const bounds = track.bounds(second)
      return price(call ? bounds.dearCall : bounds.dearPut)
    },
    cheapest: (second) => {
      const bounds = track.bounds(second)
      return price(call ? bounds.cheapCall : bounds.cheapPut)
    },
    previousClose,
    dayLots: flow.optionLots * (0.5 + 0.5 * roundness(index, strike)),
    demand: (second) => {
      const { forward, atm, years } = track.at(second)
      return demandAt(strikeDeviations(strike, forward, atm, years), right)
    },
    oiBefore: openInterest(seed, entry, flow.optionOi, previousSpot, track.daysLeft + 1),
    oiAfter: openInterest(seed, entry, flow.optionOi, shared.closeToday, track.daysLeft),
    lowerCircuit: 5,
    upperCircuit: 5 * Math.round((previousClose + 0.2 * previousSpot) * 20),
  }
}

/** A future of the day. */
function futureContract(shared: Shared, entry: Extract<BookEntry, { kind: 'future' }>): SheetContract {
  const { seed, track, flow } = shared
  const { listing } = entry
  const previousClose = track.atPreviousClose.forward
  const tickPaise = Math.round(listing.tickSize * 100)
  const banded = (share: number) => tickPaise * Math.round((previousClose * 100 * share) / tickPaise)
  const held = (days: number) =>
    Math.floor(flow.futureOi * rolled(days) * (0.9 + 0.2 * uniform(seed, listing.token, 9, days)))
  return {
    token: listing.token,
    lotSize: listing.lotSize,
    tickPaise,
    // The spread of a future is a share of a large price.
    illiquidity: -0.38 + 0.02 * flow.illiquidity,
    size: Math.max(2, 20 / (1 + flow.illiquidity)),
    value: (second) => track.at(second).forward,
    dearest: (second) => track.bounds(second).dearCall.forward,
    cheapest: (second) => track.bounds(second).cheapCall.forward,
    previousClose,
    dayLots: flow.futureLots,
    demand: () => 1,
    oiBefore: held(track.daysLeft + 1),
    oiAfter: held(track.daysLeft),
    lowerCircuit: banded(0.9),
    upperCircuit: banded(1.1),
  }
}

/** What the market needs to quote a contract of the day. */
export function contractOf(shared: Shared, entry: Exclude<BookEntry, { kind: 'index' }>): SheetContract {
  return entry.kind === 'option' ? optionContract(shared, entry) : futureContract(shared, entry)
}
