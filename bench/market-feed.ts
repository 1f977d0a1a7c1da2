import { createRejects, decodeFrame } from '../core/contract/kite-wire.ts'
import { createRecordComposer } from '../core/contract/leg-record.ts'
import { createTickFrame } from '../core/contract/tick-frame.ts'
import type { Leg } from '../core/domain/leg.ts'
import { type Collector, createCollector } from '../core/engine/collector.ts'
import { createEnricher } from '../core/engine/enrich.ts'
import { createMarketState } from '../core/engine/market-state.ts'
import type { Clock } from '../core/kernel/clock.ts'
import { createSystemClock } from '../core/platform/system-clock.ts'
import type { Journal } from '../core/ports/journal.ts'
import type { Metrics } from '../core/ports/metrics.ts'
import { createMemoryJournal } from '../core/testing/journal-memory.ts'
import { silentLogger } from '../core/testing/silent-logger.ts'
import type { MarketFrames, Step } from './market-frames.ts'

const RATE = 0.065

/** Recorders take a market second at a time, then wait until everything has arrived. */
export const STEPS_PER_RUN = 20

/** The market's frames in a circle, with a market time that goes on. */
export interface Turntable {
  next(): Step
  /** Market time of the last step. */
  now(): number
}

export function createTurntable({ steps, startMs, stepMs }: MarketFrames): Turntable {
  let played = 0
  return {
    next() {
      const step = steps[played % steps.length] ?? { frames: [], packets: 0 }
      played += 1
      return step
    },
    now: () => startMs + played * stepMs,
  }
}

export interface CollectedMarket {
  readonly collector: Collector
  /** Takes the frames of one step and hands their batches to the journal; returns the number of packets. */
  step(): number
}

/** Decoder and collector as the product wires them; a step is flushed by hand instead of by the clock. */
export function createCollectedMarket(market: MarketFrames, journal: Journal, metrics: Metrics): CollectedMarket {
  const turntable = createTurntable(market)
  const clock: Clock = { ...createSystemClock(turntable.now), after: () => () => {} }
  const { calendar } = market
  const enricher = createEnricher(calendar, RATE)
  const composer = createRecordComposer()
  const collector = createCollector(
    {
      clock,
      calendar,
      journal,
      metrics,
      enricher,
      composer,
      newTrace: () => '0123456789abcdef',
      logger: silentLogger,
      lastLegs: () => [],
    },
    { source: 'sim', offsets: null },
  )
  collector.use(createMarketState(market.universe))
  const frame = createTickFrame()
  const rejects = createRejects()
  return {
    collector,
    step() {
      const { frames, packets } = turntable.next()
      for (const bytes of frames) {
        decodeFrame(bytes, frame, rejects)
        collector.onFrame({ frame, connection: 1, receivedAt: clock.now(), receivedMonotonicMs: clock.monotonicMs() })
      }
      collector.flush()
      return packets
    },
  }
}

export const noMetrics: Metrics = { increment() {}, set() {}, observe() {}, render: async () => '' }

/** The first `count` legs of the market as the collector makes them, with IV and Greeks. */
export async function collectLegs(market: MarketFrames, count: number): Promise<readonly Leg[]> {
  const journal = createMemoryJournal()
  await journal.start()
  const { collector, step } = createCollectedMarket(market, journal, noMetrics)
  const legs: Leg[] = []
  collector.batches.subscribe((batch) => legs.push(...batch.legs))
  while (legs.length < count) step()
  await journal.stop()
  return legs.slice(0, count)
}
