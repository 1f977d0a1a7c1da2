import type { Leg } from '../domain/leg.ts'

/** Takes the fields of one line in the contract's order, each in the form of its column's kind. */
export interface FieldWriter {
  integer(value: number | null): void
  price(value: number | null): void
  number(value: number | null): void
  text(value: string | null): void
}

/**
 * Feeds a leg's 36 columns in the order of `LEG_COLUMNS`. Written out, since reading properties by a changing key
 * costs more than writing their digits; a test holds it to the table.
 */
export function writeLegFields(leg: Leg, to: FieldWriter): void {
  to.integer(leg.ts)
  to.text(leg.index)
  to.text(leg.bucket)
  to.text(leg.expiry)
  to.number(leg.strike)
  to.integer(leg.offset)
  to.text(leg.right)
  to.text(leg.symbol)
  to.integer(leg.token)
  to.price(leg.ltp)
  to.price(leg.bid)
  to.price(leg.ask)
  to.integer(leg.bid_qty)
  to.integer(leg.ask_qty)
  to.integer(leg.volume)
  to.integer(leg.oi)
  to.integer(leg.oi_day_high)
  to.integer(leg.oi_day_low)
  to.price(leg.open)
  to.price(leg.high)
  to.price(leg.low)
  to.price(leg.close)
  to.number(leg.iv)
  to.number(leg.delta)
  to.number(leg.gamma)
  to.number(leg.theta)
  to.number(leg.vega)
  to.number(leg.rho)
  to.price(leg.spot)
  to.price(leg.forward)
  to.integer(leg.exchange_ts)
  to.text(leg.batch)
  to.text(leg.source)
  to.text(leg.price_used)
  to.text(leg.iv_status)
  to.text(leg.forward_method)
}
