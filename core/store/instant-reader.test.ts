import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createRecordComposer } from '../contract/leg-record.ts'
import { istInstant } from '../domain/ist.ts'
import type { Leg } from '../domain/leg.ts'
import type { JournalRecord } from '../ports/journal.ts'
import { createFakeClock } from '../testing/fake-clock.ts'
import { buildBatch, createRandom } from '../testing/leg-builder.ts'
import { legDigest } from '../testing/leg-digest.ts'
import { createMemoryCursors } from '../testing/memory-cursors.ts'
import { silentLogger } from '../testing/silent-logger.ts'
import { createDayStores, type DayStores } from './day-store.ts'

const DATE = '2026-11-23'
const TEN = istInstant(DATE, '10:00')
const composer = createRecordComposer()

describe('instants of a day', () => {
  let folder: string
  let store: DayStores
  let legs: readonly Leg[]

  /** Three runs of the recorder, each with batches of several chains at uneven distances. */
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'instants-'))
    const random = createRandom(11)
    const shapes = [
      { index: 'NIFTY', bucket: 'this_week' },
      { index: 'NIFTY', bucket: 'next_week' },
      { index: 'SENSEX', bucket: 'this_week' },
    ] as const
    let ts = TEN
    const records = Array.from({ length: 240 }, (_, k): JournalRecord => {
      ts += 250 + Math.floor(random() * 2_000)
      const shape = shapes[Math.floor(random() * 3)] ?? shapes[0]
      const entry = buildBatch(random, { ts, legs: 1 + Math.floor(random() * 6), ...shape })
      const position = { epoch: 1 + Math.floor(k / 80), seq: 1 + (k % 80), crc: k + 1 }
      return { position, entry, legs: null }
    })
    const parts = { clock: createFakeClock(0), logger: silentLogger, cursors: createMemoryCursors() }
    store = createDayStores({ ...parts, durable: () => null, ...composer, digestOf: legDigest }, { folder })
    await store.start()
    await store.apply(records)
    legs = records.flatMap(({ entry, position }) =>
      entry.kind === 'batch' ? composer.legsOf(entry, `${position.epoch}-${position.seq}`) : [],
    )
  })
  afterEach(async () => {
    await store.stop()
    await rm(folder, { recursive: true })
  })

  const ofChain = () => legs.filter(({ index, bucket }) => index === 'NIFTY' && bucket === 'this_week')

  it('are found on either side of every instant, whatever lies between', () => {
    const times = ofChain().map(({ ts }) => ts)
    const probes = times.flatMap((ts) => [ts - 1, ts, ts + 1]).concat(TEN - 60_000, TEN + 86_400_000)
    for (const at of probes) {
      const earlier = times.filter((ts) => ts < at)
      const later = times.filter((ts) => ts > at)
      expect(store.instantsAround(DATE, 'NIFTY', 'this_week', at), String(at)).toEqual({
        before: earlier.length === 0 ? null : Math.max(...earlier),
        after: later.length === 0 ? null : Math.min(...later),
      })
    }
    expect(store.instantsAround(DATE, 'BANKNIFTY', 'this_week', TEN)).toEqual({ before: null, after: null })
    expect(store.instantsAround('2026-11-24', 'NIFTY', 'this_week', TEN)).toEqual({ before: null, after: null })
  })

  it('bring what a chain was at any of them, step by step', () => {
    const from = TEN + 30_000
    const query = { index: 'NIFTY', bucket: 'this_week', from, stepMs: 700, steps: 90 } as const
    const chain = new Map(store.lastLegPerContract(DATE, 'NIFTY', 'this_week', from).map((leg) => [leg.symbol, leg]))
    const steps = store.changes(DATE, query)
    expect(steps).toHaveLength(90)
    for (const [k, changed] of steps.entries()) {
      for (const leg of changed) chain.set(leg.symbol, leg)
      const at = from + (k + 1) * 700
      const expected = store.lastLegPerContract(DATE, 'NIFTY', 'this_week', at)
      const order = (a: Leg, b: Leg) => a.strike - b.strike || a.right.localeCompare(b.right)
      expect([...chain.values()].sort(order)).toEqual(expected)
    }
    expect(steps.flat().length).toBeGreaterThan(30)
    expect(store.changes('2026-11-24', { ...query, steps: 2 })).toEqual([[], []])
  })

  it('have the last leg of each contract of the window, as the whole day has it', () => {
    const strikes = [...new Set(ofChain().map(({ strike }) => strike))].sort((a, b) => a - b)
    // The ATM of these batches never moves: all of them are in the window.
    const times = ofChain().map(({ ts }) => ts)
    const byKey = (found: readonly Leg[]) => found.map(({ symbol, batch }) => `${symbol} ${batch}`).sort()
    for (const at of [...times, Math.min(...times) - 1]) {
      const found = store.lastLegsInWindow(DATE, { index: 'NIFTY', bucket: 'this_week', strikes, at })
      expect(byKey(found)).toEqual(byKey(store.lastLegPerContract(DATE, 'NIFTY', 'this_week', at)))
    }
    expect(store.lastLegsInWindow('2026-11-24', { index: 'NIFTY', bucket: 'this_week', strikes, at: TEN })).toEqual([])
  })

  it('reach from the first leg of an index to its last', () => {
    const stretch = store.recordedStretch(DATE, 'NIFTY')
    const nifty = legs.filter(({ index }) => index === 'NIFTY').map(({ ts }) => ts)
    expect(stretch?.from).toBe(Math.min(...nifty))
    expect(stretch?.to).toBeGreaterThanOrEqual(Math.max(...nifty))
    expect(store.recordedStretch(DATE, 'BANKNIFTY')).toBeNull()
    expect(store.recordedStretch('2026-11-24', 'NIFTY')).toBeNull()
  })
})
