import { z } from 'zod'
import { INDEX_NAMES, type IndexName } from '../domain/index-catalog.ts'
import { BUCKETS, type Bucket } from '../domain/instrument.ts'
import { BUILD_UPS, IV_STATUSES, type Leg, PRICES_USED } from '../domain/leg.ts'

/**
 * A live chain on `/stream` for screens: first the whole chain, then only legs that changed, ten messages a second at
 * most (two of them may be 50 ms apart) and one at least. `seq` counts the messages of one subscription from 0: whoever sees a hole
 * subscribes anew. Times are epoch milliseconds; derived numbers are rounded to what a screen shows,
 * be it for a whole lot.
 */

const indexSchema = z.enum(INDEX_NAMES)
const bucketSchema = z.enum(BUCKETS)
export const chainTopicSchema = z.templateLiteral(['chain:', indexSchema, ':', bucketSchema])
export type ChainTopic = z.infer<typeof chainTopicSchema>

export function chainTopic(index: IndexName, bucket: Bucket): ChainTopic {
  return `chain:${index}:${bucket}`
}

export function readChainTopic(topic: ChainTopic): { readonly index: IndexName; readonly bucket: Bucket } {
  const [, index, bucket] = topic.split(':')
  return { index: indexSchema.parse(index), bucket: bucketSchema.parse(bucket) }
}

const number = z.number().nullable()
const time = z.number()

/** One leg; `slot` = 2 × place of the strike, plus 1 for a put. */
const legRowSchema = z.tuple([
  z.number().int().describe('slot'),
  time.describe('ts'),
  time.nullable().describe('exchange_ts'),
  number.describe('ltp'),
  number.describe('close'),
  number.describe('bid'),
  number.describe('ask'),
  number.describe('bid_qty'),
  number.describe('ask_qty'),
  number.describe('volume'),
  number.describe('oi'),
  number.describe('oi_change'),
  number.describe('oi_day_high'),
  number.describe('oi_day_low'),
  number.describe('open'),
  number.describe('high'),
  number.describe('low'),
  number.describe('iv'),
  number.describe('delta'),
  number.describe('gamma'),
  number.describe('theta'),
  number.describe('vega'),
  number.describe('rho'),
  z.enum(PRICES_USED).nullable().describe('price_used'),
  z.enum(IV_STATUSES).describe('iv_status'),
  z.enum(BUILD_UPS).nullable().describe('build_up'),
])
export type ChainLegRow = z.infer<typeof legRowSchema>

const headSchema = z.object({
  /** The market's clock when this was read. */
  time,
  /** Newest receipt of a packet of the chain. */
  received_at: time.nullable(),
  /** Newest exchange time of the chain's packets. */
  exchange_ts: time.nullable(),
  stale: z.boolean(),
  spot: number,
  spot_frozen: z.boolean(),
  /** Future of the chain's month: the first that expires on or after the chain does. */
  future: number,
  vix: number,
  forward: z.object({ value: number, method: z.enum(['parity', 'future', 'spot_carry']).nullable(), age_ms: number }),
  atm: number,
})
export type ChainHead = z.infer<typeof headSchema>

const scopeSchema = z.object({ pcr_oi: number, pcr_volume: number, max_pain: number })
const metricsSchema = z.object({
  rate: z.number(),
  window: scopeSchema,
  full: scopeSchema,
  atm_iv: number,
  straddle: number,
  expected_move: number,
  skew_25d: number,
})
export type ChainMetrics = z.infer<typeof metricsSchema>

const common = { topic: chainTopicSchema, seq: z.number().int(), head: headSchema, legs: z.array(legRowSchema) }
export const chainMessageSchema = z.discriminatedUnion('full', [
  z.object({
    ...common,
    full: z.literal(true),
    expiry: z.string(),
    lot_size: z.number().int(),
    settles_at: time,
    strikes: z.array(z.number()),
    /** By slot; null where the exchange lists none. */
    symbols: z.array(z.string().nullable()),
    metrics: metricsSchema.nullable(),
  }),
  /** `metrics` only when they were computed anew. */
  z.object({ ...common, full: z.literal(false), metrics: metricsSchema.nullable().optional() }),
])
export type ChainMessage = z.infer<typeof chainMessageSchema>

/** Sent in place of a chain that cannot be shown now; the chain follows when it can. */
export const chainUnavailableSchema = z.object({ topic: chainTopicSchema, code: z.string(), message: z.string() })
export type ChainUnavailable = z.infer<typeof chainUnavailableSchema>

export const CHAIN_EVENT = 'chain'
export const CHAIN_UNAVAILABLE_EVENT = 'chain_unavailable'

/** What a leg's row adds to the leg. */
export interface LegExtras {
  readonly slot: number
  readonly oiChange: number | null
  readonly buildUp: ChainLegRow[25]
}

export function chainLegRow(leg: Leg, { slot, oiChange, buildUp }: LegExtras): ChainLegRow {
  return [
    slot,
    leg.ts,
    leg.exchange_ts,
    leg.ltp,
    leg.close,
    leg.bid,
    leg.ask,
    leg.bid_qty,
    leg.ask_qty,
    leg.volume,
    leg.oi,
    oiChange,
    leg.oi_day_high,
    leg.oi_day_low,
    leg.open,
    leg.high,
    leg.low,
    rounded(leg.iv, 1e5),
    rounded(leg.delta, 1e6),
    rounded(leg.gamma, 1e9),
    rounded(leg.theta, 1e5),
    rounded(leg.vega, 1e5),
    rounded(leg.rho, 1e5),
    leg.price_used,
    leg.iv_status,
    buildUp,
  ]
}

/** Decimals of the derived numbers that a screen shows of one unit, by their place in a row. */
const SHOWN_SCALES: Readonly<Record<number, number>> = { 17: 1e4, 18: 1e3, 19: 1e5, 20: 1e2, 21: 1e2, 22: 1e2 }

/** Whether a screen that shows one unit of each contract shows the same for both. */
export function looksSame(a: ChainLegRow, b: ChainLegRow): boolean {
  return a.every((value, place) => {
    const other = b[place]
    const scale = SHOWN_SCALES[place]
    if (scale === undefined || typeof value !== 'number' || typeof other !== 'number') return value === other
    return Math.round(value * scale) === Math.round(other * scale)
  })
}

function rounded(value: number | null, scale: number): number | null {
  return value === null ? null : Math.round(value * scale) / scale + 0
}
