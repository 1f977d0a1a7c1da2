import { feedMessage, priceMessage } from '../contract/alert-words.ts'
import type { AlertRuleFields, FeedTarget, PriceTarget } from '../contract/alerts.ts'
import type { AlertRuleState, StoredAlertRule } from '../ports/alert-store.ts'
import { judge, stepRule } from './alerts-condition.ts'
import type { FeedReading } from './alerts-feed.ts'
import type { PriceReading } from './alerts-market.ts'
import { createValueWindow, type ValueWindow } from './alerts-window.ts'

/** A rule as it is watched. */
export interface WatchedRule {
  readonly id: string
  readonly fields: AlertRuleFields
  state: AlertRuleState
  /** What the value was lately; null where that does not matter. */
  readonly window: ValueWindow | null
  /** Since when the state of a feed rule lasts, market time. */
  since: number | null
  current: number | null
  note: string | null
}

/** What a rule that fires has to say. */
export interface Raised {
  readonly message: string
  readonly value: number | null
}

/** What a rule may read at one instant. */
export interface Readings {
  readonly now: number
  price(target: PriceTarget): PriceReading
  feed(state: FeedTarget['state']): FeedReading
}

export const NEVER_KNOWN: AlertRuleState = { active: null, firedAt: null }

export function watchRule({ id, fields, state }: StoredAlertRule): WatchedRule {
  const condition = fields.target.kind === 'feed' ? null : fields.target.condition
  const window = condition?.op === 'moves' ? createValueWindow(1_000 * condition.within_s) : null
  return { id, fields, state, window, since: null, current: null, note: null }
}

/** Moves a rule on to what is read now; what it has to say when it fires, else null. */
export function lookAtRule(rule: WatchedRule, readings: Readings): Raised | null {
  const { target } = rule.fields
  return target.kind === 'feed' ? lookAtFeed(rule, target, readings) : lookAtPrice(rule, target, readings)
}

function advance(rule: WatchedRule, holds: boolean | null, now: number): boolean {
  const { state, fires } = stepRule(rule.state, holds, now, 1_000 * rule.fields.cooldown_s)
  rule.state = state
  return fires
}

function lookAtPrice(rule: WatchedRule, target: PriceTarget, readings: Readings): Raised | null {
  const { now } = readings
  const { value, note } = readings.price(target)
  rule.current = value
  rule.note = note
  // A stale value is shown, but it is not the market's.
  const known = note === null ? value : null
  if (known !== null) rule.window?.add(now, known)
  const crossed = rule.state.active === false
  const { holds, from } = judge(target.condition, known, rule.window)
  if (!advance(rule, holds, now) || known === null) return null
  return { value: known, message: priceMessage(target, { value: known, crossed, from }) }
}

function lookAtFeed(rule: WatchedRule, target: FeedTarget, { now, feed }: Readings): Raised | null {
  const { isThere, detail } = feed(target.state)
  if (!isThere || (rule.since !== null && now < rule.since)) rule.since = null
  if (isThere) rule.since ??= now
  const lasted = isThere && now - (rule.since ?? now) >= 1_000 * target.for_s
  // What has begun but not lasted yet is not known to hold: after a restart it may be what was told before.
  const fires = advance(rule, isThere && !lasted ? null : isThere, now)
  return fires ? { value: null, message: feedMessage(target, detail) } : null
}
