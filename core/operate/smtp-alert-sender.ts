import { createTransport } from 'nodemailer'
import type { Alert } from '../contract/alerts.ts'
import { OpError } from '../kernel/errors.ts'
import { once } from '../kernel/lifecycle.ts'
import type { AlertSender } from '../ports/alert-sender.ts'

const TIMEOUT_MS = 10_000
const LOOPBACK = ['127.0.0.1', '::1', '[::1]', 'localhost']

export interface SmtpAlertOptions {
  /** ALERT_EMAIL_TO; null or empty = not configured. */
  readonly to: readonly string[] | null
  /** SMTP_URL: `smtp://user:password@host:port` or `smtps://…`. */
  readonly url: string | null
  readonly timeoutMs?: number
}

/** Alerts by e-mail, one message each to all addresses. */
export function createSmtpAlertSender({ to, url, timeoutMs = TIMEOUT_MS }: SmtpAlertOptions): AlertSender {
  const unusable = unusableBecause(to, url)
  const transport = unusable === null && url !== null ? openTransport(new URL(url), timeoutMs) : null
  const close = once(async () => transport?.mailer.close())
  return {
    channel: 'email',
    unusable,
    async send(alert, signal) {
      if (transport === null || to === null) throw refused(unusable ?? 'it is not configured')
      const limit = AbortSignal.timeout(timeoutMs)
      const letter = { from: transport.from, to: [...to], ...letterOf(alert) }
      try {
        await transport.mailer.sendMail({ ...letter, signal: AbortSignal.any([signal, limit]) })
      } catch (fault) {
        if (limit.aborted) throw undelivered(`the mail server took longer than ${timeoutMs / 1000} s`, fault)
        throw meaningOf(fault)
      }
    },
    close: () => void close(),
  }
}

function unusableBecause(to: readonly string[] | null, url: string | null): string | null {
  const hasReader = to !== null && to.length > 0
  if (hasReader && url !== null) return null
  if (hasReader) return 'SMTP_URL is not set: there is no server to send e-mail by'
  if (url !== null) return 'ALERT_EMAIL_TO is not set: there is nobody to send e-mail to'
  return 'ALERT_EMAIL_TO and SMTP_URL are not set'
}

function openTransport(url: URL, timeoutMs: number) {
  const secure = url.protocol === 'smtps:'
  const user = decodeURIComponent(url.username)
  const mailer = createTransport({
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (secure ? 465 : 587) : Number(url.port),
    secure,
    // A password does not travel in the clear, but on this machine.
    requireTLS: !secure && user !== '' && !LOOPBACK.includes(url.hostname),
    ...(user === '' ? {} : { auth: { user, pass: decodeURIComponent(url.password) } }),
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return { mailer, from: { name: 'OP Trading', address: user.includes('@') ? user : `op-trading@${url.hostname}` } }
}

function letterOf(alert: Alert) {
  const lines = [alert.message, '', `Rule: ${alert.name}`, `Raised: ${alert.raised_at} (market time)`]
  if (alert.simulated) lines.push('The market is simulated: nothing of this is real.')
  return {
    subject: `OP Trading: ${alert.message}`,
    text: `${lines.join('\n')}\n`,
    // The same alert sent twice is one message for programs that look.
    messageId: `<${alert.id}@op-trading.local>`,
    date: new Date(alert.raised_at),
  }
}

/** No retry helps a refused password or a server without TLS. */
const FINAL_CODES: readonly (string | null)[] = ['EAUTH', 'ETLS', 'ENOAUTH']

/** A permanent answer is 5xx; everything else may pass. */
function meaningOf(fault: unknown): OpError {
  const reason = fault instanceof Error ? oneLine(fault.message) : String(fault)
  const status = numberOf(fault, 'responseCode')
  const isFinal = status === null ? FINAL_CODES.includes(textOf(fault, 'code')) : status >= 500
  return isFinal ? refused(reason, fault) : undelivered(reason, fault)
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}

function numberOf(fault: unknown, key: string): number | null {
  const value: unknown = fault instanceof Error ? Reflect.get(fault, key) : null
  return typeof value === 'number' ? value : null
}

function textOf(fault: unknown, key: string): string | null {
  const value: unknown = fault instanceof Error ? Reflect.get(fault, key) : null
  return typeof value === 'string' ? value : null
}

function refused(reason: string, cause?: unknown): OpError {
  return new OpError('alert_refused', { channel: 'e-mail', reason }, { cause })
}

function undelivered(reason: string, cause?: unknown): OpError {
  return new OpError('alert_undelivered', { channel: 'e-mail', reason }, { cause })
}
