import type { Connect } from 'kiteconnect'
import type { Exchange } from '../domain/index-catalog.ts'
import type { Clock } from '../kernel/clock.ts'
import { OpError } from '../kernel/errors.ts'
import type { AccessTokens } from '../ports/access-token.ts'
import { looksLikeInstruments } from './instruments-csv.ts'
import { isKiteFault, toKiteError } from './kite-fault.ts'
import type { LimitClass, RateLimiter } from './rate-limiter.ts'

export interface KiteClientDeps {
  readonly clock: Clock
  readonly tokens: AccessTokens
  readonly limiter: RateLimiter
}

export interface KiteClientOptions {
  /** `https://api.kite.trade`, or the address of a simulated exchange; no slash at the end. */
  readonly root: string
  readonly timeoutMs: number
  /** For the instruments dump, which is large. */
  readonly dumpTimeoutMs: number
}

/** Kite's REST calls through the official package: foreign values come back as `unknown`, faults as OpError. */
export interface KiteClient {
  profile(): Promise<unknown>
  /** At most 1000 keys. */
  lastPrices(keys: readonly string[]): Promise<unknown>
  /** The body of the dump as text. */
  instruments(exchange: Exchange): Promise<string>
}

interface Call {
  readonly what: string
  readonly limit: LimitClass
  readonly timeoutMs: number
  readonly onlyCredentials: boolean
}

/** The dump of all exchanges is 10 MB. */
const MAX_BODY_BYTES = 67_108_864

/** What is seen of the HTTP exchange behind the package's back. */
interface Exchanged {
  status: number | null
  text: string | null
}

/**
 * Sets what the package does not let through: the status of the answer (its faults come without one), a limit of
 * size, and a deadline for the whole answer (its own timeout starts anew with each piece of the body).
 */
function configure(client: object, seen: Exchanged, signal: AbortSignal): void {
  const axios: unknown = Reflect.get(client, 'requestInstance')
  const defaults: unknown = typeof axios === 'function' ? Reflect.get(axios, 'defaults') : null
  if (typeof defaults !== 'object' || defaults === null) {
    throw new OpError('internal', { reason: 'this version of the package kiteconnect is not known' })
  }
  Object.assign(defaults, {
    maxContentLength: MAX_BODY_BYTES,
    maxRedirects: 0,
    signal,
    validateStatus(status: number) {
      seen.status = status
      return status >= 200 && status < 300
    },
  })
}

/**
 * Keeps the body of the dump as it came: the package parses it only for one exact content type, turns dates into
 * local ones and adds a row for the last line end.
 */
function keepText(client: object, seen: Exchanged): void {
  Object.assign(client, {
    transformInstrumentsResponse(data: unknown) {
      seen.text = typeof data === 'string' ? data : null
      return data
    },
  })
}

async function send(
  deps: KiteClientDeps,
  options: KiteClientOptions,
  call: Call,
  run: (client: Connect, seen: Exchanged) => Promise<unknown>,
): Promise<unknown> {
  await deps.limiter.take(call.limit)
  const token = deps.tokens.current()
  if (token === null) throw new OpError('login_required')
  const { apiKey } = deps.tokens
  const { timeoutMs, what, onlyCredentials } = call
  // Loading it takes a tenth of a second, which nobody should wait for who only reads history.
  const kite = await import('kiteconnect')
  // One for each request: the token is today's, and what is seen belongs to this request alone.
  const client = new kite.KiteConnect({ api_key: apiKey, access_token: token, root: options.root, timeout: timeoutMs })
  const seen: Exchanged = { status: null, text: null }
  const deadline = new AbortController()
  configure(client, seen, deadline.signal)
  const cancel = deps.clock.after(timeoutMs, () => deadline.abort())
  const fail = (fault: unknown) => {
    const { status } = seen
    const { host } = new URL(options.root)
    return toKiteError(fault, { what, onlyCredentials, timeoutMs, host, status, secrets: [token, apiKey] })
  }
  try {
    const value = await run(client, seen).catch((fault: unknown) => {
      throw fail(fault)
    })
    if (isKiteFault(value)) throw fail(value)
    if (value === undefined) throw new OpError('kite_data', { what, reason: 'the answer holds no data' })
    return value
  } finally {
    cancel()
  }
}

export function createKiteClient(deps: KiteClientDeps, options: KiteClientOptions): KiteClient {
  const { timeoutMs, dumpTimeoutMs } = options
  return {
    profile: () =>
      send(deps, options, { what: "the user's profile", limit: 'rest', timeoutMs, onlyCredentials: true }, (client) =>
        client.getProfile(),
      ),
    lastPrices: (keys) =>
      send(deps, options, { what: 'last prices', limit: 'quote', timeoutMs, onlyCredentials: false }, (client) =>
        client.getLTP([...keys]),
      ),
    async instruments(exchange) {
      const what = `the instruments of ${exchange}`
      const call: Call = { what, limit: 'rest', timeoutMs: dumpTimeoutMs, onlyCredentials: false }
      const body = await send(deps, options, call, async (client, seen) => {
        keepText(client, seen)
        const value: unknown = await client.getInstruments(exchange)
        return seen.text !== null && looksLikeInstruments(seen.text) ? seen.text : value
      })
      if (typeof body === 'string') return body
      throw new OpError('kite_data', { what, reason: 'the answer is not a CSV file' })
    },
  }
}
