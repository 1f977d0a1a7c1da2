import { spawn } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { _electron as electronOf } from 'playwright-core'
import { buildBundles } from '../build/bundles.js'
import { ensureTestElectron, type TestElectron } from '../build/test-electron.ts'
import { desktopEnvironment } from '../e2e/desktop-product.ts'
import { startDisplay } from '../e2e/display.ts'
import type { Arena, SeenBenchmark } from './harness.ts'
import { ended, folderFor, startProduct } from './programs.ts'

const ROOT = join(import.meta.dirname, '..')
const BARE_NODE = 'bare node, to its end'
const HEADLESS = 'headless, to the first 200'
const ANSWERING = 'headless, to the first answer of the API'
const BARE_WINDOW = 'bare Electron window, to its first paint'
const DESKTOP = 'desktop, to its first paint'

const BARE_MAIN = `const { app, BrowserWindow } = require('electron')
app.whenReady().then(() => new BrowserWindow({ width: 1280, height: 720 }).loadFile('index.html'))`

const epochNow = (): number => performance.timeOrigin + performance.now()

async function bareNode(): Promise<number> {
  const from = performance.now()
  const child = spawn(process.execPath, ['-e', '0'])
  await new Promise((resolve) => void child.once('exit', resolve))
  return performance.now() - from
}

/** From one start to its first page, and to the first answer of its API. */
async function headless() {
  const folder = folderFor('start')
  const from = performance.now()
  const { child, found } = startProduct(folder, {}, [], /open (http:\S+?) in a browser/)
  try {
    const address = await found
    const answered = async (path: string) => {
      const { status } = await fetch(`${address}${path}`)
      if (status !== 200) throw new RangeError(`${path} was answered with ${status}`)
      return performance.now() - from
    }
    return { [HEADLESS]: await answered('/'), [ANSWERING]: await answered('/health/ready') }
  } finally {
    await ended(child)
    rmSync(folder, { recursive: true })
  }
}

/** From the start of an application to the first paint of its window's page, milliseconds. */
async function firstPaint(electron: TestElectron, app: string, display: Readonly<Record<string, string>>) {
  const home = folderFor('window')
  const env = desktopEnvironment({ electron, env: display, home })
  const from = epochNow()
  const running = await electronOf.launch({ executablePath: electron.executable, args: [...electron.args, app], env })
  try {
    const page = await running.firstWindow()
    const painted = await page.evaluate<number>(`new Promise((done) => new PerformanceObserver((list) => {
      const [first] = list.getEntriesByName('first-contentful-paint')
      if (first !== undefined) done(performance.timeOrigin + first.startTime)
    }).observe({ type: 'paint', buffered: true }))`)
    return painted - from
  } finally {
    await ended(running.process())
    rmSync(home, { recursive: true, force: true })
  }
}

/** An application that is a window and nothing else. */
function bareApplication(): string {
  const folder = folderFor('bare')
  writeFileSync(join(folder, 'package.json'), '{"name":"bare","version":"0.0.0","main":"main.cjs"}')
  writeFileSync(join(folder, 'main.cjs'), BARE_MAIN)
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>bare</title><p>bare</p>')
  return folder
}

async function open(): Promise<Arena> {
  const fault = buildBundles(process.execPath)
  if (fault !== null) throw new Error(fault)
  const electron = await ensureTestElectron()
  if ('missing' in electron) throw new Error(electron.missing)
  const bare = bareApplication()
  const display = await startDisplay()
  const single = (name: string, run: () => Promise<number>) => ({ name, run: async () => ({ [name]: await run() }) })
  return {
    contestants: [
      single(BARE_NODE, bareNode),
      { name: HEADLESS, run: headless },
      single(BARE_WINDOW, () => firstPaint(electron, bare, display.env)),
      single(DESKTOP, () => firstPaint(electron, ROOT, display.env)),
    ],
    claims: [
      {
        text: 'headless to the first 200 / `node -e 0`',
        ...{ of: HEADLESS, to: BARE_NODE, better: 'lower', pass: 5, ambitious: 3.2 },
      },
      {
        text: 'headless to the first answer of the API / `node -e 0`',
        ...{ of: ANSWERING, to: BARE_NODE, better: 'lower', pass: null, ambitious: null },
      },
      {
        text: 'desktop / bare Electron window, start to first paint',
        ...{ of: DESKTOP, to: BARE_WINDOW, better: 'lower', pass: null, ambitious: 1.4 },
      },
    ],
    async close() {
      await display.stop()
      rmSync(bare, { recursive: true })
    },
  }
}

export const start: SeenBenchmark = {
  name: 'start',
  title: 'Start',
  description: `From the start of the process: the product without a window (\`optrade run\`, in a folder that it has never seen) until its page
is answered with 200, and until its API answers that it is ready (the page comes first: docs/adr/0021), against a Node that does nothing; and the desktop application until the first contentful paint of its
window, against an Electron whose window shows one word. All files are in the cache of the system, the code is compiled once
before (a start that is not the first).`,
  figures: 'ms',
  open,
}
