import { describe, expect, it } from 'vitest'
import { createCalendar } from '../domain/calendar.ts'
import { CALENDAR_DATA } from '../domain/calendar-data.ts'
import type { IndexName } from '../domain/index-catalog.ts'
import { istInstant } from '../domain/ist.ts'
import type { GapCause, GapEntry } from '../domain/journal-entry.ts'
import { OpError } from '../kernel/errors.ts'
import { createFakeClock } from '../testing/fake-clock.ts'
import { joinGaps } from '../testing/join-gaps.ts'
import { createMemoryJournal, createMemoryRecord } from '../testing/journal-memory.ts'
import { calendar } from '../testing/market-builder.ts'
import { createRecordedMetrics } from '../testing/recorded-metrics.ts'
import { silentLogger } from '../testing/silent-logger.ts'
import { createGapLedger } from './gap-ledger.ts'
import { openStretches } from './open-stretches.ts'

const at = (time: string, date = '2026-11-23') => istInstant(date, time)

async function createRig(startMs: number) {
  const clock = createFakeClock(startMs)
  const record = createMemoryRecord()
  const journal = createMemoryJournal(record)
  await journal.start()
  const metrics = createRecordedMetrics()
  const state = { outage: null as GapCause | null, full: false }
  const served: Record<number, readonly IndexName[]> = {}
  const append: typeof journal.append = (...given) => {
    if (state.full) throw new OpError('journal_full', { pendingBytes: 1 })
    journal.append(...given)
  }
  const ledger = createGapLedger({
    clock,
    calendar,
    journal: { ...journal, epoch: 1, append },
    metrics,
    logger: silentLogger,
    indices: ['NIFTY', 'SENSEX'],
    indicesOf: (connection) => served[connection] ?? null,
  })
  clock.every(1000, () => ledger.onTick(clock.now(), state.outage))
  const packet = (connection = 1) => ledger.onPacket(clock.now(), connection, () => state.outage)
  /** A packet every second. */
  const flow = (seconds: number, connection = 1) => {
    for (let i = 0; i < seconds; i += 1) {
      clock.advance(1000)
      packet(connection)
    }
  }
  const lose = (cause: GapCause | null) => {
    state.outage = cause
  }
  /** As they are written, piece by piece. */
  const pieces = async () => {
    await journal.flush()
    return record.records.flatMap(({ entry }) => (entry.kind === 'gap' ? [entry] : []))
  }
  /** Pieces of one gap put together. */
  const gaps = async () => joinGaps(await pieces()).map(shown)
  const named = async () => joinGaps(await pieces()).map(({ index, from, to }) => [index, from, to])
  return { clock, ledger, metrics, state, served, packet, flow, lose, pieces, gaps, named }
}

const lost = (connection: number, quietSince: number) =>
  ({ kind: 'disconnected', connection, reason: 'gone', quietSince }) as const
const stale = (connection: number, quietSince: number) =>
  ({ kind: 'stale', connection, sinceMs: 9000, quietSince }) as const

const shown = ({ from, to, cause, dropped }: GapEntry) => ({ from, to, cause, dropped })
const missing = (from: number, to: number, cause: GapCause, dropped: number | null = null) => ({
  from,
  to,
  cause,
  dropped,
})

describe('openStretches', () => {
  it.each([
    ['within a session', ['10:00', '2026-11-23'], ['11:00', '2026-11-23'], [['10:00', '11:00', '2026-11-23']]],
    ['from before to after', ['03:00', '2026-11-23'], ['23:00', '2026-11-23'], [['09:15', '15:40', '2026-11-23']]],
    ['a night', ['16:00', '2026-11-20'], ['09:00', '2026-11-23'], []],
    [
      'over a weekend',
      ['15:00', '2026-11-20'],
      ['09:20', '2026-11-23'],
      [
        ['15:00', '15:40', '2026-11-20'],
        ['09:15', '09:20', '2026-11-23'],
      ],
    ],
    ['over a holiday', ['15:40', '2026-11-23'], ['09:15', '2026-11-25'], []],
    [
      'over a special session on a Sunday',
      ['00:00', '2026-11-08'],
      ['00:00', '2026-11-09'],
      [['18:00', '19:15', '2026-11-08']],
    ],
    [
      'before the later close of August',
      ['00:00', '2026-07-31'],
      ['00:00', '2026-08-01'],
      [['09:15', '15:30', '2026-07-31']],
    ],
  ] as const)('%s', (_, [fromTime, fromDate], [toTime, toDate], expected) => {
    const stretches = openStretches(calendar, at(fromTime, fromDate), at(toTime, toDate))
    expect(stretches).toEqual(expected.map(([start, end, date]) => [at(start, date), at(end, date)]))
  })

  it('knows the pause between two sessions of one day', () => {
    const special_sessions = {
      '2026-11-21': {
        note: 'Drill',
        hours: [
          ['09:15', '10:00'],
          ['11:30', '12:30'],
        ] as const,
      },
    }
    const drill = createCalendar({ ...CALENDAR_DATA, special_sessions })
    const date = '2026-11-21'
    expect(openStretches(drill, at('00:00', date), at('23:00', date))).toEqual([
      [at('09:15', date), at('10:00', date)],
      [at('11:30', date), at('12:30', date)],
    ])
  })

  it('leaves out what is shorter than a second, and what lies more than 31 days back', () => {
    expect(openStretches(calendar, at('10:00'), at('10:00') + 999)).toEqual([])
    expect(openStretches(calendar, at('10:00'), at('10:00') + 1000)).toHaveLength(1)
    const long = openStretches(calendar, at('10:00', '2025-01-01'), at('10:00'))
    expect(long[0]?.[0]).toBeGreaterThanOrEqual(at('00:00', '2026-10-23'))
    expect(long.at(-1)).toEqual([at('09:15'), at('10:00')])
  })
})

describe('gap ledger', () => {
  it('writes one gap for a disconnection, from the last packet to the next', async () => {
    const { clock, ledger, metrics, flow, lose, gaps, packet } = await createRig(at('10:00'))
    flow(5)
    clock.advance(400)
    ledger.onEvent(lost(1, at('10:00:05')))
    lose('feed_disconnected')
    clock.advance(30_000)
    ledger.onEvent(stale(1, clock.now()))
    lose(null)
    ledger.onEvent({ kind: 'connected', connection: 1 })
    clock.advance(250)
    packet()
    flow(3)
    expect(await gaps()).toEqual([missing(at('10:00:05'), at('10:00:35') + 650, 'feed_disconnected')])
    const labels = { index: 'NIFTY', cause: 'feed_disconnected' }
    expect(metrics.value('op_feed_gap_seconds_total', labels)).toBeCloseTo(30.65, 6)
  })

  it('goes on while packets of another connection come', async () => {
    const { clock, ledger, flow, lose, gaps, packet } = await createRig(at('10:00'))
    flow(5)
    ledger.onEvent(lost(2, clock.now()))
    lose('feed_disconnected')
    flow(20)
    expect(await gaps()).toEqual([])
    lose(null)
    clock.advance(500)
    packet(1)
    expect(await gaps()).toEqual([])
    packet(2)
    expect(await gaps()).toEqual([missing(at('10:00:05'), at('10:00:25') + 500, 'feed_disconnected')])
  })

  it('knows for each connection since when and of which indices packets are missing', async () => {
    const { clock, ledger, flow, lose, named, packet, served } = await createRig(at('10:00'))
    served[1] = ['NIFTY']
    served[2] = ['SENSEX']
    flow(20)
    // The second connection went quiet long before it was given up, while the first brought packets.
    ledger.onEvent(lost(2, at('10:00:08')))
    lose('feed_disconnected')
    flow(10)
    ledger.onEvent(stale(1, at('10:00:29')))
    ledger.onEvent(lost(1, at('10:00:30')))
    clock.advance(5_000)
    packet(2)
    clock.advance(5_000)
    lose(null)
    packet(1)
    expect(await named()).toEqual([
      ['SENSEX', at('10:00:08'), at('10:00:35')],
      ['NIFTY', at('10:00:29'), at('10:00:40')],
    ])
  })

  it('names each index of a connection that serves some of them', async () => {
    const { clock, ledger, metrics, named, packet, served } = await createRig(at('10:00'))
    served[1] = ['NIFTY', 'SENSEX']
    ledger.onEvent(lost(1, at('10:00')))
    clock.advance(5_000)
    packet(1)
    expect(await named()).toEqual([
      ['NIFTY', at('10:00'), at('10:00:05')],
      ['SENSEX', at('10:00'), at('10:00:05')],
    ])
    const seconds = (index: IndexName) =>
      metrics.value('op_feed_gap_seconds_total', { index, cause: 'feed_disconnected' })
    expect([seconds('NIFTY'), seconds('SENSEX')]).toEqual([5, 5])
  })

  it('misses nothing of a connection that is not needed any more', async () => {
    const { clock, ledger, named, served } = await createRig(at('10:00'))
    served[2] = ['SENSEX']
    ledger.onEvent(stale(2, at('10:00')))
    clock.advance(3_000)
    ledger.onEvent({ kind: 'left', connection: 2 })
    clock.advance(60_000)
    expect(await named()).toEqual([['SENSEX', at('10:00'), at('10:00:03')]])
  })

  it('writes down every minute what is missing, to the last second', async () => {
    const { clock, ledger, pieces, packet, lose } = await createRig(at('10:00'))
    ledger.onEvent(lost(1, at('10:00')))
    lose('feed_disconnected')
    clock.advance(119_999)
    expect((await pieces()).map(({ from, to }) => [from, to])).toEqual([[at('10:00'), at('10:01')]])
    clock.advance(301)
    lose(null)
    packet(1)
    expect((await pieces()).map(({ from, to }) => [from, to])).toEqual([
      [at('10:00'), at('10:01')],
      [at('10:01'), at('10:02')],
      [at('10:02'), at('10:02') + 300],
    ])
  })

  it('writes nothing for a pause below a second', async () => {
    const { clock, ledger, flow, packet, gaps } = await createRig(at('10:00'))
    flow(2)
    ledger.onEvent(lost(1, clock.now()))
    clock.advance(900)
    packet()
    expect(await gaps()).toEqual([])
  })

  it('writes nothing outside the session', async () => {
    const { clock, ledger, lose, gaps, packet } = await createRig(at('20:00'))
    ledger.onEvent(lost(1, clock.now()))
    lose('feed_disconnected')
    clock.advance(3_600_000)
    lose(null)
    packet()
    expect(await gaps()).toEqual([])
  })

  it('counts an outage that began in the night from the opening', async () => {
    const { clock, ledger, lose, gaps, packet } = await createRig(at('08:00'))
    ledger.onEvent({ kind: 'login_required', reason: 'the token died' })
    lose('login_required')
    clock.advance(5_400_000 + 12_000)
    lose(null)
    packet()
    expect(await gaps()).toEqual([missing(at('09:15'), at('09:30:12'), 'login_required')])
  })

  it('sees an outage that no event told', async () => {
    const { clock, lose, gaps, packet } = await createRig(at('10:00'))
    lose('feed_disconnected')
    clock.advance(20_000)
    lose(null)
    packet()
    expect(await gaps()).toEqual([missing(at('10:00:01'), at('10:00:20'), 'feed_disconnected')])
  })

  it('closes a gap when the session ends, and opens it again with the next one', async () => {
    const { clock, ledger, flow, lose, gaps, packet } = await createRig(at('15:39'))
    flow(10)
    ledger.onEvent(lost(1, clock.now()))
    lose('feed_disconnected')
    clock.advance(60_000)
    expect(await gaps()).toEqual([missing(at('15:39:10'), at('15:40'), 'feed_disconnected')])
    clock.advance(at('09:20', '2026-11-25') - clock.now())
    lose(null)
    packet()
    const next = [at('09:15', '2026-11-25'), at('09:20', '2026-11-25')] as const
    expect((await gaps()).slice(1)).toEqual([missing(...next, 'feed_disconnected')])
  })

  it('writes down a gap that is open when the product stops', async () => {
    const { clock, ledger, flow, gaps } = await createRig(at('10:00'))
    flow(1)
    ledger.onEvent(stale(1, clock.now()))
    clock.advance(9000)
    ledger.close(clock.now())
    expect(await gaps()).toEqual([missing(at('10:00:01'), at('10:00:10'), 'feed_stale')])
  })

  it('records what was missed while the product did not run, up to the first packet', async () => {
    const { clock, ledger, packet, pieces } = await createRig(at('09:30'))
    const gaps = async () => (await pieces()).map(shown)
    ledger.open(at('15:00', '2026-11-20'), clock.now())
    expect(await gaps()).toEqual([
      missing(at('15:00', '2026-11-20'), at('15:40', '2026-11-20'), 'app_stopped'),
      missing(at('09:15'), at('09:30'), 'app_stopped'),
    ])
    clock.advance(4000)
    packet()
    expect((await gaps())[2]).toEqual(missing(at('09:30'), at('09:30:04'), 'app_stopped'))
  })

  it('misses nothing in a folder without a record', async () => {
    const { clock, ledger, packet, gaps } = await createRig(at('11:00'))
    ledger.open(null, clock.now())
    clock.advance(5000)
    packet()
    expect(await gaps()).toEqual([])
  })

  it('notices that the machine slept', async () => {
    const { clock, flow, packet, gaps } = await createRig(at('10:00'))
    flow(5)
    clock.jump(at('12:00'))
    clock.advance(1000)
    clock.advance(500)
    packet()
    expect(await gaps()).toEqual([missing(at('10:00:05'), at('12:00:01') + 500, 'machine_asleep')])
  })

  it('writes lost packets as one gap, once the journal takes it', async () => {
    const { clock, ledger, state, flow, gaps } = await createRig(at('10:00'))
    flow(5)
    state.full = true
    for (let i = 0; i < 10; i += 1) {
      ledger.onLost(7, clock.now() + 1000)
      flow(1)
    }
    expect(await gaps()).toEqual([])
    state.full = false
    flow(1)
    expect(await gaps()).toEqual([missing(at('10:00:05'), at('10:00:15'), 'journal_full', 70)])
  })

  it('tells which share of the session so far was covered, by index and day', async () => {
    const { clock, ledger, metrics, flow, lose, packet, served } = await createRig(at('09:14:50'))
    served[2] = ['SENSEX']
    const ratio = (index: IndexName = 'NIFTY') => metrics.value('op_coverage_ratio', { index }) ?? Number.NaN
    flow(70)
    expect(ratio()).toBe(1)
    ledger.onEvent(lost(1, clock.now()))
    lose('feed_disconnected')
    clock.advance(20_000)
    // What is missing counts while it is.
    expect(ratio()).toBeCloseTo(0.75, 6)
    lose(null)
    flow(20)
    expect(ratio()).toBeCloseTo(1 - 21 / 100, 6)
    ledger.onEvent(lost(2, clock.now()))
    clock.advance(100_000)
    packet(2)
    expect([ratio(), ratio('SENSEX')]).toEqual([expect.closeTo(1 - 21 / 200, 6), expect.closeTo(1 - 121 / 200, 6)])
    clock.advance(at('20:00') - clock.now())
    const evening = ratio()
    expect(evening).toBeCloseTo(1 - 21 / (385 * 60), 6)
    clock.advance(at('09:15:10', '2026-11-25') - clock.now())
    expect(ratio()).toBe(1)
  })

  it('counts what was missed before the start, and nothing twice', async () => {
    const { clock, ledger, metrics, packet } = await createRig(at('11:15'))
    ledger.open(at('10:15'), clock.now())
    packet()
    ledger.onLost(3, clock.now())
    clock.advance(1000)
    expect(metrics.value('op_coverage_ratio', { index: 'NIFTY' })).toBeCloseTo(0.5, 3)
  })

  it('calls what is missing during a pause by that name, and ends it with the pause', async () => {
    const { clock, ledger, flow, lose, gaps } = await createRig(at('10:00'))
    flow(5)
    ledger.setPaused(true, clock.now())
    lose('paused')
    ledger.onEvent(lost(1, clock.now()))
    clock.advance(150_000)
    ledger.setPaused(false, clock.now())
    lose(null)
    flow(3)
    expect(await gaps()).toEqual([missing(at('10:00:05'), at('10:02:35'), 'paused')])
  })

  it('leaves to an outage before a pause, and to one after it, its own cause', async () => {
    const { clock, ledger, flow, lose, gaps, packet } = await createRig(at('10:00'))
    flow(5)
    ledger.onEvent(lost(1, at('10:00:05')))
    lose('feed_disconnected')
    clock.advance(10_000)
    ledger.setPaused(true, clock.now())
    lose('paused')
    clock.advance(10_000)
    ledger.setPaused(false, clock.now())
    lose('feed_disconnected')
    clock.advance(10_000)
    lose(null)
    packet()
    expect(await gaps()).toEqual([
      missing(at('10:00:05'), at('10:00:15'), 'feed_disconnected'),
      missing(at('10:00:15'), at('10:00:25'), 'paused'),
      missing(at('10:00:25'), at('10:00:35'), 'feed_disconnected'),
    ])
  })

  it.each([
    ['wakes before the next tick', (wake: () => void, tick: () => void) => [wake(), tick()]],
    ['wakes after the next tick', (wake: () => void, tick: () => void) => [tick(), wake()]],
  ])('notices a short sleep that was announced, once, when the machine %s', async (_, order) => {
    const { clock, ledger, flow, gaps, packet } = await createRig(at('10:00'))
    flow(5)
    ledger.onPower('sleep', clock.now())
    clock.jump(at('10:00:15'))
    order(
      () => ledger.onPower('wake', clock.now()),
      () => ledger.onTick(clock.now(), null),
    )
    packet()
    flow(5)
    expect(await gaps()).toEqual([missing(at('10:00:05'), at('10:00:15'), 'machine_asleep')])
  })

  it('writes a long sleep down once, announced or not, and none for an announcement without a sleep', async () => {
    const { clock, ledger, flow, gaps, packet } = await createRig(at('10:00'))
    flow(5)
    ledger.onPower('sleep', clock.now())
    flow(1)
    ledger.onPower('wake', clock.now())
    flow(4)
    ledger.onPower('sleep', clock.now())
    clock.jump(at('10:30'))
    ledger.onTick(clock.now(), null)
    ledger.onPower('wake', clock.now())
    packet()
    flow(2)
    expect(await gaps()).toEqual([missing(at('10:00:10'), at('10:30'), 'machine_asleep')])
  })

  it('tells what is missing until now before it is written down', async () => {
    const { clock, ledger, flow, lose, gaps, served } = await createRig(at('10:00'))
    served[2] = ['SENSEX']
    flow(5)
    ledger.onEvent(lost(2, at('10:00:05')))
    lose('feed_disconnected')
    clock.advance(20_000)
    expect(await gaps()).toEqual([])
    expect(ledger.unwritten(clock.now())).toEqual([
      { ...missing(at('10:00:05'), at('10:00:25'), 'feed_disconnected'), index: 'SENSEX' },
    ])
  })
})
