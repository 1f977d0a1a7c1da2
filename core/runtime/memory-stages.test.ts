import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createMemoryBus } from '../bus/memory-bus.ts'
import { createRecordComposer } from '../contract/leg-record.ts'
import type { TickFrame } from '../contract/tick-frame.ts'
import { createAnalytics } from '../engine/analytics.ts'
import { createBusProjection } from '../engine/bus-projection.ts'
import { createCollector } from '../engine/collector.ts'
import { createEnricher } from '../engine/enrich.ts'
import { createRelay } from '../engine/relay.ts'
import { createLegDigest } from '../files/leg-csv.ts'
import { createFileJournal } from '../journal/file-journal.ts'
import type { Component } from '../kernel/lifecycle.ts'
import { stopAll } from '../kernel/lifecycle.ts'
import { createMemoryGovernor } from '../platform/memory-governor.ts'
import { createDayStores } from '../store/day-store.ts'
import { createMetaStore } from '../store/meta-store.ts'
import { eventually } from '../testing/eventually.ts'
import { createFakeClock } from '../testing/fake-clock.ts'
import {
  buildMarket,
  calendar,
  fairQuote,
  frameEvent,
  MARKET_DATE,
  optionPacket,
  STRIKES,
  spotPacket,
  TEN,
} from '../testing/market-builder.ts'
import { realClock } from '../testing/real-clock.ts'
import { createRecordedMetrics } from '../testing/recorded-metrics.ts'
import { silentLogger } from '../testing/silent-logger.ts'
import { createEventStream } from './event-stream.ts'
import { createLogMemory } from './log-memory.ts'
import { memoryStages } from './memory-stages.ts'

const SPOT = 24_060
const LIMIT = 1_000_000
const source = 'sim' as const

/** Everything that holds memory, put together as the product is, with memory that is as full as a test says. */
async function createRig(folder: string) {
  const clock = { ...realClock, now: () => TEN + Math.floor(realClock.monotonicMs()) }
  const deps = { clock, calendar, logger: silentLogger, metrics: createRecordedMetrics(), newTrace: () => 'trace' }
  const composer = createRecordComposer()
  const enricher = createEnricher(calendar, 0.065)
  const journal = createFileJournal(deps, { folder: join(folder, 'journal'), source, commitIntervalMs: 5 })
  const meta = createMetaStore({ folder })
  const record = { cursors: meta.cursors, durable: () => null, digestOf: createLegDigest() }
  const days = createDayStores({ ...deps, ...composer, ...record }, { folder })
  const bus = createMemoryBus({ ...deps, random: () => 0 })
  const stream = createEventStream()
  const collector = createCollector(
    { ...deps, journal, enricher, composer, lastLegs: () => [] },
    { source, offsets: null },
  )
  const analytics = createAnalytics(
    { ...deps, journal, enricher, market: collector.market },
    { source, rate: 0.065, offsets: null, staleMs: 10_000 },
  )
  const toBus = createBusProjection(bus, createRecordComposer(), () => journal.durable())
  const relay = createRelay({ ...deps, journal, random: () => 0 }, [days, toBus])
  const fill = { share: 0 }
  const watch = createFakeClock(TEN)
  const log = createLogMemory()
  const governor = createMemoryGovernor(
    { ...deps, clock: watch, measure: () => fill.share * LIMIT },
    {
      limitBytes: LIMIT,
      stages: memoryStages({ record: { journal, days }, market: { analytics, collector }, stream, log }),
    },
  )
  const parts: readonly Component[] = [meta, journal, days, bus, relay, analytics, governor]
  for (const part of parts) await part.start()
  stream.follow(bus)
  collector.use(buildMarket())
  return { parts, clock, journal, days, collector, stream, governor, watch, fill, relay }
}

describe('memory stages', () => {
  let folder: string
  let parts: readonly Component[] = []
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'optrade-memory-'))
  })
  afterEach(async () => {
    await stopAll(parts)
    await rm(folder, { recursive: true, force: true })
  })

  it('shrink everything and bring it back without a leg dropped or recorded twice', async () => {
    const rig = await createRig(folder)
    const { clock, collector, days, governor, journal, watch, fill, relay } = rig
    parts = rig.parts
    let volume = 0
    let sent = 0
    const quote = (): Uint8Array[] =>
      STRIKES.flatMap((strike) =>
        (['CE', 'PE'] as const).map((right) => {
          volume += 1
          return optionPacket({ ...fairQuote(strike, right, SPOT, clock.now()), volume })
        }),
      )
    const trade = async (rounds: number) => {
      for (let round = 0; round < rounds; round += 1) {
        const packets = [spotPacket(SPOT), ...quote()]
        sent += packets.length
        const event: { frame: TickFrame } = frameEvent(packets, clock.now(), clock.monotonicMs())
        collector.onFrame({ ...frameEvent([], clock.now(), clock.monotonicMs()), ...event })
        await new Promise((resolve) => setImmediate(resolve))
      }
    }
    const seen: number[] = []
    for (const share of [0, 0.8, 0.9, 1.2, 1.2, 0.1, 0.1, 0.1]) {
      fill.share = share
      watch.advance(share > 0.5 ? 2_000 : 34_000)
      seen.push(governor.state().stage)
      await trade(40)
      await eventually(() => expect(collector.counts().pending).toBe(0))
    }
    expect(seen).toEqual([0, 1, 2, 3, 3, 2, 1, 0])

    const { recorded, underlyings, dropped, received } = collector.counts()
    expect(received).toBe(sent)
    const { unknown_token: unlisted = 0, ...lost } = dropped
    expect(lost).toEqual({})
    expect(recorded + underlyings + unlisted).toBe(sent)
    await journal.flush()
    await eventually(() => expect(relay.pending()).toEqual({ store: 0, bus: 0 }))
    let legs = 0
    for await (const records of journal.scan(null))
      for (const { entry } of records) legs += entry.kind === 'batch' ? entry.rows.length : 0
    expect(legs).toBe(recorded)
    expect(days.counts(MARKET_DATE).legs).toBe(recorded)
    expect(recorded).toBeGreaterThan(3_000)
  })
})
