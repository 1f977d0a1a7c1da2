import { type LoadedSettings, type Origin, type ReadSettings, readSettings } from '../config/load.ts'
import type { SettingsReport } from '../contract/operations.ts'
import {
  SETTING_GROUPS,
  SETTING_NAMES,
  type SettingName,
  type Settings,
  settingFacts,
  settingText,
  withoutSecret,
} from '../contract/settings.ts'
import { OpError } from '../kernel/errors.ts'
import { effectOf } from './unsupported.ts'

/** What the next start would read. */
export interface NextStart {
  readonly origin: ReadSettings['origin']
  /** What is right of it; null when that cannot be told. */
  readonly settings: Settings | null
  /** What stands there and is wrong: sentence and text by name. */
  readonly faults: ReadonlyMap<SettingName, { readonly sentence: string; readonly text: string | null }>
  /** Why settings.json cannot be read; null when it can. */
  readonly fileFault: string | null
}

export interface ReportInputs {
  /** Where changes are written. */
  readonly file: string
  /** What is in force now. */
  readonly inForce: Settings
  readonly next: NextStart
  readonly secrets: SettingsReport['secrets']
}

type ReportedSetting = SettingsReport['settings'][number]

const ORIGINS: Readonly<Record<Origin, ReportedSetting['origin']>> = {
  default: 'default',
  file: 'settings.json',
  keychain: 'keychain',
  dotenv: '.env',
  environment: 'environment',
  flag: 'flag',
}

const WINNERS: Readonly<Partial<Record<Origin, string>>> = {
  dotenv: 'It is set in .env, which wins over this page.',
  environment: 'It is set in the environment, which wins over this page.',
  flag: 'It was set on the command line, which wins over this page.',
}

/** Why a change in settings.json would have no effect; null when it has. */
export function fixedBy(name: SettingName, origin: ReadSettings['origin']): string | null {
  if (name === 'DATA_DIR') {
    return 'It names the folder in which these settings lie: set it in the environment, in .env or with --data-dir.'
  }
  return WINNERS[origin[name]] ?? null
}

/** Reads what the next start would read; what is broken or wrong is told, not thrown. */
export function readNextStart({ input, origin }: LoadedSettings): NextStart {
  try {
    const read = readSettings(input)
    const faults = read.faults.map(({ name, must }) => {
      const text = read.texts[name] ?? null
      return [name, { sentence: `Must be ${must}.`, text }] as const
    })
    if (read.settings !== null) return { ...read, faults: new Map(), fileFault: null }
    const without = Object.fromEntries(faults.map(([name]) => [name, null]))
    const { settings } = readSettings({ ...input, changes: { ...input.changes, ...without } })
    return { origin: read.origin, settings, faults: new Map(faults), fileFault: null }
  } catch (fault) {
    if (!(fault instanceof OpError)) throw fault
    const said = fault.code === 'settings_invalid' ? String(fault.details.faults) : fault.message
    return { origin, settings: null, faults: new Map(), fileFault: said }
  }
}

/** Every setting as it is in force and as the next start will have it, without the values of secrets. */
export function reportSettings(inputs: ReportInputs): SettingsReport {
  const settings = SETTING_NAMES.map((name) => reportOne(name, inputs))
  return {
    groups: Object.entries(SETTING_GROUPS).map(([name, title]) => ({ name, title })),
    file: inputs.file,
    file_fault: inputs.next.fileFault,
    secrets: inputs.secrets,
    settings,
    restart_needed: settings.some(({ changed, restart, effect }) => changed && restart && effect === 'full'),
  }
}

function reportOne(name: SettingName, { inForce, next }: ReportInputs): ReportedSetting {
  const { group, default: standard, allowed, doc, secret, restart, control, unit } = settingFacts(name)
  const now = settingText(inForce, name)
  const fault = next.faults.get(name) ?? null
  const coming = fault === null ? settingText(next.settings ?? inForce, name) : fault.text
  const changed = coming !== now || fault !== null
  const shown = (text: string | null) => (text === null || secret ? null : withoutSecret(name, text))
  return {
    name,
    group,
    value: shown(now),
    pending: changed ? shown(coming) : null,
    changed,
    is_set: now !== null,
    will_be_set: coming !== null,
    fault: fault?.sentence ?? null,
    default: standard,
    allowed,
    choices: control.choices === undefined ? null : [...control.choices],
    kind: control.kind,
    range: control.range ?? null,
    unit,
    doc,
    secret,
    restart,
    effect: effectOf(name),
    origin: ORIGINS[next.origin[name]],
    fixed_by: fixedBy(name, next.origin),
  }
}
