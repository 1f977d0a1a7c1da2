import { Notification } from 'electron'
import { ALERT_EVENT, type Alert, alertSchema } from '../../core/contract/alerts.ts'
import type { Logger } from '../../core/kernel/logger.ts'
import type { Monitor } from '../../core/runtime/monitor-shape.ts'

/** Kept while they are on the screen: one that is collected as garbage no longer tells of its click. */
const shown = new Set<Notification>()
const MOST_SHOWN = 20

/** Shows a notification of the system; false where it shows none. */
export function notify(title: string, body: string, onClick: () => void): boolean {
  if (!Notification.isSupported()) return false
  const notification = new Notification({ title, body })
  const [oldest] = shown
  if (shown.size >= MOST_SHOWN && oldest !== undefined) shown.delete(oldest)
  shown.add(notification)
  notification.on('click', onClick)
  notification.on('close', () => shown.delete(notification))
  notification.show()
  return true
}

export interface AlertFollowerDeps {
  readonly logger: Logger
  /** DESKTOP_NOTIFICATIONS as it is now. */
  readonly isWanted: () => boolean
  /** An alert for the screen that nobody has acknowledged. */
  readonly onAlert: (alert: Alert) => void
  /** The user has clicked on one. */
  readonly onClick: () => void
}

/** Follows the alerts of a monitor until the signal aborts, and shows each once. */
export async function followAlerts(monitor: Monitor, deps: AlertFollowerDeps, signal: AbortSignal): Promise<void> {
  const seen = new Set<string>()
  for await (const { event, data } of monitor.stream(['alerts'], null, signal)) {
    if (signal.aborted) return
    if (event !== ALERT_EVENT) continue
    const alert = alertSchema.parse(data)
    if (alert.acknowledged_at !== null || seen.has(alert.id)) continue
    remember(seen, alert.id)
    showAlert(alert, deps)
  }
}

function showAlert(alert: Alert, { logger, isWanted, onAlert, onClick }: AlertFollowerDeps): void {
  const { channels, name, message, simulated } = alert
  if (channels.includes('tray')) onAlert(alert)
  if (!channels.includes('toast') || !isWanted()) return
  if (!notify(simulated ? `${name} (simulated)` : name, message, onClick)) {
    logger.warning('this system shows no notifications')
  }
}

const MOST_REMEMBERED = 1_000

function remember(seen: Set<string>, id: string): void {
  const [oldest] = seen
  if (seen.size >= MOST_REMEMBERED && oldest !== undefined) seen.delete(oldest)
  seen.add(id)
}
