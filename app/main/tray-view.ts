import type { HealthReport } from '../../core/contract/api-schema.ts'
import type { Notice } from '../../core/contract/desktop.ts'

/** Names of the icons. */
export type TrayIcon = 'collecting' | 'degraded' | 'login' | 'closed' | 'simulated'

export interface TrayView {
  readonly icon: TrayIcon
  readonly tooltip: string
  readonly paused: boolean
}

export interface TrayInputs {
  /** null while no monitor runs. */
  readonly health: HealthReport | null
  readonly notice: Notice | null
  /** Message of an alert that nobody has looked at yet. */
  readonly alert: string | null
}

const PHASES: Readonly<Record<string, string>> = {
  pre_open: 'Pre-open',
  open: 'Open',
  cash_auction: 'Closing auction',
  fo_only: 'Options until 15:40',
  closed: 'Closed',
  holiday: 'Holiday',
}
const LOGIN_ISSUES: readonly string[] = ['login_required', 'auth_expired']
const NAME = 'OP Trading'

/** What the icon in the status area says: the most urgent thing first. */
export function trayView({ health, notice, alert }: TrayInputs): TrayView {
  if (health === null) {
    const failed = notice?.kind === 'failed'
    const tooltip = `${NAME}: ${notice?.sentence ?? 'starting …'}`
    return { icon: failed ? 'degraded' : 'closed', tooltip, paused: false }
  }
  const { paused } = health.collecting
  const head = alert === null ? '' : `ALERT ${alert} · `
  const state = paused ? 'Paused' : (PHASES[health.market.phase] ?? health.market.phase)
  const spot = health.indices.find(({ index }) => index === 'NIFTY')?.spot ?? null
  const parts = [
    `${health.simulated ? 'SIMULATED ' : ''}${state}`,
    `NIFTY ${spot === null ? '—' : spot.toLocaleString('en-IN', { minimumFractionDigits: 2 })}`,
    `${Math.round(health.feed.legs_per_second)} legs/s`,
  ]
  return { icon: iconOf(health), tooltip: head + parts.join(' · '), paused }
}

function iconOf({ issues, collecting, market, simulated }: HealthReport): TrayIcon {
  if (issues.some((issue) => LOGIN_ISSUES.includes(issue))) return 'login'
  if (collecting.paused) return 'closed'
  if (issues.length > 0) return 'degraded'
  if (market.phase === 'closed' || market.phase === 'holiday') return 'closed'
  return simulated ? 'simulated' : 'collecting'
}
