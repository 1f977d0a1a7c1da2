import { networkInterfaces } from 'node:os'
import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  expiriesSchema,
  greeksSchema,
  healthSchema,
  indicesSchema,
  optionChainSchema,
  problemSchema,
  summarySchema,
} from '../contract/api-schema.ts'
import { OpError } from '../kernel/errors.ts'
import { send, startHttp, takePort } from '../testing/http-rig.ts'
import { silentLogger } from '../testing/silent-logger.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function open(...given: Parameters<typeof startHttp>) {
  const rig = await startHttp(...given)
  closing.push(rig.server.stop)
  return rig
}

const problemOf = (text: string) => problemSchema.strict().parse(JSON.parse(text))

describe('routes', () => {
  it.each([
    ['/indices', indicesSchema],
    ['/expiries/NIFTY', expiriesSchema],
    ['/option-chain/NIFTY', optionChainSchema],
    ['/option-chain/NIFTY?bucket=this_month', optionChainSchema],
    ['/option-chain/nifty?bucket=next_week', optionChainSchema],
    ['/analytics/NIFTY/greeks', greeksSchema],
    ['/analytics/NIFTY/summary?bucket=this_week', summarySchema],
    ['/health', healthSchema],
  ])('%s answers what its schema says, no more and no less', async (path, schema) => {
    const { get } = await open()
    const { status, type, text } = await get(path)
    expect([status, type]).toEqual([200, 'application/json; charset=utf-8'])
    expect(schema.parse(JSON.parse(text))).toEqual(JSON.parse(text))
  })

  it('defaults to this_week', async () => {
    const { get, api } = await open()
    expect(JSON.parse((await get('/option-chain/NIFTY')).text)).toEqual(api.optionChain('NIFTY', 'this_week'))
  })

  it('tells health by its status', async () => {
    const { get, api } = await open()
    api.state = { status: 'degraded', ready: false }
    const health = await get('/health')
    expect(health.status).toBe(503)
    expect(JSON.parse(health.text)).toMatchObject({ status: 'degraded', issues: ['feed_disconnected'] })
    expect(await get('/health/ready')).toMatchObject({ status: 503, text: '{"status":"starting"}' })
    expect(await get('/health/live')).toMatchObject({ status: 200, text: '{"status":"alive"}' })
    api.state = { status: 'healthy', ready: true }
    expect(await get('/health/ready')).toMatchObject({ status: 200, text: '{"status":"ready"}' })
  })

  it('leads to the documentation', async () => {
    const { get } = await open()
    expect(await get('/')).toMatchObject({ status: 302, headers: { location: '/docs' } })
    const docs = await get('/docs')
    expect([200, 302]).toContain(docs.status)
  })
})

describe('problems', () => {
  it.each([
    ['an unknown index', '/option-chain/DOW', 404, 'index_unknown'],
    ['an unknown index', '/expiries/DOW', 404, 'index_unknown'],
    ['an index that is not collected', '/analytics/SENSEX/greeks', 404, 'index_unknown'],
    ['a bucket that is none', '/option-chain/NIFTY?bucket=today', 400, 'request_invalid'],
    ['a bucket given twice', '/option-chain/NIFTY?bucket=this_week&bucket=this_month', 400, 'request_invalid'],
    ['a bucket that is not listed', '/option-chain/NIFTY?bucket=next_month', 404, 'bucket_not_listed'],
    ['a past that was not recorded', '/option-chain/NIFTY?at=2026-11-23T10:00', 404, 'not_on_record'],
    ['an unknown path', '/nothing/here?secret=1', 404, 'not_found'],
    ['a path that is not one', '/option-chain/%ZZ', 400, 'request_invalid'],
    ['a topic that is none', '/stream?topics=gossip', 400, 'request_invalid'],
  ])('of %s: %s', async (_, path, status, code) => {
    const { get } = await open()
    const reply = await get(path)
    expect(reply.status).toBe(status)
    expect(reply.type).toMatch(/^application\/problem\+json/)
    const problem = problemOf(reply.text)
    expect(problem).toMatchObject({ status, code, type: `urn:optrade:error:${code}` })
    expect(problem.trace_id).toMatch(/^trace-\d+$/)
    expect(problem.detail).not.toContain('secret')
  })

  it('carry a trace id of their own, which stands in the log beside what failed', async () => {
    const logged: unknown[] = []
    const logger = { ...silentLogger, error: (_: string, fields?: object) => void logged.push(fields) }
    const { get, api } = await open({}, logger)
    api.fail = () => {
      throw new TypeError('x is not a function')
    }
    const [first, second] = [await get('/indices'), await get('/indices')]
    expect(first.status).toBe(500)
    const problem = problemOf(first.text)
    expect(problem).toMatchObject({ code: 'internal', status: 500 })
    expect(problemOf(second.text).trace_id).not.toBe(problem.trace_id)
    expect(logged[0]).toMatchObject({ trace_id: problem.trace_id, code: 'internal' })
    expect(JSON.stringify(problem)).not.toContain('server.test.ts')
  })

  it('that heal by themselves are not logged as faults', async () => {
    const logged: unknown[] = []
    const { get, api } = await open({}, { ...silentLogger, error: (text: string) => void logged.push(text) })
    api.fail = () => {
      throw new OpError('universe_unknown')
    }
    expect((await get('/indices')).status).toBe(503)
    expect(logged).toEqual([])
  })
})

describe('host and origin', () => {
  const hostile = { host: 'evil.example', origin: 'http://evil.example' }
  const paths = ['/indices', '/option-chain/NIFTY', '/stream', '/docs', '/openapi.json', '/', '/nothing']

  it.each(paths)('%s is refused for another host, before it is routed', async (path) => {
    const { get, server } = await open()
    for (const host of [
      'evil.example',
      `evil.example:${server.port()}`,
      '127.0.0.1',
      `127.0.0.1:${server.port() + 1}`,
    ]) {
      const reply = await get(path, { host })
      expect([host, reply.status, problemOf(reply.text).code]).toEqual([host, 403, 'host_refused'])
    }
  })

  it('answers to its own names, and to those that are allowed', async () => {
    const { get, server } = await open({ allowedHosts: ['op.example.com'] })
    for (const host of [
      `127.0.0.1:${server.port()}`,
      `localhost:${server.port()}`,
      `[::1]:${server.port()}`,
      'op.example.com',
    ])
      expect([host, (await get('/indices', { host })).status]).toEqual([host, 200])
  })

  it.each(['/health', '/health/live', '/health/ready', '/metrics'])('%s answers any host', async (path) => {
    const { get } = await open()
    expect((await get(path, { host: '10.1.2.3:8000' })).status).toBe(200)
    expect((await get(`${path}?probe=1`, { host: '10.1.2.3:8000' })).status).toBe(200)
  })

  it.each(['/healthy', '/metrics/', '/health/../indices', '//health', '/health%2flive', '/%68ealth'])(
    '%s is not taken for a probe',
    async (path) => {
      const { get } = await open()
      expect((await get(path, { host: 'evil.example' })).status).toBe(403)
    },
  )

  it('refuses every other origin, on probes too', async () => {
    const { get, server } = await open({ allowedHosts: ['op.example.com'] })
    const own = `127.0.0.1:${server.port()}`
    for (const path of ['/indices', '/health', '/metrics', '/stream']) {
      for (const origin of [hostile.origin, 'null', `http://${own}.evil.example`, `ftp://${own}`])
        expect([path, origin, (await get(path, { host: own, origin })).status]).toEqual([path, origin, 403])
    }
    for (const origin of [`http://${own}`, `http://localhost:${server.port()}`, 'https://op.example.com'])
      expect((await get('/indices', { host: own, origin })).status).toBe(200)
  })
})

describe('metrics', () => {
  it('counts requests by the template of their route', async () => {
    const { get } = await open()
    await get('/option-chain/NIFTY?bucket=this_week')
    await get('/option-chain/DOW')
    await get('/no/such/path')
    await get('/indices', { host: 'evil.example' })
    const { text, type } = await get('/metrics')
    expect(type).toMatch(/^text\/plain; version=0\.0\.4/)
    const total = (endpoint: string, status: string, code: string) =>
      `api_requests_total{method="GET",endpoint="${endpoint}",status="${status}",code="${code}"} 1`
    expect(text).toContain(total('/option-chain/:index', 'success', '200'))
    expect(text).toContain(total('/option-chain/:index', 'success', '404'))
    expect(text).toContain(total('unknown', 'success', '404'))
    expect(text).toContain(total('/indices', 'success', '403'))
    expect(text).toContain('api_request_duration_seconds_count{method="GET",endpoint="/option-chain/:index"} 2')
    const seconds = /api_request_duration_seconds_sum\{method="GET",endpoint="\/option-chain\/:index"\} (\S+)/.exec(
      text,
    )
    expect(Number(seconds?.[1])).toBeGreaterThan(0)
    expect(text).not.toContain('NIFTY?')
    expect(text).not.toContain('/no/such')
  })

  it('counts what failed here as errors', async () => {
    const { get, api } = await open()
    api.fail = () => {
      throw new Error('no')
    }
    await get('/indices')
    expect((await get('/metrics')).text).toContain('endpoint="/indices",status="error",code="500"} 1')
  })

  it('has a server of its own, with nothing else on it', async () => {
    const { startMetrics } = await open()
    const alone = await startMetrics()
    closing.push(alone.stop)
    expect(await send(alone.port(), '/metrics', { host: 'prometheus:9090' })).toMatchObject({ status: 200 })
    expect((await send(alone.port(), '/indices')).status).toBe(404)
    expect((await send(alone.port(), '/docs')).status).toBe(404)
  })

  const outside = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ internal, family }) => !internal && family === 'IPv4')?.address

  it.skipIf(outside === undefined)('asks whoever is not on this machine for the token', async () => {
    const { server } = await open({ host: '0.0.0.0', metricsToken: 'a-long-token' })
    const from = async (address: string, authorization?: string) => {
      const headers = authorization === undefined ? {} : { authorization }
      const reply = await fetch(`http://${address}:${server.port()}/metrics`, { headers })
      await reply.text()
      return reply.status
    }
    const address = outside ?? ''
    expect(await from('127.0.0.1')).toBe(200)
    expect(await from(address)).toBe(401)
    expect(await from(address, 'Bearer a-long-tokem')).toBe(401)
    expect(await from(address, 'Bearer ')).toBe(401)
    expect(await from(address, 'a-long-token')).toBe(401)
    expect(await from(address, 'Bearer a-long-token')).toBe(200)
  })

  it.skipIf(outside === undefined)('is for this machine only where no token is set', async () => {
    const { server } = await open({ host: '0.0.0.0', metricsToken: '' })
    const reply = await fetch(`http://${outside}:${server.port()}/metrics`, { headers: { authorization: 'Bearer ' } })
    expect(reply.status).toBe(401)
    expect(problemOf(await reply.text()).code).toBe('metrics_refused')
  })
})

describe('openapi.json', () => {
  const operation = z.object({
    summary: z.string().min(1),
    parameters: z
      .array(z.object({ name: z.string(), in: z.enum(['path', 'query', 'header']), schema: z.unknown() }))
      .optional(),
    responses: z.record(z.string().regex(/^[1-5]\d\d$/), z.object({ description: z.string() }).loose()),
  })
  const media = z.object({ content: z.record(z.string(), z.object({ schema: z.record(z.string(), z.unknown()) })) })
  const document = z.object({
    openapi: z.string().regex(/^3\.1\.\d+$/),
    info: z.object({ title: z.string(), version: z.string() }),
    paths: z.record(
      z.string().startsWith('/'),
      z.partialRecord(z.enum(['get', 'post', 'put', 'patch', 'delete', 'head']), operation),
    ),
    components: z.object({ schemas: z.record(z.string(), z.unknown()).optional() }).optional(),
  })
  const read = async () => {
    const { get } = await open()
    const { text } = await get('/openapi.json')
    return document.parse(JSON.parse(text))
  }

  it('lists every route of the contract', async () => {
    const { paths, info } = await read()
    expect(Object.keys(paths).sort()).toEqual([
      '/alerts',
      '/alerts/rules',
      '/alerts/rules/{id}',
      '/alerts/{id}/ack',
      '/analytics/{index}/greeks',
      '/analytics/{index}/previous-smile',
      '/analytics/{index}/series',
      '/analytics/{index}/summary',
      '/collecting',
      '/coverage/{index}',
      '/expiries/{index}',
      '/exports',
      '/exports/{id}/file',
      '/health',
      '/health/live',
      '/health/ready',
      '/history',
      '/history/{index}',
      '/history/{index}/{date}',
      '/indices',
      '/jobs/{id}',
      '/legs/{index}',
      '/log',
      '/metrics',
      '/option-chain/{index}',
      '/readiness',
      '/settings',
      '/stream',
    ])
    expect(info.version).toBe('1.2.3')
  })

  it('declares every parameter of its paths', async () => {
    for (const [path, methods] of Object.entries((await read()).paths)) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
      for (const { parameters } of Object.values(methods)) {
        const declared = (parameters ?? []).filter((one) => one.in === 'path').map(({ name }) => name)
        expect([path, declared]).toEqual([path, inPath])
      }
    }
  })

  it('has schemas that are JSON Schema and hold for the replies', async () => {
    const { get } = await open()
    const { paths } = document.parse(JSON.parse((await get('/openapi.json')).text))
    for (const [path, real] of [
      ['/indices', '/indices'],
      ['/expiries/{index}', '/expiries/NIFTY'],
      ['/option-chain/{index}', '/option-chain/NIFTY'],
      ['/analytics/{index}/greeks', '/analytics/NIFTY/greeks'],
      ['/analytics/{index}/summary', '/analytics/NIFTY/summary'],
      ['/health', '/health'],
    ] as const) {
      const { content } = media.parse(paths[path]?.get?.responses['200'])
      const schema = z.fromJSONSchema(content['application/json']?.schema ?? { not: {} })
      const body: unknown = JSON.parse((await get(real)).text)
      expect([path, schema.safeParse(body).error]).toEqual([path, undefined])
      expect(schema.safeParse({}).success).toBe(false)
    }
  })

  it('says that problems are application/problem+json', async () => {
    const { paths } = await read()
    const { content } = media.parse(paths['/option-chain/{index}']?.get?.responses['404'])
    expect(Object.keys(content)).toEqual(['application/problem+json'])
  })
})

describe('start and stop', () => {
  it('names the setting when the port is taken, and can be stopped all the same', async () => {
    const taken = await takePort()
    closing.push(taken.release)
    const starting = startHttp({ port: taken.port })
    await expect(starting).rejects.toMatchObject({
      code: 'port_taken',
      message: `port ${taken.port} on 127.0.0.1 is in use (API_PORT)`,
    })
  })

  it('lets the port go when it stops, and may be stopped twice or before it started', async () => {
    const { server, get } = await open()
    const port = server.port()
    expect(port).toBeGreaterThan(0)
    await get('/indices')
    await Promise.all([server.stop(), server.stop()])
    await expect(get('/indices')).rejects.toThrow(/ECONNREFUSED/)
    const again = await startHttp({ port })
    closing.push(again.server.stop)
    expect(again.server.port()).toBe(port)
  })
})
