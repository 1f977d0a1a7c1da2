import { createHash, timingSafeEqual } from 'node:crypto'
import { addDays, istDate, istInstant } from '../domain/ist.ts'
import type { Clock } from '../kernel/clock.ts'

/** Kite: "the request token is valid for only a couple of minutes". */
const REQUEST_TOKEN_LIFE_MS = 5 * 60_000
/** Logins that nobody finished; more than these push the oldest out. */
const MAX_REQUEST_TOKENS = 100
const TOKEN_LENGTH = 32
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

export type SessionRefusal = 'unknown_key' | 'bad_token' | 'bad_checksum'

export interface Session {
  readonly accessToken: string
  /** Wall time, epoch milliseconds. */
  readonly loginAt: number
}

export interface Sessions {
  readonly apiKey: string
  requestToken(): string
  /** Ends the session before: Kite keeps one per app and user. */
  generate(apiKey: string, requestToken: string, checksum: string): Session | SessionRefusal
  check(apiKey: string, accessToken: string): 'ok' | SessionRefusal
  /** The token of the living session, or of a new one. */
  accessToken(): string
  /** Ends the session, if there is one. */
  expire(): void
  /** A random token for the fields that Kite fills with one. */
  opaque(): string
}

export interface SessionsDeps {
  readonly clock: Pick<Clock, 'wallNow' | 'monotonicMs'>
  readonly random: () => number
}

/** Sessions of one registered app. Access tokens die at 06:00 IST, wall time, as Kite's do. */
export function createSessions(
  deps: SessionsDeps,
  app: { readonly apiKey: string; readonly apiSecret: string },
): Sessions {
  /** Request token to the monotonic instant of its death, oldest first. */
  const requests = new Map<string, number>()
  let session: (Session & { readonly expiresAt: number }) | null = null

  const opaque = () =>
    Array.from({ length: TOKEN_LENGTH }, () => ALPHABET[Math.floor(deps.random() * ALPHABET.length)]).join('')
  const living = () => (session !== null && deps.clock.wallNow() < session.expiresAt ? session : null)
  const open = (): Session => {
    const loginAt = deps.clock.wallNow()
    session = { accessToken: opaque(), loginAt, expiresAt: nextSixOClock(loginAt) }
    return session
  }

  return {
    apiKey: app.apiKey,
    opaque,
    requestToken() {
      const [oldest] = requests.keys()
      if (requests.size >= MAX_REQUEST_TOKENS && oldest !== undefined) requests.delete(oldest)
      const token = opaque()
      requests.set(token, deps.clock.monotonicMs() + REQUEST_TOKEN_LIFE_MS)
      return token
    },
    generate(apiKey, requestToken, checksum) {
      if (apiKey !== app.apiKey) return 'unknown_key'
      const deadline = requests.get(requestToken)
      if (deadline === undefined || deps.clock.monotonicMs() >= deadline) return 'bad_token'
      if (!same(checksum, sha256(app.apiKey + requestToken + app.apiSecret))) return 'bad_checksum'
      requests.delete(requestToken)
      return open()
    },
    check(apiKey, accessToken) {
      if (apiKey !== app.apiKey) return 'unknown_key'
      const current = living()
      return current !== null && same(accessToken, current.accessToken) ? 'ok' : 'bad_token'
    },
    accessToken: () => (living() ?? open()).accessToken,
    expire() {
      session = null
    },
  }
}

function nextSixOClock(wallMs: number): number {
  const today = istInstant(istDate(wallMs), '06:00')
  return wallMs < today ? today : istInstant(addDays(istDate(wallMs), 1), '06:00')
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** Compares digests, so that neither length nor position of a difference shows in the time it takes. */
function same(given: string, expected: string): boolean {
  return timingSafeEqual(Buffer.from(sha256(given)), Buffer.from(sha256(expected)))
}
