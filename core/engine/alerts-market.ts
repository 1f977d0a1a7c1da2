import type { PriceTarget } from '../contract/alerts.ts'
import type { Calendar } from '../domain/calendar.ts'
import type { IndexName } from '../domain/index-catalog.ts'
import type { Bucket } from '../domain/instrument.ts'
import type { Clock } from '../kernel/clock.ts'
import { OpError } from '../kernel/errors.ts'
import type { LiveChain } from './live-stream.ts'
import { type LiveView, STALE_MS, type WholeChain } from './live-view.ts'
import type { IndexState, MarketState, UnderlyingState } from './market-state.ts'

/** What a price rule watches, now. */
export interface PriceReading {
  /** null = not known. */
  readonly value: number | null
  /** Why it is not known or may not be acted upon, in words; null when it may. */
  readonly note: string | null
}

/** One look at the market: each chain is read once, whatever the number of rules that name it. */
export interface MarketLook {
  read(target: PriceTarget): PriceReading
}

export interface AlertMarketDeps {
  readonly clock: Clock
  readonly calendar: Calendar
  readonly market: () => MarketState | null
  readonly view: Pick<LiveView, 'wholeChain' | 'live'>
}

const WAITING = 'waiting for the list of instruments'
const STALE = 'stale: no packets come'

export function lookAtMarket(deps: AlertMarketDeps): MarketLook {
  const wholes = new Map<string, Outcome<WholeChain>>()
  const chains = new Map<string, Outcome<LiveChain>>()
  return {
    read(target) {
      const { index, bucket } = target
      const market = deps.market()
      if (market === null) return unknown(WAITING)
      const state = market.indices.get(index)
      if (state === undefined) return unknown(`${index} is not collected`)
      if (target.kind === 'leg') return legReading(readOnce(chains, index, bucket, deps.view.live.chain), target)
      const { metric } = target
      if (metric === 'spot') return underlyingReading(deps, state.spot)
      if (metric === 'vix') return underlyingReading(deps, market.vix)
      return chainReading(readOnce(wholes, index, bucket, deps.view.wholeChain), state, metric)
    },
  }
}

type Outcome<Read> = { readonly found: Read } | { readonly note: string }

function readOnce<Read>(
  known: Map<string, Outcome<Read>>,
  index: IndexName,
  bucket: Bucket,
  read: (index: IndexName, bucket: Bucket) => Read,
): Outcome<Read> {
  const key = `${index} ${bucket}`
  const before = known.get(key)
  if (before !== undefined) return before
  const outcome = attempt(() => read(index, bucket))
  known.set(key, outcome)
  return outcome
}

function attempt<Read>(read: () => Read): Outcome<Read> {
  try {
    return { found: read() }
  } catch (fault) {
    if (fault instanceof OpError) return { note: fault.message }
    throw fault
  }
}

function unknown(note: string): PriceReading {
  return { value: null, note }
}

/** A number that is none is not known. */
function reading(value: number | null, isStale: boolean): PriceReading {
  const known = value !== null && Number.isFinite(value) ? value : null
  if (isStale) return { value: known, note: STALE }
  return { value: known, note: known === null ? 'no value yet' : null }
}

/** While the index is frozen its packets may stop; its value stands. */
function underlyingReading({ clock, calendar }: AlertMarketDeps, state: UnderlyingState): PriceReading {
  const now = clock.now()
  const { optionsTrade, indexFrozen } = calendar.phaseAt(now)
  const age = state.receivedAt === null ? Number.POSITIVE_INFINITY : now - state.receivedAt
  return reading(state.lastPrice, optionsTrade && !indexFrozen && age > STALE_MS)
}

type ChainMetric = Exclude<Extract<PriceTarget, { kind: 'chain' }>['metric'], 'spot' | 'vix'>

function chainReading(chain: Outcome<WholeChain>, state: IndexState, metric: ChainMetric): PriceReading {
  if ('note' in chain) return unknown(chain.note)
  const { metrics, stale } = chain.found
  return reading(metricOf(metrics, state, metric), stale)
}

function metricOf(metrics: WholeChain['metrics'], state: IndexState, metric: ChainMetric): number | null {
  switch (metric) {
    case 'future':
      // The chain's month: the first that expires on or after the chain does.
      return state.futures.find(({ expiry }) => expiry !== null && expiry >= metrics.expiry)?.lastPrice ?? null
    case 'forward':
      return metrics.forward.value
    case 'atm_iv':
      return metrics.atm.iv
    case 'straddle':
      return metrics.atm.straddle
    case 'expected_move':
    case 'pcr_oi':
    case 'pcr_volume':
    case 'max_pain':
    case 'skew_25d':
    case 'gex':
      return metrics[metric]
  }
}

const LEG_COLUMNS = { ltp: 3, volume: 9, oi: 10, oi_change: 11, iv: 17, delta: 18 } as const

function legReading(chain: Outcome<LiveChain>, target: Extract<PriceTarget, { kind: 'leg' }>): PriceReading {
  if ('note' in chain) return unknown(chain.note)
  const { strikes, symbols, legs, head } = chain.found
  const { strike, right, metric } = target
  const place = strikes.indexOf(strike)
  const slot = 2 * place + (right === 'CE' ? 0 : 1)
  if (place < 0 || (symbols[slot] ?? null) === null) return unknown(`${strike} ${right} is not listed`)
  return reading(legs[slot]?.[LEG_COLUMNS[metric]] ?? null, head.stale)
}
