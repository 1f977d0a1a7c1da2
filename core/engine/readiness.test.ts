import { describe, expect, it } from 'vitest'
import { istInstant } from '../domain/ist.ts'
import type { ComponentStatus } from '../kernel/lifecycle.ts'
import { calendar } from '../testing/market-builder.ts'
import { judgeReadiness, type ReadinessFacts } from './readiness.ts'

const at = (time: string, date = '2026-11-23') => istInstant(date, time)
const RUNNING: ComponentStatus = { state: 'running', since: 0, issue: null, detail: null }
const broken = (issue: string): ComponentStatus => ({ state: 'degraded', since: 0, issue, detail: `said: ${issue}` })

/** Monday at 09:00, live, nothing wrong. */
function facts(change: Partial<ReadinessFacts> = {}): ReadinessFacts {
  const now = change.now ?? at('09:00')
  return {
    source: 'kite',
    now,
    wallNow: now,
    calendar,
    dumps: [{ exchange: 'NFO', contracts: 123_456, readAt: at('08:45') }],
    universeDate: '2026-11-23',
    expiries: [{ index: 'NIFTY', expiries: ['2026-11-23', '2026-12-01', '2026-12-08', '2026-12-15'] }],
    changes: [],
    market: RUNNING,
    feed: RUNNING,
    journal: RUNNING,
    pending: { store: 3 },
    behind: [RUNNING],
    pausedSince: null,
    skewMs: 400,
    disk: { freeBytes: 80e9, daysLeft: 120 },
    memory: { bytes: 300e6, limitBytes: 2048e6 },
    dataFolder: { path: '/home/trader/data', writable: true, syncedBy: null },
    platform: 'linux',
    keepsAwake: null,
    token: { state: 'valid', endsAt: at('06:00', '2026-11-24') },
    timeZone: 'Asia/Kolkata',
    ...change,
  }
}

const judge = (change: Partial<ReadinessFacts> = {}) => judgeReadiness(facts(change))
const item = (name: string, change: Partial<ReadinessFacts> = {}) =>
  judge(change).items.find((one) => one.name === name)

describe('readiness', () => {
  it('is one green line when nothing is wrong', () => {
    const { state, sentence, items } = judge()
    expect({ state, sentence }).toEqual({
      state: 'pass',
      sentence: 'Ready for the session of Mon 23 Nov, 09:15 to 15:40 IST.',
    })
    expect(items.map((one) => one.name)).toEqual(
      expect.arrayContaining(['instruments', 'expiries', 'session', 'clock', 'disk', 'memory', 'data_folder', 'power']),
    )
    for (const { state: each, remedy } of items) expect(each === 'pass' || each === 'none', remedy ?? '').toBe(true)
  })

  it('speaks of the session that goes on, and in the evening of the next one', () => {
    expect(judge({ now: at('11:00') }).sentence).toBe("Today's session is being recorded.")
    expect(judge({ now: at('18:00'), token: { state: 'valid', endsAt: at('06:00', '2026-11-26') } }).sentence).toBe(
      'Ready for the session of Wed 25 Nov, 09:15 to 15:40 IST.',
    )
  })

  it.each<[string, string, 'warn' | 'fail', Partial<ReadinessFacts>]>([
    ['no list of instruments', 'instruments', 'fail', { dumps: [], universeDate: null }],
    ['the list of another day', 'instruments', 'warn', { universeDate: '2026-11-20' }],
    [
      'a list read yesterday',
      'instruments',
      'warn',
      { dumps: [{ exchange: 'NFO', contracts: 1, readAt: at('08:45', '2026-11-20') }] },
    ],
    ['no token', 'token', 'fail', { token: { state: 'missing', endsAt: null } }],
    ['a dead token', 'token', 'fail', { token: { state: 'expired', endsAt: null } }],
    ['a token of which nothing is known', 'token', 'warn', { token: { state: 'unknown', endsAt: null } }],
    ['a token that dies before the close', 'token', 'warn', { token: { state: 'valid', endsAt: at('14:00') } }],
    ['a pause', 'collecting', 'warn', { pausedSince: at('08:50') }],
    ['a dead feed before the session', 'collecting', 'warn', { feed: broken('feed_disconnected') }],
    ['a dead feed in the session', 'collecting', 'fail', { now: at('10:00'), feed: broken('feed_disconnected') }],
    ['a market that cannot be read', 'collecting', 'warn', { market: broken('exchange_unreachable') }],
    ['a journal that takes nothing', 'record', 'fail', { journal: broken('file_unwritable') }],
    ['a consumer that is behind', 'record', 'warn', { pending: { store: 5_000 } }],
    ['a consumer that cannot write', 'record', 'warn', { behind: [broken('csv_behind')] }],
    ['a full disk', 'disk', 'fail', { disk: { freeBytes: 1e9, daysLeft: null } }],
    ['a disk that is full before the day ends', 'disk', 'fail', { disk: { freeBytes: 3e9, daysLeft: 0.8 } }],
    ['a disk for a few days', 'disk', 'warn', { disk: { freeBytes: 12e9, daysLeft: 4.2 } }],
    ['a disk that cannot be asked', 'disk', 'warn', { disk: { freeBytes: null, daysLeft: null } }],
    [
      'a folder that cannot be written',
      'data_folder',
      'fail',
      { dataFolder: { path: '/x', writable: false, syncedBy: null } },
    ],
    [
      'a synchronised folder',
      'data_folder',
      'fail',
      { dataFolder: { path: '/x', writable: true, syncedBy: 'OneDrive' } },
    ],
    ['a clock that is ahead', 'clock', 'warn', { skewMs: 4_000 }],
    ['a clock that is behind', 'clock', 'warn', { skewMs: -1_500 }],
    ['a clock that is far off', 'clock', 'fail', { skewMs: -90_000 }],
    ['little memory', 'memory', 'warn', { memory: { bytes: 1_900e6, limitBytes: 2_000e6 } }],
    ['a machine that may sleep', 'power', 'warn', { keepsAwake: false }],
    ['a year whose holidays are not known', 'session', 'warn', { now: at('09:00', '2031-11-24') }],
  ])('sees %s', (_, name, state, change) => {
    const found = item(name, change)
    expect(found?.state).toBe(state)
    expect(found?.remedy).toMatch(/\w/)
    const { sentence, state: overall } = judge(change)
    expect(sentence.toLowerCase()).toContain(found?.title.toLowerCase())
    expect(overall === 'pass').toBe(false)
    if (state === 'fail') expect(sentence).toMatch(/^Not ready/)
  })

  it('names holidays, and the next session behind them', () => {
    const holiday = item('session', { now: at('10:00', '2026-11-24') })
    expect(holiday?.detail).toMatch(/^Holiday today \(.+\)\. Next Wed 25 Nov, 09:15 to 15:40 IST\.$/)
  })

  it('says which index expires today, and on which other weekday it usually does', () => {
    expect(item('expiries')?.detail).toBe(
      'NIFTY: expiry today, Monday instead of Tuesday (holiday: Guru Nanak Jayanti).',
    )
    const usual = [{ index: 'SENSEX', expiries: ['2026-11-26', '2026-12-03', '2026-12-10'] }] as const
    expect(item('expiries', { expiries: usual })?.detail).toBe('SENSEX: next on Thu 26 Nov.')
    // Two of two weekdays are no custom.
    const none = [{ index: 'SENSEX', expiries: ['2026-11-26', '2026-12-02'] }] as const
    expect(item('expiries', { expiries: none })?.detail).toBe('SENSEX: next on Thu 26 Nov.')
  })

  it('asks a simulated market neither for a token nor for the time', () => {
    const change = { source: 'sim', token: { state: 'not_needed', endsAt: null }, skewMs: 9e9 } as const
    expect(item('token', change)?.state).toBe('none')
    expect(item('clock', change)?.state).toBe('none')
    expect(judge(change).state).toBe('pass')
  })

  it('says of a pause that nothing is recorded, and what else is wrong', () => {
    const paused = { now: at('11:00'), pausedSince: at('10:50') }
    expect(judge(paused).sentence).toBe("Collecting is paused: nothing of today's session is recorded.")
    expect(judge({ ...paused, keepsAwake: false }).sentence).toMatch(/; look at power\.$/)
  })

  it('gives a connection some seconds before it is a trouble', () => {
    const now = at('11:00')
    const since = (ms: number) => ({ now, feed: { ...broken('feed_disconnected'), since: now - ms } })
    expect(item('collecting', since(5_000))?.state).toBe('warn')
    expect(item('collecting', since(15_000))?.state).toBe('fail')
  })

  it('names indices of the same expiry together', () => {
    const expiries = ['2026-12-01', '2026-12-08']
    const rows = [
      { index: 'NIFTY', expiries },
      { index: 'SENSEX', expiries: ['2026-12-03'] },
      { index: 'BANKNIFTY', expiries },
    ] as const
    expect(item('expiries', { expiries: rows })?.detail).toBe(
      'NIFTY, BANKNIFTY: next on Tue 1 Dec; SENSEX: next on Thu 3 Dec.',
    )
  })

  it('says what the list of today has changed, as a trader would, and nothing of what has expired', () => {
    const changes = {
      expiries: {
        added: [{ name: 'NIFTY', expiry: '2027-01-05' }],
        removed: [{ name: 'NIFTY', expiry: '2026-11-17' }],
        moved: [{ name: 'NIFTY', before: '2026-11-24', after: '2026-11-23' }],
      },
      lots: [{ name: 'NIFTY', expiry: '2026-12-01', before: 75, after: 65 }],
      strikes: [
        { name: 'NIFTY', expiry: '2026-12-01', added: [24_100, 24_150], removed: [] },
        { name: 'NIFTY', expiry: '2026-12-29', added: [30_000], removed: [20_000] },
      ],
      reused_tokens: [1, 2, 3].map((token) => ({ token, before: 'OLD', after: 'NEW' })),
    }
    expect(item('changes', { changes: [{ previous: '2026-11-20', changes }] })).toMatchObject({
      state: 'pass',
      detail:
        'NIFTY: the expiry of Tue 24 Nov is now Mon 23 Nov, new expiry Tue 5 Jan, lot 75 → 65 (Tue 1 Dec), 3 new strikes, 1 strike gone; 3 tokens name another contract than before. Compared with Fri 20 Nov.',
    })
    const same = { expiries: { added: [], removed: [], moved: [] }, lots: [], strikes: [], reused_tokens: [] }
    expect(item('changes', { changes: [{ previous: '2026-11-20', changes: same }] })?.detail).toBe(
      'Nothing since Fri 20 Nov: the same expiries, lots and strikes.',
    )
    expect(item('changes', { changes: [{ previous: null, changes: null }] })?.state).toBe('none')
  })
})
