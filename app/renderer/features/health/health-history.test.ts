import { expect, it } from 'vitest'
import { createStore } from 'zustand/vanilla'
import type { HealthReport } from '../../../../core/contract/api-schema.ts'
import { createFakeMonitorApi } from '../../../../core/testing/fake-monitor-api.ts'
import type { MarketState } from '../../store/market.ts'
import { createHealthHistory, HISTORY_MS } from './health-history.ts'

async function createRig() {
  const health = (await createFakeMonitorApi()).health()
  const state: MarketState = {
    link: 'live',
    asOf: null,
    now: null,
    selection: { index: 'NIFTY', bucket: 'this_week' },
    indices: null,
    expiries: null,
    chain: null,
    unavailable: null,
    health: null,
    frozen: false,
    past: null,
  }
  const store = createStore<MarketState>(() => state)
  let now = 0
  const history = createHealthHistory(store, () => now)
  const report = (at: number, change: Partial<HealthReport> = {}) => {
    now = at
    store.setState({ health: { ...health, ...change } })
  }
  return { health, store, history, report }
}

it('takes one sample of each report, whatever else changes', async () => {
  const { store, history, report, health } = await createRig()
  report(1_000, {
    feed: { ...health.feed, legs_per_second: 12, lag_ms: 300 },
    record: { ...health.record, pending: { store: 2, csv: 7 } },
  })
  store.setState({ link: 'lost' })
  expect(history.getState()).toEqual([
    { at: 1_000, legsPerSecond: 12, lagMs: 300, eventLoopLagMs: 0, memoryBytes: 100e6, pending: 7 },
  ])
})

it('drops what is older than the history', async () => {
  const { history, report } = await createRig()
  for (const at of [0, 1_000, HISTORY_MS, HISTORY_MS + 1_000]) report(at)
  expect(history.getState().map(({ at }) => at)).toEqual([HISTORY_MS, HISTORY_MS + 1_000])
})

it('is bounded, however fast reports come', async () => {
  const { history, report } = await createRig()
  for (let at = 0; at < 2_000; at += 1) report(at)
  expect(history.getState()).toHaveLength(600)
  expect(history.getState().at(-1)?.at).toBe(1_999)
})
