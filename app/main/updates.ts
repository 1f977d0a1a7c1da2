import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { app } from 'electron'
import type { Logger } from '../../core/kernel/logger.ts'

const AGAIN_MS = 6 * 60 * 60 * 1_000

/** Where electron-builder writes the feed, when one is set (`publish` in electron-builder.yml). */
const feedFile = () => join(process.resourcesPath, 'app-update.yml')

/**
 * Looks for updates where the package names a feed; no package does yet. One that is found is downloaded and installed
 * when the application is quit: never while it records. `onReady` gets its version.
 */
export async function followUpdates(logger: Logger, onReady: (version: string) => void): Promise<void> {
  if (!app.isPackaged || !existsSync(feedFile())) return
  const { autoUpdater } = await import('electron-updater')
  autoUpdater.logger = null
  autoUpdater.on('update-downloaded', ({ version }) => onReady(version))
  autoUpdater.on('error', ({ message }) => logger.warning(`no update could be read: ${message}`))
  // Its event says what fails as well.
  const look = () => void autoUpdater.checkForUpdates().catch(() => null)
  look()
  setInterval(look, AGAIN_MS)
}
