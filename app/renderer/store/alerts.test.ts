import { describe, expect, it } from 'vitest'
import type { Alert } from '../../../core/contract/alerts.ts'
import { readResult } from '../../../core/contract/monitor-calls.ts'
import { type MonitorClient, MonitorFault } from '../client/monitor-client.ts'
import { createAlertsDesk, openAlerts } from './alerts.ts'

function alertOf(id: string, change: Partial<Alert> = {}): Alert {
  return {
    id,
    rule_id: 'r-1',
    name: 'rule',
    raised_at: '2026-11-23T10:00:00.000+05:30',
    message: 'message',
    value: 1,
    simulated: true,
    channels: ['toast', 'sound'],
    deliveries: [],
    acknowledged_at: null,
    ...change,
  }
}

const SEEN = '2026-11-23T10:01:00.000+05:30'

function createRig() {
  const rig = { history: [] as Alert[], sounds: 0, fault: null as MonitorFault | null }
  const client: Pick<MonitorClient, 'ask'> = {
    async ask(name) {
      if (rig.fault !== null) throw rig.fault
      return readResult(name, { rules: [], history: rig.history, channels: [] })
    },
  }
  const playSound = () => {
    rig.sounds += 1
  }
  const desk = createAlertsDesk({ client, playSound })
  const notices = () => desk.store.getState().notices.map(({ id }) => id)
  return { rig, desk, notices }
}

describe('alerts of the page', () => {
  it('makes a notice and a sound of what comes, once, on the channels of the rule', () => {
    const { rig, desk, notices } = createRig()
    desk.receive(alertOf('a-1'))
    desk.receive(alertOf('a-1', { deliveries: [{ channel: 'email', state: 'sent', detail: null }] }))
    desk.receive(alertOf('a-2', { channels: ['tray'] }))
    desk.receive(alertOf('a-3', { channels: ['sound'], acknowledged_at: SEEN }))
    expect(notices()).toEqual(['a-1'])
    expect(rig.sounds).toBe(1)
  })

  it('takes what stood there when it was opened for history, and what was raised while the line was down for news', async () => {
    const { rig, desk, notices } = createRig()
    rig.history = [alertOf('old')]
    await desk.refresh()
    expect(notices()).toEqual([])
    expect(openAlerts(desk.store.getState())).toBe(1)
    rig.history = [alertOf('missed'), alertOf('seen', { acknowledged_at: SEEN }), alertOf('old')]
    await desk.refresh()
    expect(notices()).toEqual(['missed'])
  })

  it('keeps three notices, and says how many gave way', () => {
    const { desk, notices } = createRig()
    for (let k = 1; k <= 5; k += 1) desk.receive(alertOf(`a-${k}`))
    expect(notices()).toEqual(['a-3', 'a-4', 'a-5'])
    expect(desk.store.getState().noticesHidden).toBe(2)
    desk.dismiss('a-4')
    expect(notices()).toEqual(['a-3', 'a-5'])
    desk.dismissAll()
    expect(desk.store.getState()).toMatchObject({ notices: [], noticesHidden: 0 })
  })

  it('withdraws the notice of what was acknowledged elsewhere, and counts the rest', async () => {
    const { rig, desk, notices } = createRig()
    await desk.refresh()
    desk.receive(alertOf('a-1'))
    desk.receive(alertOf('a-2'))
    expect(openAlerts(desk.store.getState())).toBe(2)
    desk.receive(alertOf('a-1', { acknowledged_at: SEEN }))
    expect(notices()).toEqual(['a-2'])
    expect(openAlerts(desk.store.getState())).toBe(1)
    rig.history = [alertOf('a-2', { acknowledged_at: SEEN })]
    await desk.refresh()
    expect(notices()).toEqual([])
  })

  it('says why a change was not made, and shows what was before', async () => {
    const { rig, desk } = createRig()
    rig.history = [alertOf('a-1')]
    await desk.refresh()
    rig.fault = new MonitorFault({ code: 'alert_unknown', message: 'there is no rule r-9', hint: 'Look again.' })
    expect(await desk.change('deleteAlertRule', { id: 'r-9' })).toBe('there is no rule r-9. Look again.')
    rig.fault = new MonitorFault({ code: 'alert_rule_invalid', message: 'Spot is 1.00 now.', hint: 'In the API …' })
    expect(await desk.change('deleteAlertRule', { id: 'r-9' })).toBe('Spot is 1.00 now.')
    expect(desk.store.getState().report?.history).toHaveLength(1)
    rig.fault = new MonitorFault({ code: 'alert_unknown', message: 'there is no rule r-9', hint: 'Look again.' })
    await desk.refresh()
    expect(desk.store.getState().problem).toContain('there is no rule')
    rig.fault = null
    expect(await desk.change('deleteAlertRule', { id: 'r-1' })).toBeNull()
    expect(desk.store.getState().problem).toBeNull()
  })
})
