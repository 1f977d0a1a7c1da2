import { OpError } from '../kernel/errors.ts'

export type FaultAction =
  /** Nothing is sent on the sockets, heartbeats included. */
  | { readonly kind: 'mute'; readonly forMs: number }
  /** No packets are sent; heartbeats are. */
  | { readonly kind: 'quiet'; readonly forMs: number }
  /** Sockets neither read nor write, and stay open. */
  | { readonly kind: 'half_open'; readonly forMs: number }
  | { readonly kind: 'disconnect' }
  | { readonly kind: 'token_expire' }
  /** The next `frames` binary frames carry a packet count that is not theirs. */
  | { readonly kind: 'corrupt_frame'; readonly frames: number }
  | { readonly kind: 'http'; readonly status: number; readonly html: boolean; readonly forMs: number }
  | { readonly kind: 'reject_upgrade'; readonly status: number; readonly forMs: number }

export type FaultTrigger =
  /** Time of day of the market, IST, `HH:MM:SS`. */
  | { readonly at: string }
  /** Real milliseconds since the exchange started. */
  | { readonly afterMs: number }

export interface Fault {
  readonly trigger: FaultTrigger
  readonly action: FaultAction
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 }
const GRAMMAR =
  '[at=HH:MM[:SS] | after=5s] mute 30s | quiet 30s | half_open 20s | disconnect | token_expire | corrupt_frame 3 | ' +
  'http [html] 502 [for 10s] | reject_upgrade 403 [for 10s]'

/**
 * Reads a script of faults: one a line or between semicolons, `#` begins a comment. A fault without a trigger begins
 * at once; `http` and `reject_upgrade` without `for` stay to the end. Durations (`500ms`, `30s`, `2m`) are real time.
 * Throws `usage` with the offending fault and the grammar.
 */
export function parseFaults(script: string): Fault[] {
  return script
    .split(/[\n;]/)
    .map((line) => line.replace(/#.*$/, '').trim())
    .filter((line) => line !== '')
    .map(parseFault)
}

function parseFault(text: string): Fault {
  const words = text.split(/\s+/)
  const trigger = parseTrigger(words[0] ?? '')
  const rest = trigger === null ? words : words.slice(1)
  const action = trigger === 'wrong' ? null : parseAction(rest)
  if (trigger === 'wrong' || action === null)
    throw new OpError('usage', { reason: `fault "${text}" is not one of: ${GRAMMAR}` })
  return { trigger: trigger ?? { afterMs: 0 }, action }
}

function parseTrigger(word: string): FaultTrigger | 'wrong' | null {
  if (word.startsWith('after=')) {
    const afterMs = parseDuration(word.slice('after='.length))
    return afterMs === null ? 'wrong' : { afterMs }
  }
  if (!word.startsWith('at=')) return null
  const at = word.slice('at='.length)
  if (!/^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/.test(at)) return 'wrong'
  return { at: at.length === 5 ? `${at}:00` : at }
}

function parseAction(words: readonly string[]): FaultAction | null {
  const [kind = '', ...parameters] = words
  switch (kind) {
    case 'disconnect':
    case 'token_expire':
      return parameters.length === 0 ? { kind } : null
    case 'mute':
    case 'quiet':
    case 'half_open':
      return parseSilence(kind, parameters)
    case 'corrupt_frame': {
      const frames = Number(parameters[0] ?? 1)
      return parameters.length <= 1 && Number.isInteger(frames) && frames > 0 ? { kind, frames } : null
    }
    case 'http': {
      const html = parameters[0] === 'html'
      const answer = parseStatus(html ? parameters.slice(1) : parameters)
      return answer && { kind, html, ...answer }
    }
    case 'reject_upgrade': {
      const answer = parseStatus(parameters)
      return answer && { kind, ...answer }
    }
    default:
      return null
  }
}

function parseSilence(kind: 'mute' | 'quiet' | 'half_open', parameters: readonly string[]): FaultAction | null {
  const forMs = parseDuration(parameters[0])
  return parameters.length === 1 && forMs !== null ? { kind, forMs } : null
}

/** `502` or `502 for 10s`. */
function parseStatus(words: readonly string[]): { status: number; forMs: number } | null {
  const [code, preposition, duration, ...more] = words
  if (code === undefined || !/^[45]\d\d$/.test(code) || more.length > 0) return null
  if (preposition === undefined) return { status: Number(code), forMs: Number.POSITIVE_INFINITY }
  const forMs = preposition === 'for' ? parseDuration(duration) : null
  return forMs === null ? null : { status: Number(code), forMs }
}

function parseDuration(word: string | undefined): number | null {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(word ?? '')
  const unitMs = UNIT_MS[match?.[2] ?? '']
  return match === null || unitMs === undefined ? null : Number(match[1]) * unitMs
}
