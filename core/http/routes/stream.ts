import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { STREAM_TOPICS, type Topic, topicSchema } from '../../contract/api-schema.ts'
import type { Clock } from '../../kernel/clock.ts'
import { OpError } from '../../kernel/errors.ts'
import type { MonitorApi, StreamEvent } from '../../ports/monitor-api.ts'

/** Comment lines keep proxies and clients from taking silence for death. */
const KEEP_ALIVE_MS = 15_000

export const STREAM_PATH = '/stream'

/** As the documentation and the refusal of others say it. */
const KNOWN_TOPICS = [...STREAM_TOPICS, 'chain:INDEX:BUCKET'].join(', ')
/** A screen follows a handful. */
const MOST_TOPICS = 16

const querySchema = z.object({ topics: z.string().default('data_events').describe(KNOWN_TOPICS) })

function topicsOf(text: string): readonly Topic[] {
  const topics = z.array(topicSchema).min(1).max(MOST_TOPICS).safeParse(text.split(','))
  if (topics.success) return topics.data
  throw new OpError('request_invalid', { reason: `topics are ${KNOWN_TOPICS}, separated by commas` })
}

/** `/stream`: server-sent events with ids; `Last-Event-ID` resumes. */
export function streamRoutes(api: MonitorApi, clock: Clock) {
  return async (server: FastifyInstance): Promise<void> => {
    const open = new Set<AbortController>()
    server.addHook('preClose', async () => {
      for (const client of open) client.abort()
    })
    server.withTypeProvider<ZodTypeProvider>().get(
      STREAM_PATH,
      {
        schema: {
          tags: ['stream'],
          summary: 'Server-sent events',
          description:
            'Last-Event-ID resumes within the last minutes; an id that is no longer known, or from before a restart, gets the event reset: read the state anew.',
          querystring: querySchema,
        },
      },
      async (request, reply) => {
        const topics = topicsOf(request.query.topics)
        const last = request.headers['last-event-id']
        const client = new AbortController()
        open.add(client)
        reply.raw.once('close', () => client.abort())
        reply.hijack()
        try {
          const events = api.stream(topics, typeof last === 'string' ? last : null, client.signal)
          await pump(reply.raw, events, clock, client.signal)
        } finally {
          open.delete(client)
          reply.raw.end()
        }
      },
    )
  }
}

async function pump(response: ServerResponse, events: AsyncIterable<StreamEvent>, clock: Clock, signal: AbortSignal) {
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  })
  response.write(': connected\n\n')
  const stopKeepAlive = clock.every(KEEP_ALIVE_MS, () => response.write(': alive\n\n'))
  try {
    for await (const event of events) {
      if (!response.write(eventText(event))) await drained(response, signal)
    }
  } finally {
    stopKeepAlive()
  }
}

async function drained(response: ServerResponse, signal: AbortSignal): Promise<void> {
  try {
    await once(response, 'drain', { signal })
  } catch (fault) {
    if (!signal.aborted) throw fault
  }
}

function eventText({ id, event, data }: StreamEvent): string {
  const head = id === null ? '' : `id: ${id}\n`
  return `${head}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`
}
