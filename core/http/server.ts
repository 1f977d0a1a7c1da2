import type { RequestListener } from 'node:http'
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import {
  jsonSchemaTransform,
  jsonSchemaTransformObject,
  serializerCompiler,
  validatorCompiler,
} from 'fastify-type-provider-zod'
import type { Clock } from '../kernel/clock.ts'
import { OpError } from '../kernel/errors.ts'
import { type Component, once } from '../kernel/lifecycle.ts'
import type { Logger } from '../kernel/logger.ts'
import type { Metrics } from '../ports/metrics.ts'
import type { MonitorApi } from '../ports/monitor-api.ts'
import type { Door } from './door.ts'
import { createHostCheck } from './host-check.ts'
import { problemHandler, sendProblem } from './problem.ts'
import { exportRoutes } from './routes/exports.ts'
import { healthRoutes } from './routes/health.ts'
import { legRoutes } from './routes/legs.ts'
import { marketRoutes } from './routes/market.ts'
import { metricsRoutes } from './routes/metrics.ts'
import { operationRoutes } from './routes/operations.ts'
import { STREAM_PATH, streamRoutes } from './routes/stream.ts'

export interface HttpDeps {
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
  readonly newTrace: () => string
}

export interface HttpOptions {
  readonly allowedHosts: readonly string[]
  readonly metricsToken: string | null
  readonly version: string
}

/** The API of CONTRACT.md section 4, behind a door that is started already; the door ends with it. */
export function createApiServer(deps: HttpDeps, api: MonitorApi, door: Door, options: HttpOptions): Component {
  return behind(door, deps, options, async (server) => {
    await server.register(swagger, {
      openapi: {
        openapi: '3.1.0',
        info: { title: 'OP Trading', version: options.version, description: 'Live chains and the record of them' },
      },
      transform: jsonSchemaTransform,
      transformObject: jsonSchemaTransformObject,
    })
    await server.register(swaggerUi, { routePrefix: '/docs' })
    await server.register(healthRoutes(api))
    await server.register(marketRoutes(api))
    await server.register(legRoutes(api))
    await server.register(exportRoutes(api))
    await server.register(operationRoutes(api))
    await server.register(metricsRoutes(deps.metrics, options.metricsToken))
    await server.register(streamRoutes(api, deps.clock))
    server.get('/openapi.json', { schema: { hide: true } }, async () => server.swagger())
    if (!door.hasPage) server.get('/', { schema: { hide: true } }, async (_request, reply) => reply.redirect('/docs'))
  })
}

/** `/metrics` and nothing else, on a port of its own. */
export function createMetricsServer(deps: HttpDeps, door: Door, options: HttpOptions): Component {
  return behind(door, deps, options, async (server) => {
    await server.register(metricsRoutes(deps.metrics, options.metricsToken))
  })
}

function behind(
  door: Door,
  deps: HttpDeps,
  options: HttpOptions,
  register: (server: FastifyInstance) => Promise<void>,
): Component {
  let server: FastifyInstance | null = null
  return {
    name: door.name,
    async start() {
      const onProblem = problemHandler(deps.logger)
      let listener: RequestListener = () => {}
      server = fastify({
        logger: false,
        genReqId: deps.newTrace,
        bodyLimit: 64 * 1024,
        frameworkErrors: (fault, request, reply) => void onProblem(fault, request, reply),
        serverFactory(given) {
          listener = given
          return door.server
        },
      })
      server.setValidatorCompiler(validatorCompiler)
      server.setSerializerCompiler(serializerCompiler)
      server.setErrorHandler(onProblem)
      server.setNotFoundHandler((request, reply) =>
        sendProblem(reply, request.id, new OpError('not_found', { path: request.url.split('?', 1)[0] ?? '' })),
      )
      measure(server, deps)
      server.addHook('onRequest', createHostCheck(door.port, options.allowedHosts))
      await register(server)
      await server.ready()
      door.open(listener)
    },
    stop: once(async () => {
      await server?.close()
      await door.stop()
    }),
  }
}

/** What a client that went before the reply is counted as; nginx's number. */
const CLIENT_GONE = 499

/** Counts and times every request by its route's template, also those whose client does not wait for the end. */
function measure(server: FastifyInstance, { clock, metrics }: Pick<HttpDeps, 'clock' | 'metrics'>): void {
  server.addHook('onRequest', async (request, reply) => {
    const began = clock.monotonicMs()
    reply.raw.once('close', () => countRequest(metrics, request, reply, (clock.monotonicMs() - began) / 1000))
  })
}

function countRequest(metrics: Metrics, request: FastifyRequest, reply: FastifyReply, seconds: number): void {
  const endpoint = request.routeOptions.url ?? 'unknown'
  const { method } = request
  const code = reply.raw.headersSent ? reply.raw.statusCode : CLIENT_GONE
  metrics.increment('api_requests_total', {
    method,
    endpoint,
    status: code >= 500 ? 'error' : 'success',
    code: String(code),
  })
  // A stream lasts as long as its client stays: that is no latency.
  if (endpoint === STREAM_PATH && code === 200) return
  metrics.observe('api_request_duration_seconds', { method, endpoint }, seconds)
}
