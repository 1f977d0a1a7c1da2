import { z } from 'zod'
import { CONVENTIONS } from '../domain/chain-snapshot.ts'
import { INDEX_NAMES } from '../domain/index-catalog.ts'
import { BUCKETS, SOURCES } from '../domain/instrument.ts'
import { BUILD_UPS, IV_STATUSES, PRICES_USED } from '../domain/leg.ts'
import { chainTopicSchema } from './chain-stream.ts'

/** What the HTTP API answers (CONTRACT.md section 4). Instants are ISO with +05:30; missing is null with its key. */

const number = z.number().nullable()
const instant = z.string().describe('2026-11-23T10:00:00.123+05:30')
const date = z.string().describe('YYYY-MM-DD, Asia/Kolkata')

const indexSchema = z.enum(INDEX_NAMES)
export const bucketSchema = z.enum(BUCKETS)
const source = z.enum(SOURCES)
const forwardMethod = z.enum(['parity', 'future', 'spot_carry']).nullable()

export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  code: z.string(),
  hint: z.string(),
  trace_id: z.string(),
})

const componentSchema = z.object({
  state: z.enum(['idle', 'starting', 'running', 'degraded', 'stopping', 'stopped', 'failed']),
  since: instant,
  issue: z.string().nullable(),
  detail: z.string().nullable(),
  /** The last thing that went wrong in this run, kept when it is well again; `at` by the clock of the wall. */
  last_error: z.object({ at: instant, message: z.string(), hint: z.string() }).nullable(),
})

const TOKEN_STATES = ['not_needed', 'missing', 'valid', 'expired', 'unknown'] as const

const processSchema = z.object({
  started_at: instant,
  uptime_s: z.number(),
  pid: z.number().int(),
  memory_bytes: z.number(),
  /** MAX_MEMORY_USAGE_MB, soft. */
  memory_limit_bytes: z.number(),
  /** What is less because memory comes near its limit: stages in force, in words, and what to do. */
  sparing: z.object({
    stage: z.number().int().describe('0 = nothing is reduced'),
    stages: z.number().int(),
    since: instant,
    reduced: z.array(z.string()),
    remedy: z.string().nullable(),
  }),
  /** p99 of the last seconds. */
  event_loop_lag_ms: z.number(),
  /** Times that the main thread did not answer for more than 250 ms, since the start. */
  stalls: z.number().int(),
  last_stall_at: instant.nullable(),
  /** 1 = one core. */
  cpu_ratio: z.number(),
})

const diskSchema = z.object({
  free_bytes: number,
  /** Of a trading day, as measured. */
  bytes_per_day: number,
  /** Trading days. */
  days_left: number,
})

/** Days that were moved to the archive; `last` is the one that was moved last, `next` the one that waits. */
const archiveSchema = z.object({
  days: z.number().int(),
  last: z.object({ date, at: instant, bytes_before: z.number().int(), bytes_after: z.number().int() }).nullable(),
  next: date.nullable(),
})

export const healthSchema = z.object({
  status: z.enum(['healthy', 'degraded']),
  issues: z.array(z.string()),
  version: z.string(),
  source,
  simulated: z.boolean(),
  market: z.object({
    time: instant,
    phase: z.string(),
    until: instant,
    note: z.string().nullable(),
    index_frozen: z.boolean(),
  }),
  components: z.record(z.string(), componentSchema),
  feed: z.object({
    legs_per_second: z.number(),
    /** Milliseconds since the last packet; null before the first. */
    lag_ms: number,
    received: z.number().int(),
    /** Option packets that became legs. */
    recorded: z.number().int(),
    /** Packets of spots, futures and VIX in the record. */
    underlyings: z.number().int(),
    dropped: z.record(z.string(), z.number().int()),
  }),
  record: z.object({
    epoch: z.number().int(),
    durable_batch: z.string().nullable(),
    durable_legs: z.number().int(),
    pending: z.record(z.string(), z.number().int()),
  }),
  indices: z.array(
    z.object({
      index: indexSchema,
      spot: number,
      spot_frozen: z.boolean(),
      atm: number,
      last_leg: instant.nullable(),
      subscribed: z.number().int(),
    }),
  ),
  process: processSchema,
  disk: diskSchema,
  archive: archiveSchema,
  /** `since` by the clock of the market; null while it goes on. */
  collecting: z.object({ paused: z.boolean(), since: instant.nullable() }),
  /** Kite's access token; its end by the clock of the wall. */
  token: z.object({ state: z.enum(TOKEN_STATES), expires_at: instant.nullable() }),
  /** Open streams: windows and programs that follow this monitor. */
  clients: z.number().int(),
})
export type HealthReport = z.infer<typeof healthSchema>

const expirySchema = z.object({
  expiry: date,
  buckets: z.array(bucketSchema),
  monthly: z.boolean(),
  days_to_expiry: z.number().int(),
  settles_at: instant,
  lot_size: z.number().int(),
  strikes: z.array(z.number()),
})
export const expiriesSchema = z.object({ index: indexSchema, date, source, expiries: z.array(expirySchema) })
export type ExpiriesReport = z.infer<typeof expiriesSchema>

export const indicesSchema = z.object({
  date: date.nullable(),
  source,
  indices: z.array(
    z.object({
      index: indexSchema,
      exchange: z.string(),
      spot_symbol: z.string(),
      spot: number,
      spot_frozen: z.boolean(),
      buckets: z.record(z.string(), date),
      lot_size: z.number().int().nullable(),
    }),
  ),
})
export type IndicesReport = z.infer<typeof indicesSchema>

/** Every leg column but those of the head and the row, plus `age_ms`, `oi_change` and `build_up`. */
export const chainLegSchema = z.object({
  ts: instant,
  right: z.enum(['CE', 'PE']),
  symbol: z.string(),
  token: z.number().int(),
  ltp: number,
  bid: number,
  ask: number,
  bid_qty: number,
  ask_qty: number,
  volume: number,
  oi: number,
  oi_day_high: number,
  oi_day_low: number,
  open: number,
  high: number,
  low: number,
  close: number,
  iv: number,
  delta: number,
  gamma: number,
  theta: number,
  vega: number,
  rho: number,
  exchange_ts: instant.nullable(),
  batch: z.string().nullable(),
  price_used: z.enum(PRICES_USED).nullable(),
  iv_status: z.enum(IV_STATUSES),
  age_ms: z.number(),
  oi_change: number,
  /** Against the previous close; null without a baseline. */
  build_up: z.enum(BUILD_UPS).nullable(),
})
export type ChainLeg = z.infer<typeof chainLegSchema>

export const optionChainSchema = z.object({
  index: indexSchema,
  bucket: bucketSchema,
  expiry: date,
  source,
  timestamp: instant,
  stale: z.boolean(),
  spot: number,
  spot_frozen: z.boolean(),
  forward: z.object({ value: number, method: forwardMethod, age_ms: number }),
  atm: number,
  lot_size: z.number().int(),
  rows: z.array(
    z.object({
      strike: z.number(),
      offset: z.number().int().nullable(),
      call: chainLegSchema.nullable(),
      put: chainLegSchema.nullable(),
    }),
  ),
})
export type OptionChain = z.infer<typeof optionChainSchema>

export const greeksSchema = z.object({
  index: indexSchema,
  bucket: bucketSchema,
  expiry: date,
  source,
  timestamp: instant,
  forward: z.object({ value: number, method: forwardMethod, age_ms: number }),
  legs: z.array(
    chainLegSchema
      .pick({
        right: true,
        symbol: true,
        iv: true,
        iv_status: true,
        delta: true,
        gamma: true,
        theta: true,
        vega: true,
        rho: true,
        age_ms: true,
      })
      .extend({ strike: z.number() }),
  ),
})
export type GreeksReport = z.infer<typeof greeksSchema>

/** A smile free of butterfly arbitrage; `marks` price every listed strike, traded or not. */
const smileSchema = z.object({
  method: z.literal('lognormal_mixture'),
  points: z.number().int(),
  residual: z.number(),
  marks: z
    .array(z.object({ strike: z.number(), iv: number, call: z.number(), put: z.number(), residual: number }))
    .readonly(),
})

/** The object of `analyse chain` without its legs, over `scope`. */
const chainSummarySchema = z.object({
  index: indexSchema,
  expiry: date,
  as_of: instant,
  convention: z.literal('market'),
  rate: z.number(),
  scope: z.enum(['window', 'full']),
  oi_unit: z.literal('units'),
  spot: number,
  forward: z.object({ value: number, method: forwardMethod, pairs: z.number().int(), residual: number }),
  totals: z.object({ ce_oi: number, pe_oi: number, ce_volume: number, pe_volume: number }),
  pcr_oi: number,
  pcr_volume: number,
  max_pain: number,
  atm: z.object({ strike: number, iv: number, straddle: number }),
  expected_move: number,
  skew_25d: number,
  /** IV of the call less that of the put at 25 delta. */
  risk_reversal_25d: number,
  gex: number,
  /** Rupees of underlying that the holders of all open options are long: Σ δ·OI·S. */
  dex: number,
  smile: smileSchema.nullable(),
})

/** `optrade analyse chain --json`: the same over a whole file, with its legs. */
export const chainAnalysisSchema = chainSummarySchema.extend({
  index: z.string(),
  convention: z.enum(CONVENTIONS),
  scope: z.enum(['window', 'full']),
  oi_unit: z.enum(['units', 'lots']),
  legs: z.array(
    chainLegSchema
      .pick({
        right: true,
        price_used: true,
        iv: true,
        iv_status: true,
        delta: true,
        gamma: true,
        theta: true,
        vega: true,
        rho: true,
        oi: true,
        volume: true,
        oi_change: true,
        build_up: true,
      })
      .extend({
        strike: z.number(),
        /** What IV was computed from, rupees. */
        price: number,
        /** Change of delta per point of volatility, and per calendar day. */
        vanna: number,
        charm: number,
        /** As the file has it, a fraction. */
        published_iv: number,
      }),
  ),
})
export const summarySchema = z.object({
  bucket: bucketSchema,
  source,
  stale: z.boolean(),
  window: chainSummarySchema,
  full: chainSummarySchema,
  /** ATM IV of every watched expiry, nearest first, and what the market expects between one and the next. */
  term_structure: z.array(z.object({ expiry: date, years: z.number(), iv: number, forward_iv: number })),
  /** Where the ATM IV stands among the closes of the recorded days: rank and percentile from 0 to 1. */
  iv_standing: z.object({ rank: number, percentile: number, days: z.number().int() }),
})
export type SummaryReport = z.infer<typeof summarySchema>

export const STREAM_TOPICS = ['data_events', 'system_events', 'legs', 'health', 'alerts'] as const
export type StreamTopic = (typeof STREAM_TOPICS)[number]
/** What may be asked of `/stream`; `chain:NIFTY:this_week` is a live chain for screens. */
export const topicSchema = z.union([z.enum(STREAM_TOPICS), chainTopicSchema])
export type Topic = z.infer<typeof topicSchema>
