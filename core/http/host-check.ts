import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { OpError } from '../kernel/errors.ts'

/** Probes come by pod address, so these answer any Host (CONTRACT.md section 4). */
const ANY_HOST = /^\/(health(\/live|\/ready)?|metrics)$/

/**
 * Refuses every request whose Host is not exactly ours, and whose Origin, where there is one, is not either: a page
 * on another site that resolves its own name to 127.0.0.1 (DNS rebinding) gets nothing. Runs before routing.
 */
export function createHostCheck(port: () => number, allowedHosts: readonly string[]) {
  return async (request: FastifyRequest, _reply: FastifyReply): Promise<void> => {
    const path = request.url.split('?', 1)[0] ?? ''
    const { host = '', origin } = request.headers
    const ours = hostsOf(port(), allowedHosts)
    if (!ANY_HOST.test(path) && !ours.includes(host)) throw new OpError('host_refused', { host })
    if (!isOwnOrigin(origin, ours)) throw new OpError('host_refused', { host: origin ?? '' })
  }
}

/** Whether a request is meant for this server and comes from a page of it, or from none. */
export function isOurs(
  { host = '', origin }: IncomingHttpHeaders,
  port: number,
  allowedHosts: readonly string[],
): boolean {
  const ours = hostsOf(port, allowedHosts)
  return ours.includes(host) && isOwnOrigin(origin, ours)
}

const hostsOf = (port: number, allowedHosts: readonly string[]): readonly string[] => [
  `127.0.0.1:${port}`,
  `localhost:${port}`,
  `[::1]:${port}`,
  ...allowedHosts,
]

function isOwnOrigin(origin: string | undefined, ours: readonly string[]): boolean {
  return origin === undefined || ours.some((name) => origin === `http://${name}` || origin === `https://${name}`)
}

/** Whether the peer is this machine. */
export function isLoopback(address: string | undefined): boolean {
  return address === '::1' || /^(::ffff:)?127\./.test(address ?? '')
}
