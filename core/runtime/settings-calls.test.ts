import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type LoadInput, loadSettings } from '../config/load.ts'
import { readInput, readResult } from '../contract/monitor-calls.ts'
import { SETTING_NAMES, type SettingName, type Settings, settingFacts } from '../contract/settings.ts'
import type { JournalEntry } from '../domain/journal-entry.ts'
import { OpError } from '../kernel/errors.ts'
import type { Secrets, SecretsState } from '../ports/secrets.ts'
import { silentLogger } from '../testing/silent-logger.ts'
import { createSettingsCalls } from './settings-calls.ts'
import { effectOf } from './unsupported.ts'

const CANARY = 'canary-81be-canary-81be-canary-81be'

let cwd = ''
let file = ''
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'optrade-settings-'))
  mkdirSync(join(cwd, 'data'))
  file = join(cwd, 'data', 'settings.json')
})
afterEach(() => {
  rmSync(cwd, { recursive: true, force: true })
})

const onDisk = (): unknown => JSON.parse(readFileSync(file, 'utf8'))
const put = (content: object) => writeFileSync(file, JSON.stringify(content))

/** A keychain that keeps in memory. */
function keychain(state: SecretsState = 'available') {
  const kept = new Map<string, string>()
  const secrets: Secrets = {
    state: () => state,
    read: (name) => kept.get(name) ?? null,
    write: (name, value) => void kept.set(name, value),
    remove: (name) => void kept.delete(name),
  }
  return { kept, secrets }
}

function begin(input: Partial<LoadInput> = {}, secrets?: Secrets) {
  const loaded = loadSettings({
    env: {},
    cwd,
    ...(secrets === undefined ? {} : { keychain: (name) => secrets.read(name) }),
    ...input,
  })
  const entries: JournalEntry[] = []
  const lines: string[] = []
  const taken: Settings[] = []
  const hidden: string[] = []
  const said = (message: string, fields: object = {}) => void lines.push(`${message} ${JSON.stringify(fields)}`)
  const journal = { append: (entry: JournalEntry) => void entries.push(entry) }
  const calls = createSettingsCalls({
    loaded,
    clock: { now: () => 1_000 },
    journal,
    logger: { ...silentLogger, info: said, warning: said, error: said },
    ...(secrets === undefined ? {} : { secrets }),
    takeUp: (settings) => void taken.push(settings),
    hide: (secret) => void hidden.push(secret),
  })
  return {
    report: async () => readResult('settings', await calls.settings({})),
    change: async (changes: Record<string, string | null>) =>
      readResult('changeSettings', await calls.changeSettings(readInput('changeSettings', { changes }))),
    one: async (name: string) => (await calls.settings({})).settings.find((setting) => setting.name === name),
    journal,
    entries,
    lines,
    taken,
    hidden,
  }
}

describe('the report', () => {
  it('has every setting, with what a form needs', async () => {
    const { report, one } = begin({ flags: { API_PORT: '9' } })
    const { settings, groups, restart_needed, file: path, file_fault } = await report()
    expect(settings.map(({ name }) => name)).toEqual([...SETTING_NAMES])
    expect(groups[0]).toEqual({ name: 'general', title: 'General' })
    expect({ restart_needed, path, file_fault }).toEqual({ restart_needed: false, path: file, file_fault: null })
    expect(await one('INDICES')).toMatchObject({
      kind: 'choices',
      choices: ['NIFTY', 'BANKNIFTY', 'FINNIFTY', 'MIDCPNIFTY', 'SENSEX'],
      value: 'NIFTY,BANKNIFTY,FINNIFTY,MIDCPNIFTY,SENSEX',
    })
    expect(await one('COMPRESSION_LEVEL')).toMatchObject({ kind: 'number', range: { minimum: 1, maximum: 9 } })
    expect(await one('CSV_BUFFER_SIZE')).toMatchObject({ unit: 'bytes' })
    expect(await one('LOG_FORMAT')).toMatchObject({ kind: 'choice', value: null, is_set: false, default: null })
    expect(await one('ENABLE_CSV')).toMatchObject({ kind: 'flag', value: 'true', effect: 'full' })
    expect(await one('REDIS_URL')).toMatchObject({ effect: 'refused' })
    expect(await one('BACKUP_DIR')).toMatchObject({ value: join(cwd, 'data', 'backups'), effect: 'none' })
  })

  it('says what wins over the page', async () => {
    put({ LOG_LEVEL: 'debug', DEBUG: 'true' })
    writeFileSync(join(cwd, '.env'), 'ENABLE_JSON=false')
    const { one } = begin({ env: { API_PORT: '9' }, flags: { LOG_LEVEL: 'error' } })
    expect(await one('DEBUG')).toMatchObject({ origin: 'settings.json', fixed_by: null })
    expect(await one('ENABLE_JSON')).toMatchObject({ origin: '.env', fixed_by: expect.stringContaining('.env') })
    expect(await one('API_PORT')).toMatchObject({ origin: 'environment', fixed_by: expect.stringContaining('envir') })
    expect(await one('LOG_LEVEL')).toMatchObject({ origin: 'flag', value: 'error' })
    expect((await one('DATA_DIR'))?.fixed_by).toContain('--data-dir')
    expect(await one('SIM_SEED')).toMatchObject({ origin: 'default', fixed_by: null })
  })

  it('tells what the next start would use', async () => {
    const { report, one } = begin()
    put({ API_PORT: 9001, DATA_RETENTION_PERIOD: '90d', SIM_AT: '2026-11-23T09:10' })
    expect((await report()).restart_needed).toBe(true)
    expect(await one('API_PORT')).toMatchObject({ value: '8000', pending: '9001', changed: true, will_be_set: true })
    expect(await one('DATA_RETENTION_PERIOD')).toMatchObject({ value: 'infinite', pending: '90d' })
    expect(await one('SIM_AT')).toMatchObject({ value: null, pending: '2026-11-23T09:10:00.000+05:30', is_set: false })
    expect(await one('LOG_LEVEL')).toMatchObject({ changed: false, pending: null })
  })

  it.each(['{', '[]', '{"DATA_DIR":"x"}'])('answers while settings.json is broken: %s', async (text) => {
    const { report, change } = begin()
    writeFileSync(file, text)
    const { file_fault, settings, restart_needed } = await report()
    expect(file_fault).toContain(file)
    expect(settings).toHaveLength(SETTING_NAMES.length)
    expect(restart_needed).toBe(false)
    await expect(change({ API_PORT: '9' })).rejects.toMatchObject({ code: 'settings_invalid' })
    expect(readFileSync(file, 'utf8')).toBe(text)
  })

  it('tells what is wrong in settings.json, and what beside it is pending', async () => {
    const { one, change } = begin()
    put({ API_PORT: 'wrong', SIM_SEED: 7 })
    expect(await one('API_PORT')).toMatchObject({
      value: '8000',
      pending: 'wrong',
      fault: 'Must be a port from 0 to 65535 (0: any free one).',
    })
    expect(await one('SIM_SEED')).toMatchObject({ pending: '7', fault: null })
    expect(Object.keys((await change({ SIM_SEED: '8' })).faults)).toEqual(['API_PORT'])
    expect((await change({ API_PORT: null })).faults).toEqual({})
    expect(onDisk()).toEqual({ SIM_SEED: 7 })
  })
})

describe('a change', () => {
  it('is written, pending until the next start, and on record', async () => {
    put({ mine: 1, SIM_SEED: 7 })
    const { change, entries, lines } = begin()
    const { faults, settings } = await change({ API_PORT: ' 9001 ', SIM_SEED: null, ENABLE_CSV: '' })
    expect(faults).toEqual({})
    expect(settings.restart_needed).toBe(true)
    expect(onDisk()).toEqual({ mine: 1, API_PORT: '9001' })
    expect(entries).toEqual([
      {
        kind: 'settings',
        ts: 1_000,
        changed: { API_PORT: '9001', SIM_SEED: '(default)', ENABLE_CSV: '(default)' },
      },
    ])
    expect(lines).toEqual(['settings changed: API_PORT, SIM_SEED, ENABLE_CSV {}'])
    await expect(begin().one('API_PORT')).resolves.toMatchObject({ value: '9001', changed: false })
  })

  it('writes nothing when one of several is wrong, and says each by name', async () => {
    const { change, entries } = begin({ env: { SIM_SPEED: '2' } })
    const { faults } = await change({
      API_PORT: '80a',
      SIM_SEED: '7',
      NO_SUCH: '1',
      SIM_SPEED: '3',
      DATA_DIR: '/elsewhere',
      DATA_SOURCE: 'kite',
    })
    expect(faults).toEqual({
      API_PORT: 'Must be a port from 0 to 65535 (0: any free one).',
      NO_SUCH: 'There is no such setting.',
      SIM_SPEED: 'It is set in the environment, which wins over this page.',
      DATA_DIR: expect.stringContaining('--data-dir'),
    })
    expect(() => readFileSync(file)).toThrow('ENOENT')
    expect(entries).toEqual([])
  })

  it('is checked together with what stands there', async () => {
    const { change } = begin()
    const { faults } = await change({ DATA_SOURCE: 'kite' })
    expect(faults.KITE_API_KEY).toContain('because DATA_SOURCE is kite')
    expect((await change({ DATA_SOURCE: 'kite', KITE_API_KEY: 'abc' })).faults).toEqual({})
    expect(Object.keys((await change({ KITE_API_KEY: null })).faults)).toEqual(['KITE_API_KEY'])
    expect((await change({ DATA_SOURCE: null, KITE_API_KEY: null })).faults).toEqual({})
    expect(onDisk()).toEqual({})
  })

  it('with which this version would not start is refused', async () => {
    const { change } = begin()
    const changes = {
      REDIS_URL: 'redis://localhost',
      JWT_SECRET_KEY: 'a secret of more than thirty-two characters',
      API_HOST: '0.0.0.0',
      DATA_SOURCE: 'replay',
      REPLAY_DATE: '2026-11-23',
    }
    const { faults } = await change(changes)
    expect(Object.keys(faults).sort()).toEqual(['API_HOST', 'DATA_SOURCE', 'REDIS_URL'])
  })

  it('does not write the mask of a password', async () => {
    put({ GRAFANA_URL: `https://me:${CANARY}@grafana.example` })
    const { change, one, report } = begin()
    expect(await one('GRAFANA_URL')).toMatchObject({ value: 'https://(hidden)@grafana.example' })
    expect(JSON.stringify(await report())).not.toContain(CANARY)
    const { faults } = await change({ GRAFANA_URL: 'https://(hidden)@grafana.example/2' })
    expect(faults.GRAFANA_URL).toContain('(hidden)')
  })

  it('of what needs no restart is taken up', async () => {
    const { change, taken, one } = begin()
    const { settings } = await change({ LOG_LEVEL: 'debug', KITE_ACCESS_TOKEN: CANARY })
    expect(settings.restart_needed).toBe(false)
    expect(taken.map(({ LOG_LEVEL }) => LOG_LEVEL)).toEqual(['debug'])
    expect(await one('LOG_LEVEL')).toMatchObject({ value: 'debug', changed: false })
    expect(await one('KITE_ACCESS_TOKEN')).toMatchObject({ is_set: true, value: null })
    await change({ SIM_SEED: '1' })
    expect(taken).toHaveLength(1)
  })

  it('stands although the journal refuses the note of it', async () => {
    const { change, journal, lines } = begin()
    journal.append = () => {
      throw new OpError('journal_full', { pendingBytes: 1 })
    }
    expect((await change({ SIM_SEED: '1' })).faults).toEqual({})
    expect(lines.at(-1)).toContain('does not stand in the record')
  })

  it('waits for the one before it', async () => {
    const { change } = begin()
    const both = await Promise.all([change({ TLS_CERT_FILE: 'a' }), change({ SIM_SEED: '1' }), change({ SIM_AT: 'x' })])
    expect(both.map(({ faults }) => Object.keys(faults))).toEqual([['TLS_KEY_FILE'], [], ['SIM_AT']])
    expect(onDisk()).toEqual({ SIM_SEED: '1' })
  })
})

describe('secrets', () => {
  const secrets = SETTING_NAMES.filter((name) => settingFacts(name).secret)

  it('come back from nowhere', async () => {
    const { change, report, entries, lines, hidden } = begin()
    const { faults, settings } = await change({
      KITE_API_SECRET: CANARY,
      METRICS_TOKEN: CANARY,
      JWT_SECRET_KEY: CANARY,
    })
    expect(faults).toEqual({})
    expect(JSON.stringify([settings, await report(), entries, lines])).not.toContain(CANARY)
    expect(entries).toMatchObject([{ changed: { KITE_API_SECRET: 'changed', METRICS_TOKEN: 'changed' } }])
    expect(hidden).toContain(CANARY)
    await change({ KITE_API_SECRET: null })
    expect(entries.at(-1)).toMatchObject({ changed: { KITE_API_SECRET: 'removed' } })
  })

  it.each(secrets)('%s: a wrong or refused value does not come back either', async (name) => {
    const { change } = begin()
    const changed = await change({ [name]: CANARY, DEBUG: 'maybe' })
    expect(changed.faults.DEBUG).toBe('Must be true or false.')
    expect(JSON.stringify(changed)).not.toContain(CANARY)
    const { report } = begin()
    put({ [name]: CANARY })
    expect(JSON.stringify(await report())).not.toContain(CANARY)
  })

  it('say that they are set, and that a new one waits', async () => {
    put({ METRICS_TOKEN: CANARY })
    const { one, change } = begin()
    expect(await one('METRICS_TOKEN')).toMatchObject({ is_set: true, will_be_set: true, changed: false, value: null })
    await change({ METRICS_TOKEN: `${CANARY}2` })
    expect(await one('METRICS_TOKEN')).toMatchObject({ is_set: true, will_be_set: true, changed: true, pending: null })
    await change({ METRICS_TOKEN: null })
    expect(await one('METRICS_TOKEN')).toMatchObject({ is_set: true, will_be_set: false, changed: true, pending: null })
  })

  it('go to the keychain where there is one, and out of the file', async () => {
    put({ KITE_API_KEY: 'old', METRICS_TOKEN: CANARY })
    const { kept, secrets: chain } = keychain()
    const { change, report } = begin({}, chain)
    await change({ KITE_API_KEY: 'new-key', DATA_SOURCE: 'kite' })
    expect(Object.fromEntries(kept)).toEqual({ KITE_API_KEY: 'new-key' })
    expect(onDisk()).toEqual({ METRICS_TOKEN: CANARY, DATA_SOURCE: 'kite' })
    const again = begin({}, chain)
    expect(await again.one('KITE_API_KEY')).toMatchObject({ origin: 'keychain', is_set: true, fixed_by: null })
    expect((await report()).secrets).toBe('available')
    expect((await again.change({ KITE_API_KEY: null })).faults).toHaveProperty('KITE_API_KEY')
    await again.change({ KITE_API_KEY: null, DATA_SOURCE: null })
    expect(kept.size).toBe(0)
  })

  it.each(['unavailable', 'weak'] as const)('go to the file where the keychain is %s', async (state) => {
    const { kept, secrets: chain } = keychain(state)
    await begin({}, chain).change({ KITE_API_KEY: 'new-key' })
    expect(kept.size).toBe(0)
    expect(onDisk()).toEqual({ KITE_API_KEY: 'new-key' })
  })

  it('that the keychain refuses stop the whole change', async () => {
    const { secrets: chain } = keychain()
    const refusing = {
      ...chain,
      write: () => {
        throw new OpError('file_unwritable', { path: 'keychain', reason: 'locked' })
      },
    }
    await expect(begin({}, refusing).change({ KITE_API_KEY: 'k', SIM_SEED: '1' })).rejects.toThrow('locked')
    expect(() => readFileSync(file)).toThrow('ENOENT')
  })
})

/** Texts that are allowed, as users write them. */
function textOf(name: SettingName): fc.Arbitrary<string> {
  const { control, allowed } = settingFacts(name)
  const { choices = [], range } = control
  if (control.kind === 'flag') return fc.constantFrom('true', 'false', 'yes', 'OFF', '1')
  if (control.kind === 'choice') return fc.constantFrom(...choices.flatMap((one) => [one, one.toUpperCase()]))
  if (control.kind === 'choices') return fc.subarray([...choices], { minLength: 1 }).map((some) => some.join(', '))
  if (range !== undefined && allowed.includes('whole'))
    return fc.integer({ min: range.minimum, max: range.maximum }).map(String)
  if (range !== undefined && allowed.includes('port')) return fc.integer({ min: 0, max: 65_535 }).map(String)
  if (range !== undefined)
    return fc
      .double({ min: range.minimum, max: range.maximum, noNaN: true })
      .map((value) => Math.abs(value).toFixed(9))
      .filter((text) => Number(text) > 0)
  if (allowed.startsWith('infinite')) return fc.constantFrom('infinite', '1d', '90D')
  if (allowed.startsWith('an instant'))
    return fc.constantFrom('2026-11-23T09:10', '1795402800123', '2026-11-23 09:10:01.5Z')
  if (allowed.startsWith('a date')) return fc.constant('2026-11-23')
  if (allowed.startsWith('a time')) return fc.constantFrom('02:00', '23:59')
  if (allowed.startsWith('whole numbers'))
    return fc.array(fc.integer({ min: -100, max: 100 }), { minLength: 1, maxLength: 9 }).map(String)
  if (allowed.startsWith('a URL'))
    return fc.constantFrom(
      ...['https://a.example:1/x?y=1#z', 'wss://a.example'].filter((url) => allowed.includes(url.split('/')[0] ?? '')),
    )
  return fc
    .string({ minLength: 1, maxLength: 40, unit: 'grapheme' })
    .map((text) => `a${text.trim()}b`.replaceAll('(hidden)', ''))
}

const WRITABLE = SETTING_NAMES.filter(
  (name) =>
    !settingFacts(name).secret &&
    effectOf(name) !== 'refused' &&
    !['DATA_DIR', 'API_HOST', 'DATA_SOURCE'].includes(name),
)

describe('what the report shows', () => {
  it('gives the same settings when it is written again', async () => {
    const written = fc.record(Object.fromEntries(WRITABLE.map((name) => [name, textOf(name)])), { requiredKeys: [] })
    await fc.assert(
      fc.asyncProperty(written, async (texts) => {
        put(texts)
        const first = loadSettings({ env: {}, cwd }).settings
        const { settings } = await begin().report()
        put({})
        const shown = settings.filter(({ name, value }) => Object.hasOwn(texts, name) && value !== null)
        const { faults } = await begin().change(Object.fromEntries(shown.map(({ name, value }) => [name, value])))
        expect(faults).toEqual({})
        expect(loadSettings({ env: {}, cwd }).settings).toEqual(first)
      }),
      { numRuns: 60 },
    )
  })
})
