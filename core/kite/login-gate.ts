import type { Clock } from '../kernel/clock.ts'
import type { Unsubscribe } from '../kernel/lifecycle.ts'
import type { AccessTokens } from '../ports/access-token.ts'

/** How an attempt with a token ended: the server took it, refused it, or was not asked. */
export type LoginOutcome = 'accepted' | 'refused' | 'unknown'

export interface LoginGate {
  /** The token for one attempt; null when none may be made now: `resumed` tells when to ask again. Must be settled. */
  take(): string | null
  settle(token: string, outcome: LoginOutcome): void
  /** Why a login is needed, null when it is not. */
  required(): string | null
  /** Opens again for the same token, because it is known to be good. Without a token it stays shut. */
  retry(): void
  stop(): void
}

export interface LoginGateHooks {
  required(reason: string): void
  resumed(): void
}

/** A token that is refused this often is dead; more attempts look like an attack to Kite. */
const MAX_REFUSALS = 3
const POLL_MS = 1_000

/**
 * Decides for all connections of the feed together whether the access token may be tried. A dead token is tried at
 * most three times; then the gate is shut until the token is another one, which it looks for every second.
 */
export function createLoginGate(
  deps: { readonly clock: Clock; readonly tokens: AccessTokens },
  hooks: LoginGateHooks,
): LoginGate {
  let refusals = 0
  let refusedToken: string | null = null
  let pending = 0
  let reason: string | null = null
  let stopped = false
  let stopPolling: Unsubscribe | null = null

  function open(): void {
    stopPolling?.()
    stopPolling = null
    reason = null
    refusals = 0
    refusedToken = null
    hooks.resumed()
  }

  function shut(why: string): void {
    if (reason !== null || stopped) return
    reason = why
    stopPolling = deps.clock.every(POLL_MS, () => {
      const token = deps.tokens.current()
      if (token !== null && token !== refusedToken) open()
    })
    hooks.required(why)
  }

  return {
    take() {
      if (reason !== null || stopped) return null
      const token = deps.tokens.current()
      if (token === null) {
        refusedToken = null
        shut('there is no access token')
        return null
      }
      if (token !== refusedToken) refusals = 0
      if (refusals + pending >= MAX_REFUSALS) return null
      pending += 1
      return token
    },
    settle(token, outcome) {
      pending -= 1
      if (outcome === 'refused') {
        refusals = token === refusedToken ? refusals + 1 : 1
        refusedToken = token
        if (refusals >= MAX_REFUSALS) shut('Kite refuses the access token')
      } else if (outcome === 'accepted') {
        refusals = 0
        refusedToken = null
      }
      if (outcome !== 'refused' && reason === null && !stopped) hooks.resumed()
    },
    required: () => reason,
    retry() {
      if (reason !== null && !stopped && deps.tokens.current() !== null) open()
    },
    stop() {
      stopped = true
      stopPolling?.()
      stopPolling = null
    },
  }
}
