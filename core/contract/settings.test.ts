import { describe, expect, it } from 'vitest'
import {
  isSettingName,
  parseSettings,
  SETTING_NAMES,
  type SettingName,
  type Settings,
  type SettingTexts,
  settingFacts,
  withoutSecret,
} from './settings.ts'

const parsed = (texts: SettingTexts): Settings => {
  const { settings, faults } = parseSettings(texts)
  expect(faults).toEqual([])
  if (settings === null) throw new Error('no settings')
  return settings
}

describe('parseSettings', () => {
  it('gives the defaults of the contract', () => {
    expect(parsed({})).toMatchObject({
      ENVIRONMENT: 'development',
      DEBUG: false,
      DATA_DIR: './data',
      DATA_SOURCE: 'sim',
      KITE_ACCESS_TOKEN: null,
      KITE_REDIRECT_URL: 'http://127.0.0.1:8765/kite',
      SIM_SEED: 42,
      SIM_SPEED: 1,
      SIM_AT: null,
      INDICES: ['NIFTY', 'BANKNIFTY', 'FINNIFTY', 'MIDCPNIFTY', 'SENSEX'],
      EXPIRY_BUCKETS: ['this_week', 'next_week', 'this_month', 'next_month'],
      ACTIVE_STRIKE_OFFSETS: [-2, -1, 0, 1, 2],
      CHAIN_SCOPE: 'offsets',
      RISK_FREE_RATE: 0.065,
      CSV_BUFFER_SIZE: 8192,
      JSON_BUFFER_SIZE: 16384,
      COMPRESSION_LEVEL: 6,
      MAX_MEMORY_USAGE_MB: 2048,
      DATA_RETENTION_PERIOD: 'infinite',
      REDIS_URL: null,
      API_HOST: '127.0.0.1',
      API_PORT: 8000,
      METRICS_PORT: 8080,
      JWT_ALGORITHM: 'HS256',
      LOG_LEVEL: 'info',
      LOG_FORMAT: null,
      BACKUP_RETENTION_DAYS: 30,
      HEALTH_CHECK_AT: '02:00',
      GRAFANA_URL: null,
    })
  })

  it.each<[SettingName, string, unknown]>([
    ['DEBUG', 'yes', true],
    ['DEBUG', 'ON', true],
    ['ENABLE_CSV', '0', false],
    ['LOG_LEVEL', 'WARNING', 'warning'],
    ['INDICES', 'sensex, NIFTY,,NIFTY', ['NIFTY', 'SENSEX']],
    ['EXPIRY_BUCKETS', 'this_month', ['this_month']],
    ['ACTIVE_STRIKE_OFFSETS', '3,0,-3,+0', [-3, 0, 3]],
    ['ALLOWED_HOSTS', 'desk.example, 10.0.0.5', ['desk.example', '10.0.0.5']],
    ['DATA_RETENTION_PERIOD', '90d', 90],
    ['DATA_RETENTION_PERIOD', 'Infinite', 'infinite'],
    ['RISK_FREE_RATE', '.07', 0.07],
    ['API_PORT', '0', 0],
    ['SIM_SPEED', '0.5', 0.5],
    ['SIM_AT', '2026-11-23T09:10', Date.UTC(2026, 10, 23, 3, 40)],
    ['SIM_AT', '2026-11-23T09:10+05:30', Date.UTC(2026, 10, 23, 3, 40)],
    ['SIM_AT', '2026-11-23T03:40:00Z', Date.UTC(2026, 10, 23, 3, 40)],
    ['KITE_TICKER_ROOT', 'wss://ws.kite.trade', 'wss://ws.kite.trade'],
    ['REPLAY_DATE', '2026-02-28', '2026-02-28'],
  ])('%s = %s', (name, text, value) => {
    expect(parsed({ [name]: text })[name]).toEqual(value)
  })

  it.each<[SettingName, string]>([
    ['DEBUG', 'maybe'],
    ['ENVIRONMENT', 'prod'],
    ['DATA_SOURCE', 'zerodha'],
    ['INDICES', 'NIFTY,DOW'],
    ['INDICES', ','],
    ['EXPIRY_BUCKETS', 'weekly'],
    ['ACTIVE_STRIKE_OFFSETS', '1,two'],
    ['ACTIVE_STRIKE_OFFSETS', '0.5'],
    ['ACTIVE_STRIKE_OFFSETS', '-101'],
    ['RISK_FREE_RATE', '6.5'],
    ['RISK_FREE_RATE', '6.5%'],
    ['RISK_FREE_RATE', '0x1'],
    ['API_PORT', '65536'],
    ['API_PORT', '-1'],
    ['API_PORT', '80a'],
    ['API_PORT', '8e3'],
    ['COMPRESSION_LEVEL', '0'],
    ['COMPRESSION_LEVEL', '10'],
    ['CSV_BUFFER_SIZE', '8 KB'],
    ['SIM_SPEED', '0'],
    ['SIM_SPEED', 'Infinity'],
    ['SIM_AT', 'tomorrow'],
    ['SIM_AT', '2026-13-01T09:00'],
    ['REPLAY_DATE', '2026-02-30'],
    ['HEALTH_CHECK_AT', '24:00'],
    ['HEALTH_CHECK_AT', '2:00'],
    ['DATA_RETENTION_PERIOD', '90'],
    ['DATA_RETENTION_PERIOD', '0d'],
    ['DATA_RETENTION_PERIOD', 'forever'],
    ['REDIS_URL', 'http://127.0.0.1'],
    ['KITE_ROOT', 'api.kite.trade'],
    ['KITE_TICKER_ROOT', 'https://ws.kite.trade'],
    ['JWT_SECRET_KEY', 'secret'],
    ['JWT_ALGORITHM', 'none'],
    ['METRICS_TOKEN', 'short'],
    ['LOG_LEVEL', 'trace'],
  ])('refuses %s = %s, and says what is allowed', (name, text) => {
    const { settings, faults } = parseSettings({ [name]: text })
    expect(settings).toBeNull()
    expect(faults).toEqual([{ name, must: settingFacts(name).allowed }])
  })

  it('tells all faults at once, in the order of the settings', () => {
    const { faults } = parseSettings({ LOG_LEVEL: 'loud', DEBUG: 'x', API_PORT: 'x' })
    expect(faults.map((fault) => fault.name)).toEqual(['DEBUG', 'API_PORT', 'LOG_LEVEL'])
  })

  it.each<[SettingName, SettingTexts]>([
    ['JWT_SECRET_KEY', { REDIS_URL: 'redis://127.0.0.1:6379' }],
    ['REPLAY_DATE', { DATA_SOURCE: 'replay' }],
    ['TLS_KEY_FILE', { TLS_CERT_FILE: 'cert.pem' }],
    ['TLS_CERT_FILE', { TLS_KEY_FILE: 'key.pem' }],
  ])('wants %s with %j', (name, texts) => {
    const { settings, faults } = parseSettings(texts)
    expect(settings).toBeNull()
    expect(faults.map((fault) => fault.name)).toEqual([name])
    expect(faults[0]?.must).toMatch(/, because .* (is set|is replay)$/)
  })

  it('takes Redis with a key of its own', () => {
    const texts = { REDIS_URL: 'redis://:pw@127.0.0.1:6379/1', JWT_SECRET_KEY: 'k'.repeat(32) }
    expect(parsed(texts).REDIS_URL).toBe(texts.REDIS_URL)
  })
})

describe('facts of the settings', () => {
  it.each(SETTING_NAMES)('%s: has a sentence, and a default that is allowed', (name) => {
    const { doc, allowed, default: standard } = settingFacts(name)
    expect(doc).toMatch(/^[A-Za-z].*\.$/)
    expect(allowed.length).toBeGreaterThan(3)
    expect(name).toMatch(/^[A-Z][A-Z0-9_]*$/)
    if (standard === null) expect(parsed({})[name]).toBeNull()
    else expect(parsed({ [name]: standard })[name]).toEqual(parsed({})[name])
  })

  it('hides everything that can hold a credential', () => {
    expect(SETTING_NAMES.filter((name) => settingFacts(name).secret)).toEqual([
      'KITE_API_KEY',
      'KITE_API_SECRET',
      'KITE_ACCESS_TOKEN',
      'REDIS_URL',
      'INFLUXDB_TOKEN',
      'METRICS_TOKEN',
      'JWT_SECRET_KEY',
      'SMTP_URL',
      'ALERT_WEBHOOK_URL',
      'GRAFANA_API_KEY',
    ])
    expect(withoutSecret('KITE_API_SECRET', 'abc')).toBe('(hidden)')
    expect(withoutSecret('GRAFANA_URL', 'http://me:abc@host:3000/a')).toBe('http://(hidden)@host:3000/a')
    expect(withoutSecret('GRAFANA_URL', 'http://host:3000/a@b')).toBe('http://host:3000/a@b')
  })

  it('knows its names', () => {
    expect(isSettingName('API_PORT')).toBe(true)
    expect(isSettingName('api_port')).toBe(false)
    expect(isSettingName('toString')).toBe(false)
  })
})
