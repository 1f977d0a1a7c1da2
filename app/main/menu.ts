import { Menu, type MenuItemConstructorOptions } from 'electron'

export interface MenuCommands {
  readonly openDataFolder: () => void
  readonly quit: () => void
}

/** Keys for zoom, editing and leaving. The bar itself is hidden until Alt is pressed. */
export function setApplicationMenu({ openDataFolder, quit }: MenuCommands, isInstalled: boolean): void {
  const template: MenuItemConstructorOptions[] = [
    {
      label: 'OP Trading',
      submenu: [
        { id: 'data', label: 'Open data folder', click: openDataFolder },
        { type: 'separator' },
        { id: 'quit', label: 'Quit', accelerator: 'CommandOrControl+Q', click: quit },
      ],
    },
    { role: 'editMenu' },
    {
      label: 'View',
      submenu: [
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        // The same key without Shift, as on most keyboards.
        { role: 'zoomIn', accelerator: 'CommandOrControl+=', visible: false },
        { role: 'zoomOut' },
        { type: 'separator' },
        { role: 'togglefullscreen' },
        ...(isInstalled ? [] : [{ role: 'toggleDevTools' } as const]),
      ],
    },
  ]
  Menu.setApplicationMenu(Menu.buildFromTemplate(template))
}
