/** The exchange's own time is minutes behind the receipt only where a price was sent again, as to each new subscriber. */
const SENT_AGAIN_MS = 300_000

/**
 * The market time that a price is of: its receipt, or the exchange's own time where the price stood still since long before
 * it was received. Epoch milliseconds; null, or NaN, for an exchange time that is not known.
 */
export function priceTime(receivedAt: number, exchangeAt: number | null): number {
  return exchangeAt !== null && receivedAt - exchangeAt > SENT_AGAIN_MS ? exchangeAt : receivedAt
}

/** From when the life that a price has left is counted: what has settled has none, whatever its price is of. */
export function pricedFrom(now: number, pricesAt: number, settlementAt: number): number {
  return now >= settlementAt ? now : Math.min(now, pricesAt)
}
