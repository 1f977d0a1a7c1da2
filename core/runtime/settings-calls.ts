import { type LoadedSettings, readSettings, settingsFileOf } from '../config/load.ts'
import { writeSettingsFile } from '../config/settings-file.ts'
import type { SettingsChanged } from '../contract/operations.ts'
import {
  isSettingName,
  SETTING_NAMES,
  type SettingName,
  type Settings,
  settingFacts,
  withoutSecret,
} from '../contract/settings.ts'
import type { Clock } from '../kernel/clock.ts'
import { OpError } from '../kernel/errors.ts'
import type { Logger } from '../kernel/logger.ts'
import { createTurn } from '../kernel/turn.ts'
import type { Journal } from '../ports/journal.ts'
import type { CallHandlers } from '../ports/monitor-api.ts'
import type { Secrets } from '../ports/secrets.ts'
import { fixedBy, type NextStart, readNextStart, reportSettings } from './settings-report.ts'
import { refusals } from './unsupported.ts'

export interface SettingsDeps {
  readonly loaded: LoadedSettings
  readonly clock: Pick<Clock, 'now'>
  readonly journal: Pick<Journal, 'append'>
  readonly logger: Logger
  /** The system's keychain; without one, secrets are written to settings.json. */
  readonly secrets?: Secrets
  /** Takes up those settings that need no restart. Called only when one of them has changed. */
  readonly takeUp: (settings: Settings) => void
  /** Is told each new secret, before anything can speak of it. */
  readonly hide: (secret: string) => void
}

type Changes = Readonly<Partial<Record<SettingName, string | null>>>

const LIVE = SETTING_NAMES.filter((name) => !settingFacts(name).restart)

export type SettingsCalls = Pick<CallHandlers, 'settings' | 'changeSettings'>

/** The settings as pages see and change them. */
export function createSettingsCalls(deps: SettingsDeps): SettingsCalls {
  const { loaded } = deps
  const file = settingsFileOf(loaded.settings.DATA_DIR)
  let inForce = loaded.settings
  const inTurn = createTurn()

  /** What needs no restart is in force as soon as it is seen. */
  const follow = (next: NextStart) => {
    const { settings } = next
    if (settings === null || LIVE.every((name) => settings[name] === inForce[name])) return
    const taken = Object.fromEntries(LIVE.map((name) => [name, settings[name]]))
    inForce = { ...inForce, ...taken }
    deps.takeUp(inForce)
  }
  const report = () => {
    const next = readNextStart(loaded)
    follow(next)
    return reportSettings({ file, inForce, next, secrets: deps.secrets?.state() ?? 'file' })
  }
  const change = async (wanted: Readonly<Record<string, string | null>>): Promise<SettingsChanged> => {
    const changes = withoutBlanks(wanted)
    const faults = faultsOf(changes, loaded)
    if (Object.keys(faults).length === 0 && Object.keys(changes).length > 0) {
      await write(deps, file, changes)
      record(deps, changes)
    }
    return { faults, settings: report() }
  }
  return {
    settings: report,
    // One after the other: each is checked together with what the one before it wrote.
    changeSettings: ({ changes }) => inTurn(() => change(changes)),
  }
}

/** An empty value counts as not given, here as in every file. */
function withoutBlanks(wanted: Readonly<Record<string, string | null>>): Record<string, string | null> {
  const trimmed = Object.entries(wanted).map(([name, text]) => [name, text?.trim() || null] as const)
  return Object.fromEntries(trimmed)
}

/** What is wrong with changes, a sentence by name; of other settings too, where the changes make them wrong. */
function faultsOf(changes: Readonly<Record<string, string | null>>, { input }: LoadedSettings): Record<string, string> {
  const names = Object.keys(changes)
  const unknown = names.filter((name) => !isSettingName(name))
  const read = readSettings({ ...input, changes })
  const stuck = names.filter(isSettingName).flatMap((name) => {
    const reason = fixedBy(name, read.origin) ?? maskOf(name, changes[name] ?? null)
    return reason === null ? [] : [[name, reason] as const]
  })
  return {
    ...(read.settings === null ? {} : refusals({ settings: read.settings, origin: read.origin })),
    ...Object.fromEntries(read.faults.map(({ name, must }) => [name, `Must be ${must}.`])),
    ...Object.fromEntries(unknown.map((name) => [name, 'There is no such setting.'])),
    ...Object.fromEntries(stuck),
  }
}

/** The page shows users of URLs masked: the mask must not take their place. */
function maskOf(name: SettingName, text: string | null): string | null {
  if (text === null || settingFacts(name).secret || !text.includes('(hidden)')) return null
  return 'Write the user and the password anew in the place of (hidden).'
}

/** Secrets first: their keychain may refuse them, and then nothing is written. */
async function write({ secrets, hide }: SettingsDeps, file: string, changes: Changes): Promise<void> {
  const texts: Record<string, string | null> = { ...changes }
  for (const [name, text] of secretsOf(changes)) {
    if (text !== null) hide(text)
    if (secrets?.state() !== 'available') continue
    if (text === null) secrets.remove(name)
    else secrets.write(name, text)
    // What an earlier version, or a keychain that was missing, left in the file.
    texts[name] = null
  }
  await writeSettingsFile(file, texts)
}

function entriesOf(changes: Changes): (readonly [SettingName, string | null])[] {
  return SETTING_NAMES.flatMap((name) => {
    const text = changes[name]
    return text === undefined ? [] : [[name, text] as const]
  })
}

function secretsOf(changes: Changes): (readonly [SettingName, string | null])[] {
  return entriesOf(changes).filter(([name]) => settingFacts(name).secret)
}

/** The change stands in the record and, by its names, in the log. */
function record({ journal, clock, logger }: SettingsDeps, changes: Changes): void {
  const names = Object.keys(changes).join(', ')
  logger.info(`settings changed: ${names}`)
  const changed = Object.fromEntries(entriesOf(changes).map(([name, text]) => [name, recorded(name, text)]))
  try {
    journal.append({ kind: 'settings', ts: clock.now(), changed })
  } catch (fault) {
    // The settings are written all the same: to report a failure would be wrong.
    if (!(fault instanceof OpError)) throw fault
    logger.error(`the change of ${names} does not stand in the record: ${fault.message}`, { code: fault.code })
  }
}

function recorded(name: SettingName, text: string | null): string {
  if (settingFacts(name).secret) return text === null ? 'removed' : 'changed'
  return text === null ? '(default)' : withoutSecret(name, text)
}
