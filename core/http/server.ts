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
import { createHostCheck } from './host-check.ts'
import { problemHandler, sendProblem } from './problem.ts'
import { exportRoutes } from './routes/exports.ts'
import { healthRoutes } from './routes/health.ts'
import { legRoutes } from './routes/legs.ts'
import { marketRoutes } from './routes/market.ts'
import { metricsRoutes } from './routes/metrics.ts'
import { operationRoutes } from './routes/operations.ts'
import { pageRoutes } from './routes/page.ts'
import { STREAM_PATH, streamRoutes } from './routes/stream.ts'

export interface HttpDeps {
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
  readonly newTrace: () => string
}

export interface HttpOptions {
  readonly name: string
  readonly host: string
  readonly port: number
  /** Setting that chose the port: named when the port is taken. */
  readonly portSetting: string
  readonly allowedHosts: readonly string[]
  readonly metricsToken: string | null
  readonly version: string
}

export interface ApiOptions extends HttpOptions {
  /** Where the build of the page lies; null = no page. */
  readonly pageFolder: string | null
}

export interface HttpServer extends Component {
  /** The port it listens on; valid once started. */
  port(): number
}

/** The API of CONTRACT.md section 4. */
export function createApiServer(deps: HttpDeps, api: MonitorApi, options: ApiOptions): HttpServer {
  return listening(deps, options, async (server) => {
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
    await server.register(pageRoutes(options.pageFolder))
  })
}

/** `/metrics` and nothing else, on a port of its own. */
export function createMetricsServer(deps: HttpDeps, options: HttpOptions): HttpServer {
  return listening(deps, options, async (server) => {
    await server.register(metricsRoutes(deps.metrics, options.metricsToken))
  })
}

function listening(
  deps: HttpDeps,
  options: HttpOptions,
  register: (server: FastifyInstance) => Promise<void>,
): HttpServer {
  let server: FastifyInstance | null = null
  let boundPort = options.port
  return {
    name: options.name,
    port: () => boundPort,
    async start() {
      const onProblem = problemHandler(deps.logger)
      server = fastify({
        logger: false,
        forceCloseConnections: true,
        genReqId: deps.newTrace,
        bodyLimit: 64 * 1024,
        frameworkErrors: (fault, request, reply) => void onProblem(fault, request, reply),
      })
      server.setValidatorCompiler(validatorCompiler)
      server.setSerializerCompiler(serializerCompiler)
      server.setErrorHandler(onProblem)
      server.setNotFoundHandler((request, reply) =>
        sendProblem(reply, request.id, new OpError('not_found', { path: request.url.split('?', 1)[0] ?? '' })),
      )
      measure(server, deps)
      server.addHook(
        'onRequest',
        createHostCheck(() => boundPort, options.allowedHosts),
      )
      await register(server)
      await listen(server, options)
      boundPort = portOf(server) ?? options.port
    },
    stop: once(async () => {
      await server?.close()
    }),
  }
}

function portOf(server: FastifyInstance): number | null {
  const address = server.server.address()
  return typeof address === 'object' && address !== null ? address.port : null
}

async function listen(server: FastifyInstance, options: HttpOptions): Promise<void> {
  const { host, port, portSetting: setting } = options
  try {
    await server.listen({ host, port })
  } catch (fault) {
    const code = fault instanceof Error && 'code' in fault ? fault.code : null
    if (code === 'EADDRINUSE') throw new OpError('port_taken', { host, port, setting }, { cause: fault })
    if (code === 'EACCES' || code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
      throw new OpError('port_refused', { host, port, setting, reason: code }, { cause: fault })
    throw fault
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
