import { z } from 'zod'
import { OpError } from '../kernel/errors.ts'

/** What is known of a request that failed, beside what the package says. */
export interface FailedRequest {
  /** The request in words, for the operator: `the user's profile`. */
  readonly what: string
  readonly host: string
  /** HTTP status; null when there was no answer. */
  readonly status: number | null
  readonly timeoutMs: number
  /** Whether the request holds nothing but credentials, so that "wrong input" can only mean those. */
  readonly onlyCredentials: boolean
  /** Texts that must not appear in an error. */
  readonly secrets: readonly string[]
}

/** The package rejects with plain objects, and resolves with one when it cannot read the answer. */
const kiteFault = z.object({ error_type: z.string(), message: z.string().nullish() })

const NO_ANSWER = /^No response from server with error code: (.+)$/
const TIMEOUT_CODES: ReadonlySet<string> = new Set(['ECONNABORTED', 'ERR_CANCELED', 'ETIMEDOUT'])
const MAX_REASON = 200

/** Whether the package resolved with a fault instead of a value. */
export function isKiteFault(value: unknown): boolean {
  return kiteFault.safeParse(value).success
}

function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets.filter((secret) => secret !== '').reduce((clean, secret) => clean.replaceAll(secret, '***'), text)
}

function readFault(fault: unknown): { type: string; message: string } {
  const parsed = kiteFault.safeParse(fault)
  if (parsed.success) return { type: parsed.data.error_type, message: parsed.data.message ?? '' }
  return { type: '', message: fault instanceof Error ? fault.message : 'an answer that makes no sense' }
}

function reasonOf(message: string, request: FailedRequest): string {
  const code = NO_ANSWER.exec(message)?.[1]
  if (code !== undefined) return TIMEOUT_CODES.has(code) ? `no answer in ${request.timeoutMs} ms` : code
  const reason = withoutSecrets(message, request.secrets).slice(0, MAX_REASON)
  return reason === '' ? `status ${request.status ?? 'unknown'}` : reason
}

/**
 * The fault of a request as one of the product's errors. Source: kite.trade/docs/connect/v3/exceptions. The fault
 * itself is not kept as the cause: it may hold the request, and with it the access token.
 */
export function toKiteError(fault: unknown, request: FailedRequest): OpError {
  const { what, host, status } = request
  const { type, message } = readFault(fault)
  const reason = reasonOf(message, request)
  if (status === 429) return new OpError('rate_limited', { what })
  switch (type) {
    case 'TokenException':
      return new OpError('auth_expired')
    case 'InputException':
      return request.onlyCredentials ? new OpError('auth_expired') : new OpError('kite_input', { what, reason })
    case 'PermissionException':
      return new OpError('kite_permission', { what, reason })
    case 'NetworkException':
      return new OpError('exchange_unreachable', { host, reason })
    default:
      return new OpError('kite_data', { what, reason })
  }
}
