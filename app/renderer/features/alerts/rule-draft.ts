import { thresholdFault } from '../../../../core/contract/alert-bounds.ts'
import { ALERT_METRICS, alertSentence, alertValue } from '../../../../core/contract/alert-words.ts'
import type {
  AlertChannel,
  AlertRule,
  AlertRuleFields,
  AlertTarget,
  FeedTarget,
  PriceMetric,
} from '../../../../core/contract/alerts.ts'
import type { IndexName } from '../../../../core/domain/index-catalog.ts'
import type { Bucket, Right } from '../../../../core/domain/instrument.ts'

/** What stands in the form: numbers as they are typed, in the units that are shown. */
export interface RuleDraft {
  readonly kind: AlertTarget['kind']
  readonly index: IndexName
  readonly bucket: Bucket
  readonly chainMetric: Extract<AlertTarget, { kind: 'chain' }>['metric']
  readonly legMetric: Extract<AlertTarget, { kind: 'leg' }>['metric']
  readonly strike: string
  readonly right: Right
  readonly op: 'above' | 'below' | 'moves'
  readonly value: string
  /** Seconds of the window of `moves`. */
  readonly within: string
  readonly state: FeedTarget['state']
  /** Seconds. */
  readonly lasting: string
  /** Empty: what the rule says is its name. */
  readonly name: string
  readonly channels: readonly AlertChannel[]
  /** Seconds. */
  readonly cooldown: string
}

export type DraftField = 'strike' | 'value' | 'within' | 'lasting' | 'name' | 'cooldown'
export type DraftFaults = { readonly [Field in DraftField]?: string }

export function emptyDraft(index: IndexName, bucket: Bucket): RuleDraft {
  return {
    kind: 'chain',
    index,
    bucket,
    chainMetric: 'spot',
    legMetric: 'ltp',
    strike: '',
    right: 'CE',
    op: 'above',
    value: '',
    within: '300',
    state: 'disconnected',
    lasting: '30',
    name: '',
    channels: ['toast', 'sound', 'tray'],
    cooldown: '300',
  }
}

export function metricOf(draft: RuleDraft): PriceMetric {
  return draft.kind === 'leg' ? draft.legMetric : draft.chainMetric
}

/** A value as it is typed: 0.1425 of an IV is `14.25`. */
export function typedValue(metric: PriceMetric, value: number): string {
  return String(Number((value * ALERT_METRICS[metric].unit.scale).toPrecision(12)))
}

export function withTarget(draft: RuleDraft, target: AlertTarget): RuleDraft {
  if (target.kind === 'feed') return { ...draft, kind: 'feed', state: target.state, lasting: String(target.for_s) }
  const { kind, index, bucket, condition } = target
  const next: RuleDraft = {
    ...draft,
    kind,
    index,
    bucket,
    op: condition.op,
    value: condition.value === 0 ? '0' : typedValue(target.metric, condition.value),
    within: condition.op === 'moves' ? String(condition.within_s) : draft.within,
  }
  return target.kind === 'leg'
    ? { ...next, legMetric: target.metric, strike: String(target.strike), right: target.right }
    : { ...next, chainMetric: target.metric }
}

export function draftOf(rule: AlertRule, draft: RuleDraft): RuleDraft {
  return {
    ...withTarget(draft, rule.target),
    name: rule.name === usualName(rule.target) ? '' : rule.name,
    channels: rule.channels,
    cooldown: String(rule.cooldown_s),
  }
}

const LONGEST_NAME = 80

function usualName(target: AlertTarget): string {
  return alertSentence(target).slice(0, LONGEST_NAME)
}

/** `1,20,000.5` as 120000.5, with either minus; null for what is no number. */
export function readNumber(text: string): number | null {
  const plain = text
    .trim()
    .replace(/[,\s_]/g, '')
    .replace('−', '-')
    .replace(/%$/, '')
  return /^[+-]?(\d+\.?\d*|\.\d+)$/.test(plain) ? Number(plain) : null
}

/** The rule that a draft means, or what is wrong with it by field. */
export type DraftReading =
  | { readonly rule: Omit<AlertRuleFields, 'enabled'>; readonly faults: null }
  | { readonly rule: null; readonly faults: DraftFaults }

/** `current`: what the draft watches, now; null when that is not known. */
export function readDraft(draft: RuleDraft, current: number | null = null): DraftReading {
  const faults: { [Field in DraftField]?: string } = {}
  const whole = (field: 'within' | 'lasting' | 'cooldown', least: number, most: number): number => {
    const value = readNumber(draft[field])
    if (value !== null && Number.isInteger(value) && value >= least && value <= most) return value
    faults[field] = `Whole seconds from ${least} to ${most}.`
    return least
  }
  const cooldown_s = whole('cooldown', 0, 86_400)
  const target =
    draft.kind === 'feed'
      ? ({ kind: 'feed', state: draft.state, for_s: whole('lasting', 0, 3_600) } as const)
      : priceTarget(draft, faults, () => whole('within', 5, 86_400))
  const name = draft.name.trim()
  if (name.length > LONGEST_NAME) faults.name = `At most ${LONGEST_NAME} characters.`
  const senseless = target.kind === 'feed' || faults.value !== undefined ? null : thresholdFault(target, current)
  if (senseless !== null) faults.value = senseless
  if (Object.keys(faults).length > 0) return { rule: null, faults }
  const rule = { name: name === '' ? usualName(target) : name, target, channels: [...draft.channels], cooldown_s }
  return { rule, faults: null }
}

function priceTarget(
  draft: RuleDraft,
  faults: { [Field in DraftField]?: string },
  within: () => number,
): Exclude<AlertTarget, { kind: 'feed' }> {
  const { index, bucket, op } = draft
  const metric = metricOf(draft)
  const { scale, after } = ALERT_METRICS[metric].unit
  const typed = readNumber(draft.value)
  if (typed === null)
    faults.value = `A number${after.trim() === '' ? '' : ` in${after}`}, such as ${EXAMPLES[metric] ?? '100'}.`
  else if (op === 'moves' && typed <= 0) faults.value = 'How far it moves: more than 0.'
  // Division by a power of ten keeps what was typed; multiplication by its inverse would not.
  const value = (typed ?? 1) / scale
  const condition = op === 'moves' ? { op, value: value > 0 ? value : 1, within_s: within() } : { op, value }
  if (draft.kind !== 'leg') return { kind: 'chain', index, bucket, metric: draft.chainMetric, condition }
  const strike = readNumber(draft.strike)
  if (strike === null || strike <= 0) faults.strike = 'A strike, such as 24000.'
  return { kind: 'leg', index, bucket, strike: strike ?? 1, right: draft.right, metric: draft.legMetric, condition }
}

const FIELDS: readonly DraftField[] = ['strike', 'value', 'within', 'lasting', 'cooldown', 'name']

/** What keeps a draft from being a rule: what was typed wrongly before what was not typed yet. */
export function obstacle(draft: RuleDraft, faults: DraftFaults): string {
  const wrong = FIELDS.find((field) => faults[field] !== undefined && draft[field].trim() !== '')
  return (wrong === undefined ? undefined : faults[wrong]) ?? 'Fill in what is missing.'
}

const EXAMPLES: { readonly [Metric in PriceMetric]?: string } = {
  spot: '24000',
  future: '24000',
  forward: '24000',
  max_pain: '24000',
  vix: '14.5',
  atm_iv: '14.5',
  iv: '14.5',
  skew_25d: '1.5',
  pcr_oi: '1.2',
  pcr_volume: '1.2',
  delta: '0.5',
  gex: '250',
}

/** What a threshold may be when one begins: the value of now, a little rounded. */
export function suggestedValue(metric: PriceMetric, current: number): string {
  const { scale, decimals, mostDecimals = decimals } = ALERT_METRICS[metric].unit
  return String(Number((current * scale).toFixed(mostDecimals)))
}

/** How far the value is from the threshold: `120.00 to go`, `over by 0.25 %`. */
export function distanceWords(target: AlertTarget, current: number): string | null {
  if (target.kind === 'feed' || target.condition.op === 'moves') return null
  const { op, value } = target.condition
  const left = op === 'above' ? value - current : current - value
  return left >= 0
    ? `${alertValue(target.metric, left)} to go`
    : `${op === 'above' ? 'over' : 'under'} by ${alertValue(target.metric, -left)}`
}
