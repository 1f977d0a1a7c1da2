import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import {
  bucketSchema,
  expiriesSchema,
  greeksSchema,
  indicesSchema,
  optionChainSchema,
  summarySchema,
} from '../../contract/api-schema.ts'
import { INDEX_NAMES, type IndexName, isIndexName } from '../../domain/index-catalog.ts'
import { OpError } from '../../kernel/errors.ts'
import type { MonitorApi } from '../../ports/monitor-api.ts'
import { problemReply } from '../problem.ts'
import { sendJson } from '../send-json.ts'

const TAGS = ['market']
const params = z.object({ index: z.string().describe(INDEX_NAMES.join(', ')) })
const byBucket = z.object({ bucket: bucketSchema.default('this_week') })
const chainQuery = byBucket.extend({ at: z.string().optional().describe('an instant of the record') })
const faults = { 400: problemReply, 404: problemReply, 503: problemReply }

/** Name of an index from a path, in any case. */
function indexOf(text: string): IndexName {
  const name = text.toUpperCase()
  if (!isIndexName(name)) throw new OpError('index_unknown', { index: text, known: INDEX_NAMES.join(', ') })
  return name
}

/** The live market: what is watched, chains, Greeks and metrics of chains. */
export function marketRoutes(api: MonitorApi) {
  return async (server: FastifyInstance): Promise<void> => {
    const typed = server.withTypeProvider<ZodTypeProvider>()
    typed.get(
      '/indices',
      { schema: { tags: TAGS, summary: 'Indices and their buckets today', response: { 200: indicesSchema } } },
      async (_request, reply) => sendJson(reply, api.indices()),
    )
    typed.get(
      '/expiries/:index',
      {
        schema: {
          tags: TAGS,
          summary: 'Expiries, strikes and lots',
          params,
          response: { 200: expiriesSchema, ...faults },
        },
      },
      async (request, reply) => sendJson(reply, api.expiries(indexOf(request.params.index))),
    )
    typed.get(
      '/option-chain/:index',
      {
        schema: {
          tags: TAGS,
          summary: 'The chain of one expiry, as it stands',
          params,
          querystring: chainQuery,
          response: { 200: optionChainSchema, ...faults },
        },
      },
      async (request, reply) => {
        if (request.query.at !== undefined) throw new OpError('not_supported_yet', { what: 'a chain of the past (at)' })
        return sendJson(reply, api.optionChain(indexOf(request.params.index), request.query.bucket))
      },
    )
    typed.get(
      '/analytics/:index/greeks',
      {
        schema: {
          tags: TAGS,
          summary: 'IV, its status and Greeks of every leg',
          params,
          querystring: byBucket,
          response: { 200: greeksSchema, ...faults },
        },
      },
      async (request, reply) => sendJson(reply, api.greeks(indexOf(request.params.index), request.query.bucket)),
    )
    typed.get(
      '/analytics/:index/summary',
      {
        schema: {
          tags: TAGS,
          summary: 'PCR, max pain, ATM, skew and GEX of the recorded window and of the full chain',
          params,
          querystring: byBucket,
          response: { 200: summarySchema, ...faults },
        },
      },
      async (request, reply) => sendJson(reply, api.summary(indexOf(request.params.index), request.query.bucket)),
    )
  }
}
