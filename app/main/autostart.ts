import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Autostart } from '../../core/contract/desktop.ts'

/** Start at login: the system's own list on Windows and macOS, a file of the desktop on Linux. */
export interface AutostartSwitch {
  read(): Autostart
  /** Returns what is so afterwards. */
  write(enabled: boolean): Autostart
}

/** What starts the application without a window. */
export interface AutostartCommand {
  readonly file: string
  readonly args: readonly string[]
}

/** Of Electron's app what is used. */
export interface LoginItems {
  getLoginItemSettings(options: { path: string; args: string[] }): { readonly openAtLogin: boolean }
  setLoginItemSettings(settings: { openAtLogin: boolean; path: string; args: string[] }): void
}

export function createLoginItem(items: LoginItems, { file, args }: AutostartCommand): AutostartSwitch {
  const command = { path: file, args: [...args] }
  const read = (): Autostart => ({
    state: items.getLoginItemSettings(command).openAtLogin ? 'on' : 'off',
    detail: null,
  })
  return {
    read,
    write(enabled) {
      items.setLoginItemSettings({ openAtLogin: enabled, ...command })
      return read()
    },
  }
}

/** freedesktop.org's autostart specification: an entry in `autostart` below the user's configuration. */
export function createAutostartEntry(configFolder: string, command: AutostartCommand): AutostartSwitch {
  const path = join(configFolder, 'autostart', 'op-trading.desktop')
  const read = (): Autostart => {
    try {
      return { state: readFileSync(path, 'utf8').includes('\nHidden=true') ? 'off' : 'on', detail: null }
    } catch {
      return { state: 'off', detail: null }
    }
  }
  return {
    read,
    write(enabled) {
      try {
        if (enabled) writeEntry(path, command)
        else rmSync(path, { force: true })
        return read()
      } catch (fault) {
        return { state: 'unavailable', detail: `${path} cannot be written: ${String(fault)}` }
      }
    },
  }
}

function writeEntry(path: string, { file, args }: AutostartCommand): void {
  const exec = [file, ...args].map(quoted).join(' ')
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(
    path,
    `[Desktop Entry]\nType=Application\nName=OP Trading\nComment=Records option chains\nExec=${exec}\nTerminal=false\n`,
  )
}

/** As the Desktop Entry Specification quotes an argument of Exec. */
function quoted(word: string): string {
  return `"${word.replace(/[\\"`$]/g, '\\$&').replaceAll('%', '%%')}"`
}
