import { expect, it } from 'vitest'
import { createStore } from 'zustand/vanilla'
import { emptyState } from '../../store/market.ts'
import { keepInstant } from './kept-instant.ts'
import type { TravelState } from './travel.ts'

const AT = Date.UTC(2026, 10, 23, 5)

function build(kept: string | null) {
  const live = createStore(() => emptyState({ index: 'NIFTY', bucket: 'this_week' }))
  const store = createStore<TravelState>(() => ({
    ...{ at: null, days: null, track: null, isPlaying: false, speed: 1, isLate: false, fault: null },
  }))
  const opened: (number | undefined)[] = []
  const travel = { store, isAway: () => store.getState().at !== null, open: (at?: number) => void opened.push(at) }
  const values = new Map(kept === null ? [] : [['optrade.instant', kept]])
  const storage = {
    getItem: (key: string) => values.get(key) ?? null,
    setItem: (key: string, value: string) => void values.set(key, value),
    removeItem: (key: string) => void values.delete(key),
  }
  keepInstant(travel, live, storage)
  return { live, store, opened, values }
}

it('comes back to the instant that was shown, once the market is known, and only then', () => {
  const { live, opened } = build(String(AT))
  expect(opened).toEqual([])
  live.setState({ now: AT + 60_000 })
  live.setState({ now: AT + 61_000 })
  expect(opened).toEqual([AT])
  for (const kept of [null, 'soon']) {
    const other = build(kept)
    other.live.setState({ now: AT })
    expect(other.opened).toEqual([])
  }
})

it('keeps what is shown, and nothing once it is the market of now', () => {
  const { store, values } = build(null)
  store.setState({ at: AT })
  expect([...values.values()]).toEqual([String(AT)])
  store.setState({ at: null })
  expect(values.size).toBe(0)
})
