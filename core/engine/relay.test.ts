import { afterEach, describe, expect, it } from 'vitest'
import { sleep } from '../kernel/clock.ts'
import { OpError } from '../kernel/errors.ts'
import type { Journal, JournalRecord, Position } from '../ports/journal.ts'
import type { Projection } from '../ports/projection.ts'
import { eventually } from '../testing/eventually.ts'
import { batchEntry, numberOf, sessionEntry } from '../testing/journal-builders.ts'
import { createMemoryJournal, createMemoryRecord, type MemoryRecord } from '../testing/journal-memory.ts'
import { realClock } from '../testing/real-clock.ts'
import { createRecordedMetrics } from '../testing/recorded-metrics.ts'
import { silentLogger } from '../testing/silent-logger.ts'
import { createRelay, type Relay } from './relay.ts'

interface FakeProjection extends Projection {
  /** Numbers of the entries that were taken, in order. */
  readonly taken: number[]
  /** Numbers of each call that was refused. */
  readonly refused: number[][]
  refuse: boolean
  flushes: number
}

function fakeProjection(name: string, position: Position | null = null): FakeProjection {
  let safe = position
  let last = position
  const projection: FakeProjection = {
    name,
    taken: [],
    refused: [],
    refuse: false,
    flushes: 0,
    async start() {},
    async stop() {},
    position: () => safe,
    async apply(records) {
      const numbers = records.map(({ entry }) => numberOf(entry))
      if (projection.refuse) {
        projection.refused.push(numbers)
        throw new Error(`${name} is down`)
      }
      projection.taken.push(...numbers)
      last = records.at(-1)?.position ?? last
    },
    async flush() {
      projection.flushes += 1
      safe = last
    },
  }
  return projection
}

const running: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of running.splice(0).reverse()) await stop()
})

async function openJournal(record: MemoryRecord = createMemoryRecord()): Promise<Journal> {
  const journal = createMemoryJournal(record)
  await journal.start()
  running.push(() => journal.stop())
  return journal
}

async function startRelay(journal: Journal, projections: readonly Projection[]) {
  const metrics = createRecordedMetrics()
  const deps = { clock: realClock, logger: silentLogger, journal, metrics, random: () => 0 }
  const relay: Relay = createRelay(deps, projections)
  await relay.start()
  running.push(() => relay.stop())
  return { relay, metrics }
}

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i)

describe('relay', () => {
  it('gives every record to every consumer, in order, old ones first', async () => {
    const journal = await openJournal()
    for (const n of range(1, 30)) journal.append(n % 3 === 0 ? sessionEntry(n) : batchEntry(n))
    await journal.flush()
    const consumers = [fakeProjection('days'), fakeProjection('csv')]
    await startRelay(journal, consumers)
    for (const n of range(31, 60)) journal.append(batchEntry(n))
    await eventually(() => expect(consumers.map(({ taken }) => taken)).toEqual([range(1, 60), range(1, 60)]))
  })

  it("begins behind each consumer's own position", async () => {
    const record = createMemoryRecord()
    const journal = await openJournal(record)
    for (const n of range(1, 10)) journal.append(batchEntry(n))
    await journal.flush()
    const at = (n: number) => record.records[n - 1]?.position ?? null
    const consumers = [fakeProjection('days', at(4)), fakeProjection('csv', at(10)), fakeProjection('new')]
    const { relay } = await startRelay(journal, consumers)
    await eventually(() => expect(relay.pending()).toEqual({ days: 0, csv: 0, new: 0 }))
    expect(consumers.map(({ taken }) => taken)).toEqual([range(5, 10), [], range(1, 10)])
  })

  it('gives the same records again to one that fails, while others go on', async () => {
    const journal = await openJournal()
    const [down, well] = [fakeProjection('down'), fakeProjection('well')]
    down.refuse = true
    const { relay } = await startRelay(journal, [down, well])
    for (const n of range(1, 5)) journal.append(batchEntry(n))
    await eventually(() => {
      expect(well.taken).toEqual(range(1, 5))
      expect(down.refused.length).toBeGreaterThanOrEqual(2)
    })
    expect(new Set(down.refused.map((numbers) => numbers.join())).size).toBe(1)
    expect(relay.status('down')).toMatchObject({
      state: 'degraded',
      issue: 'down_behind',
      detail: expect.stringContaining('down is down'),
    })
    expect(relay.status('well')).toMatchObject({ state: 'running', issue: null })
    expect(relay.pending()).toEqual({ down: 5, well: 0 })
    down.refuse = false
    await eventually(() => expect(down.taken).toEqual(range(1, 5)))
    await eventually(() => expect(relay.status('down')).toMatchObject({ state: 'running', issue: null }))
    expect(relay.pending()).toEqual({ down: 0, well: 0 })
  })

  it('hands on what is not durable yet when it stops, then makes all consumers safe', async () => {
    const record = createMemoryRecord()
    const journal = await openJournal(record)
    const lazy: Journal = { ...journal, epoch: 1, append: (entry) => journal.append(entry) }
    const consumer = fakeProjection('days')
    const { relay } = await startRelay(lazy, [consumer])
    for (const n of range(1, 7)) lazy.append(batchEntry(n))
    lazy.append(sessionEntry(8))
    await relay.stop()
    expect(consumer.taken).toEqual(range(1, 8))
    expect(consumer.flushes).toBe(1)
    expect(consumer.position()).toEqual(record.records.at(-1)?.position)
    expect(relay.status('days').state).toBe('stopped')
  })

  it.each([
    ['batches', batchEntry],
    ['records that share the number of the last batch', sessionEntry],
  ])('waits for a slow consumer while %s come', async (_, build) => {
    const journal = await openJournal()
    const slow = fakeProjection('slow')
    const { apply } = slow
    let begun = 0
    slow.apply = async (records) => {
      begun += 1
      if (begun < 4) journal.append(build(begun + 1))
      await sleep(realClock, 50)
      await apply(records)
    }
    const { relay } = await startRelay(journal, [slow])
    journal.append(batchEntry(1))
    await eventually(() => expect(begun).toBe(1))
    await relay.stop()
    expect(slow.taken).toEqual(range(1, 4))
  })

  it('stops although a consumer takes nothing, and leaves its position alone', async () => {
    const journal = await openJournal()
    const [down, well] = [fakeProjection('down'), fakeProjection('well')]
    down.refuse = true
    const { relay } = await startRelay(journal, [down, well])
    journal.append(batchEntry(1))
    await eventually(() => expect(down.refused.length).toBeGreaterThan(0))
    await relay.stop()
    expect(down.position()).toBeNull()
    expect(well.taken).toEqual([1])
  })

  it('stops although the disk does not answer, or refuses', async () => {
    const journal = await openJournal()
    for (const flush of [() => new Promise<void>(() => {}), () => Promise.reject(new Error('disk'))]) {
      const consumer = fakeProjection('days')
      const { relay } = await startRelay({ ...journal, epoch: 1, flush }, [consumer])
      running.pop()
      journal.append(batchEntry(1))
      await eventually(() => expect(consumer.taken.length).toBeGreaterThan(0))
      const outcome = await relay.stop().then(
        () => 'stopped',
        (fault: unknown) => fault,
      )
      expect(outcome === 'stopped' || outcome instanceof OpError).toBe(true)
      expect(consumer.flushes).toBe(1)
    }
  })

  it('flushes all consumers at the stop and then says what failed', async () => {
    const journal = await openJournal()
    const [broken, well] = [fakeProjection('broken'), fakeProjection('well')]
    broken.flush = () => Promise.reject(new Error('disk'))
    const { relay } = await startRelay(journal, [broken, well])
    running.pop()
    await expect(relay.stop()).rejects.toMatchObject({ code: 'stop_incomplete' })
    expect(well.flushes).toBe(1)
  })

  it('says when a consumer cannot go on, as with a position that the journal does not know', async () => {
    const journal = await openJournal()
    journal.append(batchEntry(1))
    await journal.flush()
    const [lost, well] = [fakeProjection('lost', { epoch: 9, seq: 9, crc: 9 }), fakeProjection('well')]
    const { relay } = await startRelay(journal, [lost, well])
    await eventually(() => expect(relay.status('lost')).toMatchObject({ state: 'failed', issue: 'lost_behind' }))
    await eventually(() => expect(well.taken).toEqual([1]))
    expect(lost.taken).toEqual([])
  })

  it('reads again behind what was taken when the journal could not be read', async () => {
    const journal = await openJournal()
    const faults = [new OpError('internal', { reason: 'too many open files' }), new Error('EIO')]
    let broken = true
    const flaky: Journal = {
      ...journal,
      epoch: 1,
      async *read(after, signal) {
        for await (const records of journal.read(after, signal)) {
          yield records.slice(0, 1)
          const fault = broken ? faults[0] : undefined
          faults.push(...faults.splice(0, 1))
          if (fault !== undefined) throw fault
          if (records.length > 1) yield records.slice(1)
        }
      },
    }
    const consumer = fakeProjection('days')
    const { relay } = await startRelay(flaky, [consumer])
    for (const n of range(1, 3)) journal.append(batchEntry(n))
    await eventually(() => expect(consumer.taken).toEqual(range(1, 3)))
    await eventually(() => expect(relay.status('days')).toMatchObject({ state: 'running', issue: null }))
    broken = false
    for (const n of range(4, 6)) journal.append(batchEntry(n))
    await eventually(() => expect(consumer.taken).toEqual(range(1, 6)))
  })

  it('says while the journal cannot be read', async () => {
    const journal = await openJournal()
    let broken = true
    const flaky: Journal = {
      ...journal,
      epoch: 1,
      read(after, signal) {
        if (broken) throw new Error('EIO')
        return journal.read(after, signal)
      },
    }
    const consumer = fakeProjection('days')
    const { relay } = await startRelay(flaky, [consumer])
    journal.append(batchEntry(1))
    await journal.flush()
    expect(relay.status('days')).toMatchObject({ state: 'degraded', issue: 'days_behind', detail: expect.any(String) })
    broken = false
    await eventually(() => expect(consumer.taken).toEqual([1]))
    expect(relay.status('days')).toMatchObject({ state: 'running', issue: null })
  })

  it('counts a consumer of an older epoch as behind', async () => {
    const record = createMemoryRecord()
    const first = createMemoryJournal(record)
    await first.start()
    for (const n of range(1, 3)) first.append(batchEntry(n))
    await first.stop()
    const old: JournalRecord | undefined = record.records[2]
    const journal = await openJournal(record)
    journal.append(batchEntry(4))
    await journal.flush()
    const consumer = fakeProjection('days', old?.position ?? null)
    consumer.refuse = true
    const { relay } = await startRelay(journal, [consumer])
    expect(relay.pending()).toEqual({ days: 1 })
    consumer.refuse = false
  })

  it('measures the lag', async () => {
    const journal = await openJournal()
    const consumer = fakeProjection('days')
    const { metrics } = await startRelay(journal, [consumer])
    for (const n of range(1, 3)) journal.append(batchEntry(n))
    await eventually(() => {
      expect(metrics.value('op_durable_seq')).toBe(3)
      expect(metrics.value('op_batches_pending', { consumer: 'days' })).toBe(0)
    })
  })
})
