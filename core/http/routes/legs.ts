import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { legsQuerySchema, legsSchema } from '../../contract/legs.ts'
import { INDEX_NAMES } from '../../domain/index-catalog.ts'
import type { MonitorApi } from '../../ports/monitor-api.ts'
import { indexOf } from '../index-of.ts'
import { problemReply } from '../problem.ts'
import { sendCsv, sendJson } from '../send-json.ts'

const params = z.object({ index: z.string().describe(INDEX_NAMES.join(', ')) })

/** `/legs/:index`: what was recorded, page by page, as JSON or, with `Accept: text/csv`, as the recorder's CSV. */
export function legRoutes(api: MonitorApi) {
  return async (server: FastifyInstance): Promise<void> => {
    server.withTypeProvider<ZodTypeProvider>().get(
      '/legs/:index',
      {
        schema: {
          tags: ['record'],
          summary: 'Recorded legs',
          description:
            'In the order of the record. Accept: text/csv gives the columns of the CSV files, and the next page in the header X-Next-Cursor.',
          params,
          querystring: legsQuerySchema,
          response: { 200: legsSchema, 400: problemReply, 403: problemReply, 404: problemReply, 503: problemReply },
        },
      },
      async (request, reply) => {
        const page = await api.legs(indexOf(request.params.index), request.query)
        const accepts = request.headers.accept ?? ''
        if (!/\btext\/csv\b/.test(accepts)) return sendJson(reply, page.report())
        if (page.next !== null) reply.header('x-next-cursor', page.next)
        return sendCsv(reply, page.csv())
      },
    )
  }
}
