import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SETTING_NAMES, settingFacts } from '../contract/settings.ts'
import { istInstant } from '../domain/ist.ts'
import { OpError } from '../kernel/errors.ts'
import { calendarFor, type LoadInput, loadSettings } from './load.ts'

let cwd = ''
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'optrade-config-'))
})
afterEach(() => {
  rmSync(cwd, { recursive: true, force: true })
})

const write = (name: string, content: unknown) => {
  mkdirSync(join(cwd, name, '..'), { recursive: true })
  writeFileSync(join(cwd, name), typeof content === 'string' ? content : JSON.stringify(content))
}
const load = (input: Partial<LoadInput> = {}) => loadSettings({ env: {}, cwd, ...input })

function faultOf(run: () => unknown): OpError {
  try {
    run()
  } catch (fault) {
    if (fault instanceof OpError) return fault
    throw fault
  }
  throw new Error('nothing was thrown')
}

const linesOf = (fault: OpError) => String(fault.details.faults).split('\n')

/** All that a log, a crash report or a reply could take from an error. */
function everything(fault: unknown): string {
  if (!(fault instanceof Error)) return String(fault)
  const own = Object.getOwnPropertyNames(fault).map((name) => JSON.stringify(Reflect.get(fault, name)))
  return [fault.message, fault.stack, ...own, fault.cause === undefined ? '' : everything(fault.cause)].join('\n')
}

describe('precedence', () => {
  it('is defaults < settings.json < .env < environment < flags', () => {
    expect(load()).toMatchObject({ settings: { API_PORT: 8000 }, origin: { API_PORT: 'default' } })
    write('data/settings.json', { API_PORT: 8001 })
    expect(load()).toMatchObject({ settings: { API_PORT: 8001 }, origin: { API_PORT: 'file' } })
    write('.env', 'API_PORT=8002\n')
    expect(load()).toMatchObject({ settings: { API_PORT: 8002 }, origin: { API_PORT: 'dotenv' } })
    const env = { API_PORT: '8003' }
    expect(load({ env })).toMatchObject({ settings: { API_PORT: 8003 }, origin: { API_PORT: 'environment' } })
    const flags = { API_PORT: '8004' }
    expect(load({ env, flags })).toMatchObject({ settings: { API_PORT: 8004 }, origin: { API_PORT: 'flag' } })
  })

  it('takes a value that is overruled as it is: only the one in force must be right', () => {
    write('data/settings.json', { API_PORT: 'wrong' })
    expect(load({ env: { API_PORT: '8003' } }).settings.API_PORT).toBe(8003)
  })

  it('looks for settings.json in the DATA_DIR in force', () => {
    write('elsewhere/settings.json', { LOG_LEVEL: 'debug' })
    write('data/settings.json', { LOG_LEVEL: 'error' })
    expect(load({ flags: { DATA_DIR: 'elsewhere' } }).settings).toMatchObject({
      LOG_LEVEL: 'debug',
      DATA_DIR: join(cwd, 'elsewhere'),
      BACKUP_DIR: join(cwd, 'elsewhere', 'backups'),
    })
    write('.env', 'DATA_DIR=elsewhere')
    expect(load().settings.LOG_LEVEL).toBe('debug')
  })

  it('counts an empty value as not given', () => {
    write('data/settings.json', { API_PORT: 8001, REDIS_URL: '', KITE_API_KEY: null })
    write('.env', 'API_PORT=\nINFLUXDB_URL=\n')
    expect(load({ env: { API_PORT: '  ' }, flags: { API_PORT: '' } })).toMatchObject({
      settings: { API_PORT: 8001, REDIS_URL: null, INFLUXDB_URL: null, KITE_API_KEY: null },
      origin: { API_PORT: 'file', REDIS_URL: 'default' },
    })
  })

  it('has an origin for every setting', () => {
    expect(Object.keys(load().origin)).toEqual([...SETTING_NAMES])
  })
})

describe('values', () => {
  it('of settings.json may be JSON', () => {
    write('data/settings.json', { ENABLE_CSV: false, INDICES: ['NIFTY', 'SENSEX'], ACTIVE_STRIKE_OFFSETS: [0, 1] })
    expect(load().settings).toMatchObject({
      ENABLE_CSV: false,
      INDICES: ['NIFTY', 'SENSEX'],
      ACTIVE_STRIKE_OFFSETS: [0, 1],
    })
  })

  it('of .env may be quoted and commented, with CRLF and a byte order mark', () => {
    write('.env', '\uFEFFAPI_PORT=8002 # mine\r\nAPI_HOST="0.0.0.0"\r\n# LOG_LEVEL=debug\r\n')
    expect(load().settings).toMatchObject({ API_PORT: 8002, API_HOST: '0.0.0.0', LOG_LEVEL: 'info' })
  })

  it('come from another .env when it is named, and from none for null', () => {
    write('.env', 'API_PORT=8002')
    write('conf/live.env', 'API_PORT=8005')
    expect(load({ envFile: 'conf/live.env' }).settings.API_PORT).toBe(8005)
    expect(load({ envFile: null }).settings.API_PORT).toBe(8000)
  })

  it('that are paths become absolute', () => {
    const env = { BACKUP_DIR: 'b', TLS_CERT_FILE: 'c.pem', TLS_KEY_FILE: '/etc/k.pem', DATA_ENCRYPTION_KEY_FILE: 'key' }
    expect(load({ env }).settings).toMatchObject({
      DATA_DIR: join(cwd, 'data'),
      BACKUP_DIR: join(cwd, 'b'),
      TLS_CERT_FILE: join(cwd, 'c.pem'),
      TLS_KEY_FILE: '/etc/k.pem',
      DATA_ENCRYPTION_KEY_FILE: join(cwd, 'key'),
    })
  })

  it('FEATURE_EXTENDED_ANALYSIS widens the offsets unless they are set', () => {
    const env = { FEATURE_EXTENDED_ANALYSIS: 'true' }
    expect(load({ env }).settings.ACTIVE_STRIKE_OFFSETS).toEqual([-5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5])
    const both = { ...env, ACTIVE_STRIKE_OFFSETS: '-2,-1,0,1,2' }
    expect(load({ env: both }).settings.ACTIVE_STRIKE_OFFSETS).toEqual([-2, -1, 0, 1, 2])
    expect(load().settings.ACTIVE_STRIKE_OFFSETS).toEqual([-2, -1, 0, 1, 2])
  })

  it('with unknown names are told, those of the environment aside', () => {
    write('data/settings.json', { API_PROT: 1 })
    write('.env', 'NIFTY_ONLY=1\nLOG_LEVEL=debug')
    expect(load({ env: { HOME: '/root' }, flags: { VERBOSE: '1' } }).unknown).toEqual([
      'API_PROT',
      'NIFTY_ONLY',
      'VERBOSE',
    ])
  })
})

describe('faults', () => {
  it('give one line each: name, value, where from, what is allowed', () => {
    write('data/settings.json', { COMPRESSION_LEVEL: 12 })
    write('.env', 'LOG_LEVEL=loud')
    const fault = faultOf(() => load({ env: { DEBUG: 'maybe\nnot' }, flags: { API_PORT: '80a' } }))
    expect(fault.code).toBe('settings_invalid')
    expect(linesOf(fault)).toEqual([
      'DEBUG = "maybe\\nnot" (environment): must be true or false',
      'COMPRESSION_LEVEL = "12" (file): must be a whole number from 1 to 9',
      'API_PORT = "80a" (flag): must be a port from 0 to 65535 (0: any free one)',
      'LOG_LEVEL = "loud" (dotenv): must be debug, info, warning, error or critical',
    ])
  })

  it('of what is missing say why it is needed', () => {
    expect(linesOf(faultOf(() => load({ env: { DATA_SOURCE: 'replay' } })))).toEqual([
      'REPLAY_DATE = (unset): must be a date as 2026-11-23, because DATA_SOURCE is replay',
    ])
  })

  it('cut long values', () => {
    const [line] = linesOf(faultOf(() => load({ env: { LOG_LEVEL: 'x'.repeat(5000) } })))
    expect(line?.length).toBeLessThan(200)
  })

  it.each([
    ['[]', /one JSON object/],
    ['null', /one JSON object/],
    ['{"DATA_DIR": "./x"}', /DATA_DIR cannot be set/],
    ['{"API_PORT": {"a": 1}}', /API_PORT must be a text/],
    ['{"INDICES": [["NIFTY"], {}]}', /INDICES must be a text/],
    ['{"API_PORT": 1,}', /not valid JSON/],
    ['', /not valid JSON/],
  ])('of settings.json %s name the file', (content, sentence) => {
    write('data/settings.json', content)
    const fault = faultOf(load)
    expect(fault.code).toBe('settings_invalid')
    expect(linesOf(fault)).toHaveLength(1)
    expect(fault.message).toContain(join(cwd, 'data', 'settings.json'))
    expect(fault.message).toMatch(sentence)
  })

  it('say that a file is there but cannot be read', () => {
    mkdirSync(join(cwd, '.env'))
    expect(faultOf(load)).toMatchObject({ code: 'file_unreadable', details: { path: join(cwd, '.env') } })
  })
})

describe('secrets', () => {
  const CANARY = 'canary-5f1c'
  const secrets = SETTING_NAMES.filter((name) => settingFacts(name).secret)
  const wrongSecrets = Object.fromEntries(secrets.map((name) => [name, CANARY]))

  it('that are wrong are hidden in every part of the error', () => {
    const fault = faultOf(() => load({ env: wrongSecrets }))
    expect(fault.message).toContain('JWT_SECRET_KEY = (hidden) (environment): must be at least 32 characters')
    expect(fault.message).toContain('REDIS_URL = (hidden)')
    expect(everything(fault)).not.toContain(CANARY)
  })

  it.each(secrets)('%s stays hidden when another setting is wrong', (name) => {
    write('data/settings.json', { [name]: CANARY })
    write('.env', `${name}=${CANARY}`)
    const fault = faultOf(() => load({ env: { [name]: CANARY, DEBUG: 'x' }, flags: { [name]: CANARY } }))
    expect(fault.message).toContain('DEBUG')
    expect(everything(fault)).not.toContain(CANARY)
  })

  it.each([
    `{"KITE_API_SECRET": ${CANARY}}`,
    `{"KITE_API_SECRET": "${CANARY}" "x": 1}`,
    `{"KITE_API_SECRET": "${CANARY}`,
    `${CANARY}`,
    `["${CANARY}"]`,
    `{"KITE_API_SECRET": {"value": "${CANARY}"}}`,
  ])('in a broken settings.json do not reach the error: %s', (content) => {
    write('data/settings.json', content)
    const fault = faultOf(load)
    expect(fault.code).toBe('settings_invalid')
    expect(everything(fault)).not.toContain(CANARY)
  })

  it('in the user part of a URL that is wrong are hidden', () => {
    const fault = faultOf(() => load({ env: { GRAFANA_URL: `ftp://me:${CANARY}@grafana/` } }))
    expect(fault.message).toContain('ftp://(hidden)@grafana/')
    expect(everything(fault)).not.toContain(CANARY)
  })
})

describe('calendarFor', () => {
  it('is the built-in calendar without a file', () => {
    expect(calendarFor(cwd).isTradingDay('2026-11-24')).toBe(false)
    expect(calendarFor(cwd).knownYear('2027-01-01')).toBe(false)
  })

  it('lays the file over it', () => {
    write('calendar.json', { years: [2027], holidays: { '2026-12-01': 'Elections' } })
    const calendar = calendarFor(cwd)
    expect(calendar.phaseAt(istInstant('2026-12-01', '10:00'))).toMatchObject({ phase: 'holiday', note: 'Elections' })
    expect(calendar.isTradingDay('2026-11-24')).toBe(false)
    expect(calendar.knownYear('2027-01-01')).toBe(true)
  })

  it('names the file and the place of each fault', () => {
    write('calendar.json', { holidays: { '2026-02-30': 'x' }, special_sessions: { '2026-12-05': { note: 'x' } } })
    const fault = faultOf(() => calendarFor(cwd))
    expect(fault.code).toBe('settings_invalid')
    expect(linesOf(fault)).toHaveLength(2)
    expect(linesOf(fault)[0]).toContain(`${join(cwd, 'calendar.json')}: holidays.2026-02-30`)
    write('calendar.json', '{')
    expect(faultOf(() => calendarFor(cwd)).message).toMatch(/calendar\.json: this is not valid JSON/)
  })
})
