import { beforeEach, describe, expect, it } from 'vitest'
import { createFakeClock } from '../testing/fake-clock.ts'
import { createRecordedMetrics } from '../testing/recorded-metrics.ts'
import { silentLogger } from '../testing/silent-logger.ts'
import { createMemoryGovernor, type MemoryStage } from './memory-governor.ts'

const NOW = Date.UTC(2026, 10, 23, 4, 30)
const MB = 1024 * 1024
const LIMIT_MB = 100
const CALM_MS = 30_000

describe('memory governor', () => {
  let pulled: string[]
  let said: string[]
  let usedMb: number
  beforeEach(() => {
    pulled = []
    said = []
    usedMb = 10
  })

  const lever = (name: string, fails = false) => ({
    what: name,
    spare(sparing: boolean) {
      pulled.push(`${sparing ? '-' : '+'}${name}`)
      if (fails) throw new Error('no')
    },
  })
  const STAGES = (fails = false): readonly MemoryStage[] => [
    { from: 0.75, what: 'smaller caches', levers: [lever('events', fails), lever('records')] },
    { from: 0.85, what: 'thinner series', levers: [lever('samples')] },
    { from: 0.95, what: 'larger batches', levers: [lever('batches')] },
  ]

  async function govern(stages = STAGES()) {
    const clock = createFakeClock(NOW)
    const metrics = createRecordedMetrics()
    const note = (text: string) => void said.push(text)
    const logger = { ...silentLogger, info: note, warning: note, error: note }
    const governor = createMemoryGovernor(
      { clock, metrics, logger, measure: () => usedMb * MB },
      { limitBytes: LIMIT_MB * MB, stages },
    )
    await governor.start()
    const use = (mb: number, forMs = 2_000) => {
      usedMb = mb
      clock.advance(forMs)
      return governor.state().stage
    }
    return { clock, metrics, governor, use }
  }

  it('goes through all stages one by one, and back in reverse order', async () => {
    const { metrics, use } = await govern()
    expect(use(74)).toBe(0)
    expect(use(99)).toBe(1)
    expect(pulled).toEqual(['-events', '-records'])
    expect(use(99)).toBe(2)
    expect(use(99)).toBe(3)
    expect(use(99, 60_000)).toBe(3)
    expect(pulled).toEqual(['-events', '-records', '-samples', '-batches'])
    expect(metrics.value('op_memory_stage')).toBe(3)

    pulled = []
    expect(use(20, CALM_MS)).toBe(3)
    expect(use(20)).toBe(2)
    expect(use(20, CALM_MS + 2_000)).toBe(1)
    expect(use(20, CALM_MS + 2_000)).toBe(0)
    expect(pulled).toEqual(['+batches', '+samples', '+records', '+events'])
    expect(metrics.value('op_memory_stage')).toBe(0)
    expect(use(20, 120_000)).toBe(0)
    expect(pulled).toHaveLength(4)
  })

  it('says each change once, with what is used and what gives way', async () => {
    const { use } = await govern()
    use(80, 60_000)
    const first = 'memory 80 of 100 MB: smaller caches (events, records)'
    expect(said).toEqual([first])
    use(20, 60_000)
    expect(said).toEqual([first, 'memory 20 of 100 MB: smaller caches are no longer needed'])
  })

  it('does not flap about a border, and forgets a calm that was broken', async () => {
    const { use } = await govern()
    use(76)
    for (let round = 0; round < 20; round += 1) {
      use(74, 20_000)
      use(69, 20_000)
      use(76)
    }
    expect(pulled).toEqual(['-events', '-records'])
    expect(use(69, CALM_MS + 2_000)).toBe(0)
  })

  it('tells what is reduced, since when and what to do', async () => {
    const { clock, governor, use } = await govern()
    expect(governor.state()).toEqual({ stage: 0, stages: 3, since: NOW, reduced: [], remedy: null })
    expect(governor.status()).toEqual({ state: 'running', since: NOW, issue: null, detail: null })
    use(88, 10_000)
    const { since, reduced, remedy } = governor.state()
    expect([since, reduced]).toEqual([NOW + 4_000, ['events', 'records', 'samples']])
    expect(remedy).toMatch(/MAX_MEMORY_USAGE_MB/)
    expect(governor.status()).toMatchObject({
      state: 'running',
      issue: null,
      detail: expect.stringContaining('88 of 100'),
    })
    use(120, 10_000)
    expect(governor.status()).toMatchObject({ state: 'degraded', since: clock.now() - 8_000, issue: 'memory_high' })
  })

  it('lets the others yield when one fails', async () => {
    const { use } = await govern(STAGES(true))
    expect(use(80)).toBe(1)
    expect(pulled).toEqual(['-events', '-records'])
    expect(said).toContain('memory could not be spared: events')
  })

  it('looks no more once it is stopped', async () => {
    const { governor, use } = await govern()
    await governor.stop()
    expect(use(99, 60_000)).toBe(0)
    expect(pulled).toEqual([])
  })
})
