import { alertSentence, markSimulated } from '../contract/alert-words.ts'
import {
  ALERT_CHANNELS,
  ALL_ALERTS,
  type Alert,
  type AlertChannel,
  type AlertRuleFields,
  type AlertsReport,
  type FeedTarget,
  MOST_ALERT_RULES,
  MOST_ALERTS,
  type PriceTarget,
} from '../contract/alerts.ts'
import type { HealthReport } from '../contract/api-schema.ts'
import type { CallInput } from '../contract/monitor-calls.ts'
import { formatIst } from '../domain/ist.ts'
import { OpError, toOpError } from '../kernel/errors.ts'
import { type Component, once, type Unsubscribe } from '../kernel/lifecycle.ts'
import type { Logger } from '../kernel/logger.ts'
import type { AlertSender } from '../ports/alert-sender.ts'
import type { AlertRuleState, AlertStore, StoredAlertRule } from '../ports/alert-store.ts'
import type { Metrics } from '../ports/metrics.ts'
import { readFeed } from './alerts-feed.ts'
import { type AlertMarketDeps, lookAtMarket } from './alerts-market.ts'
import { createOutbox, type Delivery, type Outbox } from './alerts-outbox.ts'
import { lookAtRule, NEVER_KNOWN, type Raised, type Readings, type WatchedRule, watchRule } from './alerts-rule.ts'

const EVERY_MS = 1_000

export interface AlertsDeps extends AlertMarketDeps {
  readonly logger: Logger
  readonly metrics: Metrics
  readonly random: () => number
  readonly newId: () => string
  readonly health: () => HealthReport
  readonly store: AlertStore
  readonly senders: readonly AlertSender[]
  /** Told of every alert when it is raised and whenever it changes. */
  readonly onAlert: (alert: Alert, isNew: boolean) => void
}

export interface AlertsOptions {
  /** The market is not the real one. */
  readonly simulated: boolean
}

/** Watches the rules every second, from start to stop. What changes rules throws OpError, and changes nothing then. */
export interface Alerts extends Component {
  report(): AlertsReport
  /** What a rule on a price would see now; null when that is not known. */
  valueOf(target: PriceTarget): number | null
  /** Throws `alert_rule_limit`. */
  create(rule: CallInput<'createAlertRule'>): void
  /** Throws `alert_unknown`. A rule that watches something else begins anew. */
  change(change: CallInput<'changeAlertRule'>): void
  /** Throws `alert_unknown`. */
  remove(id: string): void
  /** Throws `alert_unknown`; `ALL_ALERTS` means every one. */
  acknowledge(id: string): void
}

interface Work {
  readonly deps: AlertsDeps
  readonly options: AlertsOptions
  readonly outbox: Outbox
  readonly rules: Map<string, WatchedRule>
  /** Newest first. */
  history: Alert[]
  /** The last fault that was logged: the same one is not said every second. */
  saidFault: string | null
}

export function createAlerts(deps: AlertsDeps, options: AlertsOptions): Alerts {
  const { clock, logger, metrics, random, senders, store } = deps
  const onDelivery = (alert: Alert, delivery: Delivery) => noteDelivery(work, alert, delivery)
  const outbox = createOutbox({ clock, logger, metrics, random, senders, onDelivery })
  const work: Work = { deps, options, outbox, rules: new Map(), history: [], saidFault: null }
  let cancel: Unsubscribe = () => {}
  return {
    name: 'alerts',
    async start() {
      load(work)
      cancel = clock.every(EVERY_MS, () => containedLook(work))
    },
    stop: once(async () => {
      cancel()
      await outbox.stop()
    }),
    report: () => reportOf(work),
    valueOf: (target) => lookAtMarket(deps).read(target).value,
    create(fields) {
      if (work.rules.size >= MOST_ALERT_RULES) throw new OpError('alert_rule_limit', { most: MOST_ALERT_RULES })
      saveRule(work, { id: deps.newId(), fields: withoutRepeats(fields), state: NEVER_KNOWN })
      containedLook(work)
    },
    change(change) {
      changeRule(work, change)
      containedLook(work)
    },
    remove(id) {
      findRule(work, id)
      store.removeRule(id)
      work.rules.delete(id)
    },
    acknowledge: (id) => acknowledge(work, id),
  }
}

/** So that a new user is told without configuring anything. */
const FIRST_RULES: readonly (readonly [name: string, target: FeedTarget])[] = [
  ['Feed disconnected', { kind: 'feed', state: 'disconnected', for_s: 30 }],
  ['Kite login required', { kind: 'feed', state: 'login_required', for_s: 0 }],
  ['Degraded', { kind: 'feed', state: 'degraded', for_s: 60 }],
]

function load(work: Work): void {
  const { store, logger, newId, senders } = work.deps
  const { rules, history, hadRules, unreadable } = store.load()
  if (unreadable.length > 0) logger.warning(`alert rules or alerts cannot be read: ${unreadable.join(', ')}`)
  work.history = [...history]
  for (const rule of rules) work.rules.set(rule.id, watchRule(rule))
  if (hadRules) return
  const usable = senders.filter((sender) => sender.unusable === null).map(({ channel }) => channel)
  const channels: AlertChannel[] = ['toast', 'sound', 'tray', ...usable]
  for (const [name, target] of FIRST_RULES) {
    const fields = { name, enabled: true, target, channels, cooldown_s: 300 }
    saveRule(work, { id: newId(), fields, state: NEVER_KNOWN })
  }
}

function saveRule({ deps, rules }: Work, rule: StoredAlertRule): void {
  deps.store.saveRule(rule)
  rules.set(rule.id, watchRule(rule))
}

function withoutRepeats(fields: AlertRuleFields): AlertRuleFields {
  return { ...fields, channels: [...new Set(fields.channels)] }
}

function findRule({ rules }: Work, id: string): WatchedRule {
  const rule = rules.get(id)
  if (rule === undefined) throw new OpError('alert_unknown', { what: 'rule', id })
  return rule
}

function changeRule(work: Work, { id, ...change }: CallInput<'changeAlertRule'>): void {
  const rule = findRule(work, id)
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined))
  const fields = withoutRepeats({ ...rule.fields, ...given })
  const isSame = JSON.stringify(fields.target) === JSON.stringify(rule.fields.target)
  const isStill = isSame && fields.enabled === rule.fields.enabled
  // What it knew when it was switched off says nothing about now.
  const state = isStill ? rule.state : isSame ? { ...rule.state, active: null } : NEVER_KNOWN
  saveRule(work, { id, fields, state })
  if (isStill) work.rules.set(id, { ...rule, fields })
}

/** A fault of one look is logged once and the next look is tried all the same. */
function containedLook(work: Work): void {
  try {
    lookAtAll(work)
    work.saidFault = null
  } catch (fault) {
    const { code, message, hint } = toOpError(fault)
    if (message !== work.saidFault) work.deps.logger.error(message, { code, hint, error: fault })
    work.saidFault = message
  }
}

function lookAtAll(work: Work): void {
  const readings = createReadings(work.deps)
  const states: { id: string; state: AlertRuleState }[] = []
  const raised: Alert[] = []
  for (const rule of work.rules.values()) {
    if (!rule.fields.enabled) continue
    const { state } = rule
    const said = lookAtRule(rule, readings)
    if (rule.state !== state) states.push({ id: rule.id, state: rule.state })
    if (said !== null) raised.push(alertOf(work, rule, said, readings.now))
  }
  if (states.length === 0) return
  work.history = [...raised.toReversed(), ...work.history].slice(0, MOST_ALERTS)
  try {
    work.deps.store.record({ states, alerts: raised })
  } finally {
    // Whoever waits for an alert gets it, also when the disk is full.
    for (const alert of raised) tell(work, alert)
  }
}

/** The market and the health, each read at most once. */
function createReadings(deps: AlertsDeps): Readings {
  const now = deps.clock.now()
  const look = lookAtMarket(deps)
  let health: HealthReport | null = null
  return {
    now,
    price: (target) => look.read(target),
    feed(state) {
      health ??= deps.health()
      return readFeed(state, health, deps.calendar.phaseAt(now).optionsTrade)
    },
  }
}

function alertOf({ deps, options }: Work, rule: WatchedRule, { message, value }: Raised, now: number): Alert {
  const { simulated } = options
  return {
    id: deps.newId(),
    rule_id: rule.id,
    name: rule.fields.name,
    raised_at: formatIst(now),
    message: markSimulated(message, simulated),
    value,
    simulated,
    channels: [...rule.fields.channels],
    deliveries: [],
    acknowledged_at: null,
  }
}

function tell({ deps, outbox, rules }: Work, alert: Alert): void {
  const kind = rules.get(alert.rule_id)?.fields.target.kind ?? 'feed'
  deps.metrics.increment('op_alerts_raised_total', { kind })
  deps.logger.info(`alert: ${alert.message}`, { rule: alert.name })
  deps.onAlert(alert, true)
  outbox.take(alert)
}

function noteDelivery(work: Work, { id }: Alert, delivery: Delivery): void {
  const known = work.history.find((alert) => alert.id === id)
  if (known === undefined) return
  const alert = { ...known, deliveries: [...known.deliveries, delivery] }
  try {
    updateAlerts(work, [alert])
  } catch (fault) {
    work.deps.logger.error('what became of an alert could not be written down', { error: fault })
  }
}

function updateAlerts(work: Work, changed: readonly Alert[]): void {
  const byId = new Map(changed.map((alert) => [alert.id, alert]))
  work.history = work.history.map((alert) => byId.get(alert.id) ?? alert)
  for (const alert of changed) work.deps.onAlert(alert, false)
  work.deps.store.record({ states: [], alerts: changed })
}

function acknowledge(work: Work, id: string): void {
  const meant = id === ALL_ALERTS ? work.history : work.history.filter((alert) => alert.id === id)
  if (meant.length === 0 && id !== ALL_ALERTS) throw new OpError('alert_unknown', { what: 'alert', id })
  const acknowledged_at = formatIst(work.deps.clock.now())
  const open = meant.filter((alert) => alert.acknowledged_at === null)
  updateAlerts(
    work,
    open.map((alert) => ({ ...alert, acknowledged_at })),
  )
}

function reportOf({ rules, history, deps }: Work): AlertsReport {
  return {
    rules: [...rules.values()].map(({ id, fields, state, current, note }) => ({
      ...fields,
      id,
      sentence: alertSentence(fields.target),
      current,
      note,
      active: fields.enabled && state.active === true,
    })),
    history: [...history],
    channels: ALERT_CHANNELS.map((channel) => {
      const detail = deps.senders.find((sender) => sender.channel === channel)?.unusable ?? null
      return { channel, usable: detail === null, detail }
    }),
  }
}
