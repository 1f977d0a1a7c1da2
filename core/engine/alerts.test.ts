import { afterEach, describe, expect, it } from 'vitest'
import {
  ALL_ALERTS,
  type Alert,
  type AlertChannel,
  type AlertTarget,
  alertsSchema,
  MOST_ALERT_RULES,
  newAlertRuleSchema,
} from '../contract/alerts.ts'
import type { HealthReport } from '../contract/api-schema.ts'
import { createRecordComposer } from '../contract/leg-record.ts'
import { istInstant } from '../domain/ist.ts'
import { OpError } from '../kernel/errors.ts'
import type { AlertSender } from '../ports/alert-sender.ts'
import { createFakeClock } from '../testing/fake-clock.ts'
import { createFakeMonitorApi } from '../testing/fake-monitor-api.ts'
import { createMemoryJournal } from '../testing/journal-memory.ts'
import {
  buildMarket,
  calendar,
  chainPackets,
  frameEvent,
  HOLE,
  MARKET_DATE,
  spotPacket,
  TEN,
} from '../testing/market-builder.ts'
import { createMemoryAlertStore } from '../testing/memory-alert-store.ts'
import { createRecordedMetrics } from '../testing/recorded-metrics.ts'
import { silentLogger } from '../testing/silent-logger.ts'
import { type Alerts, createAlerts } from './alerts.ts'
import { createCollector } from './collector.ts'
import { createEnricher } from './enrich.ts'
import { createLiveView } from './live-view.ts'

const RATE = 0.065
const RIGHT_SIDE = 24_060

const { health: healthy } = await createFakeMonitorApi()

async function createMarketRig(startMs: number) {
  const clock = createFakeClock(startMs)
  const journal = createMemoryJournal()
  await journal.start()
  const enricher = createEnricher(calendar, RATE)
  const metrics = createRecordedMetrics()
  const parts = { clock, calendar, journal, metrics, enricher, newTrace: () => 'trace', logger: silentLogger }
  const composer = createRecordComposer()
  const collector = createCollector({ ...parts, composer, lastLegs: () => [] }, { source: 'sim', offsets: null })
  collector.use(buildMarket())
  const view = createLiveView(
    { ...parts, market: collector.market, previousOi: () => 4_000, lastBatch: () => null, closingIvs: () => [] },
    { source: 'sim', rate: RATE, offsets: null },
  )
  const quote = (spot: number) => {
    collector.onFrame(frameEvent([spotPacket(spot), ...chainPackets(spot)], clock.now()))
    collector.flush()
  }
  return { clock, metrics, collector, view, quote }
}

interface RigShape {
  readonly startMs?: number
  readonly store?: ReturnType<typeof createMemoryAlertStore>
  readonly senders?: readonly AlertSender[]
  readonly simulated?: boolean
}

const running: Alerts[] = []
afterEach(async () => {
  for (const alerts of running.splice(0)) await alerts.stop()
})

async function createRig({ startMs = TEN, senders = [], simulated = false, ...given }: RigShape = {}) {
  const market = await createMarketRig(startMs)
  const store = given.store ?? createMemoryAlertStore()
  const told: { readonly alert: Alert; readonly isNew: boolean }[] = []
  const rig = { issues: [] as string[], wholes: 0 }
  let ids = 0
  const health = (): HealthReport => {
    const report = healthy()
    const components = Object.fromEntries(
      rig.issues.map((issue) => [
        issue,
        { state: 'degraded' as const, since: '', issue, detail: `because of ${issue}`, last_error: null },
      ]),
    )
    const { phase } = calendar.phaseAt(market.clock.now())
    return { ...report, components, market: { ...report.market, phase } }
  }
  const { view } = market
  const counted = {
    ...view,
    wholeChain: (...asked: Parameters<typeof view.wholeChain>) => {
      rig.wholes += 1
      return view.wholeChain(...asked)
    },
  }
  const alerts = createAlerts(
    {
      clock: market.clock,
      calendar,
      logger: silentLogger,
      metrics: market.metrics,
      random: () => 0.5,
      newId: () => {
        ids += 1
        return `${startMs}-${ids}`
      },
      market: market.collector.market,
      view: counted,
      health,
      store,
      senders,
      onAlert: (alert, isNew) => told.push({ alert, isNew }),
    },
    { simulated },
  )
  running.push(alerts)
  await alerts.start()
  const messages = () => told.filter(({ isNew }) => isNew).map(({ alert }) => alert.message)
  const create = (target: AlertTarget, change: object = {}) => {
    alerts.create(newAlertRuleSchema.parse({ name: 'rule', target, ...change }))
    const { rules } = alerts.report()
    return rules[rules.length - 1]?.id ?? ''
  }
  const find = (id: string) => alerts.report().rules.find((rule) => rule.id === id)
  /** Seconds in which packets come. */
  const live = (seconds: number, spot = RIGHT_SIDE) => {
    for (let second = 0; second < seconds; second += 1) {
      market.quote(spot)
      market.clock.advance(1_000)
    }
  }
  return { ...market, ...rig, rig, alerts, store, told, messages, create, find, live }
}

const chain = { kind: 'chain', index: 'NIFTY', bucket: 'this_week' } as const
const spotAbove = (value: number): AlertTarget => ({ ...chain, metric: 'spot', condition: { op: 'above', value } })
const leg = { kind: 'leg', index: 'NIFTY', bucket: 'this_week', strike: 24_050, right: 'CE' } as const

describe('alerts on prices', () => {
  it('tells when the spot passes a threshold, and keeps it', async () => {
    const { live, create, messages, alerts, metrics } = await createRig()
    live(2)
    const id = create(spotAbove(24_100))
    live(2)
    expect(messages()).toEqual([])
    live(2, 24_120)
    expect(messages()).toEqual(['NIFTY spot 24,120.00 rose above 24,100.00'])
    const report = alertsSchema.parse(alerts.report())
    expect(report.history).toEqual([
      {
        id: expect.any(String),
        rule_id: id,
        name: 'rule',
        raised_at: '2026-11-23T10:00:05.000+05:30',
        message: 'NIFTY spot 24,120.00 rose above 24,100.00',
        value: 24_120,
        simulated: false,
        channels: ['toast', 'sound', 'tray'],
        deliveries: [],
        acknowledged_at: null,
      },
    ])
    expect(report.rules.at(-1)).toMatchObject({ sentence: 'NIFTY spot above 24,100.00', current: 24_120, active: true })
    expect(metrics.value('op_alerts_raised_total', { kind: 'chain' })).toBe(1)
  })

  it('says that the market is simulated', async () => {
    const { live, create, messages, told } = await createRig({ simulated: true })
    live(1)
    create(spotAbove(1))
    expect(messages()).toEqual(['SIMULATED: NIFTY spot 24,060.00 is above 1.00'])
    expect(told[0]?.alert.simulated).toBe(true)
  })

  it('reads every metric of a chain and of a leg as the live view has it', async () => {
    const { live, create, find, view } = await createRig()
    live(3)
    const current = (target: AlertTarget) => find(create(target))?.current
    const condition = { op: 'above', value: 1e12 } as const
    const { full } = view.summary('NIFTY', 'this_week')
    const metrics = ['forward', 'atm_iv', 'straddle', 'expected_move', 'pcr_oi', 'max_pain', 'gex'] as const
    const expected = [
      full.forward.value,
      full.atm.iv,
      full.atm.straddle,
      full.expected_move,
      full.pcr_oi,
      full.max_pain,
    ]
    expect(metrics.map((metric) => current({ ...chain, metric, condition }))).toEqual(
      [...expected, full.gex].map((value) => expect.closeTo(value ?? Number.NaN, 3)),
    )
    const row = view.optionChain('NIFTY', 'this_week').rows.find(({ strike }) => strike === 24_050)
    for (const metric of ['ltp', 'oi', 'oi_change', 'volume'] as const)
      expect([metric, current({ ...leg, metric, condition })]).toEqual([metric, row?.call?.[metric]])
    for (const metric of ['iv', 'delta'] as const)
      expect(current({ ...leg, metric, condition })).toBeCloseTo(row?.call?.[metric] ?? Number.NaN, 4)
  })

  it('sums a chain up once a second, however many rules name it', async () => {
    const { live, create, rig } = await createRig()
    for (let k = 0; k < 20; k += 1)
      create({ ...chain, metric: k % 2 === 0 ? 'pcr_oi' : 'atm_iv', condition: { op: 'above', value: 100 + k } })
    rig.wholes = 0
    live(5)
    expect(rig.wholes).toBe(5)
  })

  it('does not act upon a stale chain, and says so', async () => {
    const { live, create, find, messages, clock } = await createRig()
    live(2)
    const id = create({ ...leg, metric: 'ltp', condition: { op: 'above', value: 1e6 } })
    const spot = create(spotAbove(24_100))
    clock.advance(12_000)
    for (const rule of [id, spot]) expect(find(rule)?.note).toBe('stale: no packets come')
    create({ ...leg, metric: 'ltp', condition: { op: 'above', value: 1 } })
    clock.advance(3_000)
    expect(messages()).toEqual([])
    live(1)
    expect(messages()).toEqual([expect.stringContaining('24050 CE LTP')])
  })

  it.each<[string, AlertTarget]>([
    ['24450 PE is not listed', { ...leg, ...HOLE, metric: 'ltp', condition: { op: 'below', value: 1e6 } }],
    ['23123 CE is not listed', { ...leg, strike: 23_123, metric: 'oi', condition: { op: 'below', value: 1e9 } }],
    [
      'BANKNIFTY is not collected',
      { ...chain, index: 'BANKNIFTY', metric: 'spot', condition: { op: 'above', value: 1 } },
    ],
    [
      'NIFTY lists no next_month expiry',
      { ...chain, bucket: 'next_month', metric: 'pcr_oi', condition: { op: 'above', value: 0.1 } },
    ],
    ['no value yet', { ...chain, metric: 'vix', condition: { op: 'above', value: 1 } }],
  ])('shows why a rule cannot be watched: %s', async (note, target) => {
    const { live, create, find, messages } = await createRig()
    live(2)
    const id = create(target)
    live(3)
    const expected = note === 'no value yet' ? expect.stringMatching(/no value yet|stale/) : note
    expect(find(id)).toMatchObject({ current: null, active: false, note: expected })
    expect(messages()).toEqual([])
  })
})

describe('alerts on the feed', () => {
  it('come by themselves for a new user, who may do without them', async () => {
    const { alerts, rig, clock, messages, store } = await createRig()
    expect(alerts.report().rules.map(({ sentence, enabled }) => [sentence, enabled])).toEqual([
      ['Feed disconnected for 30 s', true],
      ['Kite login required', true],
      ['OP Trading degraded for 1 min', true],
    ])
    rig.issues = ['feed_disconnected']
    clock.advance(30_000)
    expect(messages()).toEqual([])
    clock.advance(1_000)
    expect(messages()).toEqual(['Feed disconnected for 30 s: because of feed_disconnected'])
    clock.advance(30_000)
    expect(messages()[1]).toBe('OP Trading degraded for 1 min: feed disconnected')
    for (const { id } of alerts.report().rules) alerts.remove(id)
    await alerts.stop()
    const again = await createRig({ store })
    expect(again.alerts.report().rules).toEqual([])
    expect(again.alerts.report().history).toHaveLength(2)
  })

  it('are silent while options do not trade, but for a missing login before the open', async () => {
    const { rig, clock, messages } = await createRig({ startMs: istInstant(MARKET_DATE, '08:30') })
    rig.issues = ['feed_disconnected', 'auth_expired']
    clock.advance(29 * 60_000)
    expect(messages()).toEqual([])
    clock.advance(2 * 60_000)
    expect(messages()).toEqual(['Kite login required: because of auth_expired'])
    clock.advance(16 * 60_000)
    expect(messages()).toHaveLength(3)
  })

  it('tell every day anew', async () => {
    const { rig, clock, messages } = await createRig({ startMs: istInstant(MARKET_DATE, '15:39') })
    rig.issues = ['login_required']
    clock.advance(120_000)
    const first = messages().length
    expect(first).toBeGreaterThan(0)
    clock.jump(istInstant('2026-11-25', '10:00'))
    clock.advance(2_000)
    expect(messages()).toHaveLength(first + 1)
  })
})

describe('rules', () => {
  it('are as many as there may be, and no more', async () => {
    const { create, alerts } = await createRig()
    while (alerts.report().rules.length < MOST_ALERT_RULES) create(spotAbove(99_000))
    expect(() => create(spotAbove(99_000))).toThrow(expect.objectContaining({ code: 'alert_rule_limit' }))
    expect(alerts.report().rules).toHaveLength(MOST_ALERT_RULES)
  })

  it('keep what they know when they get another name, and begin anew with another threshold', async () => {
    const { live, create, alerts, messages, find } = await createRig()
    live(1)
    const id = create(spotAbove(24_000))
    alerts.change({ id, name: 'renamed', channels: ['email', 'email'] })
    live(2)
    expect(find(id)).toMatchObject({ name: 'renamed', channels: ['email'], active: true })
    expect(messages()).toHaveLength(1)
    alerts.change({ id, target: spotAbove(24_050) })
    expect(messages()[1]).toBe('NIFTY spot 24,060.00 is above 24,050.00')
    alerts.change({ id, enabled: false })
    live(2, 24_200)
    expect(find(id)).toMatchObject({ enabled: false, active: false, current: null })
    expect(messages()).toHaveLength(2)
    alerts.change({ id, enabled: true })
    expect(messages()).toHaveLength(2)
    for (const call of [
      () => alerts.remove('none'),
      () => alerts.change({ id: 'none' }),
      () => alerts.acknowledge('none'),
    ])
      expect(call).toThrow(expect.objectContaining({ code: 'alert_unknown' }))
  })

  it('do not tell after a restart what held when it was last recorded', async () => {
    const first = await createRig()
    first.live(2)
    first.create(spotAbove(24_000), { cooldown_s: 0 })
    expect(first.messages()).toHaveLength(1)
    await first.alerts.stop()
    const second = await createRig({ store: first.store, startMs: TEN + 60_000 })
    second.live(3)
    expect(second.messages()).toEqual([])
    second.live(2, 23_990)
    second.live(2, 24_010)
    expect(second.messages()).toHaveLength(1)
    expect(second.alerts.report().history.map(({ message }) => message)).toEqual([
      'NIFTY spot 24,010.00 rose above 24,000.00',
      'NIFTY spot 24,060.00 is above 24,000.00',
    ])
  })

  it('alert even when nothing can be written down', async () => {
    const { live, create, messages, store } = await createRig()
    live(1)
    create(spotAbove(24_100))
    store.record = () => {
      throw new OpError('file_unwritable', { path: 'meta.db', reason: 'disk full' })
    }
    live(2, 24_200)
    expect(messages()).toHaveLength(1)
  })

  it('are acknowledged one by one and all at once', async () => {
    const { live, create, alerts, told } = await createRig()
    live(1)
    for (let k = 0; k < 3; k += 1) create(spotAbove(24_000 + k))
    const [newest] = alerts.report().history
    alerts.acknowledge(newest?.id ?? '')
    const open = () => alerts.report().history.filter(({ acknowledged_at }) => acknowledged_at === null)
    expect(open()).toHaveLength(2)
    const before = told.length
    alerts.acknowledge(ALL_ALERTS)
    expect(open()).toEqual([])
    expect(told.slice(before).map(({ isNew }) => isNew)).toEqual([false, false])
    expect(alerts.report().history[0]?.acknowledged_at).toBe('2026-11-23T10:00:01.000+05:30')
  })
})

/** A server that answers when it is told to. */
function createSender(channel: AlertChannel = 'email', unusable: string | null = null) {
  const waiting: { readonly id: string; answer(fault?: OpError): void }[] = []
  const sender: AlertSender = {
    channel,
    unusable,
    send: (alert, signal) =>
      new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true })
        waiting.push({ id: alert.id, answer: (fault) => (fault === undefined ? resolve() : reject(fault)) })
      }),
    close() {},
  }
  return { sender, waiting }
}

/** Lets what was promised happen. */
const settled = async () => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
}

describe('deliveries', () => {
  const undelivered = new OpError('alert_undelivered', { channel: 'e-mail', reason: 'no route' })
  const refused = new OpError('alert_refused', { channel: 'e-mail', reason: 'no such user' })
  const mailed = { channels: ['email'] }

  it('go to the channels of the rule, while the rules are watched on', async () => {
    const { sender, waiting } = createSender()
    const { live, create, alerts, messages } = await createRig({ senders: [sender] })
    live(1)
    create(spotAbove(24_000), mailed)
    create(spotAbove(24_001))
    create(spotAbove(24_100), mailed)
    live(3, 24_200)
    expect(messages()).toHaveLength(3)
    expect(waiting).toHaveLength(1)
    waiting[0]?.answer()
    await settled()
    expect(waiting).toHaveLength(2)
    const deliveries = alerts.report().history.map((alert) => alert.deliveries)
    expect(deliveries).toEqual([[], [], [{ channel: 'email', state: 'sent', detail: null }]])
  })

  it('are tried again when that may help, a few times', async () => {
    const { sender, waiting } = createSender()
    const { live, create, alerts, clock } = await createRig({ senders: [sender] })
    live(1)
    create(spotAbove(24_000), mailed)
    for (let attempt = 0; attempt < 4; attempt += 1) {
      expect(waiting).toHaveLength(attempt + 1)
      waiting[attempt]?.answer(undelivered)
      await settled()
      clock.advance(20_000)
      await settled()
    }
    expect(waiting).toHaveLength(4)
    const [alert] = alerts.report().history
    expect(alert?.deliveries).toEqual([{ channel: 'email', state: 'failed', detail: undelivered.message }])
  })

  it('are given up when no retry helps', async () => {
    const { sender, waiting } = createSender()
    const { live, create, alerts, clock } = await createRig({ senders: [sender] })
    live(1)
    create(spotAbove(24_000), mailed)
    waiting[0]?.answer(refused)
    await settled()
    clock.advance(60_000)
    expect(waiting).toHaveLength(1)
    expect(alerts.report().history[0]?.deliveries[0]?.detail).toContain('no such user')
  })

  it('say at once what cannot be used', async () => {
    const detail = 'SMTP_URL is not set: there is no server to send e-mail by'
    const { sender } = createSender('email', detail)
    const { live, create, alerts } = await createRig({ senders: [sender] })
    expect(alerts.report().channels.find(({ channel }) => channel === 'email')).toEqual({
      channel: 'email',
      usable: false,
      detail,
    })
    live(1)
    create(spotAbove(24_000), mailed)
    expect(alerts.report().history[0]?.deliveries).toEqual([{ channel: 'email', state: 'failed', detail }])
  })

  it('are bounded: the oldest that wait give way', async () => {
    const { sender, waiting } = createSender()
    const { live, create, alerts } = await createRig({ senders: [sender] })
    live(1)
    for (let k = 0; k < 55; k += 1) create(spotAbove(24_000 + k), mailed)
    expect(waiting).toHaveLength(1)
    const failed = alerts.report().history.filter(({ deliveries }) => deliveries[0]?.state === 'failed')
    expect(failed.map(({ value }) => value)).toHaveLength(4)
    expect(failed[0]?.deliveries[0]?.detail).toContain('50 newer alerts')
  })

  it('are given up at the stop, and that is kept', async () => {
    const { sender, waiting } = createSender()
    const { live, create, alerts, store } = await createRig({ senders: [sender] })
    live(1)
    create(spotAbove(24_000), mailed)
    create(spotAbove(24_001), mailed)
    expect(waiting).toHaveLength(1)
    await alerts.stop()
    const details = store.load().history.map(({ deliveries }) => deliveries[0]?.detail)
    expect(details).toEqual(Array(2).fill('OP Trading was stopped before it was delivered'))
  })
})
