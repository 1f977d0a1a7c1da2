import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { HealthReport } from '../../core/contract/api-schema.ts'
import { eventually } from '../../core/testing/eventually.ts'
import { mountDiskImage } from '../../core/testing/prove/disk-image.ts'
import { fillDisk } from '../../core/testing/prove/full-disk.ts'
import type { ProofContext, ProofOutcome } from '../../core/testing/prove/proof.ts'
import { API_ADDRESS, readHealth, startOptrade } from '../product.ts'
import { journalGaps } from '../recorded-gaps.ts'
import { createSaidDurable, endCaughtUp, judgeProduct } from './product-record.ts'

const SETTINGS = { SIM_SPEED: '60', SIM_AT: '2026-11-25T10:00:00+05:30', CHAIN_SCOPE: 'full' }
const PATIENCE_MS = 240_000

async function until(address: string, holds: (health: HealthReport) => boolean, what: string): Promise<HealthReport> {
  return eventually(async () => {
    const health = await readHealth(address)
    if (!holds(health)) throw new Error(`${what}: ${JSON.stringify(health.issues)} ${JSON.stringify(health.feed)}`)
    return health
  }, PATIENCE_MS)
}

const droppedIn = ({ feed }: HealthReport) => feed.dropped.journal_full ?? 0

/** The product runs until its memory is full as well: the packets that it could not keep are counted exactly. */
export async function proveProductFullDisk(context: ProofContext): Promise<ProofOutcome> {
  const disk = await mountDiskImage(context, 1024)
  const folder = context.folder()
  const dataDir = join(disk.path, 'data')
  const ballast = join(disk.path, 'ballast')
  const product = startOptrade(['run'], folder, { ...SETTINGS, DATA_DIR: dataDir })
  context.atEnd(async () => {
    await product.stop('SIGKILL')
  })
  const address = await product.waitFor(API_ADDRESS)
  await until(address, ({ record }) => record.durable_legs > 500, 'nothing is recorded')
  fillDisk(ballast)
  const wrong: string[] = []
  await until(address, ({ issues }) => issues.includes('journal_unwritable'), 'the full disk is not noticed')
  context.say('the disk is full, and the product says so')
  const patient = context.times(1, 0) === 1
  if (patient) await until(address, (health) => droppedIn(health) > 0, 'memory does not run full')
  // Health says itself that something is wrong, by its status.
  for (const path of ['/indices', '/option-chain/NIFTY']) {
    const { status } = await fetch(address + path)
    if (status !== 200) wrong.push(`${path} answers ${status} while the disk is full`)
  }
  await wait(1000)
  rmSync(ballast)
  await until(address, ({ issues }) => !issues.includes('journal_unwritable'), 'it does not write again')
  const said = createSaidDurable()
  await wait(2000)
  const health = await readHealth(address)
  said.hear(health.record.durable_batch)
  const status = await product.stop('SIGTERM')
  if (status !== 0) wrong.push(`it ended with ${status}: ${product.errors().slice(0, 300)}`)
  const again = startOptrade(['run'], folder, {
    ...SETTINGS,
    SIM_SPEED: '1',
    CHAIN_SCOPE: 'offsets',
    DATA_DIR: dataDir,
  })
  context.atEnd(async () => {
    await again.stop('SIGKILL')
  })
  const last = await endCaughtUp(again)
  if (last !== 0) wrong.push(`the next run ended with ${last}: ${again.errors().slice(0, 300)}`)
  const gaps = journalGaps(join(dataDir, 'sim')).filter(({ cause }) => cause === 'journal_full')
  const counted = gaps.reduce((sum, { dropped }) => sum + (dropped ?? 0), 0)
  if (counted !== droppedIn(health))
    wrong.push(`${droppedIn(health)} packets were dropped, ${counted} stand in the record`)
  const what = `the disk is full under the whole product, and is freed again: ${droppedIn(health)} packets dropped, ${counted} in ${gaps.length} GAP records`
  const finding = judgeProduct(dataDir, said.batches(), what)
  return { findings: [{ ...finding, wrong: [...finding.wrong, ...wrong] }], planted: [] }
}
