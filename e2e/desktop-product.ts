import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { type ElectronApplication, _electron as electronOf, type Page } from 'playwright-core'
import type { TestElectron } from '../build/test-electron.ts'
import { SIM_AT } from './product.ts'

/** Shorter than a test's own patience, so that it is said what did not come. */
const PATIENCE_MS = 30_000

const ROOT = join(import.meta.dirname, '..')

/** A running desktop application. */
export interface Desktop {
  readonly app: ElectronApplication
  readonly page: Page
  readonly process: ChildProcess
  /** What it has printed since its window opened. */
  output(): string
  /** What the page complained about: errors of scripts, refusals of its policy. */
  readonly complaints: readonly string[]
  /** Resolves with the exit status, null when a signal ended it. */
  readonly ended: Promise<number | null>
  /** As the user quits: in the menu of the tray. */
  quit(): Promise<number | null>
}

export interface DesktopOptions {
  readonly electron: TestElectron
  /** Of the display. */
  readonly env: Readonly<Record<string, string>>
  /** The user's folder, with what the application remembers and records. */
  readonly home: string
  readonly args?: readonly string[]
  readonly settings?: Readonly<Record<string, string>>
}

/** The environment of a user who has set nothing of ours but the day; nothing of the machine leaks into a test. */
export function desktopEnvironment({ electron, env, home, settings = {} }: DesktopOptions): Record<string, string> {
  const own = { DATA_DIR: join(home, 'data'), SIM_AT, API_PORT: '0', METRICS_PORT: '0' }
  return { PATH: process.env.PATH ?? '', HOME: home, ...electron.env, ...env, ...own, ...settings }
}

/** Starts the application of this checkout. Its icon is taken for visible, so that closing hides the window. */
export async function startDesktop(options: DesktopOptions): Promise<Desktop> {
  const { electron, args = ['--assume-tray'] } = options
  const app = await electronOf.launch({
    executablePath: electron.executable,
    args: [...electron.args, ROOT, ...args],
    env: desktopEnvironment(options),
  })
  const child = app.process()
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (text += String(chunk)))
  const page = await app.firstWindow()
  page.setDefaultTimeout(PATIENCE_MS)
  const complaints: string[] = []
  page.on('pageerror', (fault) => complaints.push(String(fault)))
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  return {
    app,
    page,
    process: child,
    complaints,
    ended,
    output: () => text,
    async quit() {
      // Its process is gone before it can answer.
      await callTray(app, 'quit').catch(() => null)
      return ended
    },
  }
}

/** Presses an item of the tray's menu: nobody can click an icon on a display without a status area. */
export function callTray(app: ElectronApplication, id: 'show' | 'pause' | 'data' | 'quit'): Promise<void> {
  return app.evaluate((_, name) => {
    const menu: Electron.Menu = Reflect.get(globalThis, 'optradeTrayMenu')
    setImmediate(() => menu.getMenuItemById(name)?.click())
  }, id)
}

/** Asks as the page asks: the whole envelope. */
export function askBridge(page: Page, part: 'calls' | 'desktop', name: string, input: unknown): Promise<unknown> {
  return page.evaluate(([group, method, given]) => Reflect.get(Reflect.get(window, 'optrade')[group], method)(given), [
    part,
    name,
    input,
  ] as const)
}
