import type { Alert, AlertCondition, AlertTarget, FeedTarget, PriceMetric, PriceTarget } from './alerts.ts'

/** Alert rules and alerts in words, with units: for pages, e-mail, webhooks and notifications alike. */

/** How a value is shown and typed: shown = value × `scale`. */
export interface AlertUnit {
  readonly scale: number
  readonly decimals: number
  /** Where a value has more than `decimals`, up to so many are shown. */
  readonly mostDecimals?: number
  readonly before: string
  readonly after: string
}

const POINTS: AlertUnit = { scale: 1, decimals: 2, before: '', after: '' }
const RUPEES: AlertUnit = { ...POINTS, before: '₹' }
const CRORES: AlertUnit = { scale: 1e-7, decimals: 2, before: '₹', after: ' Cr' }
const PERCENT: AlertUnit = { scale: 100, decimals: 2, before: '', after: ' %' }
/** Ratios of a whole chain move in the third decimal. */
const RATIO: AlertUnit = { ...POINTS, mostDecimals: 4 }
const UNITS: AlertUnit = { ...POINTS, decimals: 0, after: ' units' }

interface MetricWords {
  readonly name: string
  readonly unit: AlertUnit
}

export const ALERT_METRICS: Readonly<Record<PriceMetric, MetricWords>> = {
  spot: { name: 'spot', unit: POINTS },
  future: { name: 'future', unit: POINTS },
  forward: { name: 'forward', unit: POINTS },
  vix: { name: 'India VIX', unit: POINTS },
  atm_iv: { name: 'ATM IV', unit: PERCENT },
  straddle: { name: 'forward straddle', unit: RUPEES },
  expected_move: { name: 'expected move', unit: RUPEES },
  pcr_oi: { name: 'PCR by OI', unit: RATIO },
  pcr_volume: { name: 'PCR by volume', unit: RATIO },
  max_pain: { name: 'max pain', unit: POINTS },
  skew_25d: { name: '25-delta skew', unit: PERCENT },
  gex: { name: 'GEX', unit: CRORES },
  ltp: { name: 'LTP', unit: RUPEES },
  iv: { name: 'IV', unit: PERCENT },
  oi: { name: 'OI', unit: UNITS },
  oi_change: { name: 'OI change', unit: UNITS },
  volume: { name: 'volume', unit: UNITS },
  delta: { name: 'delta', unit: { ...POINTS, decimals: 3 } },
}

/** Metrics of an index that are the same whatever the expiry. */
export function isWithoutExpiry(metric: PriceMetric): boolean {
  return metric === 'spot' || metric === 'vix'
}

/** Made once for each pair of least and most decimals: making one costs more than all its writing. */
const formats = new Map<string, Intl.NumberFormat>()

function formatOf(least: number, most: number): Intl.NumberFormat {
  const key = `${least} ${most}`
  const known = formats.get(key)
  if (known !== undefined) return known
  const format = new Intl.NumberFormat('en-IN', { minimumFractionDigits: least, maximumFractionDigits: most })
  formats.set(key, format)
  return format
}

function written(metric: PriceMetric, value: number, extraDecimals: number): string {
  const { scale, decimals, mostDecimals = decimals, before, after } = ALERT_METRICS[metric].unit
  const text = formatOf(decimals + extraDecimals, mostDecimals + extraDecimals).format(Math.abs(value * scale))
  // What rounds to nothing has no sign.
  return `${value < 0 && /[1-9]/.test(text) ? '−' : ''}${before}${text}${after}`
}

/** `14.25 %`, `₹182.40`, `24,060.00`. */
export function alertValue(metric: PriceMetric, value: number): string {
  return written(metric, value, 0)
}

/** Two values that differ, with as many decimals as it takes to see that. */
function differing(metric: PriceMetric, a: number, b: number): readonly [string, string] {
  for (let extra = 0; extra < 3 && a !== b; extra += 1) {
    const [one, other] = [written(metric, a, extra), written(metric, b, extra)]
    if (one !== other) return [one, other]
  }
  return [written(metric, a, 0), written(metric, b, 0)]
}

/** `30 s`, `5 min`, `2 h`. */
function alertDuration(seconds: number): string {
  if (seconds >= 3_600 && seconds % 3_600 === 0) return `${seconds / 3_600} h`
  if (seconds >= 60 && seconds % 60 === 0) return `${seconds / 60} min`
  return `${seconds} s`
}

/** `NIFTY this week ATM IV`, `NIFTY this week 24000 CE LTP`. */
function alertSubject(target: PriceTarget): string {
  const { name } = ALERT_METRICS[target.metric]
  const bucket = target.bucket.replace('_', ' ')
  if (target.kind === 'leg') return `${target.index} ${bucket} ${target.strike} ${target.right} ${name}`
  if (target.metric === 'vix') return name
  return target.metric === 'spot' ? `${target.index} ${name}` : `${target.index} ${bucket} ${name}`
}

function conditionWords(metric: PriceMetric, condition: AlertCondition): string {
  const value = alertValue(metric, condition.value)
  return condition.op === 'moves'
    ? `moves by ${value} within ${alertDuration(condition.within_s)}`
    : `${condition.op} ${value}`
}

const FEED_SUBJECTS: Readonly<Record<FeedTarget['state'], string>> = {
  disconnected: 'Feed disconnected',
  stale: 'Feed without packets',
  login_required: 'Kite login required',
  degraded: 'OP Trading degraded',
}

function feedWords({ state, for_s }: FeedTarget): string {
  return for_s === 0 ? FEED_SUBJECTS[state] : `${FEED_SUBJECTS[state]} for ${alertDuration(for_s)}`
}

/** What a rule says: `NIFTY this week ATM IV above 14.00 %`. */
export function alertSentence(target: AlertTarget): string {
  if (target.kind === 'feed') return feedWords(target)
  return `${alertSubject(target)} ${conditionWords(target.metric, target.condition)}`
}

/** What has happened to a price: `crossed` when it was on the other side before, as far as known. */
export interface PriceEvent {
  readonly value: number
  readonly crossed: boolean
  /** Of `moves`: from where it came. */
  readonly from: number | null
}

/** `NIFTY this week ATM IV 14.25 % rose above 14.00 %`. */
export function priceMessage(target: PriceTarget, { value, crossed, from }: PriceEvent): string {
  const { metric, condition } = target
  const subject = alertSubject(target)
  if (condition.op === 'moves') {
    const [to, start] = differing(metric, value, from ?? value)
    const verb = from !== null && value < from ? 'fell' : 'rose'
    return `${subject} ${verb} from ${start} to ${to} within ${alertDuration(condition.within_s)}`
  }
  const [now, threshold] = differing(metric, value, condition.value)
  const verb = crossed ? (condition.op === 'above' ? 'rose' : 'fell') : 'is'
  return `${subject} ${now} ${verb} ${condition.op} ${threshold}`
}

/** `Feed disconnected for 30 s: 1 of 3 connections are down`. */
export function feedMessage(target: FeedTarget, detail: string | null): string {
  return detail === null ? feedWords(target) : `${feedWords(target)}: ${detail}`
}

const SIMULATED = 'SIMULATED: '

/** Nobody may take what happens in an invented market for real: the message itself says it. */
export function markSimulated(message: string, simulated: boolean): string {
  return simulated ? `${SIMULATED}${message}` : message
}

/** The message for where the simulation is shown beside it. */
export function unmarkedMessage({ message, simulated }: Pick<Alert, 'message' | 'simulated'>): string {
  return simulated && message.startsWith(SIMULATED) ? message.slice(SIMULATED.length) : message
}
