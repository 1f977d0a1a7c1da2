import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { alertsSchema, MOST_ALERT_RULES } from '../contract/alerts.ts'
import { startHttp } from '../testing/http-rig.ts'

describe('alerts over HTTP', () => {
  let http: Awaited<ReturnType<typeof startHttp>>
  let address = ''
  beforeEach(async () => {
    http = await startHttp()
    address = `http://127.0.0.1:${http.server.port()}`
  })
  afterEach(() => http.server.stop())

  const send = (method: string, path: string, body?: object) =>
    fetch(`${address}${path}`, {
      method,
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    })
  const condition = { op: 'above', value: 24_000 }
  const target = { kind: 'chain', index: 'NIFTY', bucket: 'this_week', metric: 'spot', condition }

  it('make, change and remove a rule; every answer says how things stand then', async () => {
    const made = alertsSchema.parse(await (await send('POST', '/alerts/rules', { name: 'High', target })).json())
    const [rule] = made.rules
    expect(rule).toMatchObject({ name: 'High', cooldown_s: 300, channels: ['toast', 'sound', 'tray'] })
    const path = `/alerts/rules/${rule?.id}`
    const changed = alertsSchema.parse(await (await send('PATCH', path, { enabled: false })).json())
    expect(changed.rules).toEqual([{ ...rule, enabled: false, note: null }])
    expect(alertsSchema.parse(await (await send('DELETE', path)).json()).rules).toEqual([])
  })

  it('answer faults as problems', async () => {
    const unknown = await send('POST', '/alerts/none/ack')
    expect([unknown.status, await unknown.json()]).toEqual([404, expect.objectContaining({ code: 'alert_unknown' })])
    const wrong = await send('POST', '/alerts/rules', { name: '', target })
    expect(wrong.status).toBe(400)
    const senseless = { ...target, metric: 'atm_iv', condition: { op: 'above', value: 14.5 } }
    const refused = await send('POST', '/alerts/rules', { name: 'r', target: senseless })
    expect([refused.status, await refused.json()]).toEqual([
      400,
      expect.objectContaining({
        code: 'alert_rule_invalid',
        detail: 'ATM IV lies between 1.00 % and 500.00 %; 1,450.00 % is outside.',
        hint: expect.stringContaining('0.145 is 14.5 %'),
      }),
    ])
    for (let k = 0; k < MOST_ALERT_RULES; k += 1)
      await (await send('POST', '/alerts/rules', { name: 'r', target })).text()
    const full = await send('POST', '/alerts/rules', { name: 'r', target })
    expect([full.status, await full.json()]).toEqual([409, expect.objectContaining({ code: 'alert_rule_limit' })])
  })
})
