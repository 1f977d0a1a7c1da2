import { describe, expect, it } from 'vitest'
import type { ChainAt } from '../../../../core/contract/history.ts'
import { readResult } from '../../../../core/contract/monitor-calls.ts'
import { formatIst, istDate, istInstant } from '../../../../core/domain/ist.ts'
import { changedLegs, legRow, wholeChain } from '../../../../core/testing/chain-messages.ts'
import { eventually } from '../../../../core/testing/eventually.ts'
import { type MonitorClient, MonitorFault } from '../../client/monitor-client.ts'
import { createMarket } from '../../store/market.ts'
import { createTravel } from './travel.ts'

const DATE = '2026-11-23'
const at = (time: string, date = DATE) => istInstant(date, time)
const NOW = at('10:30:10')
const OPEN = at('09:15')

const expiry = (bucket: string) => ({
  ...{ expiry: '2026-11-24', buckets: [bucket], monthly: false, days_to_expiry: 1, lot_size: 65, strikes: [] },
  settles_at: formatIst(at('15:30')),
})

interface Shape {
  readonly days?: readonly string[]
  readonly fail?: () => boolean
}

/** A record with a leg every 400 ms, whose call costs as many rupees as the day has seconds, and a live market. */
function build({ days = ['2026-11-20', DATE], fail = () => false }: Shape = {}) {
  const asked: { name: string; input: Record<string, unknown> }[] = []
  const waiting: (() => void)[] = []
  const rig = { isSlow: false, recordedTo: NOW }
  const priceAt = (time: number) => Math.floor((time - at('00:00', istDate(time))) / 1_000)
  const chainAt = (input: Record<string, unknown>): ChainAt => {
    const time = Date.parse(String(input.at))
    const frames = Number(input.frames ?? 1)
    return readResult('chainAt', {
      ...{ index: input.index, bucket: input.bucket, date: istDate(time), source: 'sim' },
      before: time <= OPEN ? null : formatIst(400 * Math.ceil(time / 400 - 1)),
      after: time >= rig.recordedTo ? null : formatIst(400 * Math.floor(time / 400 + 1)),
      summary: { smile: null, term_structure: [], iv_standing: { rank: null, percentile: null, days: 0 } },
      frames: Array.from({ length: frames }, (_, k) => {
        const frameAt = time + k * Number(input.step ?? 1_000)
        const rows = [legRow(0, priceAt(frameAt), frameAt)]
        const message = k === 0 ? wholeChain(rows) : changedLegs(rows, k)
        return { chain: { ...message, head: { ...message.head, time: frameAt } }, spots: { NIFTY: 24_000 + k } }
      }),
    })
  }
  const answer = (name: string, input: Record<string, unknown>) => {
    if (name === 'recordedDays') return { source: 'sim', days }
    if (name === 'chainAt') return chainAt(input)
    const date = String(input.date)
    const recorded = {
      from: formatIst(at('09:15', date)),
      to: formatIst(date === DATE ? rig.recordedTo : at('15:40', date)),
    }
    const phases = [{ from: formatIst(at('09:15', date)), to: formatIst(at('15:40', date)), phase: 'open' }]
    return { ...input, source: 'sim', recorded, phases, gaps: [], expiries: [expiry('next_week')] }
  }
  const client: MonitorClient = {
    async ask(name, input) {
      asked.push({ name, input: { ...input } })
      if (rig.isSlow) await new Promise<void>((resolve) => void waiting.push(resolve))
      if (fail()) throw new MonitorFault({ code: 'not_on_record', message: 'Not on record', hint: 'Another day.' })
      return readResult(name, answer(name, { ...input }))
    },
    follow: () => () => {},
  }
  const timers: (() => void)[] = []
  const live = createMarket(
    { client, onAlert() {}, onFrame: () => () => {}, every: () => () => {}, elapsed: () => 0 },
    { index: 'NIFTY', bucket: 'this_week' },
  )
  live.store.setState({ now: NOW, asOf: NOW, link: 'live' })
  const travel = createTravel({
    client,
    live,
    every(_, run) {
      timers.push(run)
      return () => void timers.splice(timers.indexOf(run), 1)
    },
  })
  const shown = () => {
    const { now, chain } = travel.market.store.getState()
    return { now, ltp: chain?.legs[0]?.ltp ?? null }
  }
  const isShown = (time: number) => eventually(() => expect(shown()).toEqual({ now: time, ltp: priceAt(time) }))
  const settle = () => {
    for (const resolve of waiting.splice(0)) resolve()
  }
  const frame = () => {
    for (const run of [...timers]) run()
  }
  return { travel, live, asked, shown, isShown, rig, settle, frame, timers }
}

describe('travelling through the record', () => {
  it('begins at the last second of the screen, with the expiries of that day and nothing of the market of now', async () => {
    const { travel, live, isShown } = build()
    expect(travel.isAway()).toBe(false)
    travel.open()
    expect(travel.isAway()).toBe(true)
    expect(travel.market.store.getState().past).toEqual({ summary: null, spots: {}, session: null })
    await isShown(NOW)
    const { selection, expiries, health, spots } = { ...travel.market.store.getState(), spots: null }
    expect([selection.bucket, expiries?.expiries.length, health, spots]).toEqual(['next_week', 1, null, null])
    expect(live.store.getState().selection.bucket).toBe('this_week')
    travel.leave()
    expect([travel.isAway(), travel.market.store.getState().chain]).toEqual([false, null])
  })

  it('steps by tick, second and minute, each key as far as it says', async () => {
    const { travel, isShown } = build()
    travel.open(at('10:00:00'))
    await isShown(at('10:00:00'))
    travel.step('tick', 1)
    await isShown(at('10:00:00') + 400)
    travel.step('second', 1)
    await isShown(at('10:00:01'))
    travel.step('minute', -1)
    await isShown(at('09:59:01'))
    travel.step('second', -1)
    await isShown(at('09:59:00'))
    travel.step('tick', -1)
    await isShown(at('09:59:00') - 400)
  })

  it('loses no tick of a key that is held down, and of seconds reads only the last', async () => {
    const { travel, isShown, rig, settle, asked } = build()
    travel.open(at('10:00:00'))
    await isShown(at('10:00:00'))
    for (let k = 0; k < 5; k += 1) travel.step('tick', 1)
    await isShown(at('10:00:00') + 2_000)
    rig.isSlow = true
    const before = asked.length
    for (let k = 0; k < 10; k += 1) travel.step('second', 1)
    expect(travel.store.getState().at).toBe(at('10:00:12'))
    rig.isSlow = false
    settle()
    await isShown(at('10:00:12'))
    expect(asked.length - before).toBe(2)
  })

  it('ends at the record, and not after now', async () => {
    const { travel, isShown } = build()
    travel.open(at('10:00:00'))
    await isShown(at('10:00:00'))
    travel.goTo(at('15:00:00'))
    await isShown(NOW)
    travel.step('tick', 1)
    travel.step('tick', -1)
    await isShown(NOW - 400 + (NOW % 400 === 0 ? 0 : 400 - (NOW % 400)))
    travel.goTo(at('03:00:00'))
    await isShown(OPEN)
  })

  it('keeps the time of day on another day, and shows no answer of the day before', async () => {
    const { travel, isShown, rig, settle } = build()
    travel.open(at('10:00:00'))
    await isShown(at('10:00:00'))
    rig.isSlow = true
    travel.goTo(at('10:05:00'))
    travel.goToDay('2026-11-20')
    rig.isSlow = false
    settle()
    await isShown(at('10:05:00', '2026-11-20'))
    expect(travel.store.getState().track?.date).toBe('2026-11-20')
  })

  it('goes to the instant that was asked for while the day was still on its way', async () => {
    const { travel, isShown, rig, settle } = build()
    travel.open(at('10:00:00'))
    await isShown(at('10:00:00'))
    rig.isSlow = true
    travel.goToDay('2026-11-20')
    const later = at('11:00:00', '2026-11-20')
    travel.goTo(later)
    rig.isSlow = false
    settle()
    await isShown(later)
    expect([travel.store.getState().at, travel.store.getState().track?.date]).toEqual([later, '2026-11-20'])
  })

  it('plays every tenth of a second, waits for the record rather than passing anything over, and can be paused', async () => {
    const { travel, isShown, frame, rig, settle, timers, shown } = build()
    travel.open(at('10:00:00'))
    await isShown(at('10:00:00'))
    travel.togglePlay()
    await eventually(() => expect(travel.store.getState().isPlaying).toBe(true))
    const seen: (number | null)[] = []
    rig.isSlow = true
    await eventually(() => {
      frame()
      if (shown().now !== seen.at(-1)) seen.push(shown().now)
      expect(travel.store.getState().isLate).toBe(true)
    })
    rig.isSlow = false
    settle()
    await eventually(() => {
      frame()
      if (shown().now !== seen.at(-1)) seen.push(shown().now)
      expect(seen.length).toBeGreaterThan(25)
    })
    expect(seen).toEqual(seen.map((_, k) => at('10:00:00') + 100 * k))
    travel.togglePlay()
    expect([travel.store.getState().isPlaying, timers.length]).toEqual([false, 0])
    const paused = shown().now
    expect(travel.store.getState().at).toBe(paused)
    travel.step('tick', 1)
    await eventually(() => expect(shown().now).toBeGreaterThan(paused ?? 0))
  })

  it('plays as fast as is chosen, and stops at the end of the record', async () => {
    const { travel, isShown, frame } = build()
    travel.open(NOW - 30_000)
    await isShown(NOW - 30_000)
    travel.setSpeed(60)
    travel.togglePlay()
    await eventually(() => {
      frame()
      expect(travel.store.getState().isPlaying).toBe(false)
      expect(travel.store.getState().at).toBe(NOW)
    })
  })

  it('says why it cannot, and goes on from there', async () => {
    let isBroken = true
    const { travel, isShown } = build({ fail: () => isBroken })
    travel.open(at('10:00:00'))
    await eventually(() => expect(travel.store.getState().fault?.message).toBe('Not on record'))
    isBroken = false
    travel.goToDay(DATE)
    await isShown(at('10:00:00'))
    expect(travel.store.getState().fault).toBeNull()
  })

  it('goes to the last recorded instant where the day of now has nothing yet, and says when nothing is recorded', async () => {
    const { travel, isShown } = build({ days: ['2026-11-20'] })
    travel.open()
    await isShown(at('15:40', '2026-11-20'))
    const none = build({ days: [] })
    none.travel.open()
    await eventually(() => expect(none.travel.store.getState().fault?.message).toMatch(/Nothing is on record/))
  })

  it('follows another index with the page, and the live market with it', async () => {
    const { travel, live, isShown, asked } = build()
    travel.open(at('10:00:00'))
    await isShown(at('10:00:00'))
    travel.market.select({ index: 'SENSEX', bucket: 'next_week' })
    await eventually(() => expect(asked.at(-1)).toMatchObject({ name: 'chainAt', input: { index: 'SENSEX' } }))
    await isShown(at('10:00:00'))
    expect(live.store.getState().selection).toEqual({ index: 'SENSEX', bucket: 'next_week' })
  })
})
