import { existsSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { HealthReport } from '../core/contract/api-schema.ts'
import { eventually } from '../core/testing/eventually.ts'
import { login } from './login.ts'
import {
  API_ADDRESS,
  EXCHANGE_ADDRESS,
  type Running,
  readHealth,
  readJson,
  startOptrade,
  temporaryFolder,
} from './product.ts'
import {
  INVENTED,
  quoteKeyOf,
  quoteOf,
  RECORDED_CHAIN,
  readRecordedQuotes,
  totalOfLeg,
  totalsByMinute,
} from './recorded-day.ts'
import { journalGaps } from './recorded-gaps.ts'
import { countJournal, csvLegs, jsonlLegs, sqliteLegs } from './recorded-legs.ts'

const countsSchema = z.object({ packets: z.object({ total: z.number() }) })

const running: Running[] = []
const folders: { remove(): void }[] = []

afterEach(async () => {
  for (const product of running.splice(0)) await product.stop('SIGKILL')
  for (const folder of folders.splice(0)) folder.remove()
})

function start(args: readonly string[], cwd: string, settings?: Readonly<Record<string, string>>): Running {
  const product = startOptrade(args, cwd, settings)
  running.push(product)
  return product
}

function folder(): string {
  const made = temporaryFolder()
  folders.push(made)
  return made.path
}

/** An exchange of its own process, and the settings that point the product to it. */
async function startExchange(cwd: string, ...options: readonly string[]) {
  const exchange = start(['sim', 'serve', '--port', '0', ...options], cwd)
  const root = await exchange.waitFor(EXCHANGE_ADDRESS)
  const settings = { KITE_ROOT: root, KITE_API_KEY: 'sim_key', KITE_ACCESS_TOKEN: await login(root) }
  return { root, settings }
}

/** The four sinks hold the same legs, in the same order; returns how many. */
function expectSameRecord(dataRoot: string): number {
  const journal = countJournal(dataRoot)
  const csv = csvLegs(dataRoot)
  expect(csv.length).toBe(journal.legs)
  expect(jsonlLegs(dataRoot)).toEqual(csv)
  expect(sqliteLegs(dataRoot)).toEqual(csv)
  expect(new Set(csv.map((leg) => leg.batch))).toEqual(new Set(journal.batches))
  return journal.legs
}

/** Batches are numbered 1, 2, 3 … within each epoch: no hole, nothing twice. */
function expectNoHoles(batches: readonly string[]): void {
  const byEpoch = new Map<string, number>()
  for (const batch of batches) {
    const [epoch = '', seq = ''] = batch.split('-')
    expect(Number(seq)).toBe((byEpoch.get(epoch) ?? 0) + 1)
    byEpoch.set(epoch, Number(seq))
  }
}

const sum = (counts: Readonly<Record<string, number>>) =>
  Object.values(counts).reduce((total, count) => total + count, 0)

/** Waits until the market is closed, and every packet that was sent is received or refused. */
async function allReceived(root: string, address: string): Promise<HealthReport> {
  await eventually(async () => expect((await readHealth(address)).market.phase).toBe('closed'), 90_000)
  return eventually(async () => {
    const sent = countsSchema.parse(await readJson(`${root}/sim/counts`)).packets.total
    const health = await readHealth(address)
    const { recorded, underlyings, dropped } = health.feed
    expect(recorded + underlyings + sum(dropped)).toBe(sent)
    return health
  })
}

describe('the last minute of a simulated session', () => {
  it('accounts for every packet that the exchange sent', { timeout: 180_000 }, async () => {
    const cwd = folder()
    const { root, settings } = await startExchange(cwd, '--speed', '4', '--at', '2026-11-25T15:38:50+05:30')
    const product = start(['run', '--source', 'kite'], cwd, settings)
    const health = await allReceived(root, await product.waitFor(API_ADDRESS))
    expect(health.simulated).toBe(true)
    expect(await product.stop()).toBe(0)

    const legs = expectSameRecord(`${cwd}/data/sim`)
    expect(legs).toBe(health.feed.recorded)
    expect(countJournal(`${cwd}/data/sim`).underlyings).toBe(health.feed.underlyings)
    expect(legs).toBeGreaterThan(1_000)
  })
})

describe('a kill in the middle', () => {
  it('loses nothing that was acknowledged, and records nothing twice', { timeout: 180_000 }, async () => {
    const cwd = folder()
    const acknowledged: string[] = []
    for (let run = 1; run <= 3; run += 1) {
      const product = start(['run'], cwd, { SIM_SPEED: '5' })
      const address = await product.waitFor(API_ADDRESS)
      const batch = await eventually(async () => {
        const { durable_batch: durable } = (await readHealth(address)).record
        expect(Number(durable?.split('-')[1] ?? 0)).toBeGreaterThan(150)
        return durable ?? ''
      }, 60_000)
      acknowledged.push(batch)
      await product.stop('SIGKILL')
    }
    const last = start(['run'], cwd)
    const address = await last.waitFor(API_ADDRESS)
    await eventually(async () => expect((await readHealth(address)).record.durable_legs).toBeGreaterThan(0), 60_000)
    expect(await last.stop()).toBe(0)

    const { batches } = countJournal(`${cwd}/data/sim`)
    expectNoHoles(batches)
    for (const batch of acknowledged) expect(batches).toContain(batch)
    expectSameRecord(`${cwd}/data/sim`)
  })
})

/** Waits until the product has everything of the market that stands still, and stops it. */
async function receiveAll(product: Running): Promise<HealthReport['feed']> {
  const address = await product.waitFor(API_ADDRESS)
  let before = -1
  const feed = await eventually(async () => {
    const { received, recorded, underlyings, dropped } = (await readHealth(address)).feed
    const settled = received > 0 && received === before && recorded + underlyings + sum(dropped) === received
    before = received
    expect(settled).toBe(true)
    return (await readHealth(address)).feed
  }, 60_000)
  expect(await product.stop()).toBe(0)
  return feed
}

describe('a market that stands still', () => {
  it('is recorded once, however often the product starts after the close', { timeout: 180_000 }, async () => {
    const cwd = folder()
    const settings = { SIM_AT: '2026-11-25T20:00:00+05:30' }
    const first = await receiveAll(start(['run'], cwd, settings))
    expect(first.recorded).toBeGreaterThan(0)
    const legs = csvLegs(`${cwd}/data/sim`)
    expect(legs).toHaveLength(first.recorded)

    const second = await receiveAll(start(['run'], cwd, settings))
    expect(second).toMatchObject({ recorded: 0, dropped: { repeat: first.recorded } })
    expect(expectSameRecord(`${cwd}/data/sim`)).toBe(first.recorded)
    expect(csvLegs(`${cwd}/data/sim`)).toEqual(legs)
  })

  it('is not recorded as a Sunday', { timeout: 180_000 }, async () => {
    const cwd = folder()
    const feed = await receiveAll(start(['run'], cwd, { SIM_AT: '2026-11-22T12:00:00+05:30' }))
    expect(feed).toMatchObject({ recorded: 0, underlyings: 0 })
    expect(feed.dropped.closed).toBeGreaterThan(0)
    expect(countJournal(`${cwd}/data/sim`)).toEqual({ legs: 0, underlyings: 0, batches: [] })
    expect(existsSync(`${cwd}/data/sim/legs`)).toBe(false)
  })
})

describe('an exchange of its own process', () => {
  it('went on while the product was stopped: that is a gap', { timeout: 180_000 }, async () => {
    const cwd = folder()
    const { settings } = await startExchange(cwd, '--speed', '5', '--at', '2026-11-25T11:00:00+05:30')
    for (let run = 1; run <= 2; run += 1) {
      const product = start(['run', '--source', 'kite'], cwd, settings)
      const address = await product.waitFor(API_ADDRESS)
      await eventually(async () => expect((await readHealth(address)).record.durable_legs).toBeGreaterThan(0), 60_000)
      await product.stop('SIGKILL')
    }
    const [gap] = journalGaps(`${cwd}/data/sim`).filter(({ cause }) => cause === 'app_stopped')
    expect((gap?.to ?? 0) - (gap?.from ?? 0)).toBeGreaterThan(1000)
  })
})

const noChain = existsSync(RECORDED_CHAIN) ? '' : ' (skipped: ../shared/data is absent)'

describe(`the recorded day of 18 August 2026${noChain}`, () => {
  it.skipIf(noChain !== '')('arrives whole over the wire', { timeout: 240_000 }, async () => {
    const cwd = folder()
    const { root, settings } = await startExchange(cwd, '--recorded', RECORDED_CHAIN, '--speed', '900')
    const universe = { INDICES: 'NIFTY', CHAIN_SCOPE: 'full' }
    const product = start(['run', '--source', 'kite'], cwd, { ...settings, ...universe })
    const health = await allReceived(root, await product.waitFor(API_ADDRESS))
    expect(health.source).toBe('replay')
    expect(await product.stop()).toBe(0)
    expect(expectSameRecord(`${cwd}/data/replay`)).toBe(health.feed.recorded)

    const expiries = new Set(['2026-08-18', '2026-08-25'])
    const quotes = readRecordedQuotes().filter(({ expiry }) => expiries.has(expiry))
    const legs = csvLegs(`${cwd}/data/replay`)
    expect(new Map(legs.map((leg) => [quoteKeyOf(leg), quoteOf(leg)]))).toEqual(
      new Map(quotes.map((quote) => [quote.key, quote.text])),
    )
    expect(legs.length).toBe(quotes.length)
    expect(totalsByMinute(legs.map(totalOfLeg))).toEqual(totalsByMinute(quotes))
    for (const name of INVENTED) expect(new Set(legs.map((leg) => leg[name]))).toEqual(new Set(['']))
    expect(Math.max(...legs.map((leg) => Number(leg.volume)))).toBeGreaterThan(2 ** 31)
  })
})
