import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { addDays, istDate } from '../core/domain/ist.ts'
import { eventually } from '../core/testing/eventually.ts'
import { PATIENCE_MS, startForTest, testFolder, untilIssue, untilLegsFlow } from './fixture.ts'
import { login } from './login.ts'
import { API_ADDRESS, EXCHANGE_ADDRESS, type Running, readHealth, startOptrade, temporaryFolder } from './product.ts'
import { countJournal } from './recorded-legs.ts'
import { freePort, type StandIn, type StandInReply, startStandIn } from './stand-in.ts'

const BUDGET_MS = 120_000
/** What a header without contracts looks like: Kite's own, before the dump of the day is there. */
const EMPTY_DUMP: StandInReply = {
  status: 200,
  type: 'text/csv',
  body: 'instrument_token,exchange_token,tradingsymbol,name,last_price,expiry,strike,tick_size,lot_size,instrument_type,segment,exchange\n',
}

const folder = temporaryFolder()
let exchange: Running
let upstream = ''
let token = ''

beforeAll(async () => {
  exchange = startOptrade(['sim', 'serve', '--port', '0'], folder.path)
  upstream = await exchange.waitFor(EXCHANGE_ADDRESS)
  token = await login(upstream)
}, 60_000)

afterAll(async () => {
  await exchange.stop('SIGKILL')
  folder.remove()
})

async function standIn(port = 0): Promise<StandIn> {
  const started = await startStandIn(upstream, port)
  onTestFinished(() => started.close())
  return started
}

/** A calendar of the user's own by which today is open around the clock: the live market's time is the real one. */
function openAlways(cwd: string): void {
  const dates = [-1, 0, 1].map((days) => addDays(istDate(Date.now()), days))
  const session = { note: 'open for a test', hours: [['00:00', '23:59']] }
  const special_sessions = Object.fromEntries(dates.map((date) => [date, session]))
  mkdirSync(join(cwd, 'data'), { recursive: true })
  writeFileSync(join(cwd, 'data/calendar.json'), JSON.stringify({ special_sessions }))
}

/** The product as it runs on the live market, but for the address; its token stands in .env. */
async function startLive(root: string, written: string, more: Readonly<Record<string, string>> = {}) {
  const cwd = testFolder()
  const putToken = (text: string) => writeFileSync(join(cwd, '.env'), `KITE_ACCESS_TOKEN=${text}\n`)
  putToken(written)
  openAlways(cwd)
  const settings = { DATA_SOURCE: 'kite', KITE_ROOT: root, KITE_API_KEY: 'sim_key', INDICES: 'NIFTY', ...more }
  const product = startForTest(['run'], cwd, settings)
  return { cwd, product, putToken, address: await product.waitFor(API_ADDRESS) }
}

/** Statuses of the answers to who asked whether the token is good. */
function profiles(kite: StandIn): number[] {
  return kite.requests.filter(({ path }) => path === '/user/profile').map(({ status }) => status)
}

/** Waits until the product has lived through some seconds more, in which it would have tried again. */
async function liveOn(address: string, forMs: number): Promise<void> {
  const timeOf = async () => Date.parse((await readHealth(address)).market.time)
  const until = (await timeOf()) + forMs
  await eventually(async () => expect(await timeOf()).toBeGreaterThan(until), PATIENCE_MS)
}

describe('a live source', { timeout: BUDGET_MS }, () => {
  it('that is dead is waited for', async () => {
    const port = await freePort()
    const { product, address, cwd } = await startLive(`http://127.0.0.1:${port}`, token)
    const health = await untilIssue(address, 'exchange_unreachable')
    expect(health).toMatchObject({ status: 'degraded', source: 'kite', simulated: false })
    expect((await fetch(`${address}/health`)).status).toBe(503)
    expect((await fetch(`${address}/health/ready`)).status).toBe(200)
    await standIn(port)
    await untilLegsFlow(address)
    expect(await product.stop()).toBe(0)
    expect(countJournal(`${cwd}/data`).legs).toBeGreaterThan(0)
    expect(existsSync(`${cwd}/data/sim`)).toBe(false)
  })

  it('that turns out to be simulated is not recorded as live', async () => {
    const port = await freePort()
    const { product, address, cwd } = await startLive(`http://127.0.0.1:${port}`, token)
    await untilIssue(address, 'exchange_unreachable')
    const simulated = startForTest(['sim', 'serve', '--port', String(port)], testFolder())
    await simulated.waitFor(EXCHANGE_ADDRESS)
    const { components, feed } = await untilIssue(address, 'exchange_simulated')
    expect(components.market?.detail).toMatch(/is simulated, and this run records live data.*Restart the product/)
    expect(feed.received).toBe(0)
    expect(await product.stop()).toBe(0)
    expect(countJournal(`${cwd}/data`)).toEqual({ legs: 0, underlyings: 0, batches: [] })
  })

  it('whose ticker alone is simulated gets nothing into the record', async () => {
    const kite = await standIn()
    const ticker = upstream.replace(/^http/, 'ws')
    const { product, address, cwd } = await startLive(kite.root, token, { KITE_TICKER_ROOT: ticker })
    const { components, feed, source } = await untilIssue(address, 'exchange_simulated')
    expect(source).toBe('kite')
    expect(components.feed?.detail).toMatch(/is simulated, and this run records live data.*DATA_SOURCE=sim/)
    await liveOn(address, 4_000)
    expect(feed.received).toBe(0)
    expect((await readHealth(address)).feed.received).toBe(0)
    expect(await product.stop()).toBe(0)
    expect(countJournal(`${cwd}/data`)).toEqual({ legs: 0, underlyings: 0, batches: [] })
  })

  it('that refuses the token is left alone until there is another', async () => {
    const kite = await standIn()
    const { address, product, putToken } = await startLive(kite.root, 'yesterdays_token')
    const { components } = await untilIssue(address, 'login_required')
    expect(components.market?.detail).toMatch(/no longer accepts the access token\. Log in to Kite again/)
    await eventually(() => expect(profiles(kite)).toHaveLength(3), PATIENCE_MS)
    await liveOn(address, 8_000)
    expect(profiles(kite)).toEqual([403, 403, 403])
    expect(kite.upgrades).toEqual([])
    // A file that is broken for a moment must not end the product.
    putToken(`${token}\nSIM_SPEED=much`)
    await product.waitFor(/the access token cannot be read anew: the settings are wrong/)
    putToken(token)
    await untilLegsFlow(address)
    expect(kite.upgrades).toEqual([101])
    expect(product.output()).not.toContain(token)

    // The token dies while it is in use: the socket goes, and the old token is refused.
    token = await login(upstream)
    kite.cut()
    const { record } = await untilIssue(address, 'login_required')
    await liveOn(address, 5_000)
    expect(kite.upgrades).toEqual([101, 403, 403, 403])
    putToken(token)
    await untilLegsFlow(address, record.durable_legs)
    expect(kite.upgrades.at(-1)).toBe(101)
    expect(await product.stop()).toBe(0)
  })

  it('that does not know the API key asks for a login', async () => {
    const kite = await standIn()
    const { address, product } = await startLive(kite.root, token, { KITE_API_KEY: 'other_key' })
    await untilIssue(address, 'login_required')
    expect(kite.upgrades).toEqual([])
    expect(await product.stop()).toBe(0)
  })

  it('without a dump is asked again until there is one', async () => {
    const kite = await standIn()
    kite.intercept((path) => (path.startsWith('/instruments') ? EMPTY_DUMP : null))
    const { address, product } = await startLive(kite.root, token)
    const { components } = await untilIssue(address, 'instruments_empty')
    expect(components.market?.detail).toMatch(/dump of NFO holds no usable contract\. Kite publishes/)
    kite.intercept(() => null)
    await untilLegsFlow(address)
    expect(await product.stop()).toBe(0)
  })
})
