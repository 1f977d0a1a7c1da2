import { expect, it, onTestFinished } from 'vitest'
import { readResult } from '../contract/monitor-calls.ts'
import { startHttp } from '../testing/http-rig.ts'

it('refuses wrong settings with a problem that names each, and holds the result as pages read it', async () => {
  const { server } = await startHttp()
  onTestFinished(() => server.stop())
  const reply = await fetch(`http://127.0.0.1:${server.port()}/settings`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ changes: { SIM_SPEED: '-1', NO_SUCH: 'x' } }),
  })
  const body: unknown = await reply.json()
  expect(reply.status).toBe(422)
  expect(reply.headers.get('content-type')).toMatch(/^application\/problem\+json/)
  expect(body).toMatchObject({ type: 'urn:optrade:error:settings_refused', status: 422, code: 'settings_refused' })
  expect(body).toMatchObject({ detail: expect.stringMatching(/^nothing was written: .*SIM_SPEED: Must be a number/) })
  const { faults, settings } = readResult('changeSettings', body)
  expect(Object.keys(faults).sort()).toEqual(['NO_SUCH', 'SIM_SPEED'])
  expect(settings.settings.length).toBeGreaterThan(10)
})
