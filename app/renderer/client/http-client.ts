import { problemSchema } from '../../../core/contract/api-schema.ts'
import { type CallName, type CallRequest, type CallResult, readResult } from '../../../core/contract/monitor-calls.ts'
import { readEvents } from './event-text.ts'
import { type FollowDeps, follow, type ServerEvent } from './follow.ts'
import { httpRequest } from './http-request.ts'
import { type MonitorClient, MonitorFault } from './monitor-client.ts'

const UNREACHABLE = { code: 'unreachable', hint: 'Is OP Trading still running?' }

/** Replies beside 200 that hold the result of their call: health of a degraded product, settings with their faults. */
const RESULT_STATUSES: Partial<Record<CallName, number>> = { health: 503, changeSettings: 422 }

export interface HttpClientDeps extends FollowDeps {
  readonly fetch: typeof fetch
}

/** The monitor over HTTP and server-sent events; `base` is empty for the page's own origin. */
export function createHttpClient(deps: HttpClientDeps, base = ''): MonitorClient {
  return {
    ask: (name, input) => ask(deps, base, name, input),
    follow(topics, listener) {
      const url = `${base}/stream?topics=${topics.join(',')}`
      return follow(deps, (signal, onSign) => connect(deps, url, signal, onSign), listener)
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
    throw new MonitorFault({ ...UNREACHABLE, message: 'OP Trading does not answer.' }, fault)
  })
  const body: unknown = await reply.json().catch(() => null)
  if (reply.ok || RESULT_STATUSES[name] === reply.status) return readResult(name, body)
  const problem = problemSchema.safeParse(body)
  throw new MonitorFault(
    problem.success
      ? { ...problem.data, message: problem.data.detail }
      : { ...UNREACHABLE, message: `${path} answered ${reply.status}` },
  )
}

/** One stream of server-sent events. */
async function* connect(
  deps: HttpClientDeps,
  url: string,
  signal: AbortSignal,
  onSign: () => void,
): AsyncIterable<ServerEvent> {
  const reply = await deps.fetch(url, { signal, headers: { accept: 'text/event-stream' } })
  if (!reply.ok || reply.body === null) return
  for await (const { event, data } of readEvents(reply.body, onSign)) yield { event, data: JSON.parse(data) }
}
