import { type CallName, type CallRequest, MONITOR_CALLS } from '../../../core/contract/monitor-calls.ts'

/** One call as HTTP: what the path names goes into the path, the rest into the query (GET, DELETE) or the body. */
export function httpRequest<Name extends CallName>(name: Name, input: CallRequest<Name>): [path: string, RequestInit] {
  const { method, path } = MONITOR_CALLS[name]
  const rest = new Map<string, unknown>(Object.entries(input))
  const target = path.replaceAll(/:(\w+)/g, (_, key: string) => {
    const value = rest.get(key)
    rest.delete(key)
    return encodeURIComponent(String(value))
  })
  const headers = { accept: 'application/json' }
  if (method === 'GET' || method === 'DELETE') return [target + queryOf(rest), { method, headers }]
  const body = JSON.stringify(Object.fromEntries(rest))
  return [target, { method, headers: { ...headers, 'content-type': 'application/json' }, body }]
}

function queryOf(values: ReadonlyMap<string, unknown>): string {
  const query = new URLSearchParams()
  for (const [key, value] of values) if (value !== undefined) query.set(key, String(value))
  return query.size === 0 ? '' : `?${query}`
}
