import { randomUUID } from 'node:crypto'
import { thresholdFault } from '../contract/alert-bounds.ts'
import { ALERT_EVENT, type Alert, type AlertTarget } from '../contract/alerts.ts'
import type { HealthReport } from '../contract/api-schema.ts'
import { type Alerts, createAlerts } from '../engine/alerts.ts'
import { OpError } from '../kernel/errors.ts'
import { createSmtpAlertSender } from '../operate/smtp-alert-sender.ts'
import { createWebhookAlertSender } from '../operate/webhook-alert-sender.ts'
import type { CallHandlers } from '../ports/monitor-api.ts'
import { type Foundation, type MarketParts, newTrace, type RecordParts } from './compose.ts'
import type { EventStream } from './event-stream.ts'

type AlertCalls = Pick<
  CallHandlers,
  'alerts' | 'createAlertRule' | 'changeAlertRule' | 'deleteAlertRule' | 'acknowledgeAlert'
>

/**
 * Rules and alerts as pages ask for them; every change answers with how things stand after it. A threshold that cannot
 * make sense is refused (`alert_rule_invalid`).
 */
export function createAlertCalls(alerts: Omit<Alerts, 'name' | 'start' | 'stop'>): AlertCalls {
  const check = (target: AlertTarget | undefined) => {
    if (target === undefined || target.kind === 'feed') return
    const reason = thresholdFault(target, alerts.valueOf(target))
    if (reason !== null) throw new OpError('alert_rule_invalid', { reason })
  }
  const after = (change: () => void) => {
    change()
    return alerts.report()
  }
  return {
    alerts: alerts.report,
    createAlertRule(rule) {
      check(rule.target)
      return after(() => alerts.create(rule))
    },
    changeAlertRule(change) {
      check(change.target)
      return after(() => alerts.change(change))
    },
    deleteAlertRule: ({ id }) => after(() => alerts.remove(id)),
    acknowledgeAlert: ({ id }) => after(() => alerts.acknowledge(id)),
  }
}

export interface AlertParts {
  readonly foundation: Foundation
  readonly record: RecordParts
  readonly market: MarketParts
  readonly stream: EventStream
  readonly health: () => HealthReport
}

/** Alerts on the live market: on the stream, on the bus, by e-mail and by webhook. */
export function composeAlerts({ foundation, record, market, stream, health }: AlertParts): Alerts {
  const { settings, clock, calendar, logger, metrics, plan } = foundation
  const named = logger.child({ service: 'alerts' })
  const announce = async ({ id }: Alert) => {
    const timestamp = clock.now()
    const event_id = `${id}:alert`
    const facts = {
      index: null,
      bucket: null,
      count: 1,
      timestamp,
      batch: null,
      trace_id: newTrace(),
      schema: 1,
    } as const
    await record.bus.publish('system_events', { envelope: { event_id, event_type: 'alert', ...facts }, legs: null })
  }
  return createAlerts(
    {
      clock,
      calendar,
      logger: named,
      metrics,
      random: Math.random,
      newId: randomUUID,
      market: market.collector.market,
      view: market.view,
      health,
      store: record.meta.alerts,
      senders: [
        createSmtpAlertSender({ to: settings.ALERT_EMAIL_TO, url: settings.SMTP_URL }),
        createWebhookAlertSender({ url: settings.ALERT_WEBHOOK_URL }),
      ],
      onAlert(alert, isNew) {
        stream.publish('alerts', { id: null, event: ALERT_EVENT, data: alert })
        if (!isNew) return
        announce(alert).catch((fault: unknown) => named.error('an alert could not be announced', { error: fault }))
      },
    },
    { simulated: plan.source !== 'kite' },
  )
}
