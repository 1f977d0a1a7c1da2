import { ALERT_EVENT, alertSchema } from '../../../core/contract/alerts.ts'
import { healthSchema, problemSchema } from '../../../core/contract/api-schema.ts'
import {
  CHAIN_EVENT,
  CHAIN_UNAVAILABLE_EVENT,
  chainMessageSchema,
  chainUnavailableSchema,
} from '../../../core/contract/chain-stream.ts'
import { type CallName, type CallRequest, type CallResult, readResult } from '../../../core/contract/monitor-calls.ts'
import { backoffMs } from '../../../core/kernel/retry.ts'
import { readEvents, type ServerEvent } from './event-text.ts'
import { httpRequest } from './http-request.ts'
import { type MonitorClient, MonitorFault, type StreamListener } from './monitor-client.ts'

/** A live chain speaks once a second: this long a silence is a dead connection. */
const SILENCE_MS = 6_000
const UNREACHABLE = { code: 'unreachable', hint: 'Is OP Trading still running?' }
const RETRY = { firstMs: 300, maxMs: 4_000 }

export interface HttpClientDeps {
  readonly fetch: typeof fetch
  readonly random: () => number
  /** Runs once after a delay; the returned function cancels. */
  readonly after: (delayMs: number, run: () => void) => () => void
}

/** The monitor over HTTP and server-sent events; `base` is empty for the page's own origin. */
export function createHttpClient(deps: HttpClientDeps, base = ''): MonitorClient {
  return {
    ask: (name, input) => ask(deps, base, name, input),
    follow(topics, listener) {
      const stopping = new AbortController()
      const url = `${base}/stream?topics=${topics.join(',')}`
      void keepFollowing(deps, url, listener, stopping.signal)
      return () => stopping.abort()
    },
  }
}

async function ask<Name extends CallName>(
  deps: HttpClientDeps,
  base: string,
  name: Name,
  input: CallRequest<Name>,
): Promise<CallResult<Name>> {
  const [path, request] = httpRequest(name, input)
  const reply = await deps.fetch(`${base}${path}`, request).catch((fault: unknown) => {
    throw new MonitorFault({ ...UNREACHABLE, message: `OP Trading does not answer: ${String(fault)}` })
  })
  const body: unknown = await reply.json().catch(() => null)
  // A degraded product answers 503 with a report of its health.
  if (reply.ok || (name === 'health' && reply.status === 503)) return readResult(name, body)
  const problem = problemSchema.safeParse(body)
  throw new MonitorFault(
    problem.success
      ? { ...problem.data, message: problem.data.detail }
      : { ...UNREACHABLE, message: `${path} answered ${reply.status}` },
  )
}

async function keepFollowing(deps: HttpClientDeps, url: string, listener: StreamListener, signal: AbortSignal) {
  let failures = 0
  listener.onLink('connecting')
  while (!signal.aborted) {
    const heard = await readOnce(deps, url, listener, signal)
    if (signal.aborted) return
    listener.onLink('lost')
    failures = heard ? 1 : failures + 1
    await pause(deps, backoffMs(failures, { ...RETRY, random: deps.random }), signal)
  }
}

/** One connection to its end, whatever that is; returns whether anything was heard. */
async function readOnce(deps: HttpClientDeps, url: string, listener: StreamListener, signal: AbortSignal) {
  const attempt = new AbortController()
  const giveUp = () => attempt.abort()
  signal.addEventListener('abort', giveUp, { once: true })
  let cancel = deps.after(SILENCE_MS, giveUp)
  const onBytes = () => {
    cancel()
    cancel = deps.after(SILENCE_MS, giveUp)
  }
  let heard = false
  const expected = new Map<string, number>()
  try {
    const reply = await deps.fetch(url, { signal: attempt.signal, headers: { accept: 'text/event-stream' } })
    if (!reply.ok || reply.body === null) return false
    for await (const event of readEvents(reply.body, onBytes)) {
      if (signal.aborted) return heard
      if (!heard) listener.onLink('live')
      heard = true
      // A hole: the rest would be wrong. A new connection begins with the whole state.
      if (!deliver(event, listener, expected)) return true
    }
  } catch {
    // The network failed, or what came could not be read: either way the connection is over and another is made.
  } finally {
    cancel()
    signal.removeEventListener('abort', giveUp)
    attempt.abort()
  }
  return heard
}

/** Hands an event to the listener; false when events before it were missed. */
function deliver({ event, data }: ServerEvent, listener: StreamListener, expected: Map<string, number>): boolean {
  if (event === 'health') listener.onHealth(healthSchema.parse(JSON.parse(data)))
  else if (event === ALERT_EVENT) listener.onAlert(alertSchema.parse(JSON.parse(data)))
  else if (event === CHAIN_UNAVAILABLE_EVENT) {
    const message = chainUnavailableSchema.parse(JSON.parse(data))
    listener.onUnavailable(message)
    expected.set(message.topic, (expected.get(message.topic) ?? 0) + 1)
  } else if (event === CHAIN_EVENT) {
    const message = chainMessageSchema.parse(JSON.parse(data))
    if (message.seq !== (expected.get(message.topic) ?? 0)) return false
    expected.set(message.topic, message.seq + 1)
    listener.onChain(message)
  }
  return true
}

function pause({ after }: HttpClientDeps, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const cancel = after(delayMs, resolve)
    const stop = () => {
      cancel()
      resolve()
    }
    signal.addEventListener('abort', stop, { once: true })
  })
}
