import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { HealthReport } from '../core/contract/api-schema.ts'
import { eventually } from '../core/testing/eventually.ts'
import { type AtEnd, PATIENCE_MS, startForTest, testFolder, untilIssue, untilLegsFlow } from './fixture.ts'
import { login } from './login.ts'
import { API_ADDRESS, EXCHANGE_ADDRESS, type Running, readHealth, readJson } from './product.ts'
import { journalGaps, repeatedPackets, storedGaps } from './recorded-gaps.ts'
import { countJournal, csvLegs, jsonlLegs, sqliteLegs } from './recorded-legs.ts'

const BUDGET_MS = 180_000
/** A login that was refused is tried again about once a minute. */
const RETRY_PATIENCE_MS = 90_000
const NIFTY = { INDICES: 'NIFTY', KITE_API_KEY: 'sim_key' }
const countsSchema = z.object({ packets: z.object({ total: z.number() }) })

interface Rig {
  readonly cwd: string
  readonly root: string
  readonly product: Running
  readonly address: string
  readonly dataRoot: string
}

/** An exchange that plays faults, and the product on it (at once, or when the fault is there), with its token in .env. */
async function startOn(fault: string, atEnd: AtEnd, whenPlayed = false): Promise<Rig> {
  const cwd = testFolder(atEnd)
  const exchange = startForTest(['sim', 'serve', '--port', '0', '--fault', fault], cwd, {}, atEnd)
  const root = await exchange.waitFor(EXCHANGE_ADDRESS)
  await putToken(cwd, root)
  if (whenPlayed) await exchange.waitFor(/plays a fault/)
  const product = startForTest(['run'], cwd, { ...NIFTY, KITE_ROOT: root }, atEnd)
  return { cwd, root, product, address: await product.waitFor(API_ADDRESS), dataRoot: join(cwd, 'data/sim') }
}

/** Logs in anew and writes the token where a user would; the session before ends by that. */
async function putToken(cwd: string, root: string): Promise<void> {
  writeFileSync(join(cwd, '.env'), `KITE_ACCESS_TOKEN=${await login(root)}\n`)
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0)
}

/** Stops the product; its record is the same in all sinks, repeats nothing and has the gaps that health spoke of. */
async function expectSoundRecord(
  { product, address, dataRoot, root }: Rig,
  causes: readonly string[],
): Promise<HealthReport> {
  const health = await readHealth(address)
  const sent = countsSchema.parse(await readJson(`${root}/sim/counts`)).packets.total
  const { recorded, underlyings, dropped } = health.feed
  expect(recorded + underlyings + sum(dropped)).toBeLessThanOrEqual(sent)
  expect(await product.stop()).toBe(0)

  const gaps = journalGaps(dataRoot)
  expect(new Set(gaps.map(({ cause }) => cause))).toEqual(new Set(causes))
  for (const { from, to } of gaps) expect(to).toBeGreaterThan(from)
  expect(storedGaps(dataRoot)).toEqual(gaps)
  const csv = csvLegs(dataRoot)
  expect(countJournal(dataRoot).legs).toBe(csv.length)
  expect(jsonlLegs(dataRoot)).toEqual(csv)
  expect(sqliteLegs(dataRoot)).toEqual(csv)
  expect(repeatedPackets(dataRoot)).toBe(0)
  return health
}

describe.concurrent('an exchange that', { timeout: BUDGET_MS }, () => {
  it('disconnects and spoils frames costs a gap, and every spoilt packet is counted', async ({
    onTestFinished: atEnd,
  }) => {
    const rig = await startOn(
      'after=8s disconnect; after=8s reject_upgrade 503 for 2s; after=16s corrupt_frame 3',
      atEnd,
    )
    await rig.product.waitFor(/lost the ticker/)
    await untilLegsFlow(rig.address)
    await eventually(async () => {
      expect((await readHealth(rig.address)).feed.dropped.truncated).toBeGreaterThanOrEqual(3)
    }, PATIENCE_MS)
    await untilLegsFlow(rig.address)
    await expectSoundRecord(rig, ['feed_disconnected'])
  })

  it('sends heartbeats alone is found out, and connected to anew', async ({ onTestFinished: atEnd }) => {
    const rig = await startOn('after=8s quiet 17s', atEnd)
    const health = await untilIssue(rig.address, 'feed_stale')
    expect(health.status).toBe('degraded')
    await rig.product.waitFor(/not a packet in \d+ ms/)
    await untilLegsFlow(rig.address, health.record.durable_legs)
    await expectSoundRecord(rig, ['feed_stale'])
  })

  it('falls silent is left', async ({ onTestFinished: atEnd }) => {
    const rig = await startOn('after=8s mute 8s', atEnd)
    await rig.product.waitFor(/not a byte in \d+ ms/)
    const { record } = await readHealth(rig.address)
    await untilLegsFlow(rig.address, record.durable_legs)
    await expectSoundRecord(rig, ['feed_disconnected'])
  })

  it('freezes is left, and nothing of its old socket is recorded twice', async ({ onTestFinished: atEnd }) => {
    const rig = await startOn('after=8s half_open 12s', atEnd)
    await rig.product.waitFor(/not a byte in \d+ ms/)
    const { record } = await readHealth(rig.address)
    await untilLegsFlow(rig.address, record.durable_legs)
    await expectSoundRecord(rig, ['feed_disconnected'])
  })

  it.for([
    { what: 'answers 429', fault: 'after=4s http 429 for 8s', issue: 'rate_limited' },
    { what: 'answers with a page of its proxy', fault: 'after=4s http html 502 for 8s', issue: 'exchange_unreachable' },
    { what: 'refuses the upgrade', fault: 'after=4s reject_upgrade 503 for 8s', issue: 'feed_disconnected' },
  ])('$what at first is asked again', async ({ fault, issue }, { onTestFinished: atEnd }) => {
    const rig = await startOn(fault, atEnd, true)
    await untilIssue(rig.address, issue)
    await untilLegsFlow(rig.address)
    await expectSoundRecord(rig, ['feed_disconnected'])
  })

  it('refuses a good token for a while is asked again with the same one', async ({ onTestFinished: atEnd }) => {
    const rig = await startOn('after=8s disconnect; after=8s reject_upgrade 403 for 12s', atEnd)
    const { record } = await untilIssue(rig.address, 'login_required')
    await eventually(async () => {
      expect((await readHealth(rig.address)).record.durable_legs).toBeGreaterThan(record.durable_legs)
    }, RETRY_PATIENCE_MS)
    await untilLegsFlow(rig.address, record.durable_legs)
    await expectSoundRecord(rig, ['feed_disconnected'])
  })

  it('ends the session is left alone until there is a new token', async ({ onTestFinished: atEnd }) => {
    const rig = await startOn('after=8s token_expire', atEnd)
    const { record } = await untilIssue(rig.address, 'login_required')
    await putToken(rig.cwd, rig.root)
    await untilLegsFlow(rig.address, record.durable_legs)
    await expectSoundRecord(rig, ['feed_disconnected'])
  })
})
