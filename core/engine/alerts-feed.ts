import type { FeedTarget } from '../contract/alerts.ts'
import type { HealthReport } from '../contract/api-schema.ts'
import type { Phase } from '../domain/calendar.ts'

/** Issues that mean a state: words of the feed's status and codes of the error table. */
const ISSUES: Readonly<Record<Exclude<FeedTarget['state'], 'degraded'>, readonly string[]>> = {
  disconnected: ['feed_disconnected', 'feed_rejected', 'exchange_unreachable', 'exchange_not_simulated'],
  stale: ['feed_stale'],
  login_required: ['login_required', 'auth_expired', 'kite_permission'],
}

/** Whether the feed is in the state that a rule names, and what the operator is told of it. */
export interface FeedReading {
  readonly isThere: boolean
  readonly detail: string | null
}

const NOT_THERE: FeedReading = { isThere: false, detail: null }

/**
 * Outside of the hours in which options trade nothing is expected of the feed. A missing login alone is told from the
 * pre-open on: at the open it would be too late.
 */
export function readFeed(state: FeedTarget['state'], health: HealthReport, optionsTrade: boolean): FeedReading {
  const phase: string = health.market.phase
  if (!optionsTrade && !(state === 'login_required' && phase === PRE_OPEN)) return NOT_THERE
  const troubled = Object.values(health.components).filter(({ issue }) => issue !== null && isMeant(state, issue))
  const [first] = troubled
  if (first === undefined) return NOT_THERE
  const issues = [...new Set(troubled.map(({ issue }) => issue?.replaceAll('_', ' ')))].join(', ')
  return { isThere: true, detail: state === 'degraded' ? issues : first.detail }
}

const PRE_OPEN: Phase = 'pre_open'

function isMeant(state: FeedTarget['state'], issue: string): boolean {
  return state === 'degraded' || ISSUES[state].includes(issue)
}
