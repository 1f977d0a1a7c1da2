import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { createMemoryBus } from '../core/bus/memory-bus.ts'
import { createRecordComposer } from '../core/contract/leg-record.ts'
import { createBusProjection } from '../core/engine/bus-projection.ts'
import { createRelay } from '../core/engine/relay.ts'
import { createLegDigest } from '../core/files/leg-csv.ts'
import { createCsvProjection, createJsonlProjection } from '../core/files/leg-projections.ts'
import { createFileJournal } from '../core/journal/file-journal.ts'
import { stopAll } from '../core/kernel/lifecycle.ts'
import { createPrometheusMetrics } from '../core/metrics/prometheus-metrics.ts'
import { createSystemClock } from '../core/platform/system-clock.ts'
import { createDayStores } from '../core/store/day-store.ts'
import { createMetaStore } from '../core/store/meta-store.ts'
import { silentLogger } from '../core/testing/silent-logger.ts'
import { createCollectedMarket, STEPS_PER_RUN } from './market-feed.ts'
import type { MarketFrames } from './market-frames.ts'

/** The product's defaults, CSV_BUFFER_SIZE and JSON_BUFFER_SIZE. */
const CSV_BUFFER_BYTES = 8192
const JSON_BUFFER_BYTES = 16_384

export interface Recorder {
  /** A second of market, from frames until it is safe; returns the number of packets. */
  run(): Promise<number>
  stop(): Promise<void>
}

const clock = createSystemClock()
const logger = silentLogger

/** Frames to durable records: decoder, collector with enrichment, journal with group commit. */
export async function createJournalRecorder(market: MarketFrames, folder: string): Promise<Recorder> {
  const metrics = createPrometheusMetrics()
  const journal = createFileJournal({ clock, logger, metrics }, { folder: join(folder, 'journal'), source: 'sim' })
  await journal.start()
  const { step, collector } = createCollectedMarket(market, journal, metrics)
  return {
    async run() {
      const packets = await steps(step)
      await journal.flush()
      return packets
    },
    async stop() {
      await journal.stop()
      requireAllRecorded(collector.counts())
    },
  }
}

/** The same, and from the journal by the relay to the day store, CSV, JSONL and bus, as the product wires them. */
export async function createFullRecorder(market: MarketFrames, folder: string): Promise<Recorder> {
  const metrics = createPrometheusMetrics()
  const journal = createFileJournal({ clock, logger, metrics }, { folder: join(folder, 'journal'), source: 'sim' })
  const meta = createMetaStore({ folder })
  const days = createDayStores(
    {
      ...{ clock, logger, cursors: meta.cursors, durable: () => journal.durable() },
      ...{ ...createRecordComposer(), digestOf: createLegDigest() },
    },
    { folder },
  )
  await journal.start()
  await meta.start()
  const files = { clock, logger, metrics, cursors: meta.cursors, legsOf: createRecordComposer().legsOf }
  const bus = createMemoryBus({ clock, logger, random: Math.random })
  const projections = [
    days,
    createCsvProjection(files, { folder, source: 'sim', bufferBytes: CSV_BUFFER_BYTES }),
    createJsonlProjection(files, { folder, source: 'sim', bufferBytes: JSON_BUFFER_BYTES }),
    createBusProjection(bus, createRecordComposer(), () => journal.durable()),
  ]
  const relay = createRelay({ clock, logger, journal, metrics, random: Math.random }, projections)
  for (const component of [...projections, relay]) await component.start()
  const { step, collector } = createCollectedMarket(market, journal, metrics)
  return {
    async run() {
      const packets = await steps(step)
      await journal.flush()
      while (Object.values(relay.pending()).some((count) => count > 0)) await setImmediate()
      return packets
    },
    async stop() {
      await stopAll([journal, meta, bus, ...projections, relay])
      requireAllRecorded(collector.counts())
    },
  }
}

/** A second of market; the journal may write between the steps. */
async function steps(step: () => number): Promise<number> {
  let packets = 0
  for (let at = 0; at < STEPS_PER_RUN; at += 1) {
    packets += step()
    await setImmediate()
  }
  return packets
}

/** A figure counts only when nothing was left out. */
function requireAllRecorded(counts: { received: number; recorded: number; underlyings: number }): void {
  const missing = counts.received - counts.recorded - counts.underlyings
  if (missing > 0) throw new Error(`${missing} of ${counts.received} packets were not recorded`)
}
