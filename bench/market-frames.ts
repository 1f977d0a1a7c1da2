import { encodeFrame } from '../core/contract/kite-encode.ts'
import { type Calendar, createCalendar } from '../core/domain/calendar.ts'
import { CALENDAR_DATA } from '../core/domain/calendar-data.ts'
import { INDEX_NAMES } from '../core/domain/index-catalog.ts'
import { BUCKETS } from '../core/domain/instrument.ts'
import { istInstant } from '../core/domain/ist.ts'
import { buildUniverse, type Universe } from '../core/engine/universe.ts'
import type { Market } from '../core/exchange/market.ts'
import { createSimulatedMarket } from '../core/exchange/market-simulated.ts'
import { packetOf } from '../core/exchange/socket-packets.ts'

/** What Kite sends at most: 3 connections of 3000 instruments, each about once a second. */
export const TICKS_PER_SECOND = 9000
const STEP_MS = 50
const CONNECTIONS = 3
const PER_STEP = (TICKS_PER_SECOND * STEP_MS) / 1000
/** Market seconds that are kept; they are played in a circle. */
const SECONDS = 3
const DATE = '2026-11-23'

/** Frames that arrive within one flush of the collector. */
export interface Step {
  readonly frames: readonly Uint8Array[]
  readonly packets: number
}

export interface MarketFrames {
  readonly calendar: Calendar
  readonly universe: Universe
  /** Market time of the first step; each is `stepMs` after the one before. */
  readonly startMs: number
  readonly stepMs: number
  readonly steps: readonly Step[]
}

/**
 * A simulated morning of all five indices as it comes over the wire, in full mode. Every packet differs from the
 * packet of its contract before it, as the exchange's second in it does, so that none is a repeat.
 */
export function createMarketFrames(): MarketFrames {
  const calendar = createCalendar(CALENDAR_DATA)
  const startMs = istInstant(DATE, '10:30')
  const market = createSimulatedMarket({ calendar }, { seed: 7, startMs })
  const universe = universeOf(market)
  const tokens = spread(universe.tokens)
  let next = 0
  const steps = Array.from({ length: (SECONDS * 1000) / STEP_MS }, (_, at): Step => {
    const now = startMs + at * STEP_MS
    market.advance(now)
    const frames = Array.from({ length: CONNECTIONS }, () =>
      encodeFrame(
        Array.from({ length: PER_STEP / CONNECTIONS }, () => {
          const token = tokens[next % tokens.length] ?? 0
          const turn = Math.floor(next / tokens.length)
          next += 1
          return packetAt(market, token, Math.floor(startMs / 1000) + turn)
        }),
      ),
    )
    return { frames, packets: PER_STEP }
  })
  return { calendar, universe, startMs, stepMs: STEP_MS, steps }
}

function packetAt(market: Market, token: number, exchangeTime: number): Uint8Array {
  const quote = market.quote(token)
  if (quote === null) throw new RangeError(`${token} has no quote`)
  return packetOf({ ...quote, exchangeTime }, 'full')
}

function universeOf(market: Market): Universe {
  const exchanges = ['NSE', 'BSE', 'NFO', 'BFO'] as const
  const instruments = exchanges.flatMap((exchange) => market.listings(exchange))
  return buildUniverse({ date: DATE, indices: INDEX_NAMES, buckets: BUCKETS, instruments, spotTokens: new Map() })
}

/** The universe in an order in which neighbours are of different chains, as they are on the wire. */
function spread(tokens: readonly number[]): readonly number[] {
  const stride = 37
  return Array.from({ length: stride }, (_, first) => tokens.filter((_token, at) => at % stride === first)).flat()
}
