import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { MonitorApi } from '../../ports/monitor-api.ts'
import { problemReply } from '../problem.ts'
import { sendFile } from '../send-json.ts'

/** `/exports/:id/file`: the file of an export as it is made; a client that leaves cancels it. */
export function exportRoutes(api: MonitorApi) {
  return async (server: FastifyInstance): Promise<void> => {
    server.withTypeProvider<ZodTypeProvider>().get(
      '/exports/:id/file',
      {
        schema: {
          tags: ['record'],
          summary: 'The file of an export, once',
          params: z.object({ id: z.string() }),
          response: { 404: problemReply },
        },
      },
      async (request, reply) => sendFile(reply, api.exportFile(request.params.id)),
    )
  }
}
