import type { IvStatus, PriceUsed } from '../domain/leg.ts'

export interface Quote {
  /** Best bid, best ask and last trade in rupees; null = none. */
  readonly bid: number | null
  readonly ask: number | null
  readonly last: number | null
  /** Rupees; 0.05 when left out. */
  readonly tickSize?: number
}

export interface PriceToUse {
  readonly price: number | null
  readonly used: PriceUsed | null
  /** Both sides are quoted, but too far apart for their middle to mean anything. */
  readonly wide: boolean
}

/** A market is too wide when its spread exceeds both of these: a share of the mid, and a number of ticks. */
const WIDEST_SHARE_OF_MID = 0.25
const WIDEST_IN_TICKS = 4
const USUAL_TICK = 0.05

/** A last trade without a usable quote beside it bears IV for so long; then the index has moved on from it. */
export const STALE_TRADE_MS = 5 * 60_000

function positive(price: number | null): number | null {
  return price !== null && price > 0 && price < Number.POSITIVE_INFINITY ? price : null
}

/**
 * The price from which a leg's IV is taken: the mid where bid and ask are positive, not crossed, and their spread is
 * at most a quarter of the mid or at most four ticks (cheap options trade at a few ticks); else the last trade; else
 * none. `wide` is set when the spread alone spoilt the mid, also when the last trade could replace it.
 */
export function priceToUse(quote: Quote): PriceToUse {
  const bid = positive(quote.bid)
  const ask = positive(quote.ask)
  const last = positive(quote.last)
  let wide = false
  if (bid !== null && ask !== null && ask >= bid) {
    const mid = 0.5 * (bid + ask)
    const limit = Math.max(WIDEST_SHARE_OF_MID * mid, WIDEST_IN_TICKS * (quote.tickSize ?? USUAL_TICK))
    // Quotes lie on the tick's grid but binary fractions do not: half a per mille keeps four ticks four ticks.
    wide = ask - bid > limit * 1.0005
    if (!wide) return { price: mid, used: 'mid', wide }
  }
  return { price: last, used: last === null ? null : 'last', wide }
}

/** The status of a leg priced by its own quote: a price that can be solved is still none when it cannot be trusted. */
export function statusOfOwn(
  computed: IvStatus,
  { wide, stale }: { readonly wide: boolean; readonly stale: boolean },
): IvStatus {
  if (computed !== 'ok' && computed !== 'no_price') return computed
  if (wide) return 'wide_spread'
  return stale ? 'stale' : computed
}
