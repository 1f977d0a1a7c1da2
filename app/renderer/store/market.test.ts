import { describe, expect, it } from 'vitest'
import { readResult } from '../../../core/contract/monitor-calls.ts'
import { changedLegs, legRow, wholeChain } from '../../../core/testing/chain-messages.ts'
import { eventually } from '../../../core/testing/eventually.ts'
import type { MonitorClient, StreamListener } from '../client/monitor-client.ts'
import { createMarket } from './market.ts'

const SENSEX = {
  index: 'SENSEX',
  exchange: 'BFO',
  spot_symbol: 'SENSEX',
  spot: null,
  spot_frozen: false,
  buckets: { next_month: '2026-12-31', this_month: '2026-11-26' },
  lot_size: 20,
} as const

/** A market whose messages, frames and time the test makes. */
function build() {
  const followed: { topics: string; listener: StreamListener; ended: boolean }[] = []
  const asked: string[] = []
  const client: MonitorClient = {
    async ask(name, input) {
      if ('index' in input) asked.push(String(input.index))
      // Only one index is collected, and it has no weekly expiry.
      const indices = { date: '2026-11-23', source: 'sim', indices: [SENSEX] }
      const expiries = { ...input, date: '2026-11-23', source: 'sim', expiries: [] }
      return readResult(name, name === 'indices' ? indices : expiries)
    },
    follow(topics, listener) {
      const stream = { topics: topics.join(), listener, ended: false }
      followed.push(stream)
      return () => {
        stream.ended = true
      }
    },
  }
  const frames: (() => void)[] = []
  const clock = { elapsed: 0, tick: () => {} }
  const market = createMarket(
    {
      client,
      onAlert: () => {},
      onFrame(run) {
        frames.push(run)
        return () => void frames.splice(frames.indexOf(run), 1)
      },
      every(_, run) {
        clock.tick = run
        return () => {}
      },
      elapsed: () => clock.elapsed,
    },
    { index: 'NIFTY', bucket: 'this_week' },
  )
  market.start()
  const frame = () => {
    for (const run of frames.splice(0)) run()
  }
  const listener = () => {
    const stream = followed.at(-1)
    if (stream === undefined) throw new Error('nothing is followed')
    return stream.listener
  }
  const ltp = (slot: number) => market.store.getState().chain?.legs[slot]?.ltp ?? null
  return { market, followed, asked, frames, frame, listener, clock, ltp }
}

describe('the market of the page', () => {
  it('shows a chain at once, and what comes until the next frame with that, however much it is', () => {
    const { market, listener, frames, frame, ltp } = build()
    let changes = 0
    market.store.subscribe(() => {
      changes += 1
    })
    listener().onChain(wholeChain([legRow(0, 100)]))
    listener().onChain(changedLegs([legRow(0, 101)], 1))
    listener().onChain(changedLegs([legRow(0, 102)], 2))
    expect([changes, frames.length, ltp(0)]).toEqual([1, 1, 100])
    frame()
    expect([changes, ltp(0)]).toEqual([2, 102])
    frame()
    expect(changes).toBe(2)
    listener().onChain(changedLegs([legRow(0, 103)], 3))
    expect([changes, ltp(0)]).toEqual([3, 103])
  })

  it('does not let messages pile up while nothing is painted', () => {
    const { listener, frames, ltp } = build()
    listener().onChain(wholeChain([legRow(0, 1)]))
    for (let n = 1; n <= 60; n += 1) listener().onChain(changedLegs([legRow(0, n)], n))
    expect(ltp(0)).toBeGreaterThanOrEqual(50)
    expect(frames.length).toBeLessThanOrEqual(1)
  })

  it('stands still while frozen, and then shows what has become', () => {
    const { market, listener, frame, ltp } = build()
    listener().onChain(wholeChain([legRow(0, 100)]))
    frame()
    market.setFrozen(true)
    listener().onChain(changedLegs([legRow(0, 101)], 1))
    frame()
    listener().onChain(changedLegs([legRow(0, 102)], 2))
    frame()
    expect(ltp(0)).toBe(100)
    market.setFrozen(false)
    expect(ltp(0)).toBe(102)
  })

  it('follows another chain, and shows nothing of the old one under its name', () => {
    const { market, followed, listener, frame, ltp } = build()
    listener().onChain(wholeChain([legRow(0, 100)]))
    market.select({ index: 'NIFTY', bucket: 'next_week' })
    frame()
    expect([market.store.getState().chain, followed[0]?.ended]).toEqual([null, true])
    expect(followed.map(({ topics }) => topics)).toEqual([
      'chain:NIFTY:this_week,health,alerts',
      'chain:NIFTY:next_week,health,alerts',
    ])
    listener().onChain(wholeChain([legRow(0, 7)], 'chain:NIFTY:next_week'))
    frame()
    expect(ltp(0)).toBe(7)
    market.select({ index: 'NIFTY', bucket: 'next_week' })
    expect(followed).toHaveLength(2)
  })

  it('follows no chain while nobody sees it, and shows what it showed until the chain is back', () => {
    const { market, followed, listener, frame, ltp } = build()
    listener().onLink('live')
    listener().onChain(wholeChain([legRow(0, 100)]))
    frame()
    market.setVisible(false)
    market.setVisible(false)
    listener().onLink('connecting')
    expect(followed.map(({ topics, ended }) => [topics, ended])).toEqual([
      ['chain:NIFTY:this_week,health,alerts', true],
      ['health,alerts', false],
    ])
    market.setVisible(true)
    listener().onLink('connecting')
    expect([followed[1]?.ended, ltp(0), market.store.getState().link]).toEqual([true, 100, 'live'])
    listener().onChain(wholeChain([legRow(0, 101)]))
    frame()
    expect([ltp(0), market.store.getState().chain?.legs[0]?.move]).toEqual([101, 1])
  })

  it('asks for the lists with each whole chain', () => {
    const { listener, asked } = build()
    listener().onChain(wholeChain([]))
    listener().onChain(changedLegs([], 1))
    expect(asked).toEqual(['NIFTY'])
  })

  it('has a clock that goes on between messages, and stops when the link is lost', () => {
    const { market, listener, frame, clock } = build()
    const message = wholeChain([])
    listener().onLink('live')
    listener().onChain(message)
    frame()
    expect(market.store.getState().now).toBe(1000 * Math.floor(message.head.time / 1000))
    clock.elapsed = 2_000
    clock.tick()
    expect(market.store.getState().now).toBe(message.head.time + 2_000)
    listener().onLink('lost')
    clock.elapsed = 9_000
    clock.tick()
    expect(market.store.getState()).toMatchObject({ link: 'lost', now: message.head.time + 2_000 })
  })

  it('takes the nearest expiry that is listed when the chosen one is not', async () => {
    const { market, listener, followed } = build()
    market.select({ index: 'NIFTY', bucket: 'next_month' })
    listener().onUnavailable({ topic: 'chain:NIFTY:next_month', code: 'bucket_not_listed', message: 'not listed' })
    await eventually(() => expect(market.store.getState().selection).toEqual({ index: 'SENSEX', bucket: 'this_month' }))
    expect(followed.at(-1)?.topics).toBe('chain:SENSEX:this_month,health,alerts')
  })

  it('says why there is no chain, until there is one', () => {
    const { market, listener, frame } = build()
    const unavailable = { topic: 'chain:NIFTY:this_week', code: 'universe_unknown', message: 'not yet' } as const
    listener().onUnavailable(unavailable)
    frame()
    expect(market.store.getState()).toMatchObject({ chain: null, unavailable })
    listener().onChain(wholeChain([]))
    frame()
    expect(market.store.getState().unavailable).toBeNull()
  })
})
