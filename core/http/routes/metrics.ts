import { timingSafeEqual } from 'node:crypto'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { OpError } from '../../kernel/errors.ts'
import type { Metrics } from '../../ports/metrics.ts'
import { isLoopback } from '../host-check.ts'

/** Prometheus text for this machine, and for whoever brings the token. */
export function metricsRoutes(metrics: Metrics, token: string | null) {
  return async (server: FastifyInstance): Promise<void> => {
    server.get('/metrics', { schema: { tags: ['health'], summary: 'Prometheus metrics' } }, async (request, reply) => {
      if (!isLoopback(request.socket.remoteAddress) && !hasToken(request, token)) throw new OpError('metrics_refused')
      return reply.type('text/plain; version=0.0.4; charset=utf-8').send(await metrics.render())
    })
  }
}

function hasToken(request: FastifyRequest, token: string | null): boolean {
  if (token === null || token === '') return false
  const given = Buffer.from(request.headers.authorization ?? '')
  const wanted = Buffer.from(`Bearer ${token}`)
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}
