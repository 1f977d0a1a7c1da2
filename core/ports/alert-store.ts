import type { Alert, AlertRuleFields } from '../contract/alerts.ts'

/** Where a rule stands: what it must remember so that a restart does not tell the same thing again. */
export interface AlertRuleState {
  /** Whether its condition held when that was last known; null = never known. */
  readonly active: boolean | null
  /** Market time of its last alert, epoch milliseconds; null = none. */
  readonly firedAt: number | null
}

export interface StoredAlertRule {
  readonly id: string
  readonly fields: AlertRuleFields
  readonly state: AlertRuleState
}

export interface StoredAlerts {
  /** In the order in which they were made. */
  readonly rules: readonly StoredAlertRule[]
  /** Newest first. */
  readonly history: readonly Alert[]
  /** Ids of rules and alerts that this version cannot read; they are left where they are. */
  readonly unreadable: readonly string[]
  /** Whether there has ever been a rule. */
  readonly hadRules: boolean
}

/** What became of one look at all rules; written as a whole or not at all. */
export interface AlertChanges {
  readonly states: readonly { readonly id: string; readonly state: AlertRuleState }[]
  /** New alerts and those that have changed, by their id. */
  readonly alerts: readonly Alert[]
}

/**
 * Rules and what they raised. A write that returned survives a power cut; it throws OpError `file_unwritable`.
 * Alerts beyond the newest 500 are dropped.
 */
export interface AlertStore {
  load(): StoredAlerts
  /** Adds a rule, or replaces the one with its id in its place. */
  saveRule(rule: StoredAlertRule): void
  /** Its history stays. */
  removeRule(id: string): void
  record(changes: AlertChanges): void
}
