import { join } from 'node:path'
import { Menu, Tray } from 'electron'
import { ICON_FOLDER } from './places.ts'
import type { TrayIcon, TrayView } from './tray-view.ts'

/** What the user can do without the window. */
export interface TrayCommands {
  readonly show: () => void
  readonly setPaused: (paused: boolean) => void
  readonly openDataFolder: () => void
  readonly quit: () => void
}

export interface TrayArea {
  show(view: TrayView): void
  remove(): void
}

/** The icon in the status area, and its menu. Drawn anew only when something has changed. */
export function createTray(commands: TrayCommands): TrayArea {
  const tray = new Tray(iconFile('closed'))
  // For tests and for the debugger: nobody can click an icon there.
  Reflect.set(globalThis, 'optradeTray', tray)
  tray.on('click', commands.show)
  let shown: TrayView | null = null
  return {
    show(view) {
      if (shown?.icon !== view.icon) tray.setImage(iconFile(view.icon))
      if (shown?.tooltip !== view.tooltip) tray.setToolTip(view.tooltip)
      if (shown?.paused !== view.paused) setMenu(tray, commands, view.paused)
      shown = view
    },
    remove: () => tray.destroy(),
  }
}

/** Linux shows only menus; the reference is kept so that tests can call what is in it. */
function setMenu(tray: Tray, { show, setPaused, openDataFolder, quit }: TrayCommands, paused: boolean): void {
  const menu = Menu.buildFromTemplate([
    { id: 'show', label: 'Show OP Trading', click: show },
    { id: 'pause', label: paused ? 'Resume collecting' : 'Pause collecting', click: () => setPaused(!paused) },
    { id: 'data', label: 'Open data folder', click: openDataFolder },
    { type: 'separator' },
    { id: 'quit', label: 'Quit', click: quit },
  ])
  tray.setContextMenu(menu)
  Reflect.set(globalThis, 'optradeTrayMenu', menu)
}

/** Electron itself takes the `@2x` beside it where the display asks for it. */
function iconFile(icon: TrayIcon): string {
  return join(ICON_FOLDER, 'tray', `${icon}.${process.platform === 'win32' ? 'ico' : 'png'}`)
}
