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
import { requireInstant } from '../../contract/instant.ts'
import { INDEX_NAMES, type IndexName } from '../../domain/index-catalog.ts'
import type { Bucket } from '../../domain/instrument.ts'
import { OpError } from '../../kernel/errors.ts'
import type { MonitorApi } from '../../ports/monitor-api.ts'
import { indexOf } from '../index-of.ts'
import { problemReply } from '../problem.ts'
import { sendJson } from '../send-json.ts'

const TAGS = ['market']
const params = z.object({ index: z.string().describe(INDEX_NAMES.join(', ')) })
const byBucket = z.object({ bucket: bucketSchema.optional().describe('the nearest listed one when it is left out') })
const chainQuery = byBucket.extend({ at: z.string().optional().describe('an instant of the record') })
const faults = { 400: problemReply, 403: problemReply, 404: problemReply, 501: problemReply, 503: problemReply }

interface ChainRequest {
  readonly params: { readonly index: string }
  readonly query: { readonly bucket?: Bucket | undefined }
}

/** Index and bucket that are asked for: not every index lists a weekly expiry, so the default is its nearest. */
function chainOf(api: MonitorApi, { params, query }: ChainRequest): [IndexName, Bucket] {
  const index = indexOf(params.index)
  const bucket = query.bucket ?? api.expiries(index).expiries[0]?.buckets[0]
  if (bucket === undefined) throw new OpError('universe_unknown')
  return [index, bucket]
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
          summary: 'The chain of one expiry, as it stands or stood',
          params,
          querystring: chainQuery,
          response: { 200: optionChainSchema, ...faults },
        },
      },
      async (request, reply) => {
        const { at, bucket = null } = request.query
        if (at === undefined) return sendJson(reply, api.optionChain(...chainOf(api, request)))
        const chain = await api.pastChain(indexOf(request.params.index), bucket, requireInstant('at', at))
        return sendJson(reply, chain)
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
      async (request, reply) => sendJson(reply, api.greeks(...chainOf(api, request))),
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
      async (request, reply) => sendJson(reply, api.summary(...chainOf(api, request))),
    )
  }
}
