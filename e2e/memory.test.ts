import { afterEach, describe, expect, it } from 'vitest'
import { eventually } from '../core/testing/eventually.ts'
import { holds } from '../core/testing/prove/proof.ts'
import { API_ADDRESS, type Running, readHealth, startOptrade, temporaryFolder } from './product.ts'
import { createSaidDurable, judgeProduct } from './prove/product-record.ts'
import { countJournal } from './recorded-legs.ts'

const running: Running[] = []
const folders: { remove(): void }[] = []

afterEach(async () => {
  for (const product of running.splice(0)) await product.stop('SIGKILL')
  for (const folder of folders.splice(0)) folder.remove()
})

/** Packets that are left out on purpose; any other reason is a loss. */
const LEFT_OUT = new Set(['repeat', 'closed', 'outside_window', 'no_reference', 'not_full', 'unknown_token'])
const LEGS = 3_000

describe('memory above its limit', () => {
  it('makes caches, series and batches give way, says so, and drops no leg', { timeout: 180_000 }, async () => {
    const folder = temporaryFolder()
    folders.push(folder)
    // Less than the process needs to be there at all.
    const settings = { MAX_MEMORY_USAGE_MB: '128', SIM_SPEED: '5' }
    const product = startOptrade(['run'], folder.path, settings)
    running.push(product)
    const address = await product.waitFor(API_ADDRESS)
    const before = await eventually(async () => {
      const health = await readHealth(address)
      expect(health.process.sparing.stage).toBe(3)
      return health
    }, 60_000)
    expect(before.status).toBe('degraded')
    expect(before.issues).toContain('memory_high')
    expect(before.components.memory).toMatchObject({ state: 'degraded', issue: 'memory_high' })
    expect(before.process.sparing.reduced).toHaveLength(6)
    expect(before.process.sparing.remedy).toMatch(/MAX_MEMORY_USAGE_MB/)
    const metrics = await (await fetch(`${address}/metrics`)).text()
    expect(metrics).toMatch(/^op_memory_stage 3$/m)

    const said = createSaidDurable()
    await eventually(async () => {
      const { feed, record } = await readHealth(address)
      said.hear(record.durable_batch)
      expect(feed.recorded - before.feed.recorded).toBeGreaterThan(LEGS)
    }, 90_000)
    const { components } = await readHealth(address)
    expect(components.memory?.last_error?.hint).toMatch(/MAX_MEMORY_USAGE_MB/)
    const { feed, process } = await eventually(async () => {
      const health = await readHealth(address)
      expect(Object.values(health.record.pending).every((count) => count < 50)).toBe(true)
      return health
    })
    expect(process.sparing.stage).toBe(3)
    expect(Object.keys(feed.dropped).filter((reason) => !LEFT_OUT.has(reason))).toEqual([])
    expect(await product.stop()).toBe(0)

    const finding = judgeProduct(`${folder.path}/data`, said.batches(), 'at the last stage')
    expect(finding).toEqual(expect.objectContaining({ wrong: [] }))
    expect(holds(finding)).toBe(true)
    expect(countJournal(`${folder.path}/data/sim`).legs).toBeGreaterThanOrEqual(feed.recorded)
    const stages = ['smaller caches', 'thinner series', 'larger batches'].map((what) => product.output().indexOf(what))
    expect(stages.every((at, i) => at > (stages[i - 1] ?? 0))).toBe(true)
  })
})
