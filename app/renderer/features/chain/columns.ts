import { priceTime } from '../../../../core/domain/price-time.ts'
import type { NumberKind } from '../../lib/format.ts'
import type { LiveLeg } from '../../store/chain-data.ts'

/** What a cell may need besides its leg. */
export interface CellContext {
  readonly strike: number
  readonly isCall: boolean
  readonly forward: number | null
  readonly now: number | null
}

interface NumberColumn {
  readonly label: string
  readonly title: string
  /** Least width, px at the normal size. */
  readonly width: number
  readonly kind: NumberKind
  /** Counted in units; shown in lots where the user wants lots. */
  readonly inLots?: true
  readonly value: (leg: LiveLeg, context: CellContext) => number | null
}

interface TextColumn {
  readonly label: string
  readonly title: string
  readonly width: number
  readonly kind: 'text'
  readonly text: (leg: LiveLeg) => string | null
}

export type Column = NumberColumn | TextColumn

function ratio(part: number | null, whole: number | null): number | null {
  return part === null || whole === null || whole === 0 ? null : part / whole
}

function difference(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a - b
}

function intrinsic({ strike, isCall, forward }: CellContext): number | null {
  if (forward === null) return null
  return Math.max(0, isCall ? forward - strike : strike - forward)
}

const field = (
  label: string,
  title: string,
  width: number,
  kind: NumberKind,
  value: NumberColumn['value'],
): NumberColumn => ({ label, title, width, kind, value })

const lots = (
  label: string,
  title: string,
  value: NumberColumn['value'],
  kind: NumberKind = 'quantity',
): NumberColumn => ({
  ...field(label, title, 64, kind, value),
  inLots: true,
})

const BUILD_UP_WORDS = { long: 'L', short: 'S', covering: 'SC', unwinding: 'LU' } as const
const IV_STATUS_WORDS = {
  ok: 'ok',
  below_intrinsic: '< intrinsic',
  above_maximum: '> maximum',
  no_price: 'no price',
  no_forward: 'no forward',
  expired: 'expired',
  wide_spread: 'wide',
  stale: 'old trade',
} as const

const COLUMNS = {
  ltp: field('LTP', 'Last traded price', 78, 'price', (leg) => leg.ltp),
  change: field('Chg', 'Change since the previous close', 64, 'change', (leg) => difference(leg.ltp, leg.close)),
  change_percent: field('Chg %', 'Change since the previous close', 62, 'change_percent', (leg) =>
    ratio(difference(leg.ltp, leg.close), leg.close),
  ),
  bid: field('Bid', 'Best bid', 66, 'price', (leg) => leg.bid),
  ask: field('Ask', 'Best ask', 66, 'price', (leg) => leg.ask),
  bid_qty: lots('Bid qty', 'Quantity at the best bid', (leg) => leg.bid_qty),
  ask_qty: lots('Ask qty', 'Quantity at the best ask', (leg) => leg.ask_qty),
  spread: field('Spread', 'Best ask less best bid', 64, 'price', (leg) => difference(leg.ask, leg.bid)),
  volume: lots('Volume', 'Traded today', (leg) => leg.volume),
  oi: lots('OI', 'Open interest', (leg) => leg.oi),
  oi_change: lots(
    'OI chg',
    'Change of open interest since the previous close; a dash until a day before is on record',
    (leg) => leg.oi_change,
    'quantity_change',
  ),
  oi_change_percent: field(
    'OI chg %',
    'Change of open interest since the previous close',
    70,
    'change_percent',
    (leg) => ratio(leg.oi_change, difference(leg.oi, leg.oi_change)),
  ),
  oi_day_high: lots('OI high', "Day's highest open interest", (leg) => leg.oi_day_high),
  oi_day_low: lots('OI low', "Day's lowest open interest", (leg) => leg.oi_day_low),
  open: field('Open', "Day's first price", 70, 'price', (leg) => leg.open),
  high: field('High', "Day's highest price", 70, 'price', (leg) => leg.high),
  low: field('Low', "Day's lowest price", 70, 'price', (leg) => leg.low),
  close: field('Prev', 'Previous close', 70, 'price', (leg) => leg.close),
  iv: field('IV %', 'Implied volatility, percent a year', 50, 'iv', (leg) => leg.iv),
  delta: field('Delta', 'Change of the price per point of the underlying', 62, 'delta', (leg) => leg.delta),
  gamma: field('Gamma', 'Change of delta per point of the underlying', 72, 'gamma', (leg) => leg.gamma),
  theta: field('Theta', 'Rupees a calendar day', 66, 'theta', (leg) => leg.theta),
  vega: field('Vega', 'Rupees per 1 point of volatility', 60, 'vega', (leg) => leg.vega),
  rho: field('Rho', 'Rupees per 1 point of the rate', 60, 'vega', (leg) => leg.rho),
  intrinsic: field('Intrinsic', 'Against the forward', 76, 'price', (_leg, context) => intrinsic(context)),
  time_value: field('Time val', 'LTP less intrinsic value', 74, 'price', (leg, context) =>
    difference(leg.ltp, intrinsic(context)),
  ),
  age: field('Age', 'Since the last price of this contract', 60, 'seconds', (leg, { now }) =>
    now === null ? null : Math.max(0, (now - priceTime(leg.ts, leg.exchange_ts)) / 1000),
  ),
  build_up: {
    label: 'Build',
    title: 'Build-up since the previous close: L long, S short, SC short covering, LU long unwinding',
    width: 48,
    kind: 'text',
    text: (leg) => (leg.build_up === null ? null : BUILD_UP_WORDS[leg.build_up]),
  },
  price_used: {
    label: 'IV from',
    title: 'Price that IV is taken from: mid of the quotes, last trade, or the out-of-the-money twin',
    width: 58,
    kind: 'text',
    text: (leg) => leg.price_used,
  },
  iv_status: {
    label: 'IV status',
    title: 'Why there is an IV or none',
    width: 80,
    kind: 'text',
    text: (leg) => IV_STATUS_WORDS[leg.iv_status],
  },
} as const satisfies Readonly<Record<string, Column>>

export type ColumnId = keyof typeof COLUMNS
export const COLUMN_IDS = Object.keys(COLUMNS).filter((id): id is ColumnId => id in COLUMNS)

export function columnOf(id: ColumnId): Column {
  return COLUMNS[id]
}

/** From the strike outward, on both sides. */
export const PRESET_COLUMNS: Readonly<Record<'price' | 'greeks', readonly ColumnId[]>> = {
  price: ['ltp', 'change', 'bid', 'ask', 'iv', 'volume', 'oi', 'oi_change'],
  greeks: ['delta', 'ltp', 'iv', 'theta', 'gamma', 'vega', 'oi', 'build_up'],
}

/** What is read as a pair from left to right, whichever side it stands on. */
const PAIRS: readonly (readonly [left: ColumnId, right: ColumnId])[] = [
  ['bid', 'ask'],
  ['bid_qty', 'ask_qty'],
  ['oi_day_low', 'oi_day_high'],
]

/** Columns from left to right: calls mirrored, but for pairs. */
export function orderOf(columns: readonly ColumnId[], isCall: boolean): readonly ColumnId[] {
  if (!isCall) return columns
  const order = [...columns].reverse()
  for (const [left, right] of PAIRS) {
    const place = order.indexOf(right)
    if (order[place + 1] === left) order.splice(place, 2, left, right)
  }
  return order
}
