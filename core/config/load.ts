import { join, resolve } from 'node:path'
import { parse } from 'dotenv'
import { calendarFileSchema } from '../contract/calendar-file.ts'
import {
  isSettingName,
  parseSettings,
  SETTING_NAMES,
  type SettingFault,
  type SettingName,
  type Settings,
  type SettingTexts,
  settingFacts,
  withoutSecret,
} from '../contract/settings.ts'
import { type Calendar, createCalendar, mergeCalendar } from '../domain/calendar.ts'
import { CALENDAR_DATA } from '../domain/calendar-data.ts'
import { OpError } from '../kernel/errors.ts'
import { readJsonFile, readTextFile } from './json-file.ts'

/** Where a value came from, the weakest first. `file` is DATA_DIR/settings.json. */
export type Origin = 'default' | 'file' | 'keychain' | 'dotenv' | 'environment' | 'flag'

export interface LoadInput {
  /** The process's environment. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** What the command line set, by the names of the settings. */
  readonly flags?: Readonly<Record<string, string | undefined>>
  /** The .env file, from `cwd` unless absolute; null = none. Default `.env`. It need not exist. */
  readonly envFile?: string | null
  /** The folder from which relative paths count. */
  readonly cwd: string
  /** Reads a secret setting from the system's keychain; left out where there is none. */
  readonly keychain?: (name: SettingName) => string | null
  /** Laid over settings.json and the keychain as if they stood there, to try them; null takes a value out. */
  readonly changes?: Readonly<Record<string, string | null>>
}

/** The settings as they are written, right or wrong. */
export interface ReadSettings {
  /** The text in force, of each setting that is set. */
  readonly texts: SettingTexts
  readonly origin: Readonly<Record<SettingName, Origin>>
  /** Names in settings.json, .env and flags that are no settings. */
  readonly unknown: readonly string[]
  /** null when one of them is wrong. Paths are absolute. */
  readonly settings: Settings | null
  readonly faults: readonly SettingFault[]
}

export interface LoadedSettings {
  /** Paths are absolute. */
  readonly settings: Settings
  readonly origin: Readonly<Record<SettingName, Origin>>
  /** Names in settings.json, .env and flags that are no settings. */
  readonly unknown: readonly string[]
  /** What they were read from: read again, it gives what the next start would use. */
  readonly input: LoadInput
}

interface Layer {
  readonly origin: Origin
  readonly texts: SettingTexts
}

/** FEATURE_EXTENDED_ANALYSIS. */
const EXTENDED_OFFSETS = [-5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5]
const SHOWN_LENGTH = 80

/** The texts of a layer. An empty value counts as not given, so that `NAME=` in a file or a container changes nothing. */
function textsOf(given: Readonly<Record<string, string | undefined>>): SettingTexts {
  const texts: Partial<Record<SettingName, string>> = {}
  for (const name of SETTING_NAMES) {
    const text = given[name]?.trim()
    if (text !== undefined && text !== '') texts[name] = text
  }
  return texts
}

/** A value of settings.json as text; undefined for what cannot be a setting. */
function jsonText(value: unknown): string | undefined {
  if (value === null) return ''
  if (Array.isArray(value)) {
    const items = value.map(jsonText)
    return items.includes(undefined) ? undefined : items.join(',')
  }
  return ['string', 'number', 'boolean'].includes(typeof value) ? String(value) : undefined
}

function faultLine(path: string, text: string): OpError {
  return new OpError('settings_invalid', { faults: `${path}: ${text}` })
}

/** DATA_DIR/settings.json as texts. */
function readSettingsFile(path: string): Record<string, string> {
  const content = readJsonFile(path)
  if (content === undefined) return {}
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw faultLine(path, 'this must be one JSON object, setting by name')
  }
  if ('DATA_DIR' in content) throw faultLine(path, 'DATA_DIR cannot be set in the folder that it names')
  const texts: Record<string, string> = {}
  for (const [name, value] of Object.entries(content)) {
    const text = jsonText(value)
    if (text === undefined) throw faultLine(path, `${name} must be a text, a number, true, false or a list of them`)
    texts[name] = text
  }
  return texts
}

/** The value as a fault may show it: on one line, short, never a secret. */
function shown(name: SettingName, text: string | undefined): string {
  if (text === undefined) return '(unset)'
  const safe = withoutSecret(name, text)
  if (safe === '(hidden)') return safe
  return JSON.stringify(safe.length > SHOWN_LENGTH ? `${safe.slice(0, SHOWN_LENGTH)}…` : safe)
}

function describeFaults(faults: readonly SettingFault[], texts: SettingTexts, origin: ReadSettings['origin']) {
  return faults
    .map(({ name, must }) => {
      const from = origin[name] === 'default' ? '' : ` (${origin[name]})`
      return `${name} = ${shown(name, texts[name])}${from}: must be ${must}`
    })
    .join('\n')
}

function originsOf(layers: readonly Layer[]): Record<SettingName, Origin> {
  const originOf = (name: SettingName) => layers.findLast((layer) => layer.texts[name] !== undefined)?.origin
  const entries = SETTING_NAMES.map((name) => [name, originOf(name) ?? 'default'] as const)
  return Object.fromEntries(entries) as Record<SettingName, Origin>
}

/** Makes paths absolute, and sets the defaults that hang on other settings. */
function finish(settings: Settings, origin: ReadSettings['origin'], cwd: string): Settings {
  const absolute = (path: string | null) => (path === null ? null : resolve(cwd, path))
  const dataDir = resolve(cwd, settings.DATA_DIR)
  const extended = settings.FEATURE_EXTENDED_ANALYSIS && origin.ACTIVE_STRIKE_OFFSETS === 'default'
  return {
    ...settings,
    DATA_DIR: dataDir,
    BACKUP_DIR: origin.BACKUP_DIR === 'default' ? join(dataDir, 'backups') : resolve(cwd, settings.BACKUP_DIR),
    DATA_ENCRYPTION_KEY_FILE: absolute(settings.DATA_ENCRYPTION_KEY_FILE),
    TLS_CERT_FILE: absolute(settings.TLS_CERT_FILE),
    TLS_KEY_FILE: absolute(settings.TLS_KEY_FILE),
    ACTIVE_STRIKE_OFFSETS: extended ? EXTENDED_OFFSETS : settings.ACTIVE_STRIKE_OFFSETS,
  }
}

function unknownNames(...given: readonly Readonly<Record<string, unknown>>[]): string[] {
  const names = given.flatMap((texts) => Object.keys(texts))
  return [...new Set(names)].filter((name) => !isSettingName(name)).sort()
}

function keychainTexts({ keychain, changes = {} }: LoadInput): SettingTexts {
  if (keychain === undefined) return {}
  const secrets = SETTING_NAMES.filter((name) => settingFacts(name).secret && !(name in changes))
  return textsOf(Object.fromEntries(secrets.map((name) => [name, keychain(name) ?? undefined])))
}

function withChanges(file: Readonly<Record<string, string>>, changes: LoadInput['changes'] = {}) {
  const laid = Object.entries({ ...file, ...changes })
  return Object.fromEntries(laid.flatMap(([name, text]) => (text === null ? [] : [[name, text]])))
}

/** Where the settings page writes. */
export function settingsFileOf(dataDir: string): string {
  return join(dataDir, 'settings.json')
}

/** Every setting as it is written. OpError: `settings_invalid` when settings.json is broken, `file_unreadable`. */
export function readSettings(input: LoadInput): ReadSettings {
  const { env, flags = {}, envFile = '.env', cwd } = input
  const dotenv = envFile === null ? {} : parse(readTextFile(resolve(cwd, envFile)) ?? '')
  const outer: Layer[] = [
    { origin: 'dotenv', texts: textsOf(dotenv) },
    { origin: 'environment', texts: textsOf(env) },
    { origin: 'flag', texts: textsOf(flags) },
  ]
  const dataDir = outer.findLast((layer) => layer.texts.DATA_DIR !== undefined)?.texts.DATA_DIR
  const path = settingsFileOf(resolve(cwd, dataDir ?? settingFacts('DATA_DIR').default ?? '.'))
  const file = withChanges(readSettingsFile(path), input.changes)
  const inner: Layer[] = [
    { origin: 'file', texts: textsOf(file) },
    { origin: 'keychain', texts: keychainTexts(input) },
  ]
  const layers = [...inner, ...outer]
  const texts: SettingTexts = Object.assign({}, ...layers.map((layer) => layer.texts))
  const unknown = unknownNames(file, dotenv, flags)
  const origin = originsOf(layers)
  const { settings, faults } = parseSettings(texts)
  return { texts, origin, unknown, settings: settings === null ? null : finish(settings, origin, cwd), faults }
}

/**
 * Every setting, from defaults < DATA_DIR/settings.json < keychain < .env < environment < flags.
 * OpError: `settings_invalid` with a line per fault, without the values of secrets; `file_unreadable`.
 */
export function loadSettings(input: LoadInput): LoadedSettings {
  const { texts, origin, unknown, settings, faults } = readSettings(input)
  if (settings === null) throw new OpError('settings_invalid', { faults: describeFaults(faults, texts, origin) })
  return { settings, origin, unknown, input }
}

/**
 * The trading calendar: the built-in one with DATA_DIR/calendar.json laid over it, when there is one.
 * OpError: `settings_invalid` with a line per fault of the file, `file_unreadable`.
 */
export function calendarFor(dataDir: string): Calendar {
  const path = join(dataDir, 'calendar.json')
  const content = readJsonFile(path)
  if (content === undefined) return createCalendar(CALENDAR_DATA)
  const file = calendarFileSchema.safeParse(content)
  if (file.success) return createCalendar(mergeCalendar(CALENDAR_DATA, file.data))
  const faults = file.error.issues.map((issue) => `${path}: ${issue.path.join('.') || 'the file'}: ${issue.message}`)
  throw new OpError('settings_invalid', { faults: faults.join('\n') })
}
