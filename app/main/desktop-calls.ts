import { app, dialog, type OpenDialogOptions, shell } from 'electron'
import type { EncryptionFacts } from '../../core/contract/desktop.ts'
import type { Job } from '../../core/contract/legs.ts'
import type { Settings } from '../../core/contract/settings.ts'
import { OpError } from '../../core/kernel/errors.ts'
import type { Secrets } from '../../core/ports/secrets.ts'
import { createEncryption, type Encryption } from '../../core/runtime/encryption.ts'
import type { Monitor } from '../../core/runtime/monitor-shape.ts'
import type { AutostartSwitch } from './autostart.ts'
import type { DesktopHandlers } from './ipc.ts'
import type { MonitorHost } from './monitor-host.ts'
import { notify } from './notifications.ts'
import type { MainWindow } from './window.ts'

export interface DesktopCallDeps {
  readonly host: MonitorHost
  readonly window: () => MainWindow | null
  readonly secrets: Secrets
  readonly autostart: AutostartSwitch
  readonly hasTray: boolean
  readonly settings: () => Settings
  /** Ends the application cleanly; with `again` it starts anew. */
  readonly end: (how: { readonly again: boolean }) => void
}

export function createDesktopHandlers(deps: DesktopCallDeps): DesktopHandlers {
  const { host, window, autostart, end } = deps
  const dataDir = () => deps.settings().DATA_DIR
  return {
    facts: () => ({
      version: app.getVersion(),
      installed: app.isPackaged,
      platform: process.platform,
      data_dir: dataDir(),
      address: host.running()?.address ?? null,
      secrets: deps.secrets.state(),
      tray: deps.hasTray,
      page_reloads: window()?.pageReloads() ?? 0,
    }),
    async openDataFolder() {
      await openFolder(dataDir())
      return {}
    },
    chooseFolder: ({ title, from }) =>
      choose({
        title,
        properties: ['openDirectory', 'createDirectory'],
        ...(from === null ? {} : { defaultPath: from }),
      }),
    chooseFile: ({ title, extensions }) =>
      choose({ title, properties: ['openFile'], filters: [{ name: title, extensions: [...extensions] }] }),
    saveExport: async ({ id }) => ({ job: await saveExport((await host.monitor()).exports, id) }),
    autostart: () => autostart.read(),
    setAutostart: ({ enabled }) => autostart.write(enabled),
    encryption: () => encryptionFacts(createEncryption(deps.settings(), deps.secrets)),
    giveRecoveryPassphrase: ({ passphrase }) => giveRecoveryPassphrase(deps, passphrase),
    relaunch() {
      end({ again: true })
      return {}
    },
    testNotification() {
      const shown = notify('OP Trading', 'Alerts look like this.', () => window()?.show('alerts'))
      return { shown, detail: shown ? null : 'This system shows no notifications.' }
    },
    wantedView: () => ({ view: window()?.takeWantedView() ?? null }),
    notice: () => ({ notice: host.notice() }),
    retry() {
      void host.start()
      return {}
    },
  }
}

function encryptionFacts({ keyring, recoveryFile }: Encryption): EncryptionFacts {
  const state = keyring.state()
  const sentence = state.kind === 'ready' ? `the key ${state.key.id} is ${state.place}` : state.sentence
  return { state: state.kind, sentence, recovery_file: recoveryFile }
}

/** Throws what the keyring throws. */
async function giveRecoveryPassphrase({ host, settings, secrets }: DesktopCallDeps, passphrase: string) {
  const encryption = createEncryption(settings(), secrets)
  const { keyring } = encryption
  if (keyring.state().kind === 'locked') await keyring.recover(passphrase)
  else {
    await keyring.setUp(passphrase)
    const { calls } = await host.monitor()
    await calls.changeSettings({ changes: { ENABLE_DATA_ENCRYPTION_AT_REST: 'true' } })
  }
  return encryptionFacts(encryption)
}

/** Throws OpError `file_unreadable` when nothing on this system shows folders. */
export async function openFolder(path: string): Promise<void> {
  const fault = await shell.openPath(path)
  if (fault !== '') throw new OpError('file_unreadable', { path, reason: fault })
}

/** The job as it runs; null when the user wants no file. */
async function saveExport(exports: Monitor['exports'], id: string): Promise<Job | null> {
  const { file } = exports.job(id)
  const [, extension = ''] = /\.(\w+)$/.exec(file) ?? []
  const { canceled, filePath } = await dialog.showSaveDialog({
    title: 'Export recorded legs',
    defaultPath: file,
    filters: [{ name: extension.toUpperCase(), extensions: [extension] }],
  })
  if (!canceled && filePath !== '') return exports.save(id, filePath)
  exports.cancel(id)
  return null
}

async function choose(options: OpenDialogOptions): Promise<{ path: string | null }> {
  const { canceled, filePaths } = await dialog.showOpenDialog(options)
  return { path: canceled ? null : (filePaths[0] ?? null) }
}
