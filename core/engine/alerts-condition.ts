import type { AlertCondition } from '../contract/alerts.ts'
import type { AlertRuleState } from '../ports/alert-store.ts'
import type { ValueWindow } from './alerts-window.ts'

/** Where a rule goes when its condition holds, does not, or is not known (null). */
export interface Step {
  readonly state: AlertRuleState
  readonly fires: boolean
}

/**
 * A rule fires when its condition begins to hold, unless its last alert is younger than the cooldown. What is not known
 * changes nothing: it neither fires nor counts as a pause in between.
 */
export function stepRule(state: AlertRuleState, holds: boolean | null, now: number, cooldownMs: number): Step {
  if (holds === null || holds === state.active) return { state, fires: false }
  const { firedAt } = state
  // A market clock that was set back is no reason for silence.
  const isCooling = firedAt !== null && now >= firedAt && now - firedAt < cooldownMs
  const fires = holds && !isCooling
  return { state: { active: holds, firedAt: fires ? now : firedAt }, fires }
}

export interface Judgement {
  readonly holds: boolean | null
  /** Of `moves`: the value in the window that is farthest from the one now. */
  readonly from: number | null
}

/** Whether a value meets a condition; `window` has taken the value already. */
export function judge(condition: AlertCondition, value: number | null, window: ValueWindow | null): Judgement {
  if (value === null) return { holds: null, from: null }
  if (condition.op === 'above') return { holds: value > condition.value, from: null }
  if (condition.op === 'below') return { holds: value < condition.value, from: null }
  const from = window?.farthestFrom(value) ?? value
  return { holds: Math.abs(value - from) >= condition.value, from }
}
