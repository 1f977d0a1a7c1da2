import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { healthSchema } from '../../contract/api-schema.ts'
import type { MonitorApi } from '../../ports/monitor-api.ts'
import { sendJson } from '../send-json.ts'

const TAGS = ['health']
const liveSchema = z.object({ status: z.literal('alive') })
const readySchema = z.object({ status: z.enum(['ready', 'starting']) })

/** `/health` for people and monitors, `/health/live` for restarts, `/health/ready` for traffic. */
export function healthRoutes(api: MonitorApi) {
  return async (server: FastifyInstance): Promise<void> => {
    const typed = server.withTypeProvider<ZodTypeProvider>()
    typed.get(
      '/health',
      {
        schema: { tags: TAGS, summary: 'State of every component', response: { 200: healthSchema, 503: healthSchema } },
      },
      async (_request, reply) => {
        const report = api.health()
        return sendJson(reply.status(report.status === 'healthy' ? 200 : 503), report)
      },
    )
    typed.get(
      '/health/live',
      { schema: { tags: TAGS, summary: 'Whether the process works', response: { 200: liveSchema } } },
      async (_request, reply) => sendJson(reply, { status: 'alive' }),
    )
    typed.get(
      '/health/ready',
      { schema: { tags: TAGS, summary: 'Whether it can serve', response: { 200: readySchema, 503: readySchema } } },
      async (_request, reply) => {
        const ready = api.ready()
        return sendJson(reply.status(ready ? 200 : 503), { status: ready ? 'ready' : 'starting' })
      },
    )
  }
}
