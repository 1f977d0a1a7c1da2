import { ALERT_METRICS } from '../../../../core/contract/alert-words.ts'
import type { AlertChannel, FeedTarget, PriceMetric } from '../../../../core/contract/alerts.ts'

export const CHANNEL_WORDS: Readonly<Record<AlertChannel, { readonly name: string; readonly hint: string }>> = {
  toast: { name: 'Notice', hint: 'A notice on this page; with the desktop application also one of the system' },
  sound: { name: 'Sound', hint: 'Two short tones while this page is open' },
  tray: { name: 'Tray', hint: 'The icon of the desktop application shows it' },
  email: { name: 'E-mail', hint: 'To ALERT_EMAIL_TO' },
  webhook: { name: 'Webhook', hint: 'To ALERT_WEBHOOK_URL' },
}

export const FEED_WORDS: Readonly<Record<FeedTarget['state'], string>> = {
  disconnected: 'Feed disconnected',
  stale: 'No packets come while the market is open',
  login_required: 'Kite login required',
  degraded: 'Anything is degraded',
}

/** As a list shows it: `ATM IV (%)`. */
export function metricTitle(metric: PriceMetric): string {
  const { name, unit } = ALERT_METRICS[metric]
  const words = name.charAt(0).toUpperCase() + name.slice(1)
  const of = `${unit.before}${unit.after}`.trim()
  return of === '' ? words : `${words} (${of})`
}
