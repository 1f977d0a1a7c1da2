import { app, session, shell, type WebContents } from 'electron'
import { isPageUrl } from './page-files.ts'
import { PRELOAD_FILE } from './places.ts'

/** What every window has; there is no other object of preferences. */
export const SAFE_PREFERENCES = Object.freeze({
  preload: PRELOAD_FILE,
  contextIsolation: true,
  sandbox: true,
  nodeIntegration: false,
  nodeIntegrationInWorker: false,
  nodeIntegrationInSubFrames: false,
  webSecurity: true,
  allowRunningInsecureContent: false,
  experimentalFeatures: false,
  enableBlinkFeatures: '',
  webviewTag: false,
  navigateOnDragDrop: false,
  spellcheck: false,
  devTools: !app.isPackaged,
})

/** Pages of others that may be opened, in the user's own browser. */
const KNOWN_HOSTS: readonly string[] = ['kite.zerodha.com', 'developers.kite.trade', 'kite.trade']

const isKnown = (url: string): boolean => {
  if (!URL.canParse(url)) return false
  const { protocol, host } = new URL(url)
  return protocol === 'https:' && KNOWN_HOSTS.includes(host)
}

/** Before anything is opened: what no page may do, whichever it is. */
export function hardenAll(): void {
  // Where the user is root on Linux, Chromium runs only without its sandbox, and this would end every process.
  if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox()
  app.on('web-contents-created', (_, contents) => hardenContents(contents))
}

/** A page gets no permission but to notify. Once Electron is ready. */
export function hardenSession(): void {
  const { defaultSession } = session
  const isAllowed = (permission: string, url: string) => permission === 'notifications' && isPageUrl(url)
  defaultSession.setPermissionRequestHandler((_, permission, answer, { requestingUrl }) =>
    answer(isAllowed(permission, requestingUrl)),
  )
  defaultSession.setPermissionCheckHandler((_, permission, origin) => isAllowed(permission, origin))
  defaultSession.setDevicePermissionHandler(() => false)
}

function hardenContents(contents: WebContents): void {
  contents.on('will-attach-webview', (event) => event.preventDefault())
  contents.on('will-navigate', (event) => event.preventDefault())
  contents.on('will-frame-navigate', (event) => event.preventDefault())
  contents.on('will-redirect', (event) => event.preventDefault())
  contents.setWindowOpenHandler(({ url }) => {
    if (isKnown(url)) void shell.openExternal(url)
    return { action: 'deny' }
  })
}
