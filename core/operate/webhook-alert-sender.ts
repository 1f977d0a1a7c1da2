import type { Alert } from '../contract/alerts.ts'
import { OpError } from '../kernel/errors.ts'
import type { AlertSender } from '../ports/alert-sender.ts'

const TIMEOUT_MS = 10_000
/** Too early, too many, and what a server says of itself: the same request may be taken later. */
const PASSING = [408, 425, 429]

export interface WebhookAlertOptions {
  /** ALERT_WEBHOOK_URL; null = not configured. It is a secret and stands in no message. */
  readonly url: string | null
  readonly timeoutMs?: number
}

/**
 * Alerts by HTTP POST of JSON. The body is the alert with `event: "alert"`, and `text`, which chat services show. A
 * receiver knows an alert that comes twice by its `id`. Redirects are not followed: the address may hold a key.
 */
export function createWebhookAlertSender({ url, timeoutMs = TIMEOUT_MS }: WebhookAlertOptions): AlertSender {
  return {
    channel: 'webhook',
    unusable: url === null ? 'ALERT_WEBHOOK_URL is not set' : null,
    async send(alert, signal) {
      if (url === null) throw new OpError('alert_refused', { channel: 'webhook', reason: 'it is not configured' })
      const status = await post(url, bodyOf(alert), timeoutMs, signal)
      if (status >= 200 && status < 300) return
      const isPassing = status >= 500 || PASSING.includes(status)
      const code = isPassing ? 'alert_undelivered' : 'alert_refused'
      throw new OpError(code, { channel: 'webhook', reason: `the server answered with status ${status}` })
    },
    close() {},
  }
}

function bodyOf({ deliveries: _, acknowledged_at: __, ...alert }: Alert): string {
  return JSON.stringify({ event: 'alert', text: `${alert.name}: ${alert.message}`, ...alert })
}

/** Status of the answer, whose body nobody reads. */
async function post(url: string, body: string, timeoutMs: number, signal: AbortSignal): Promise<number> {
  const limit = AbortSignal.timeout(timeoutMs)
  try {
    const reply = await fetch(url, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', 'user-agent': 'op-trading' },
      redirect: 'manual',
      signal: AbortSignal.any([signal, limit]),
    })
    await reply.body?.cancel()
    return reply.status
  } catch (fault) {
    const reason = limit.aborted ? `the server took longer than ${timeoutMs / 1000} s` : reasonOf(fault)
    throw new OpError('alert_undelivered', { channel: 'webhook', reason }, { cause: fault })
  }
}

/** What fetch says is "fetch failed"; the cause says why. */
function reasonOf(fault: unknown): string {
  const cause = fault instanceof Error ? (fault.cause ?? fault) : fault
  return cause instanceof Error ? cause.message || cause.name : String(cause)
}
