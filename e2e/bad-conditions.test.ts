import { once } from 'node:events'
import { request } from 'node:http'
import { createServer, type Server } from 'node:net'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { healthSchema } from '../core/contract/api-schema.ts'
import { eventually } from '../core/testing/eventually.ts'
import { startForTest, testFolder, untilIssue, untilLegsFlow } from './fixture.ts'
import { API_ADDRESS, NPM_START, type Running, readHealth, startOptrade, temporaryFolder } from './product.ts'
import { countJournal, csvLegs, jsonlLegs, sqliteLegs } from './recorded-legs.ts'

const STOP_MS = 5_000
const problemSchema = z.object({ code: z.string(), status: z.number(), detail: z.string(), trace_id: z.string() })

/** Stops with a signal; the exit status, and how long it took. */
async function stopBy(product: Running, signal: NodeJS.Signals): Promise<number | null> {
  const began = performance.now()
  const status = await product.stop(signal)
  expect(performance.now() - began).toBeLessThan(STOP_MS)
  expect(product.errors()).toBe('')
  return status
}

function expectSameRecord(dataRoot: string): void {
  const csv = csvLegs(dataRoot)
  expect(csv.length).toBeGreaterThan(0)
  expect(countJournal(dataRoot).legs).toBe(csv.length)
  expect(jsonlLegs(dataRoot)).toEqual(csv)
  expect(sqliteLegs(dataRoot)).toEqual(csv)
}

async function takenPort(): Promise<string> {
  const holder: Server = createServer().listen(0, '127.0.0.1')
  await once(holder, 'listening')
  onTestFinished(() => void holder.close())
  const address = holder.address()
  return typeof address === 'object' && address !== null ? String(address.port) : ''
}

describe('a running product', () => {
  const folder = temporaryFolder()
  const settings = { SIM_SPEED: '5' }
  let product: Running
  let address = ''

  beforeAll(async () => {
    product = startOptrade(['run'], folder.path, settings)
    address = await product.waitFor(API_ADDRESS)
  }, 60_000)

  afterAll(async () => {
    await product.stop('SIGKILL')
    folder.remove()
  })

  it.each([
    ['the same source', {}],
    ['another source', { DATA_SOURCE: 'kite', KITE_API_KEY: 'a_key' }],
  ])('is not disturbed by a second one on its folder with %s', async (_, more: Record<string, string>) => {
    const second = startForTest(['run'], folder.path, { ...settings, ...more })
    expect(await second.ended).toBe(1)
    const pid = product.child.pid
    expect(second.errors()).toMatch(
      new RegExp(`^optrade: another OP Trading \\(pid ${pid}\\) writes to .*\\nStop the other`),
    )
    await untilLegsFlow(address, (await readHealth(address)).record.durable_legs)
  })

  it('is what `status --json` reports', async () => {
    const status = startForTest(['status', '--json'], folder.path)
    expect(await status.ended).toBe(0)
    const shown = healthSchema.parse(JSON.parse(status.output()))
    const health = await readHealth(address)
    expect(Object.keys(shown)).toEqual(Object.keys(health))
    expect(shown.record.epoch).toBe(health.record.epoch)
    expect(shown.simulated).toBe(true)
  })

  it.each([
    ['/option-chain/FOO', 404, 'index_unknown'],
    ['/option-chain/FINNIFTY?bucket=this_week', 404, 'bucket_not_listed'],
    ['/option-chain/NIFTY?bucket=next_year', 400, 'request_invalid'],
    ['/stream?topics=gossip', 400, 'request_invalid'],
    ['/nothing', 404, 'not_found'],
    ['/option-chain/%ff', 400, 'request_invalid'],
  ])('answers %s with a problem', async (path, status, code) => {
    const reply = await fetch(address + path)
    expect(reply.status).toBe(status)
    expect(reply.headers.get('content-type')).toContain('application/problem+json')
    const problem = problemSchema.parse(await reply.json())
    expect(problem).toMatchObject({ code, status })
    expect(problem.detail).not.toBe('')
  })

  it.each([
    ['/indices', 403],
    ['/health', 200],
  ])('answers %s of a hostile host name with %i', async (path, status) => {
    const asked = request(address + path, { headers: { host: 'evil.example' } })
    asked.end()
    const [reply] = await once(asked, 'response')
    reply.resume()
    expect(reply.statusCode).toBe(status)
  })

  it('stops within five seconds by SIGTERM, and has recorded everything', async () => {
    await untilLegsFlow(address)
    expect(await stopBy(product, 'SIGTERM')).toBe(0)
    expectSameRecord(`${folder.path}/data/sim`)
  })
})

describe('ports', () => {
  it.each(['API_PORT', 'METRICS_PORT'])('a taken %s is named', async (setting) => {
    const port = await takenPort()
    const product = startForTest(['run'], testFolder(), { INDICES: 'NIFTY', [setting]: port })
    expect(await product.ended).toBe(1)
    expect(product.errors()).toBe(
      `optrade: port ${port} on 127.0.0.1 is in use (${setting})\n` +
        `Stop the program that holds it, or set ${setting} to a free port.\n`,
    )
  })

  it('an address that this machine does not have is named', async () => {
    const product = startForTest(['run'], testFolder(), { METRICS_HOST: '192.0.2.1' })
    expect(await product.ended).toBe(1)
    expect(product.errors()).toMatch(/ port 0 of 192\.0\.2\.1 \(METRICS_PORT\): EADDRNOTAVAIL\nName an address of this/)
  })

  it('a taken port ends the exchange', async () => {
    const port = await takenPort()
    const exchange = startForTest(['sim', 'serve', '--port', port], testFolder())
    expect(await exchange.ended).toBe(1)
    expect(exchange.errors()).toMatch(new RegExp(`^optrade: port ${port} on 127.0.0.1 is in use \\(--port\\)\\n`))
  })
})

describe('a stop', () => {
  it.each(['SIGINT', 'SIGHUP'] as const)('by %s while busy loses nothing', async (signal) => {
    const cwd = testFolder()
    const product = startForTest(['run'], cwd, { SIM_SPEED: '5', CHAIN_SCOPE: 'full', INDICES: 'NIFTY,SENSEX' })
    const address = await product.waitFor(API_ADDRESS)
    await untilLegsFlow(address, 2_000)
    expect(await stopBy(product, signal)).toBe(0)
    expectSameRecord(`${cwd}/data/sim`)
  })

  it('asked of the whole group of processes, and passed on by the launcher as well, is one stop', async () => {
    const cwd = testFolder()
    const product = startForTest(['run'], cwd, { SIM_SPEED: '5', DATA_DIR: `${cwd}/data` }, undefined, NPM_START)
    const address = await product.waitFor(API_ADDRESS)
    await untilLegsFlow(address, 500)
    process.kill(-(product.child.pid ?? 0), 'SIGTERM')
    expect(await product.ended).toBe(0)
    expect(product.output()).toContain('everything received is recorded')
    expectSameRecord(`${cwd}/data/sim`)
  })

  it('in the middle of the start is a clean one', async () => {
    const cwd = testFolder()
    const product = startForTest(['run'], cwd)
    await product.waitFor(/the simulated exchange listens/)
    expect(await stopBy(product, 'SIGTERM')).toBe(0)
    const again = startForTest(['run'], cwd)
    await again.waitFor(API_ADDRESS)
    expect(await stopBy(again, 'SIGTERM')).toBe(0)
  })

  it('does not wait for an exchange that is dead', async () => {
    const settings = {
      DATA_SOURCE: 'kite',
      KITE_ROOT: 'http://127.0.0.1:1',
      KITE_API_KEY: 'some_key',
      KITE_ACCESS_TOKEN: 'some_token',
    }
    const product = startForTest(['run'], testFolder(), settings)
    const address = await product.waitFor(API_ADDRESS)
    await untilIssue(address, 'exchange_unreachable')
    expect(await stopBy(product, 'SIGTERM')).toBe(0)
  })

  it('is not what happens when the reader of its output leaves', async () => {
    const cwd = testFolder()
    const product = startForTest(['run'], cwd, { INDICES: 'NIFTY', LOG_LEVEL: 'debug' })
    const address = await product.waitFor(API_ADDRESS)
    product.child.stdout?.destroy()
    await untilLegsFlow(address, (await readHealth(address)).record.durable_legs)
    expect(await stopBy(product, 'SIGTERM')).toBe(0)
    await eventually(() => expectSameRecord(`${cwd}/data/sim`))
  })
})
