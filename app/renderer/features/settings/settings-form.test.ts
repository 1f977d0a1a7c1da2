import { describe, expect, it } from 'vitest'
import type { CallName, CallRequest } from '../../../../core/contract/monitor-calls.ts'
import type { SettingsReport } from '../../../../core/contract/operations.ts'
import { createFakeMonitorApi } from '../../../../core/testing/fake-monitor-api.ts'
import { type MonitorClient, MonitorFault } from '../../client/monitor-client.ts'
import { createSettingsForm, findSettings, shownText } from './settings-form.ts'

const { calls } = await createFakeMonitorApi()
const report: SettingsReport = await calls.settings({})

/** A monitor that answers settings as delivered, and changes with `faults`. */
async function begin(faults: Readonly<Record<string, string>> = {}) {
  const asked: unknown[] = []
  let refuse = false
  const client: MonitorClient = {
    async ask<Name extends CallName>(name: Name, input: CallRequest<Name>) {
      if (refuse) throw new MonitorFault({ code: 'unreachable', message: 'No answer.', hint: 'Is it running?' })
      if (name === 'changeSettings') asked.push(input)
      const answers: Readonly<Record<string, unknown>> = {
        settings: report,
        changeSettings: { faults, settings: report },
      }
      return JSON.parse(JSON.stringify(answers[name]))
    },
    follow: () => () => {},
  }
  const form = createSettingsForm(client)
  await form.load()
  const of = (name: string) => {
    const setting = form.store.getState().report?.settings.find((one) => one.name === name)
    if (setting === undefined) throw new Error(`no ${name}`)
    return setting
  }
  return { form, asked, of, state: form.store.getState, refuse: () => (refuse = true) }
}

describe('drafts', () => {
  it('are what differs from what stands', async () => {
    const { form, state, of } = await begin()
    form.edit('API_PORT', '9000')
    form.edit('LOG_LEVEL', 'debug')
    form.edit('NO_SUCH', 'x')
    expect(state().drafts).toEqual({ API_PORT: '9000', LOG_LEVEL: 'debug' })
    expect(shownText(of('API_PORT'), state().drafts)).toBe('9000')
    form.edit('API_PORT', '8000')
    form.edit('LOG_LEVEL', null)
    expect(state().drafts).toEqual({})
    form.edit('KITE_API_KEY', 'abc')
    form.edit('SIM_SEED', '')
    expect(state().drafts).toEqual({ KITE_API_KEY: 'abc', SIM_SEED: '' })
    form.edit('KITE_API_KEY', null)
    form.undo('SIM_SEED')
    expect(state().drafts).toEqual({})
  })

  it('stay when they are wrong, and the first of them is shown', async () => {
    const { form, state, asked } = await begin({ API_PORT: 'Must be a port.' })
    form.edit('API_PORT', 'x')
    form.edit('SIM_SEED', '7')
    expect(await form.save()).toBe(false)
    expect(asked).toEqual([{ changes: { API_PORT: 'x', SIM_SEED: '7' } }])
    expect(state()).toMatchObject({ group: 'api', target: 'API_PORT', faults: { API_PORT: 'Must be a port.' } })
    expect(Object.keys(state().drafts)).toEqual(['API_PORT', 'SIM_SEED'])
    form.edit('API_PORT', '9')
    expect(state().faults).toEqual({})
  })

  it('are held against the schema when they are whole, one by one, before the monitor is asked', async () => {
    const { form, state, asked } = await begin()
    form.edit('API_PORT', '80a')
    form.edit('SIM_SEED', '7')
    form.edit('REPLAY_DATE', null)
    for (const name of ['API_PORT', 'SIM_SEED', 'REPLAY_DATE', 'LOG_LEVEL', 'NO_SUCH']) form.check(name)
    expect(state().faults).toEqual({ API_PORT: 'Must be a port from 0 to 65535 (0: any free one).' })
    form.edit('API_PORT', '8001')
    form.check('API_PORT')
    expect(state().faults).toEqual({})
    expect(asked).toEqual([])
  })

  it('are gone once they are saved, but for what was typed meanwhile', async () => {
    const { form, state } = await begin()
    form.edit('API_PORT', '9000')
    form.edit('SIM_SEED', '7')
    const saving = form.save()
    expect(state().saving).toBe(true)
    form.edit('SIM_SEED', '8')
    expect(await saving).toBe(true)
    expect(state()).toMatchObject({ drafts: { SIM_SEED: '8' }, saving: false, saved: false })
    expect(await form.save()).toBe(true)
    expect(state()).toMatchObject({ drafts: {}, saved: true })
    expect(await form.save()).toBe(false)
  })

  it('stay while the monitor does not answer', async () => {
    const { form, state, refuse } = await begin()
    form.edit('API_PORT', '9000')
    refuse()
    expect(await form.save()).toBe(false)
    expect(state()).toMatchObject({ drafts: { API_PORT: '9000' }, saving: false, problem: 'No answer. Is it running?' })
    form.discard()
    expect(state()).toMatchObject({ drafts: {}, problem: null })
  })
})

describe('findSettings', () => {
  const names = (query: string) => findSettings(report, query).map(({ name }) => name)

  it('looks into names, meanings and groups', () => {
    expect(names('api port')).toEqual(['API_PORT'])
    expect(names('  CSV buffer')).toEqual(['CSV_BUFFER_SIZE'])
    expect(names('where comes from')).toContain('SIM_SEED')
    expect(names('discounting')).toEqual(['RISK_FREE_RATE'])
    expect(names('zzz')).toEqual([])
    expect(names(' ')).toHaveLength(report.settings.length)
  })
})
