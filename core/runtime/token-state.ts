import type { HealthReport } from '../contract/api-schema.ts'
import { formatIst } from '../domain/ist.ts'

export interface TokenFacts {
  /** Whether the market asks for a token at all. */
  readonly needed: boolean
  readonly current: () => string | null
  /** What the session and the feed complain of. */
  readonly issues: readonly (string | null)[]
  /** When the token that was accepted last dies, wall time; null = none was accepted yet. */
  readonly endsAt: number | null
  readonly wallNow: number
}

/** Whether there is a Kite token, and until when. */
export function tokenState({ needed, current, issues, endsAt, wallNow }: TokenFacts): HealthReport['token'] {
  if (!needed) return { state: 'not_needed', expires_at: null }
  const refused = issues.includes('login_required')
  if (endsAt !== null && wallNow < endsAt && !refused) return { state: 'valid', expires_at: formatIst(endsAt) }
  if (current() === null) return { state: 'missing', expires_at: null }
  if (refused || endsAt !== null) return { state: 'expired', expires_at: null }
  return { state: 'unknown', expires_at: null }
}
