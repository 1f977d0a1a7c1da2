import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { CallName, CallRequest, CallResult } from '../../../../core/contract/monitor-calls.ts'
import { readResult } from '../../../../core/contract/monitor-calls.ts'
import { followDay } from './day-follow.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A monitor that answers one point a question, and fails when told to. */
function monitor() {
  const asked: unknown[] = []
  const state = { isFailing: false }
  const ask = async <Name extends CallName>(name: Name, input: CallRequest<Name>): Promise<CallResult<Name>> => {
    asked.push(input)
    if (state.isFailing) throw new Error('gone')
    const second = String(10 * asked.length).padStart(2, '0')
    return readResult(name, {
      index: 'NIFTY',
      bucket: 'this_week',
      source: 'sim',
      scope: 'full',
      from: '2026-11-23T09:00:00.000+05:30',
      to: '2026-11-23T10:01:00.000+05:30',
      step_ms: 15_000,
      times: [`2026-11-23T10:00:${second}.000+05:30`],
      values: { spot: [asked.length] },
      gaps: [],
      phases: [],
    })
  }
  return { asked, state, client: { ask } }
}

function follow(date: string | null) {
  const { asked, state, client } = monitor()
  const seen: unknown[] = []
  const stop = followDay(
    {
      client,
      selection: { index: 'NIFTY', bucket: 'this_week' },
      date,
      onSeries: ({ values }) => void seen.push(values.spot),
      onFault: (series, fault) => void seen.push([series?.values.spot, String(fault)]),
    },
    null,
  )
  return { asked, state, seen, stop }
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

describe('following the series of a day', () => {
  it('reads today whole once, and then only from its last point', async () => {
    const { asked, seen, stop } = follow(null)
    await pass(0)
    expect(asked[0]).not.toHaveProperty('from')
    await pass(10_000)
    expect(asked.slice(1)).toMatchObject([
      { from: '2026-11-23T10:00:10.000+05:30' },
      { from: '2026-11-23T10:00:20.000+05:30' },
    ])
    expect(seen).toEqual([[1], [1, 2], [1, 2, 3]])
    stop()
    await pass(20_000)
    expect(asked).toHaveLength(3)
  })

  it('keeps what it knows when the monitor fails, and goes on from there', async () => {
    const { state, seen, stop } = follow(null)
    await pass(0)
    state.isFailing = true
    await pass(5_000)
    state.isFailing = false
    await pass(5_000)
    stop()
    expect(seen).toEqual([[1], [[1], 'Error: gone'], [1, 3]])
  })

  it('reads an earlier day from its midnight to its end, until it is there', async () => {
    const { asked, state, stop } = follow('2026-11-20')
    expect(asked).toMatchObject([{ from: '2026-11-20T00:00:00.000+05:30', to: '2026-11-20T23:59:59.000+05:30' }])
    state.isFailing = false
    await pass(20_000)
    expect(asked).toHaveLength(1)
    stop()
  })
})
