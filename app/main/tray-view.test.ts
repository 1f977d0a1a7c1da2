import { describe, expect, it } from 'vitest'
import type { HealthReport } from '../../core/contract/api-schema.ts'
import { createFakeMonitorApi } from '../../core/testing/fake-monitor-api.ts'
import { type TrayIcon, trayView } from './tray-view.ts'
import { mustStayAwake } from './wakefulness.ts'

const { health } = await createFakeMonitorApi()
const usual: HealthReport = { ...health(), simulated: false, source: 'kite', issues: [] }
const paused = { ...usual, collecting: { paused: true, since: null } }
const closed = { ...usual, market: { ...usual.market, phase: 'closed' } }

describe('the icon in the status area', () => {
  it.each<[string, TrayIcon, HealthReport]>([
    ['collecting', 'collecting', usual],
    ['simulated', 'simulated', { ...usual, simulated: true }],
    ['degraded', 'degraded', { ...usual, simulated: true, issues: ['feed_disconnected'] }],
    ['to be logged in', 'login', { ...usual, issues: ['feed_disconnected', 'login_required'] }],
    ['refused by Kite', 'login', { ...usual, issues: ['auth_expired'] }],
    ['closed', 'closed', closed],
    ['paused', 'closed', paused],
  ])('when %s is %s', (_, icon, report) => {
    expect(trayView({ health: report, notice: null, alert: null }).icon).toBe(icon)
  })

  it('says phase, spot and legs a second, and an alert first', () => {
    const nifty = {
      index: 'NIFTY',
      spot: 24_450.5,
      spot_frozen: false,
      atm: null,
      last_leg: null,
      subscribed: 0,
    } as const
    const report = { ...usual, indices: [nifty], feed: { ...usual.feed, legs_per_second: 119.6 } }
    expect(trayView({ health: report, notice: null, alert: null }).tooltip).toBe('Open · NIFTY 24,450.50 · 120 legs/s')
    expect(trayView({ health: report, notice: null, alert: 'IV above 14 %' }).tooltip).toMatch(
      /^ALERT IV above 14 % · /,
    )
    expect(trayView({ health: { ...report, simulated: true }, notice: null, alert: null }).tooltip).toMatch(
      /^SIMULATED/,
    )
    expect(trayView({ health: usual, notice: null, alert: null }).tooltip).toContain('NIFTY —')
  })

  it('says why nothing runs', () => {
    const notice = { kind: 'failed', sentence: 'the disk is full', hint: null } as const
    expect(trayView({ health: null, notice, alert: null })).toMatchObject({
      icon: 'degraded',
      tooltip: 'OP Trading: the disk is full',
    })
  })
})

describe('keeping the machine awake', () => {
  it('is for the hours of a live market that is recorded, when it is wanted', () => {
    expect(mustStayAwake(usual, true)).toBe(true)
    expect(mustStayAwake(usual, false)).toBe(false)
    expect(mustStayAwake({ ...usual, simulated: true }, true)).toBe(false)
    expect(mustStayAwake(closed, true)).toBe(false)
    expect(mustStayAwake(paused, true)).toBe(false)
  })
})
