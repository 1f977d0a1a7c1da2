import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { OPERATION_CALLS, OPERATION_NAMES, refusalOf } from '../../contract/monitor-calls.ts'
import { answerCall, type MonitorApi } from '../../ports/monitor-api.ts'
import { problemReply, sendProblem } from '../problem.ts'
import { sendJson } from '../send-json.ts'

const faults = {
  400: problemReply,
  403: problemReply,
  404: problemReply,
  409: problemReply,
  422: problemReply,
  501: problemReply,
  503: problemReply,
}

/** A route for each row of `OPERATION_CALLS`. */
export function operationRoutes(api: MonitorApi) {
  return async (server: FastifyInstance): Promise<void> => {
    for (const name of OPERATION_NAMES) {
      const { method, path, summary, input, result } = OPERATION_CALLS[name]
      server.route({
        method,
        url: path,
        schema: {
          tags: ['operations'],
          summary,
          ...partsOf(path, method, input),
          response: { 200: result, ...faults },
        },
        // What the schema above says of each part is said again of the whole: one reader for HTTP and IPC.
        handler: async (request, reply) => {
          const answer = await answerCall(api.calls, name, inputOf(request))
          const refusal = refusalOf(name, answer)
          return refusal === null ? sendJson(reply, answer) : sendProblem(reply, request.id, refusal, answer)
        },
      })
    }
  }
}

/** What the path names, and where the rest is looked for. */
function partsOf(path: string, method: string, { shape }: z.ZodObject) {
  const named = [...path.matchAll(/:(\w+)/g)].map(([, key]) => key)
  const pick = (isWanted: (key: string) => boolean) =>
    Object.fromEntries(Object.entries(shape).filter(([key]) => isWanted(key)))
  const rest = pick((key) => !named.includes(key))
  const params = named.length === 0 ? {} : { params: z.object(pick((key) => named.includes(key))) }
  if (Object.keys(rest).length === 0) return params
  return { ...params, [method === 'GET' || method === 'DELETE' ? 'querystring' : 'body']: z.object(rest) }
}

function inputOf({ params, query, body }: FastifyRequest): object {
  return { ...objectOf(query), ...objectOf(body), ...objectOf(params) }
}

function objectOf(part: unknown): object {
  return typeof part === 'object' && part !== null ? part : {}
}
