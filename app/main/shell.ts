import { join } from 'node:path'
import { app, protocol, safeStorage, session } from 'electron'
import type { LoadInput } from '../../core/config/load.ts'
import type { Notice } from '../../core/contract/desktop.ts'
import { PAGE_SCHEME } from '../../core/contract/desktop-bridge.ts'
import { toOpError } from '../../core/kernel/errors.ts'
import type { Secrets } from '../../core/ports/secrets.ts'
import { createAutostartEntry, createLoginItem } from './autostart.ts'
import { LINK_SCHEME, receiveLink } from './deep-link.ts'
import { createDesktopHandlers, openFolder } from './desktop-calls.ts'
import { createDesktopRuntime, type DesktopRuntime } from './desktop-runtime.ts'
import { hardenAll, hardenSession } from './hardening.ts'
import { serveIpc } from './ipc.ts'
import { type Launch, readLaunch } from './launch.ts'
import { setApplicationMenu } from './menu.ts'
import { createMonitorHost, type MonitorHost } from './monitor-host.ts'
import { notify } from './notifications.ts'
import { answerPageRequest } from './page-files.ts'
import { ARCHIVE_WORKER, PAGE_FOLDER, PROJECT_ROOT } from './places.ts'
import { followPower } from './power.ts'
import { createSecrets } from './secrets.ts'
import { createStatus, type Status } from './status.ts'
import { hasStatusArea } from './status-area.ts'
import { createTray, type TrayCommands } from './tray.ts'
import { followUpdates } from './updates.ts'
import { createMainWindow, type MainWindow, type WindowStart } from './window.ts'

/** As electron-builder.yml has it: Windows shows notifications only of a known application. */
const APP_ID = 'in.optrading.desktop'
const FAULT = 70
/** How long a program that failed may take to record what it has. */
const LAST_WORDS_MS = 2_000

interface Shell {
  readonly launch: Launch
  readonly secrets: Secrets
  readonly runtime: DesktopRuntime
  readonly host: MonitorHost
  window: MainWindow | null
  status: Status | null
  /** The exit status once everything is stopped. */
  ended: number | null
}

/** Everything that must be said before Electron is ready; then the window and the monitor. */
export function startShell(): void {
  const launch = readLaunch(process.argv.slice(1))
  hardenAll()
  protocol.registerSchemesAsPrivileged([
    { scheme: PAGE_SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ])
  app.setAppUserModelId(APP_ID)
  // A checkout and the installed application are two applications.
  if (!app.isPackaged) app.setPath('userData', `${app.getPath('userData')}-checkout`)
  else app.setAsDefaultProtocolClient(LINK_SCHEME)
  if (!app.requestSingleInstanceLock()) {
    process.stdout.write('optrade: OP Trading runs already; its window comes to the front\n')
    app.quit()
    return
  }
  const shell = createShell(launch)
  app.on('second-instance', (_, argv) => {
    shell.window?.show()
    const { link } = readLaunch(argv.slice(1))
    if (link !== null) receiveLink(link, shell.runtime.logger())
  })
  app.on('open-url', (event, link) => {
    event.preventDefault()
    receiveLink(link, shell.runtime.logger())
  })
  app.on('activate', () => shell.window?.show())
  // The window is hidden, not closed; where it is closed, `end` decides what follows.
  app.on('window-all-closed', () => void end(shell))
  app.on('before-quit', (event) => {
    if (shell.ended !== null) return
    event.preventDefault()
    void end(shell)
  })
  watchFaults(shell)
  void app.whenReady().then(() => open(shell))
}

function createShell(launch: Launch): Shell {
  const userData = app.getPath('userData')
  const input: LoadInput = {
    env: process.env,
    // The folder of data belongs to the checkout, or to the user.
    cwd: app.isPackaged ? userData : PROJECT_ROOT,
    flags: launch.flags,
  }
  const secrets = createSecrets(safeStorage, join(userData, 'secrets.json'))
  const places = { pageFolder: PAGE_FOLDER, archiveWorker: ARCHIVE_WORKER }
  const runtime = createDesktopRuntime({ input, secrets, version: app.getVersion(), ...places })
  const host = createMonitorHost({
    // The files of the page come from this process, which has no time for them while the monitor starts.
    begin: async (onStop) => {
      await shell.window?.painted
      return runtime.begin(onStop)
    },
    logger: runtime.logger,
    onNotice: (notice) => sayNotice(shell, notice),
    onRunning: () => shell.status?.follow(),
  })
  const shell: Shell = { launch, secrets, runtime, host, window: null, status: null, ended: null }
  return shell
}

/** The window first, so that there is something to see; the monitor starts behind it. */
async function open(shell: Shell): Promise<void> {
  const { launch, runtime, host } = shell
  hardenSession()
  protocol.handle(PAGE_SCHEME, (request) => answerPageRequest(PAGE_FOLDER, request))
  const hasTray = launch.assumeTray || (await hasStatusArea(process.platform))
  if (launch.link !== null) receiveLink(launch.link, runtime.logger())
  serve(shell, hasTray)
  const window = createMainWindow({
    logger: runtime.logger,
    stateFile: join(app.getPath('userData'), 'window.json'),
    start: startOf(launch, hasTray),
    hasTray,
    onPageFault: (reason) => host.running()?.countPageFault(reason),
    onFirstClose: () => sayThatItGoesOn(shell, hasTray),
    mayClose: () => shell.ended !== null || host.notice()?.kind === 'failed',
    onSessionEnd: () => app.quit(),
    onSeen: () => shell.status?.seen(),
  })
  shell.window = window
  const commands = commandsOf(shell)
  setApplicationMenu(commands, app.isPackaged)
  const tray = hasTray ? createTray(commands) : null
  shell.status = createStatus({ host, window, tray, settings: runtime.settings, logger: runtime.logger })
  followPower(host, commands.quit)
  await host.start()
  await followUpdates(runtime.logger(), (version) =>
    notify('OP Trading', `Version ${version} is installed when you quit.`, () => window.show()),
  )
}

/** In the window, and where nobody sees that also by the system: a start at login must not fail in silence. */
function sayNotice({ window }: Shell, notice: Notice | null): void {
  window?.setNotice(notice)
  if (notice?.kind !== 'failed' || window?.isSeen() === true) return
  notify('OP Trading cannot start', notice.sentence, () => window?.show())
}

function startOf({ hidden }: Launch, hasTray: boolean): WindowStart {
  if (!hidden) return 'shown'
  return hasTray ? 'hidden' : 'minimised'
}

function serve(shell: Shell, hasTray: boolean): void {
  const { host, runtime, secrets } = shell
  const command = { file: process.env.APPIMAGE ?? process.execPath, args: [...appFolder(), '--hidden'] }
  const autostart =
    process.platform === 'linux' ? createAutostartEntry(app.getPath('appData'), command) : createLoginItem(app, command)
  const handlers = createDesktopHandlers({
    host,
    window: () => shell.window,
    secrets,
    autostart,
    hasTray,
    settings: runtime.settings,
    end({ again }) {
      if (again) app.relaunch()
      app.quit()
    },
  })
  serveIpc({
    logger: runtime.logger,
    page: () => shell.window?.contents ?? null,
    host,
    handlers,
    isSeen: () => shell.window?.isSeen() ?? false,
  })
}

/** In a checkout Electron must be told which application it is to run. */
function appFolder(): readonly string[] {
  return app.isPackaged ? [] : [PROJECT_ROOT]
}

function commandsOf({ host, runtime, window }: Shell): TrayCommands {
  const tell = (what: string) => (thrown: unknown) => {
    const { code, message } = toOpError(thrown)
    runtime.logger().error(`${what}: ${message}`, { code })
  }
  return {
    show: () => window?.show(),
    setPaused(paused) {
      const calls = host.running()?.calls
      if (calls === undefined) return
      // The handler may throw or reject: either way it is said.
      Promise.resolve()
        .then(() => calls.setCollecting({ paused }))
        .catch(tell('collecting could not be paused or resumed'))
    },
    openDataFolder() {
      openFolder(runtime.settings().DATA_DIR).catch(tell('the data folder cannot be shown'))
    },
    quit: () => app.quit(),
  }
}

function sayThatItGoesOn({ window }: Shell, hasTray: boolean): void {
  const where = hasTray ? 'Its icon is in the status area' : 'It is minimised'
  notify('OP Trading goes on collecting', `${where}; choose Quit there to end it.`, () => window?.show())
}

/** Stops the monitor once, and then ends the application. */
async function end(shell: Shell): Promise<void> {
  const { host, window } = shell
  window?.save()
  const status = await host.stop()
  if (shell.ended !== null) return
  shell.ended = status
  shell.status?.stop()
  session.defaultSession.flushStorageData()
  // A clean end writes down what the page remembers; the exit status of a failed one must be seen.
  if (status === 0) app.quit()
  else app.exit(status)
}

/** What nobody caught: said once, what was received is recorded as far as that goes, and the process ends as failed. */
function watchFaults({ host, runtime }: Shell): void {
  let ending = false
  const onFault = (fault: unknown) => {
    if (ending) return
    ending = true
    const error = fault instanceof Error ? (fault.stack ?? fault.message) : String(fault)
    runtime.logger().critical('an unforeseen fault ends the program', { code: 'internal', error })
    const leave = () => app.exit(FAULT)
    setTimeout(leave, LAST_WORDS_MS).unref()
    host.stop().then(leave, leave)
  }
  // In the place of the one that was there until the shell was.
  process.removeAllListeners('uncaughtException')
  process.on('uncaughtException', onFault)
  process.on('unhandledRejection', onFault)
}
