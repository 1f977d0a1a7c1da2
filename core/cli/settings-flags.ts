import type { Command } from 'commander'
import { type LoadedSettings, loadSettings } from '../config/load.ts'

/** Settings as this call of the command line sees them; flags are named like the settings. */
export function settingsFor(
  command: Command,
  flags: Readonly<Record<string, string | undefined>> = {},
): LoadedSettings {
  const { dataDir } = command.optsWithGlobals<{ dataDir?: string }>()
  return loadSettings({ env: process.env, cwd: process.cwd(), flags: { DATA_DIR: dataDir, ...flags } })
}
