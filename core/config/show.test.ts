import { describe, expect, it } from 'vitest'
import { SETTING_GROUPS, SETTING_NAMES, settingFacts } from '../contract/settings.ts'
import { loadSettings } from './load.ts'
import { formatSettings, showSettings } from './show.ts'

const CANARY = 'canary-77aa-canary-77aa-canary-77aa'
const secrets = SETTING_NAMES.filter((name) => settingFacts(name).secret)
const urls: Record<string, string> = {
  REDIS_URL: `redis://:${CANARY}@127.0.0.1`,
  SMTP_URL: `smtp://me:${CANARY}@127.0.0.1`,
  ALERT_WEBHOOK_URL: `https://hooks.example/${CANARY}`,
}
const env = {
  ...Object.fromEntries(secrets.map((name) => [name, urls[name] ?? CANARY])),
  GRAFANA_URL: `https://me:${CANARY}@grafana.example`,
  INDICES: 'NIFTY,SENSEX',
}
const shown = showSettings(loadSettings({ env, flags: { API_PORT: '9' }, envFile: null, cwd: '/nowhere' }))
const found = (name: string) => shown.find((setting) => setting.name === name)

describe('showSettings', () => {
  it('shows every setting with its origin', () => {
    expect(shown.map((setting) => setting.name)).toEqual([...SETTING_NAMES])
    expect(found('API_PORT')).toMatchObject({ value: '9', origin: 'flag', group: 'api', restart: true })
    expect(found('INDICES')).toMatchObject({ value: 'NIFTY,SENSEX', origin: 'environment' })
    expect(found('DEBUG')).toMatchObject({ value: 'false', origin: 'default' })
    expect(found('INFLUXDB_URL')).toMatchObject({ value: null })
  })

  it('hides secrets, and users in URLs', () => {
    expect(secrets.map((name) => found(name)?.value)).toEqual(secrets.map(() => '(hidden)'))
    expect(found('GRAFANA_URL')?.value).toBe('https://(hidden)@grafana.example')
    expect(JSON.stringify(shown)).not.toContain('canary')
    expect(formatSettings(shown)).not.toContain('canary')
  })
})

describe('formatSettings', () => {
  it('has a line per setting below the title of its group', () => {
    const lines = formatSettings(shown).split('\n')
    for (const title of Object.values(SETTING_GROUPS)) expect(lines).toContain(title)
    expect(lines.filter((line) => line.startsWith('  '))).toHaveLength(SETTING_NAMES.length)
    expect(lines.find((line) => line.startsWith('  API_PORT'))).toMatch(/ {2}9 {2}\(flag\)$/)
  })
})
