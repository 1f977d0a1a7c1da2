import { join } from 'node:path'
import { BrowserWindow, nativeTheme, screen, type WebContents } from 'electron'
import type { DesktopEvent, Notice, ShownView } from '../../core/contract/desktop.ts'
import { EVENT_CHANNEL, PAGE_ORIGIN } from '../../core/contract/desktop-bridge.ts'
import type { Logger } from '../../core/kernel/logger.ts'
import { SAFE_PREFERENCES } from './hardening.ts'
import { type PageFault, recoverPage } from './page-recovery.ts'
import { ICON_FOLDER } from './places.ts'
import { placeWindow, readWindowState, SMALLEST, writeWindowState } from './window-state.ts'

/** The page's own grounds (tokens.css), so that nothing flashes before the first paint. */
const GROUNDS = { dark: '#0c1116', light: '#ffffff' } as const
const SAVE_AFTER_MS = 500
/** A page that cannot be painted keeps nothing waiting for long. */
const LONGEST_PAINT_MS = 3_000

export type WindowStart = 'shown' | 'hidden' | 'minimised'

export interface WindowDeps {
  readonly logger: () => Logger
  /** File with bounds and what was told. */
  readonly stateFile: string
  /** How it appears first. */
  readonly start: WindowStart
  /** An icon in the status area brings the window back; otherwise it is minimised. */
  readonly hasTray: boolean
  readonly onPageFault: (reason: PageFault) => void
  /** The window was closed for the first time: the user must hear that collecting goes on. */
  readonly onFirstClose: () => void
  /** Whether closing the window ends it: the application ends, or there is nothing that would go on without it. */
  readonly mayClose: () => boolean
  readonly onSeen: () => void
  /** Windows ends the user's session. */
  readonly onSessionEnd: () => void
}

/** The one window of the application. */
export interface MainWindow {
  readonly contents: WebContents
  /** Resolves when there is something to see, or it has taken too long. */
  readonly painted: Promise<void>
  /** Brings it to the front, on a page of its own choice when told so. */
  show(view?: ShownView): void
  /** What takes the page's place, null for the page itself. */
  setNotice(notice: Notice | null): void
  /** The page that `show` asked for before the page listened. */
  takeWantedView(): ShownView | null
  /** Whether the user can see it. */
  isSeen(): boolean
  isFocused(): boolean
  /** Asks for attention without taking the front. */
  attract(): void
  pageReloads(): number
  /** Writes its bounds down. */
  save(): void
}

export function createMainWindow(deps: WindowDeps): MainWindow {
  const state = readWindowState(deps.stateFile)
  const window = new BrowserWindow({
    ...placeWindow(
      state.bounds,
      screen.getAllDisplays().map(({ workArea }) => workArea),
    ),
    minWidth: SMALLEST.width,
    minHeight: SMALLEST.height,
    show: false,
    backgroundColor: nativeTheme.shouldUseDarkColors ? GROUNDS.dark : GROUNDS.light,
    icon: join(ICON_FOLDER, 'app', '256x256.png'),
    title: 'OP Trading',
    autoHideMenuBar: true,
    webPreferences: SAFE_PREFERENCES,
  })
  window.once('ready-to-show', () => appear(window, deps.start, state.maximised))
  const painted = firstPaint(window)
  const page = followPage(window, deps)
  const save = rememberBounds(window, deps, state.toldOfClosing)
  window.on('session-end', deps.onSessionEnd)
  window.on('focus', () => {
    window.flashFrame(false)
    deps.onSeen()
  })
  return {
    contents: window.webContents,
    painted,
    ...page,
    show(view) {
      if (window.isMinimized()) window.restore()
      window.show()
      window.focus()
      if (view !== undefined) page.ask(view)
    },
    isFocused: () => !window.isDestroyed() && window.isFocused(),
    attract: () => window.flashFrame(true),
    isSeen: () => !window.isDestroyed() && window.isVisible() && !window.isMinimized(),
    save,
  }
}

function firstPaint(window: BrowserWindow): Promise<void> {
  return new Promise((resolve) => {
    window.once('ready-to-show', resolve)
    setTimeout(resolve, LONGEST_PAINT_MS)
  })
}

function appear(window: BrowserWindow, start: WindowStart, maximised: boolean): void {
  if (start === 'hidden') return
  if (start === 'minimised') {
    window.minimize()
    return
  }
  if (maximised) window.maximize()
  window.show()
}

/** Which page is loaded, what it is to show, and how often it had to be loaded again. */
function followPage(window: BrowserWindow, deps: WindowDeps) {
  const { webContents } = window
  let file = 'index.html'
  let wanted: ShownView | null = null
  let isListening = false
  let reloads = 0
  const load = () => {
    isListening = false
    window.loadURL(`${PAGE_ORIGIN}/${file}`).catch((fault: unknown) => {
      if (!deps.mayClose()) deps.logger().error('the page could not be loaded', { error: fault })
    })
  }
  const send = (event: DesktopEvent) => webContents.send(EVENT_CHANNEL, event)
  recoverPage(webContents, {
    logger: deps.logger,
    load,
    isEnding: () => window.isDestroyed(),
    onFault(reason) {
      reloads += 1
      isListening = false
      deps.onPageFault(reason)
    },
  })
  load()
  return {
    pageReloads: () => reloads,
    ask(view: ShownView) {
      if (isListening) send({ kind: 'show', view })
      else wanted = view
    },
    takeWantedView() {
      isListening = true
      const view = wanted
      wanted = null
      return view
    },
    setNotice(notice: Notice | null) {
      if (window.isDestroyed()) return
      const next = notice === null ? 'index.html' : 'notice.html'
      if (next === file) {
        if (notice !== null) send({ kind: 'notice', notice })
        return
      }
      file = next
      load()
    },
  }
}

/** Keeps bounds in the file, and hides the window in place of closing it. Returns what writes them down now. */
function rememberBounds(window: BrowserWindow, deps: WindowDeps, told: boolean): () => void {
  let toldOfClosing = told
  let timer: NodeJS.Timeout | undefined
  const save = () => {
    clearTimeout(timer)
    if (window.isDestroyed()) return
    const state = { bounds: window.getNormalBounds(), maximised: window.isMaximized(), toldOfClosing }
    try {
      writeWindowState(deps.stateFile, state)
    } catch (fault) {
      deps.logger().warning('where the window lies cannot be remembered', { error: fault })
    }
  }
  const saveSoon = () => {
    clearTimeout(timer)
    timer = setTimeout(save, SAVE_AFTER_MS)
  }
  window.on('resize', saveSoon)
  window.on('move', saveSoon)
  window.on('maximize', saveSoon)
  window.on('unmaximize', saveSoon)
  window.on('closed', () => clearTimeout(timer))
  window.on('close', (event) => {
    save()
    if (deps.mayClose()) return
    event.preventDefault()
    if (deps.hasTray) window.hide()
    else window.minimize()
    if (toldOfClosing) return
    toldOfClosing = true
    save()
    deps.onFirstClose()
  })
  return save
}
