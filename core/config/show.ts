import {
  SETTING_GROUPS,
  SETTING_NAMES,
  type SettingName,
  settingFacts,
  settingText,
  withoutSecret,
} from '../contract/settings.ts'
import type { LoadedSettings, Origin } from './load.ts'

/** One setting as it may be shown to anybody: never with the value of a secret. */
export interface ShownSetting {
  readonly name: SettingName
  readonly group: string
  /** As the user would write it, `(hidden)` for a secret that is set, null when unset. */
  readonly value: string | null
  readonly origin: Origin
  readonly restart: boolean
}

/** Every setting with its origin, secrets hidden. */
export function showSettings({ settings, origin }: Pick<LoadedSettings, 'settings' | 'origin'>): ShownSetting[] {
  return SETTING_NAMES.map((name) => {
    const text = settingText(settings, name)
    return {
      name,
      group: settingFacts(name).group,
      value: text === null ? null : withoutSecret(name, text),
      origin: origin[name],
      restart: settingFacts(name).restart,
    }
  })
}

/** The same as lines of text, by group; what is not a default is marked with where it came from. */
export function formatSettings(shown: readonly ShownSetting[]): string {
  const width = Math.max(...shown.map((setting) => setting.name.length))
  const line = ({ name, value, origin }: ShownSetting) =>
    `  ${name.padEnd(width)}  ${value ?? '-'}${origin === 'default' ? '' : `  (${origin})`}`
  return Object.entries(SETTING_GROUPS)
    .map(([group, title]) => [title, ...shown.filter((setting) => setting.group === group).map(line), ''].join('\n'))
    .join('\n')
}
