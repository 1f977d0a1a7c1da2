import { ALERT_EVENT, alertSchema } from '../../../core/contract/alerts.ts'
import { healthSchema } from '../../../core/contract/api-schema.ts'
import {
  CHAIN_EVENT,
  CHAIN_UNAVAILABLE_EVENT,
  chainMessageSchema,
  chainUnavailableSchema,
} from '../../../core/contract/chain-stream.ts'
import { backoffMs } from '../../../core/kernel/retry.ts'
import type { StreamListener } from './monitor-client.ts'

/** A live chain speaks once a second: this long a silence is a dead connection. */
const SILENCE_MS = 6_000
const RETRY = { firstMs: 300, maxMs: 4_000 }

export interface FollowDeps {
  readonly random: () => number
  /** Runs once after a delay; the returned function cancels. */
  readonly after: (delayMs: number, run: () => void) => () => void
}

/** One event of a stream, whatever brought it here. */
export interface ServerEvent {
  readonly event: string
  readonly data: unknown
}

/** Makes one connection; ends or throws with it. `onSign` at every sign of life. The signal gives it up. */
export type Connect = (signal: AbortSignal, onSign: () => void) => AsyncIterable<ServerEvent>

/** Follows until the returned function is called; after every end of a connection another is made. */
export function follow(deps: FollowDeps, connect: Connect, listener: StreamListener): () => void {
  const stopping = new AbortController()
  void keepFollowing(deps, connect, listener, stopping.signal)
  return () => stopping.abort()
}

async function keepFollowing(deps: FollowDeps, connect: Connect, listener: StreamListener, signal: AbortSignal) {
  let failures = 0
  listener.onLink('connecting')
  while (!signal.aborted) {
    const heard = await readOnce(deps, connect, listener, signal)
    if (signal.aborted) return
    listener.onLink('lost')
    failures = heard ? 1 : failures + 1
    await pause(deps, backoffMs(failures, { ...RETRY, random: deps.random }), signal)
  }
}

/** One connection to its end, whatever that is; returns whether anything was heard. */
async function readOnce(deps: FollowDeps, connect: Connect, listener: StreamListener, signal: AbortSignal) {
  const attempt = new AbortController()
  const giveUp = () => attempt.abort()
  signal.addEventListener('abort', giveUp, { once: true })
  let cancel = deps.after(SILENCE_MS, giveUp)
  const onSign = () => {
    cancel()
    cancel = deps.after(SILENCE_MS, giveUp)
  }
  let heard = false
  const expected = new Map<string, number>()
  try {
    for await (const event of connect(attempt.signal, onSign)) {
      if (signal.aborted) return heard
      if (!heard) listener.onLink('live')
      heard = true
      // A hole: the rest would be wrong. A new connection begins with the whole state.
      if (!deliver(event, listener, expected)) return true
    }
  } catch {
    // The connection failed, or what came could not be read: either way it is over and another is made.
  } finally {
    cancel()
    signal.removeEventListener('abort', giveUp)
    attempt.abort()
  }
  return heard
}

/** Hands an event to the listener; false when events before it were missed. */
function deliver({ event, data }: ServerEvent, listener: StreamListener, expected: Map<string, number>): boolean {
  if (event === 'health') listener.onHealth(healthSchema.parse(data))
  else if (event === ALERT_EVENT) listener.onAlert(alertSchema.parse(data))
  else if (event === CHAIN_UNAVAILABLE_EVENT) {
    const message = chainUnavailableSchema.parse(data)
    listener.onUnavailable(message)
    expected.set(message.topic, (expected.get(message.topic) ?? 0) + 1)
  } else if (event === CHAIN_EVENT) {
    const message = chainMessageSchema.parse(data)
    if (message.seq !== (expected.get(message.topic) ?? 0)) return false
    expected.set(message.topic, message.seq + 1)
    listener.onChain(message)
  }
  return true
}

function pause({ after }: FollowDeps, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const cancel = after(delayMs, resolve)
    const stop = () => {
      cancel()
      resolve()
    }
    signal.addEventListener('abort', stop, { once: true })
  })
}
