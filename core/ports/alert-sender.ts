import type { Alert, AlertChannel } from '../contract/alerts.ts'

/**
 * Takes alerts to somebody who does not look at a screen of ours.
 * `send` makes one attempt and resolves when the server has taken the alert; it gives up by itself after 10 s or when
 * the signal aborts. It rejects with OpError `alert_undelivered` (a later attempt may succeed) or `alert_refused`
 * (it cannot); their message is one sentence without secrets. The same alert may be sent twice: after a lost answer.
 */
export interface AlertSender {
  readonly channel: AlertChannel
  /** Why it cannot be used as it is configured, in one sentence; null when it can. */
  readonly unusable: string | null
  send(alert: Alert, signal: AbortSignal): Promise<void>
  /** Lets go of connections; no `send` after it. */
  close(): void
}
