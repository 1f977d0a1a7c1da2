import { z } from 'zod'
import { INDEX_NAMES } from '../domain/index-catalog.ts'
import { BUCKETS } from '../domain/instrument.ts'

/** Rules that watch the market and the feed, and what they raised. */

export const CHAIN_ALERT_METRICS = [
  'spot',
  'future',
  'forward',
  'vix',
  'atm_iv',
  'straddle',
  'expected_move',
  'pcr_oi',
  'pcr_volume',
  'max_pain',
  'skew_25d',
  'gex',
] as const
export const LEG_ALERT_METRICS = ['ltp', 'iv', 'oi', 'oi_change', 'volume', 'delta'] as const
/** degraded: any component has an issue. */
export const FEED_ALERT_STATES = ['disconnected', 'stale', 'login_required', 'degraded'] as const
export const ALERT_CHANNELS = ['toast', 'sound', 'tray', 'email', 'webhook'] as const
export type AlertChannel = (typeof ALERT_CHANNELS)[number]

const chain = { index: z.enum(INDEX_NAMES), bucket: z.enum(BUCKETS) }

/**
 * `above` and `below` fire when the value passes the threshold; `moves` when it has changed by the threshold, up or
 * down, within `within_s`. Values in the units of CONTRACT.md section 3 (IV as a fraction).
 */
const conditionSchema = z.discriminatedUnion('op', [
  z.object({ op: z.enum(['above', 'below']), value: z.number() }),
  z.object({ op: z.literal('moves'), value: z.number().positive(), within_s: z.number().int().min(5).max(86_400) }),
])
export type AlertCondition = z.infer<typeof conditionSchema>

const targetSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('chain'),
    ...chain,
    metric: z.enum(CHAIN_ALERT_METRICS),
    condition: conditionSchema,
  }),
  z.object({
    kind: z.literal('leg'),
    ...chain,
    strike: z.number().positive(),
    right: z.enum(['CE', 'PE']),
    metric: z.enum(LEG_ALERT_METRICS),
    condition: conditionSchema,
  }),
  /** Fires when the state has lasted `for_s` seconds. */
  z.object({ kind: z.literal('feed'), state: z.enum(FEED_ALERT_STATES), for_s: z.number().int().min(0).max(3_600) }),
])
export type AlertTarget = z.infer<typeof targetSchema>
export type PriceTarget = Exclude<AlertTarget, { kind: 'feed' }>
export type FeedTarget = Extract<AlertTarget, { kind: 'feed' }>
export type PriceMetric = PriceTarget['metric']

/** Most rules that there can be. */
export const MOST_ALERT_RULES = 200
/** Most alerts that are remembered. */
export const MOST_ALERTS = 500
/** `id` of `acknowledgeAlert` that means every alert. */
export const ALL_ALERTS = 'all'

export const alertRuleFieldsSchema = z.object({
  name: z.string().trim().min(1).max(80),
  enabled: z.boolean(),
  target: targetSchema,
  channels: z.array(z.enum(ALERT_CHANNELS)).max(ALERT_CHANNELS.length),
  /** Market seconds after which the rule may fire again, once its condition was false in between. */
  cooldown_s: z.number().int().min(0).max(86_400),
})
export type AlertRuleFields = z.infer<typeof alertRuleFieldsSchema>

/** A new rule: what is left out has its usual value. */
export const newAlertRuleSchema = z.object({
  name: alertRuleFieldsSchema.shape.name,
  enabled: alertRuleFieldsSchema.shape.enabled.default(true),
  target: targetSchema,
  channels: alertRuleFieldsSchema.shape.channels.default(['toast', 'sound', 'tray']),
  cooldown_s: alertRuleFieldsSchema.shape.cooldown_s.default(300),
})
export const alertRuleChangeSchema = alertRuleFieldsSchema.partial().extend({ id: z.string() })
export const alertRuleSchema = alertRuleFieldsSchema.extend({
  id: z.string(),
  /** What the rule says in words: "NIFTY this week ATM IV above 14.00 %". */
  sentence: z.string(),
  /** What it watches, now; null when it is not known. */
  current: z.number().nullable(),
  /** Why it cannot be watched now, in words ("24000 CE is not listed"); null when it can. */
  note: z.string().nullable(),
  /** Whether its condition holds now. */
  active: z.boolean(),
})
export type AlertRule = z.infer<typeof alertRuleSchema>

export const alertSchema = z.object({
  id: z.string(),
  rule_id: z.string(),
  name: z.string(),
  /** Market time, ISO. */
  raised_at: z.string(),
  /** In words with units; begins with SIMULATED where the market is not the real one. */
  message: z.string(),
  value: z.number().nullable(),
  simulated: z.boolean(),
  channels: z.array(z.enum(ALERT_CHANNELS)),
  /** Of the channels that this product sends itself; those of the screen are shown by whoever shows the page. */
  deliveries: z.array(
    z.object({ channel: z.enum(ALERT_CHANNELS), state: z.enum(['sent', 'failed']), detail: z.string().nullable() }),
  ),
  acknowledged_at: z.string().nullable(),
})
export type Alert = z.infer<typeof alertSchema>

export const alertsSchema = z.object({
  rules: z.array(alertRuleSchema),
  /** Newest first, at most 500. */
  history: z.array(alertSchema),
  /** Channels that can be used, and why not. */
  channels: z.array(z.object({ channel: z.enum(ALERT_CHANNELS), usable: z.boolean(), detail: z.string().nullable() })),
})
export type AlertsReport = z.infer<typeof alertsSchema>

/** Event of the stream topic `alerts`: one alert, when it is raised and whenever it changes. */
export const ALERT_EVENT = 'alert'
