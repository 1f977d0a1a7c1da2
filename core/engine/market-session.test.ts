import { afterEach, describe, expect, it } from 'vitest'
import { createRecordComposer } from '../contract/leg-record.ts'
import type { IndexName } from '../domain/index-catalog.ts'
import type { Instrument } from '../domain/instrument.ts'
import { istInstant } from '../domain/ist.ts'
import type { JournalEntry } from '../domain/journal-entry.ts'
import { OpError } from '../kernel/errors.ts'
import { createFakeClock } from '../testing/fake-clock.ts'
import { createFakeMarketFeed, createFakeReference } from '../testing/fake-market-feed.ts'
import { joinGaps } from '../testing/join-gaps.ts'
import { createMemoryJournal, createMemoryRecord } from '../testing/journal-memory.ts'
import {
  calendar,
  fairQuote,
  frameEvent,
  listing,
  MONTHLY,
  optionPacket,
  spotPacket,
  TEN,
  WEEKLY,
} from '../testing/market-builder.ts'
import { createRecordedMetrics } from '../testing/recorded-metrics.ts'
import { silentLogger } from '../testing/silent-logger.ts'
import { createCollector } from './collector.ts'
import { createEnricher } from './enrich.ts'
import { createGapLedger } from './gap-ledger.ts'
import { createMarketSession, type MarketSession } from './market-session.ts'
import { indicesServed } from './market-state.ts'

const running: MarketSession[] = []
afterEach(async () => {
  for (const session of running.splice(0)) await session.stop()
})

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  return hours * 60 + minutes
}

/** Everything that waits only for promises has happened. */
async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}

async function createRig(startMs = TEN, indices: readonly IndexName[] = ['NIFTY']) {
  const clock = createFakeClock(startMs)
  const record = createMemoryRecord()
  const memory = createMemoryJournal(record)
  await memory.start()
  const level: Promise<void> = Promise.resolve()
  const state: { full: boolean; fault: Error | null; level: Promise<void> } = { full: false, fault: null, level }
  const append: typeof memory.append = (...given) => {
    if (state.full) throw new OpError('journal_full', { pendingBytes: 1 })
    if (state.fault !== null) throw state.fault
    memory.append(...given)
  }
  const journal = { ...memory, epoch: 1, append }
  const metrics = createRecordedMetrics()
  const warnings: string[] = []
  const errors: string[] = []
  const logger = {
    ...silentLogger,
    warning: (text: string) => void warnings.push(text),
    error: (text: string) => void errors.push(text),
  }
  const enricher = createEnricher(calendar, 0)
  const rejected: Record<string, number> = {}
  const feed = { ...createFakeMarketFeed(), counts: () => ({ received: 0, rejected }) }
  const reference = createFakeReference()
  const collector = createCollector(
    {
      clock,
      calendar,
      journal,
      metrics,
      enricher,
      composer: createRecordComposer(),
      newTrace: () => 'trace',
      logger,
      lastLegs: () => [],
    },
    { source: 'sim', offsets: null },
  )
  const gaps = createGapLedger({
    clock,
    calendar,
    journal,
    metrics,
    logger,
    indices,
    indicesOf: (connection) => indicesServed(collector.market(), feed.tokensOf(connection)),
  })
  const session = createMarketSession(
    {
      clock,
      logger,
      calendar,
      reference,
      feed,
      collector,
      gaps,
      journal,
      metrics,
      random: () => 0,
      recordLevel: async () => state.level,
    },
    { source: 'sim', indices, buckets: ['this_week', 'this_month'] },
  )
  running.push(session)
  /** Seconds one by one, with what they set off. */
  const pass = async (seconds: number) => {
    for (let i = 0; i < seconds; i += 1) {
      clock.advance(1000)
      await settle()
    }
  }
  const entries = async () => {
    await memory.flush()
    return record.records.map(({ entry }) => entry)
  }
  const events = async () =>
    (await entries()).flatMap((entry) => (entry.kind === 'session' ? [`${entry.event} ${entry.detail}`.trim()] : []))
  const gapsOf = async () => joinGaps((await entries()).flatMap((entry) => (entry.kind === 'gap' ? [entry] : [])))
  const begin = async () => {
    await session.start()
    await settle()
  }
  return {
    clock,
    state,
    rejected,
    metrics,
    warnings,
    errors,
    feed,
    reference,
    collector,
    session,
    pass,
    entries,
    events,
    gapsOf,
    begin,
  }
}

describe('market session', () => {
  it('reads the universe, watches it and starts the feed', async () => {
    const { begin, session, feed, collector, entries, metrics } = await createRig()
    expect(session.status().state).toBe('idle')
    await begin()
    expect(session.status()).toMatchObject({ state: 'running', issue: null })
    expect(feed.starts()).toBe(1)
    expect(feed.subscriptions).toEqual([collector.market()?.universe.tokens])
    expect(feed.expected()).toBe(true)
    expect(await entries()).toEqual(
      expect.arrayContaining([
        { kind: 'reference', ts: TEN, date: '2026-11-23', exchange: 'NFO', sha256: 'ab'.repeat(32), rows: 36 },
        { kind: 'session', ts: TEN, source: 'sim', event: 'phase', detail: 'open' },
      ]),
    )
    expect(metrics.value('op_market_open', { index: 'NIFTY' })).toBe(1)
  })

  it('records what the feed brings, and flushes at the stop', async () => {
    const { begin, session, feed, collector, clock, entries } = await createRig()
    await begin()
    feed.frame(frameEvent([spotPacket(24_060), optionPacket(fairQuote(24_050, 'CE', 24_060))], clock.now()))
    expect(collector.counts().pending).toBe(2)
    await session.stop()
    expect(collector.counts()).toMatchObject({ pending: 0, recorded: 1, underlyings: 1 })
    expect((await entries()).map(({ kind }) => kind)).toContain('batch')
    expect(feed.stops()).toBe(1)
    expect(session.status().state).toBe('stopped')
    feed.frame(frameEvent([spotPacket(24_061)], clock.now()))
    clock.advance(60_000)
    expect(collector.counts().received).toBe(2)
  })

  it.each([
    [
      'a dead exchange',
      new OpError('exchange_unreachable', { host: '127.0.0.1:1', reason: 'refused' }),
      'exchange_unreachable',
    ],
    ['a bad token', new OpError('auth_expired'), 'login_required'],
    ['no token', new OpError('login_required'), 'login_required'],
    ['a fault nobody thought of', new Error('what'), 'internal'],
  ])('is degraded by %s, says so once, and heals by itself', async (_, fault, issue) => {
    const { begin, session, feed, reference, pass, errors } = await createRig()
    reference.before = () => {
      throw fault
    }
    await begin()
    expect(session.status()).toMatchObject({ state: 'degraded', issue })
    expect(session.status().detail).toMatch(/\w+\. \w+/)
    await pass(20)
    expect(reference.calls.length).toBeGreaterThan(3)
    expect(errors).toHaveLength(1)
    expect(feed.starts()).toBe(0)
    reference.before = () => {}
    await pass(31)
    expect(session.status()).toMatchObject({ state: 'running', issue: null, detail: null })
    expect(feed.starts()).toBe(1)
  })

  it('is degraded by an empty dump, and takes one that comes later', async () => {
    const { begin, session, reference, pass, collector } = await createRig()
    const whole = reference.dump
    reference.dump = []
    await begin()
    expect(session.status()).toMatchObject({ state: 'degraded', issue: 'universe_empty' })
    expect(collector.market()).toBeNull()
    reference.dump = whole
    await pass(5)
    expect(session.status().state).toBe('running')
  })

  it('records the gap of a session for which there was no token', async () => {
    const { begin, reference, feed, pass, clock, gapsOf } = await createRig(istInstant('2026-11-23', '09:14:30'))
    reference.before = () => {
      throw new OpError('auth_expired')
    }
    await begin()
    await pass(60)
    reference.before = () => {}
    await pass(31)
    feed.frame(frameEvent([spotPacket(24_060)], clock.now()))
    expect(await gapsOf()).toMatchObject([
      { from: istInstant('2026-11-23', '09:15'), to: istInstant('2026-11-23', '09:16:01'), cause: 'login_required' },
    ])
  })

  it('takes a new universe when the date changes, and keeps the old one while it cannot', async () => {
    const { begin, session, reference, feed, pass, clock, collector } = await createRig()
    await begin()
    const old = collector.market()
    reference.before = () => {
      throw new OpError('exchange_unreachable', { host: 'x', reason: 'y' })
    }
    clock.jump(istInstant('2026-12-02'))
    await pass(2)
    expect(session.status()).toMatchObject({ state: 'degraded', issue: 'exchange_unreachable' })
    expect(collector.market()).toBe(old)
    reference.before = () => {}
    await pass(10)
    expect(session.status().state).toBe('running')
    expect(collector.market()?.universe.date).toBe('2026-12-02')
    expect(collector.market()?.universe.indices[0]?.chains.map(({ expiry }) => expiry)).toEqual([MONTHLY])
    // In place, and all is asked for anew, for the state of contracts that stand still.
    expect(feed.subscriptions.map((tokens) => tokens.length > 0)).toEqual([true, true])
    expect(feed.refreshes()).toBe(1)
    expect(feed.starts()).toBe(1)
  })

  it('reads the instruments again when the dump of the morning is there, and goes on with what is the same', async () => {
    const { begin, reference, feed, pass, clock, collector } = await createRig(istInstant('2026-11-23', '08:00'))
    await begin()
    const known = collector.market()
    const dumps = () => reference.calls.filter((call) => call === 'instruments').length
    clock.jump(istInstant('2026-11-23', '08:44:57'))
    await pass(2)
    expect(dumps()).toBe(1)
    await pass(2)
    expect(dumps()).toBe(2)
    expect(collector.market()).toBe(known)
    expect(feed.subscriptions).toHaveLength(1)
  })

  it('takes up strikes that the dump of the morning brings', async () => {
    const { begin, reference, feed, pass, clock, collector } = await createRig(istInstant('2026-11-23', '08:44:58'))
    await begin()
    const before = collector.market()?.universe.tokens.length ?? 0
    reference.dump = reference.dump.concat(
      reference.dump.slice(-1).map((row) => ({ ...row, token: 1026, strike: 99_000 })),
    )
    clock.jump(istInstant('2026-11-23', '08:45:00'))
    await pass(2)
    expect(collector.market()?.universe.tokens.length).toBe(before + 1)
    expect(feed.subscriptions.at(-1)).toContain(1026)
  })

  const references = (all: readonly JournalEntry[]) =>
    all.flatMap((entry) => (entry.kind === 'reference' ? [`${entry.exchange} ${entry.sha256.slice(0, 4)}`] : []))

  it.each([
    ['re-dates an expiry', { expiry: '2026-12-02' }],
    ['changes a lot', { lotSize: 75 }],
    ['renames a contract', { symbol: 'NIFTY-NEW' }],
  ])('takes the dump of the morning that %s though its tokens are the same', async (_, change) => {
    const { begin, reference, feed, pass, clock, collector, entries } = await createRig(
      istInstant('2026-11-23', '08:44:58'),
    )
    await begin()
    feed.frame(frameEvent([spotPacket(24_060)], clock.now()))
    const before = collector.market()
    const chains = () => collector.market()?.indices.get('NIFTY')?.chains ?? []
    const [weekly, monthly] = chains()
    const weeklyRows = (row: Instrument) => row.expiry === WEEKLY && row.type !== 'FUT'
    reference.dump = reference.dump.map((row) => (weeklyRows(row) ? { ...row, ...change } : row))
    reference.sha256 = 'cd'.repeat(32)
    clock.jump(istInstant('2026-11-23', '08:45:00'))
    await pass(2)
    expect(collector.market()).not.toBe(before)
    expect(chains()[0]?.chain).toMatchObject('symbol' in change ? { expiry: WEEKLY } : change)
    expect(chains()[0]).not.toBe(weekly)
    // What is listed as before stays known.
    expect(chains()[1]).toBe(monthly)
    expect(collector.market()?.indices.get('NIFTY')?.spot.lastPrice).toBe(24_060)
    expect(feed.refreshes()).toBe(1)
    expect(references(await entries())).toEqual(['NFO abab', 'NFO cdcd'])
  })

  it('takes a dump in which the lot of one contract differs', async () => {
    const { begin, reference, pass, clock, collector } = await createRig(istInstant('2026-11-23', '08:44:58'))
    await begin()
    reference.dump = reference.dump.map((row, i) => (i === 7 ? { ...row, lotSize: 75 } : row))
    clock.jump(istInstant('2026-11-23', '08:45:00'))
    await pass(2)
    const lots = collector
      .market()
      ?.indices.get('NIFTY')
      ?.chains[0]?.chain.contracts.map((row) => row?.lotSize)
    expect(lots?.filter((lot) => lot === 75)).toHaveLength(1)
  })

  it('writes a dump down that changes nothing, once, and when the journal has room', async () => {
    const { begin, reference, feed, pass, clock, entries, state } = await createRig(
      istInstant('2026-11-23', '08:44:58'),
    )
    await begin()
    reference.sha256 = 'cd'.repeat(32)
    clock.jump(istInstant('2026-11-23', '08:45:00'))
    state.full = true
    await pass(5)
    state.full = false
    await pass(5)
    expect(references(await entries())).toEqual(['NFO abab', 'NFO cdcd'])
    expect([feed.subscriptions.length, feed.refreshes()]).toEqual([1, 0])
  })

  const sensex = (): Instrument[] =>
    listing().map((row) => ({ ...row, token: row.token + 1_000_000, exchange: 'BFO', name: 'SENSEX' }))

  it('watches what it can while the dump of one exchange is missing, and asks for that one alone', async () => {
    const { begin, reference, session, pass, collector, feed } = await createRig(TEN, ['NIFTY', 'SENSEX'])
    reference.dump = [...listing(), ...sensex()]
    let late = true
    const asked: string[] = []
    const { instruments } = reference
    reference.instruments = async (exchange) => {
      asked.push(exchange)
      if (late && exchange === 'BFO') throw new OpError('instruments_empty', { exchange })
      const dump = await instruments(exchange)
      return { ...dump, instruments: dump.instruments.filter((row) => row.exchange === exchange) }
    }
    await begin()
    const market = collector.market()
    expect([...(market?.indices.keys() ?? [])]).toEqual(['NIFTY'])
    expect(session.status()).toMatchObject({ state: 'degraded', issue: 'instruments_empty' })
    await pass(5)
    expect(collector.market()).toBe(market)
    expect(asked.filter((exchange) => exchange === 'NFO')).toHaveLength(1)
    expect(asked.filter((exchange) => exchange === 'BFO').length).toBeGreaterThan(2)
    late = false
    await pass(40)
    expect(session.status().state).toBe('running')
    expect([...(collector.market()?.indices.keys() ?? [])]).toEqual(['NIFTY', 'SENSEX'])
    expect(collector.market()?.indices.get('NIFTY')?.chains).toEqual(market?.indices.get('NIFTY')?.chains)
    // NIFTY goes on as it is: nothing was cut, and nothing of it needs to be asked for.
    expect(feed.subscriptions.map((tokens) => tokens.length > 0)).toEqual([true, true])
    expect(feed.refreshes()).toBe(0)
  })

  it('keeps the dump before while that of the morning is late', async () => {
    const { begin, reference, session, pass, collector, clock } = await createRig(istInstant('2026-11-23', '08:44:58'))
    await begin()
    const market = collector.market()
    reference.before = (call) => {
      if (call === 'instruments') throw new OpError('instruments_empty', { exchange: 'NFO' })
    }
    clock.jump(istInstant('2026-11-23', '08:45:00'))
    await pass(3)
    expect(session.status()).toMatchObject({ state: 'degraded', issue: 'instruments_empty' })
    expect(collector.market()).toBe(market)
  })

  it('writes every change of phase down', async () => {
    const { begin, clock, events, feed, metrics } = await createRig(istInstant('2026-11-23', '08:59:50'))
    await begin()
    for (const time of ['09:00', '09:15', '15:15', '15:35', '15:40', '24:00']) {
      clock.jump(istInstant('2026-11-23', '00:00') + minutesOf(time) * 60_000 - 1000)
      clock.advance(1000)
    }
    expect(await events()).toEqual([
      'phase closed',
      'phase pre_open',
      'phase open',
      'phase cash_auction',
      'phase fo_only',
      'phase closed',
      'phase holiday: Guru Nanak Jayanti',
    ])
    expect(feed.expected()).toBe(false)
    expect(metrics.value('op_market_open', { index: 'NIFTY' })).toBe(0)
  })

  it('writes connections down, and the gap of a lost one', async () => {
    const { begin, feed, clock, events, gapsOf, metrics } = await createRig()
    await begin()
    feed.event({ kind: 'connected', connection: 1 })
    feed.frame(frameEvent([spotPacket(24_060)], clock.now()))
    feed.trouble('feed_disconnected')
    feed.event({ kind: 'disconnected', connection: 1, reason: 'status 1006', quietSince: clock.now() })
    clock.advance(5000)
    expect(metrics.value('op_feed_connected')).toBe(0)
    feed.frame(frameEvent([spotPacket(24_061)], clock.now(), 0, 2))
    feed.trouble(null)
    clock.advance(2000)
    feed.frame(frameEvent([spotPacket(24_062)], clock.now()))
    expect(await events()).toEqual(['phase open', 'connected', 'disconnected status 1006'])
    expect(await gapsOf()).toMatchObject([{ from: TEN, to: TEN + 7000, cause: 'feed_disconnected' }])
  })

  it('writes down what is missing when it stops', async () => {
    const { begin, session, feed, clock, gapsOf } = await createRig()
    await begin()
    feed.frame(frameEvent([spotPacket(24_060)], clock.now()))
    feed.trouble('feed_stale')
    clock.advance(12_000)
    await session.stop()
    expect(await gapsOf()).toMatchObject([{ from: TEN, to: TEN + 12_000, cause: 'feed_stale' }])
  })

  it('tells the feed once a minute that REST accepts the token it was refused with', async () => {
    const { begin, feed, pass, reference, session } = await createRig()
    await begin()
    await pass(3)
    const asked = () => reference.calls.filter((call) => call === 'profile').length
    expect([feed.loginRetries(), asked()]).toEqual([0, 1])
    feed.trouble('login_required')
    await pass(130)
    expect([feed.loginRetries(), asked()]).toEqual([3, 4])
    reference.before = () => {
      throw new OpError('auth_expired')
    }
    await pass(120)
    expect([feed.loginRetries(), asked()]).toEqual([3, 6])
    expect(session.status().state).toBe('running')
    reference.before = () => {}
    feed.trouble(null)
    await pass(120)
    expect(feed.loginRetries()).toBe(3)
  })

  it('adds what the decoder refused to the metrics', async () => {
    const { begin, metrics, pass, rejected } = await createRig()
    rejected.truncated = 2
    await begin()
    const dropped = (reason: string) => metrics.value('op_ticks_dropped_total', { reason })
    expect([dropped('truncated'), dropped('bad_length')]).toEqual([2, null])
    rejected.truncated = 5
    rejected.bad_length = 1
    await pass(3)
    expect([dropped('truncated'), dropped('bad_length')]).toEqual([5, 1])
  })

  it('survives a full journal, and writes what it missed when there is room', async () => {
    const { begin, state, feed, clock, events, gapsOf } = await createRig(istInstant('2026-11-23', '15:14:50'))
    await begin()
    feed.frame(frameEvent([spotPacket(24_060)], clock.now()))
    clock.advance(1000)
    state.full = true
    feed.frame(frameEvent([spotPacket(24_061), optionPacket(fairQuote(24_050, 'CE', 24_060))], clock.now()))
    feed.event({ kind: 'disconnected', connection: 1, reason: 'gone', quietSince: clock.now() })
    clock.advance(60_000)
    expect(await events()).toEqual(['phase open'])
    state.full = false
    clock.advance(1000)
    expect(await events()).toEqual(['phase open', 'phase cash_auction'])
    const quiet = istInstant('2026-11-23', '15:14:51')
    expect(await gapsOf()).toMatchObject([
      { cause: 'journal_full', dropped: 2 },
      { cause: 'feed_disconnected', from: quiet, to: quiet + 60_000 },
    ])
  })

  it('watches nothing before it can be read what earlier runs recorded', async () => {
    const { begin, collector, feed, state } = await createRig()
    let reached: () => void = () => {}
    state.level = new Promise((resolve) => {
      reached = resolve
    })
    await begin()
    expect([collector.market(), feed.starts()]).toEqual([null, 0])
    reached()
    await settle()
    expect(collector.market()).not.toBeNull()
    expect(feed.starts()).toBe(1)
  })

  it('goes on after a tick that failed, and says so once', async () => {
    const { begin, clock, collector, errors, events, session, state } = await createRig(
      istInstant('2026-11-23', '15:14:50'),
    )
    await begin()
    state.fault = new Error('a bug')
    clock.advance(30_000)
    expect(errors).toEqual([expect.stringContaining('a bug')])
    state.fault = null
    clock.advance(1000)
    expect(await events()).toEqual(['phase open', 'phase cash_auction'])
    expect(collector.market()).not.toBeNull()
    expect(session.status().state).toBe('running')
  })

  it('stops at once, though the broker does not answer', async () => {
    const { begin, session, reference, feed, collector } = await createRig()
    let answer: () => void = () => {}
    reference.before = () =>
      new Promise<void>((resolve) => {
        answer = resolve
      })
    await begin()
    await session.stop()
    answer()
    await settle()
    expect(feed.starts()).toBe(0)
    expect(collector.market()).toBeNull()
    expect(session.status().state).toBe('stopped')
  })

  it('warns of an index that the dump does not list', async () => {
    const { begin, session, warnings } = await createRig(TEN, ['NIFTY', 'SENSEX'])
    await begin()
    expect(session.status().state).toBe('running')
    expect(warnings).toEqual(['the instruments dump lists no contract of SENSEX'])
  })

  it('pauses: what was received is recorded, what comes meanwhile is not, and the gap says why', async () => {
    const { begin, session, feed, collector, pass, clock, gapsOf, events } = await createRig()
    await begin()
    feed.frame(frameEvent([spotPacket(24_060), optionPacket(fairQuote(24_050, 'CE', 24_060))], clock.now()))
    await pass(1)
    feed.frame(frameEvent([optionPacket(fairQuote(24_100, 'CE', 24_060))], clock.now()))
    session.setPaused(true)
    expect(collector.counts()).toMatchObject({ pending: 0, recorded: 2 })
    expect(session.pausedSince()).toBe(clock.now())
    expect(feed.subscriptions.at(-1)).toEqual([])
    await pass(90)
    expect(feed.expected()).toBe(false)
    feed.frame(frameEvent([optionPacket(fairQuote(24_050, 'PE', 24_060))], clock.now()))
    expect(collector.counts().received).toBe(3)
    session.setPaused(false)
    expect(session.pausedSince()).toBeNull()
    expect(feed.subscriptions.at(-1)).toEqual(collector.market()?.universe.tokens)
    feed.frame(frameEvent([optionPacket(fairQuote(24_050, 'PE', 24_060, clock.now()))], clock.now()))
    await pass(2)
    expect(collector.counts().recorded).toBe(3)
    expect(await gapsOf()).toMatchObject([{ from: TEN + 1_000, to: TEN + 91_000, cause: 'paused', index: null }])
    expect(await events()).toEqual(expect.arrayContaining(['paused by the user', 'resumed by the user']))
    expect(session.status()).toMatchObject({ state: 'running', issue: null })
  })

  it('subscribes nothing while it is paused, also with a new universe', async () => {
    const { begin, session, feed, pass, clock } = await createRig()
    session.setPaused(true)
    await begin()
    expect(feed.starts()).toBe(1)
    clock.jump(istInstant('2026-12-02'))
    await pass(2)
    expect(feed.subscriptions.flat()).toEqual([])
    session.setPaused(false)
    expect(feed.subscriptions.at(-1)?.length).toBeGreaterThan(0)
    const times = feed.subscriptions.length
    session.setPaused(false)
    expect(feed.subscriptions).toHaveLength(times)
  })

  it('tells which lists of instruments are in use', async () => {
    const { begin, session } = await createRig()
    expect(session.dumps()).toEqual([])
    await begin()
    expect(session.dumps()).toEqual([{ exchange: 'NFO', contracts: 36, readAt: TEN }])
  })
})
